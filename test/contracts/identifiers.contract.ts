import { describe, expect, it } from '@jest/globals';
import type { Identifiers } from '../../src/ports/driven/identifiers.ts';

/** What every Identifiers promises. */
export function identifiersContract(name: string, open: () => Identifiers): void {
  describe(`${name} keeps the promises of Identifiers`, () => {
    const many = (): string[] => {
      const subject = open();
      return Array.from({ length: 10_000 }, () => subject.next());
    };

    it('never makes a name twice, not even after it was opened anew', () => {
      expect(new Set([...many(), ...many()]).size).toBe(20_000);
    });

    it('makes names of URL-safe characters, long enough for 122 bits of chance', () => {
      for (const id of many()) expect(id).toMatch(/^[\w-]{21,64}$/);
    });

    it('uses every place for chance but few: no name tells the next', () => {
      const names = many();
      const varying = [...names[0]!].filter((_, place) => new Set(names.map((id) => id[place])).size > 1);
      expect(varying.length).toBeGreaterThanOrEqual(21);
    });
  });
}
