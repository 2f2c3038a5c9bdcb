import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { askHidden } from '../../../src/adapters/cli/ask-hidden.ts';

interface Asked {
  readonly answer: string | undefined;
  /** `hiding` stands before what was written while nothing typed was shown. */
  readonly shown: string;
  /** The modes that the terminal was put into, one after the other. */
  readonly modes: readonly boolean[];
  readonly listeners: number;
}

async function ask(...chunks: readonly (string | Uint8Array)[]): Promise<Asked> {
  let shown = '';
  const modes: boolean[] = [];
  const stream = new PassThrough();
  const terminal = Object.assign(stream, { setRawMode: (mode: boolean) => (modes.push(mode), terminal) }) as unknown as Parameters<typeof askHidden>[1];
  const answer = askHidden('Password: ', terminal, (text) => void (shown += `${modes.at(-1) === true ? 'hiding ' : ''}${text}`));
  for (const chunk of chunks) stream.write(chunk);
  if (chunks.length === 0) stream.end();
  return { answer: await answer, shown, modes, listeners: stream.listenerCount('data') };
}

const letters = new TextEncoder().encode('ä');

describe('A question whose answer is not shown', () => {
  it('shows the question and the end of the line, and leaves the terminal as it was', async () => {
    expect(await ask('secret words\r')).toEqual({ answer: 'secret words', shown: 'hiding Password: \n', modes: [true, false], listeners: 0 });
  });

  it.each<[string, readonly (string | Uint8Array)[], string | undefined]>([
    ['typed letter by letter', ['a', 'b', '\r'], 'ab'],
    ['ended by a line feed', ['ab\n'], 'ab'],
    ['with a letter that comes in two parts', [letters.subarray(0, 1), letters.subarray(1), '\r'], 'ä'],
    ['corrected by the backspace key', ['abx\u007f\bc\r'], 'ac'],
    ['corrected by the backspace key, where a letter takes two units', ['a😀\u007f\r'], 'a'],
    ['begun anew by Ctrl-U', ['wrong\u0015right\r'], 'right'],
    ['with control characters, which nobody could type again', ['a\u0001b\t\r'], 'ab'],
    ['with Ctrl-D in its middle', ['a\u0004b\r'], 'ab'],
    ['empty', ['\r'], ''],
    ['broken off by Ctrl-C', ['ab\u0003'], undefined],
    ['broken off by Ctrl-D', ['\u0004'], undefined],
    ['cut off with the terminal', [], undefined],
  ])('takes an answer %s', async (_how, chunks, answer) => {
    expect(await ask(...chunks)).toEqual({ answer, shown: 'hiding Password: \n', modes: [true, false], listeners: 0 });
  });

  it('takes no more than anybody types', async () => {
    expect((await ask('x'.repeat(10_000), '\r')).answer).toHaveLength(4096);
  });
});
