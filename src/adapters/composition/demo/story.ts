/** Tells a sequence of steps to a person as they happen. */
export interface Story {
  /** Says what comes, then does it; `tell` adds what came of it, a line each. Resolves with what `happen` gives. */
  step<T>(what: string, code: readonly string[], happen: (tell: Tell) => Promise<T>): Promise<T>;
}

export type Tell = (line: string) => void;

export function openStory(write: (text: string) => void): Story {
  let number = 0;
  return {
    step: async (what, code, happen) => {
      number += 1;
      write(`\n${String(number).padStart(2)}. ${what}\n`);
      const result = await happen((line) => write(`      ${line}\n`));
      write(`      code: ${code.join(', ')}\n`);
      return result;
    },
  };
}

/** Ends the story with a sentence where something is not as it must be. */
export function ensure(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Error(sentence);
}
