import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Leases } from '../../src/ports/driven/leases.ts';
import type { Opened } from './opened.ts';

/** What every Leases promises. `open` hands over one without any. */
export function leasesContract(name: string, open: () => Promise<Opened<Leases>>): void {
  describe(`${name} keeps the promises of Leases`, () => {
    let opened: Opened<Leases>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    it('gives a name to who asks first, and lets it beat', async () => {
      const { keep, all } = bound(opened.subject);
      expect([await keep('x', 'a'), await keep('x', 'b'), await keep('x', 'a'), await keep('y', 'b')]).toEqual(['new', 'of-another', 'kept', 'new']);
      expect([...(await all())].sort((one, other) => (one.name < other.name ? -1 : 1))).toEqual([{ name: 'x', holder: 'a', beat: 2 }, { name: 'y', holder: 'b', beat: 1 }]);
    });

    it('gives it to one when many ask at once', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => opened.subject.keep('x', `holder-${i}`)));
      expect(answers.filter((answer) => answer === 'new')).toHaveLength(1);
      expect(answers.filter((answer) => answer === 'of-another')).toHaveLength(19);
    });

    it('ends a lease that stands still, once, and none that beat since it was seen', async () => {
      const { keep, end, all } = bound(opened.subject);
      await keep('x', 'a');
      const [seen] = await all();
      await keep('x', 'a');
      expect(await end(seen!)).toBe(false);
      const [now] = await all();
      expect([await end({ ...now!, holder: 'b' }), await end(now!), await end(now!), await all()]).toEqual([false, true, false, []]);
      expect(await keep('x', 'b')).toBe('new');
    });

    it('is released by its holder only', async () => {
      const { keep, release, all } = bound(opened.subject);
      await keep('x', 'a');
      await release('x', 'b');
      expect(await all()).toHaveLength(1);
      await release('x', 'a');
      expect(await all()).toEqual([]);
    });
  });
}

const bound = (leases: Leases) => ({
  keep: leases.keep.bind(leases),
  all: leases.all.bind(leases),
  end: leases.end.bind(leases),
  release: leases.release.bind(leases),
});
