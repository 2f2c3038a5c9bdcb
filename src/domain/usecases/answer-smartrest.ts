import { readLines, SMARTREST_LIMITS, type LineFault, type SmartrestLine } from '../smartrest/read-lines.ts';
import { readRequest, shownId, type SmartrestRequest } from '../smartrest/read-request.ts';
import { smartrestLine } from '../smartrest/write-line.ts';
import type { DeviceObjectDesk } from '../../ports/driving/device-object-desk.ts';
import type { SmartrestAnswer, SmartrestDesk, SmartrestMessage, SmartrestReply } from '../../ports/driving/smartrest-desk.ts';

export interface AnswerSmartrestNeeds {
  readonly objects: DeviceObjectDesk;
}

type Whose = SmartrestMessage['device'];

/** Lines of one message that are worked on. An agent sends a handful at its start; 16 KB hold 4,000 times `123`. */
export const MOST_WORKED_ON = 20;
/** Characters of one reply: a client takes as large a packet as it may send (D-16). */
export const LONGEST_REPLY = 16_000;

const FAULTS: Readonly<Record<LineFault, string>> = {
  'not-utf-8': 'the message is not UTF-8',
  quote: 'a quote opens at the start of a cell only, is doubled inside, and closes before the comma',
  'too-many-cells': `a line has at most ${SMARTREST_LIMITS.cells} cells`,
  'too-many-lines': `a message has at most ${SMARTREST_LIMITS.lines} lines`,
};

/** Answers what devices ask by SmartREST, from their managed objects (D-38). */
export class AnswerSmartrest implements SmartrestDesk {
  readonly #needs: AnswerSmartrestNeeds;

  constructor(needs: AnswerSmartrestNeeds) {
    this.#needs = needs;
  }

  async answer({ device, payload, isAboutChild, mayWork }: SmartrestMessage): Promise<SmartrestAnswer> {
    const replies: SmartrestReply[] = [];
    let workedOn = 0;
    let dropped = 0;
    for (const line of readLines(payload)) {
      const request = 'broken' in line ? undefined : readRequest(line.cells, isAboutChild);
      if (request?.asks === 'nothing') continue;
      if (workedOn === MOST_WORKED_ON || !mayWork()) {
        dropped += 1;
        continue;
      }
      workedOn += 1;
      try {
        const reply = request ? await this.#answer(device, request) : complaint(line);
        if (reply !== undefined) replies.push(reply);
      } catch (error) {
        replies.push(failed(request?.id ?? '', 'Fleetgate cannot do this at the moment. Send it again later.'));
        return { replies, dropped, failure: String(error) };
      }
    }
    return { replies, dropped };
  }

  async #answer(device: Whose, request: SmartrestRequest): Promise<SmartrestReply | undefined> {
    const { objects } = this.#needs;
    const { id } = request;
    switch (request.asks) {
      case 'introduce':
        return (await objects.introduce(device, { name: request.name, type: request.type })) === 'created' ? undefined : error('41', id, 'Device already existing');
      case 'object-id':
        return this.#ofObject(device, id, async (object) => data('124', object));
      case 'children':
        return this.#ofObject(device, id, async () => {
          const reply = data('106', ...(await objects.childrenOf(device)));
          return reply.payload.length <= LONGEST_REPLY ? reply : failed(id, 'There are too many child devices for one message.');
        });
      case 'fragments':
        if (await objects.setFragments(device, request.fragments)) return undefined;
        return this.#ofObject(device, id, async () => failed(id, 'Not kept: it is more than one managed object may hold (D-33).'));
      case 'unfit':
        return failed(id, `Not understood: expected is ${request.expected}.`);
      case 'unknown':
        return error('40', id, 'No template for this message id');
      case 'nothing':
        return undefined;
    }
  }

  async #ofObject(device: Whose, id: string, reply: (object: string) => Promise<SmartrestReply>): Promise<SmartrestReply> {
    const object = await this.#needs.objects.objectOf(device);
    return object === undefined ? failed(id, 'This device has no managed object yet. Send 100,<name>,<type> first.') : reply(object);
  }
}

const complaint = (line: SmartrestLine): SmartrestReply =>
  failed(shownId(line.cells[0]), `Line ${line.number} and what follows it was not read: ${'broken' in line ? FAULTS[line.broken] : ''}.`);

const data = (...cells: readonly string[]): SmartrestReply => ({ topic: 's/ds', payload: smartrestLine(...cells) });
const error = (...cells: readonly string[]): SmartrestReply => ({ topic: 's/e', payload: smartrestLine(...cells) });
const failed = (id: string, sentence: string): SmartrestReply => error('50', id, sentence);
