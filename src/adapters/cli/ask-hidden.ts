import type { ReadStream } from 'node:tty';

type Terminal = Pick<ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>;

const LONGEST = 4096;

/** Asks on a terminal and shows nothing of what is typed. Undefined where it was broken off: by Ctrl-C, by Ctrl-D, or with the terminal itself. */
export async function askHidden(question: string, terminal: Terminal, write: (text: string) => void): Promise<string | undefined> {
  // In this order: whoever is asked may type at once.
  terminal.setRawMode(true);
  write(question);
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  // A letter may come in two chunks.
  const decoder = new TextDecoder();
  let typed = '';
  const take = (chunk: Uint8Array): void => {
    for (const letter of decoder.decode(chunk, { stream: true })) {
      if (letter === '\r' || letter === '\n') return resolve(typed);
      if (letter === '\u0003' || (letter === '\u0004' && typed === '')) return resolve(undefined);
      if (letter === '\u007f' || letter === '\b') typed = [...typed].slice(0, -1).join('');
      else if (letter === '\u0015') typed = '';
      else if (!/\p{Cc}/u.test(letter) && typed.length < LONGEST) typed += letter;
    }
  };
  const end = (): void => resolve(undefined);
  terminal.on('data', take);
  terminal.on('end', end);
  terminal.resume();
  try {
    return await promise;
  } finally {
    terminal.off('data', take);
    terminal.off('end', end);
    terminal.setRawMode(false);
    terminal.pause();
    write('\n');
  }
}
