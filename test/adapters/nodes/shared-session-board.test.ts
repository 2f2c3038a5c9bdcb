import { beforeEach, describe, expect, it } from '@jest/globals';
import { InMemorySessionBoard } from '../../../src/adapters/in-memory/in-memory-session-board.ts';
import { InMemorySessionPlaces } from '../../../src/adapters/in-memory/in-memory-session-places.ts';
import { emptyState } from '../../../src/adapters/in-memory/in-memory-state.ts';
import { SharedSessionBoard } from '../../../src/adapters/nodes/shared-session-board.ts';
import { MOST_PLACES_AT_ONCE, type SessionPlaces } from '../../../src/ports/driven/session-places.ts';
import { sessionBoardContract } from '../../contracts/session-board.contract.ts';
import { aDeviceId, aSession, aTenantId } from '../../support/certificate-builders.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const boardOver = (places: SessionPlaces, holder = 'a'): SharedSessionBoard => new SharedSessionBoard({ local: new InMemorySessionBoard({ log }), places, holder, log });

sessionBoardContract('SharedSessionBoard', () => boardOver(new InMemorySessionPlaces({ state: emptyState() })));

describe('The boards of two processes', () => {
  let places: InMemorySessionPlaces;
  let [a, b] = [] as unknown as [SharedSessionBoard, SharedSessionBoard];
  let told: string[];
  let isBroken: boolean;
  const opens = (board: SharedSessionBoard, id: string, device = 'press-7', tenant = 'main'): void =>
    board.open(aSession({ id, device: aDeviceId(device), tenant: aTenantId(tenant) }), (why) => void told.push(`${id} ${why}`));
  const settled = async (): Promise<void> => {
    await Promise.all([a.settle(), b.settle()]);
    await Promise.all([a.look(), b.look()]);
    await Promise.all([a.settle(), b.settle()]);
  };

  beforeEach(() => {
    places = new InMemorySessionPlaces({ state: emptyState() });
    [told, isBroken] = [[], false];
    const breakable = new Proxy(places, { get: (of, name) => (...args: unknown[]) => (isBroken ? Promise.reject(new Error('no store')) : (of[name as 'put'] as (...all: unknown[]) => unknown).apply(of, args)) });
    [a, b] = [boardOver(breakable, 'a'), boardOver(breakable, 'b')];
  });

  it('M15 D-15 F26 hold one session of a device: the older one ends as taken over, and nobody else’s', async () => {
    opens(a, '1');
    opens(a, '2', 'press-8');
    await settled();
    opens(b, '3');
    await settled();
    expect(told).toEqual(['1 taken-over']);
    expect([a.isOpen('1'), a.isOpen('2'), b.isOpen('3')]).toEqual([false, true, true]);
    opens(a, '4');
    await settled();
    expect(told).toEqual(['1 taken-over', '3 taken-over']);
  });

  it('T05 leave a device of the same id in another tenant alone', async () => {
    opens(a, '1');
    await settled();
    opens(b, '2', 'press-7', 'other');
    await settled();
    expect(told).toEqual([]);
  });

  it('M15 end the former session also where the new one came and went between two looks', async () => {
    opens(a, '1');
    await settled();
    opens(b, '2');
    b.close('2');
    await settled();
    expect(told).toEqual(['1 taken-over']);
    expect(await places.openOf(aTenantId())).toEqual([]);
  });

  it('tell of sessions on both, and of none that has ended by whatever way', async () => {
    opens(a, '1');
    opens(b, '2', 'press-8');
    opens(b, '3', 'press-9');
    await settled();
    expect((await a.everywhere(aTenantId())).map(({ device }) => device).sort()).toEqual(['press-7', 'press-8', 'press-9']);
    a.close('1');
    b.endByDevice(aTenantId(), aDeviceId('press-8'));
    b.endAll();
    await settled();
    expect(await b.everywhere(aTenantId())).toEqual([]);
  });

  it('F26 write down later what the store did not take, and lose no takeover', async () => {
    opens(a, '1');
    await settled();
    isBroken = true;
    opens(b, '2');
    opens(b, '3', 'press-8');
    b.close('3');
    await b.settle();
    await expect(a.look()).rejects.toThrow('no store');
    expect(told).toEqual([]);
    isBroken = false;
    await settled();
    expect(told).toEqual(['1 taken-over']);
    expect((await a.everywhere(aTenantId())).map(({ device }) => device)).toEqual(['press-7']);
  });

  it('M15 F26 know the later of two sessions of a device where the store was out of order between them', async () => {
    const [asked, failing] = [Promise.withResolvers<void>(), Promise.withResolvers<never>()];
    const put = places.put.bind(places);
    places.put = () => (asked.resolve(), failing.promise);
    opens(a, '1');
    await asked.promise;
    opens(a, '2'); // while the first is being written down
    failing.reject(new Error('no store'));
    await a.settle();
    places.put = put;
    await settled();
    opens(b, '3');
    await settled();
    expect(told).toEqual(['1 taken-over', '2 taken-over']);
    expect((await a.everywhere(aTenantId())).map(({ device }) => device)).toEqual(['press-7']);
  });

  it('M15 F26 do not put down again what was put down before the store went out of order, though it came elsewhere since', async () => {
    const put = places.put.bind(places);
    let parts = 0; // the first session goes alone, then 200, then the others
    places.put = async (holder, sessions) => {
      for (let from = 0; from < sessions.length; from += MOST_PLACES_AT_ONCE) {
        if (++parts === 3) throw new Error('no store');
        await put(holder, sessions.slice(from, from + MOST_PLACES_AT_ONCE));
      }
    };
    for (let i = 1; i <= 300; i++) opens(a, `a${i}`, `press-${i}`);
    await a.settle();
    opens(b, 'b1', 'press-2');
    await settled();
    await settled();
    expect([told, b.isOpen('b1')]).toEqual([['a2 taken-over'], true]);
    expect(await b.everywhere(aTenantId())).toHaveLength(300);
  });

  it('M15 forget a session that came and went while others were put down', async () => {
    const [asked, isPut] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const put = places.put.bind(places);
    places.put = (holder, sessions) => (asked.resolve(), isPut.promise.then(() => put(holder, sessions)));
    opens(a, '1');
    await asked.promise;
    opens(a, '2', 'press-8');
    a.close('2');
    isPut.resolve();
    await a.settle();
    expect((await a.everywhere(aTenantId())).map(({ device }) => device)).toEqual(['press-7']);
  });

  it('F21 one that was taken for dead puts its sessions down again, and ends those that came to others', async () => {
    opens(a, '1');
    opens(a, '2', 'press-8');
    await settled();
    await places.tidy(); // nobody lives here by leases
    opens(b, '3');
    await b.settle();
    await a.reclaim();
    expect(told).toEqual(['1 taken-over']);
    expect((await b.everywhere(aTenantId())).map(({ device }) => device).sort()).toEqual(['press-7', 'press-8']);
  });
});
