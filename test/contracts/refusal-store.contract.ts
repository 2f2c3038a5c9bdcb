import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MOST_OF_CODE, type KeptRefusal, type RefusalStore } from '../../src/ports/driven/refusal-store.ts';
import { after, aTenantId, NOW } from '../support/certificate-builders.ts';
import { aRefusal } from '../support/refusal-builder.ts';
import type { Opened } from './opened.ts';

/** What every RefusalStore promises. `open` hands over one that is empty. */
export function refusalStoreContract(name: string, open: () => Promise<Opened<RefusalStore>>): void {
  describe(`${name} keeps the promises of a RefusalStore`, () => {
    const main = aTenantId();
    let opened: Opened<RefusalStore>;
    let store: RefusalStore;
    beforeEach(async () => {
      opened = await open();
      store = opened.subject;
    });
    afterEach(() => opened.close());
    const marks = async (question: Partial<Parameters<RefusalStore['list']>[0]> = {}): Promise<readonly string[]> =>
      (await store.list({ tenant: main, limit: 1_000, ...question })).map(({ mark }) => mark);

    it('hands over what it was told, of one tenant alone', async () => {
      const { leaf: _, ...bare } = aRefusal(2, { refusal: { code: 'chain.absent' }, device: '' });
      await store.keep([aRefusal(1), bare, aRefusal(3, { tenant: aTenantId('other') })]);
      await store.keep([]);
      expect(await store.list({ tenant: main, limit: 10 })).toEqual([bare, aRefusal(1)]);
    });

    it('has each certificate and code once, and counts', async () => {
      await store.keep([aRefusal(1, { count: 3 }), aRefusal(1, { refusal: { code: 'tenant.ambiguous' } })]);
      const later = aRefusal(1, { count: 2, lastSeen: after(9), firstSeen: after(8), from: '192.0.2.8', refusal: { code: 'path.outside-validity', depth: 1 } });
      await store.keep([later]);
      const [one, other] = await store.list({ tenant: main, limit: 10 });
      expect(one).toEqual({ ...later, count: 5, firstSeen: after(1) });
      expect(other).toMatchObject({ refusal: { code: 'tenant.ambiguous' }, count: 1 });
      await store.keep([aRefusal(1, { lastSeen: NOW })]);
      expect((await store.list({ tenant: main, limit: 1 }))[0]).toMatchObject({ count: 6, lastSeen: after(9) });
    });

    it('tells one that was only reported from one that was refused, by the last of them', async () => {
      const wouldBe = { wouldBe: true } as const;
      await store.keep([aRefusal(1, wouldBe), aRefusal(2)]);
      expect((await store.list({ tenant: main, limit: 10 })).map((kept) => kept.wouldBe)).toEqual([undefined, true]);
      await store.keep([aRefusal(1, { lastSeen: after(8) }), aRefusal(2, { ...wouldBe, lastSeen: after(9) })]);
      expect((await store.list({ tenant: main, limit: 10 })).map((kept) => kept.wouldBe)).toEqual([true, undefined]);
    });

    it('lists the one seen last first, page by page, and leaves none out where many were seen at once', async () => {
      const all = [1, 2, 3, 4, 5, 6].map((n) => aRefusal(n, { lastSeen: after(n < 3 ? 1 : 2), refusal: { code: n % 2 ? 'chain.absent' : 'path.too-long' } }));
      await store.keep(all);
      const expected = ['mark-3', 'mark-5', 'mark-4', 'mark-6', 'mark-1', 'mark-2'];
      expect(await marks()).toEqual(expected);
      const paged: string[] = [];
      for (let last: KeptRefusal | undefined; ; ) {
        const [next] = await store.list({ tenant: main, limit: 1, ...(last && { after: { lastSeen: last.lastSeen, code: last.refusal.code, mark: last.mark } }) });
        if (!next) break;
        paged.push(next.mark);
        last = next;
      }
      expect(paged).toEqual(expected);
    });

    it('lists by code, by device and since when', async () => {
      await store.keep([aRefusal(1), aRefusal(2, { device: 'press-8' }), aRefusal(3, { refusal: { code: 'path.too-long' } })]);
      expect(await marks({ code: 'path.too-long' })).toEqual(['mark-3']);
      expect(await marks({ device: 'press-8' })).toEqual(['mark-2']);
      expect(await marks({ since: after(2) })).toEqual(['mark-3', 'mark-2']);
      expect(await marks({ since: after(2), device: 'press-7', code: 'path.outside-validity' })).toEqual([]);
    });

    it('keeps the newest of a code, and as many of every other code and tenant', async () => {
      const many = Array.from({ length: MOST_OF_CODE }, (_, i) => aRefusal(i + 10));
      await store.keep([aRefusal(1), aRefusal(1, { refusal: { code: 'path.too-long' } }), aRefusal(1, { tenant: aTenantId('other') })]);
      await store.keep(many);
      const kept = await marks({ code: 'path.outside-validity' });
      expect([kept.length, kept[0], kept.at(-1)]).toEqual([MOST_OF_CODE, many.at(-1)!.mark, 'mark-10']);
      expect([await marks({ code: 'path.too-long' }), await marks({ tenant: aTenantId('other') })]).toEqual([['mark-1'], ['mark-1']]);
      await store.keep(many.map((row, i) => aRefusal(i + 5_000, { refusal: { code: 'path.too-long' }, origin: row.origin })));
      await store.keep([many[0]!]);
      expect(await marks({ code: 'path.outside-validity' })).toEqual(kept);
    });

    it('loses none of an address that sent few to one that sends many', async () => {
      await store.keep([1, 2, 3].map((n) => aRefusal(n, { origin: `198.51.100.${n}` })));
      for (const start of [100, 1_000]) await store.keep(Array.from({ length: MOST_OF_CODE }, (_, i) => aRefusal(start + i)));
      const kept = await marks();
      expect([kept.length, kept.slice(-3), kept[0]]).toEqual([MOST_OF_CODE, ['mark-3', 'mark-2', 'mark-1'], `mark-${1_000 + MOST_OF_CODE - 1}`]);
      const senders = Array.from({ length: MOST_OF_CODE }, (_, i) => aRefusal(5_000 + i, { origin: `2001:db8:0:${i}::/64` }));
      await store.keep(senders);
      expect(new Set((await store.list({ tenant: main, limit: 1_000 })).map(({ origin }) => origin)).size).toBe(MOST_OF_CODE);
    });

    it('counts all of many that come at once', async () => {
      await Promise.all(Array.from({ length: 100 }, (_, i) => store.keep([aRefusal(i % 4)])));
      expect((await store.list({ tenant: main, limit: 10 })).map(({ count }) => count)).toEqual([25, 25, 25, 25]);
    });
  });
}
