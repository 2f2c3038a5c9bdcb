import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Succession } from '../../src/domain/impact/rollover.ts';
import type { Successions } from '../../src/ports/driven/successions.ts';
import { aFingerprint, after, aTenantId, DAY, NOW } from '../support/certificate-builders.ts';
import type { Opened } from './opened.ts';

/** What every Successions promises. `open` hands over one that is empty. */
export function successionsContract(name: string, open: () => Promise<Opened<Successions>>): void {
  describe(`${name} keeps the promises of a Successions`, () => {
    const main = aTenantId();
    const other = aTenantId('other');
    let opened: Opened<Successions>;
    let successions: Successions;
    beforeEach(async () => {
      opened = await open();
      successions = opened.subject;
    });
    afterEach(() => opened.close());

    const [a, b, c] = ['a', 'b', 'c'].map(aFingerprint) as [Succession['successor'], Succession['successor'], Succession['successor']];
    const link = (overrides: Partial<Succession> = {}): Succession => ({ tenant: main, fingerprint: a, successor: b, since: NOW, by: `main/ada 'é"`, ...overrides });

    it.each([['without an end', {}], ['with an end', { endDate: after(DAY) }]])('hands over a link as it was set: %s', async (_what, overrides) => {
      await successions.set(link(overrides));
      expect([await successions.find(main, a), await successions.find(main, b), await successions.find(other, a)]).toEqual([link(overrides), undefined, undefined]);
    });

    it('has one successor of each, the last that was set, whole', async () => {
      await successions.set(link({ endDate: after(DAY) }));
      await successions.set(link({ successor: c, since: after(5), by: 'main/bob' }));
      expect(await successions.listOf(main)).toEqual([link({ successor: c, since: after(5), by: 'main/bob' })]);
    });

    it('lists those of one tenant, oldest first, then by fingerprint', async () => {
      const [first, second] = [b, c].sort();
      for (const each of [link({ since: after(9) }), link({ fingerprint: second! }), link({ fingerprint: first! }), link({ tenant: other })]) await successions.set(each);
      expect((await successions.listOf(main)).map(({ fingerprint }) => fingerprint)).toEqual([first, second, a]);
      expect(await successions.listOf(aTenantId('none'))).toEqual([]);
    });

    it('removes one, and says whether there was one', async () => {
      for (const each of [link(), link({ fingerprint: b, successor: c }), link({ tenant: other })]) await successions.set(each);
      expect([await successions.remove(main, a), await successions.remove(main, a)]).toEqual([true, false]);
      expect([(await successions.listOf(main)).length, (await successions.listOf(other)).length]).toEqual([1, 1]);
    });
  });
}
