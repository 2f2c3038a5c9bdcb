import type { Log } from '../../ports/driven/log.ts';
import type { DeviceMessage } from '../../ports/driven/message-sink.ts';
import type { OpenSink } from './open-sink.ts';
import { SinkTally } from './sink-tally.ts';

export interface LogMessageSinkNeeds {
  readonly log: Log;
  /** Whether lines say what the message says. */
  readonly withPayload: boolean;
  /** Lines of one second; messages beyond them are counted, and the count is a line. */
  readonly linesPerSecond?: number;
  /** Milliseconds on a clock that never jumps. */
  readonly now?: () => number;
}

/** A topic may have 16,000 bytes, and a line of the log is for eyes. */
const LONGEST_TOPIC = 200;
const LONGEST_PAYLOAD = 256;

/**
 * Writes a line for each message: whose, on which topic, how long. What it says may be private, and is written only where an operator
 * wants that. A message is acknowledged when its line is with the log, which is not kept safer than any log is.
 */
export class LogMessageSink implements OpenSink {
  readonly #needs: Required<LogMessageSinkNeeds>;
  readonly #tally = new SinkTally();
  readonly figures = this.#tally.figures;
  #secondBegan = -Infinity;
  #lines = 0;
  #untold = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(needs: LogMessageSinkNeeds) {
    this.#needs = { linesPerSecond: 50, now: () => performance.now(), ...needs };
  }

  async accept(message: DeviceMessage): Promise<void> {
    this.#tally.add('accepted');
    this.#tally.add('delivered');
    const { log, linesPerSecond, now, withPayload } = this.#needs;
    if (now() - this.#secondBegan >= 1_000) this.#beginSecond(now());
    this.#lines += 1;
    if (this.#lines <= linesPerSecond) return log.info(factsOf(message, withPayload), message.isWill ? 'The will of a device.' : 'A message of a device.');
    this.#untold += 1;
    this.#timer ??= setTimeout(() => this.#tellRest(), 1_000).unref();
  }

  async close(): Promise<void> {
    this.#tellRest();
  }

  #beginSecond(at: number): void {
    this.#tellRest();
    this.#secondBegan = at;
    this.#lines = 0;
  }

  #tellRest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#untold > 0) this.#needs.log.info({ messages: this.#untold }, 'More messages of devices than lines for them: these have none of their own.');
    this.#untold = 0;
  }
}

function factsOf({ tenant, device, topic, payload }: DeviceMessage, withPayload: boolean): object {
  return { tenant, device, topic: cut(topic, LONGEST_TOPIC), bytes: payload.length, ...(withPayload && { payload: shown(payload) }) };
}

const cut = (text: string, longest: number): string => (text.length > longest ? `${text.slice(0, longest)}…` : text);

/** As text where it is text, else in base64. The log makes control characters harmless, as in all that comes from outside. */
function shown(payload: Uint8Array): string {
  const start = Buffer.from(payload.subarray(0, LONGEST_PAYLOAD));
  const text = start.toString('utf8').replace(/\uFFFD{1,3}$/u, ''); // a letter that was cut in two
  return `${text.includes('\uFFFD') ? `base64:${start.toString('base64')}` : text}${payload.length > LONGEST_PAYLOAD ? '…' : ''}`;
}
