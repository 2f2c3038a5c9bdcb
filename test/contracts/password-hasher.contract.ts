import { beforeAll, describe, expect, it } from '@jest/globals';
import type { PasswordHasher } from '../../src/ports/driven/password-hasher.ts';

/** What every PasswordHasher promises. */
export function passwordHasherContract(name: string, open: () => PasswordHasher): void {
  describe(`${name} keeps the promises of a PasswordHasher`, () => {
    let subject: PasswordHasher;
    let hash: string;
    beforeAll(async () => {
      subject = open();
      hash = await subject.hash('correct horse');
    });

    it('knows the right password, also a second time and after a restart', async () => {
      expect(await subject.verify('correct horse', hash)).toBe(true);
      expect(await subject.verify('correct horse', hash)).toBe(true);
      expect(await open().verify('correct horse', hash)).toBe(true);
    });

    it.each(['', 'Correct horse', 'correct horse ', 'correct hors', 'correct horse\0'])('says no to "%s"', async (wrong) => {
      expect(await subject.verify(wrong, hash)).toBe(false);
    });

    it('says no to the right password of another hash, and to every password without a hash', async () => {
      expect(await subject.verify('correct horse', await subject.hash('battery staple'))).toBe(false);
      for (const password of ['', 'correct horse', 'undefined']) expect(await subject.verify(password, undefined)).toBe(false);
    });

    it('makes another hash each time, which never holds the password', async () => {
      const again = await subject.hash('correct horse');
      expect(again).not.toBe(hash);
      expect(again).not.toContain('horse');
    });

    it('takes one password of any script, however its letters were composed', async () => {
      const composed = await subject.hash('Gerät-鍵-🔑');
      expect(await subject.verify('Gerät-鍵-🔑'.normalize('NFD'), composed)).toBe(true);
      expect(await subject.verify('Gerat-鍵-🔑', composed)).toBe(false);
    });

    it('does not block the event loop', async () => {
      let turns = 0;
      const turning = setInterval(() => turns++, 1);
      await subject.hash('correct horse');
      clearInterval(turning);
      expect(turns).toBeGreaterThan(2);
    });
  });
}
