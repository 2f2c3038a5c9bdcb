import { beforeEach, describe, expect, it } from '@jest/globals';
import { InMemoryLeases } from '../../../src/adapters/in-memory/in-memory-leases.ts';
import { InMemorySessionPlaces } from '../../../src/adapters/in-memory/in-memory-session-places.ts';
import { emptyState } from '../../../src/adapters/in-memory/in-memory-state.ts';
import { LeaseKeeper } from '../../../src/adapters/nodes/lease-keeper.ts';
import { aDeviceId, aTenantId } from '../../support/certificate-builders.ts';

const SECOND = 1_000;
const noStore = (): Promise<never> => Promise.reject(new Error('no store'));

describe('The leases of two processes', () => {
  let now: number;
  let state: ReturnType<typeof emptyState>;
  let reclaimed: string[];
  let isBroken: boolean;
  const aKeeper = (holder: string): LeaseKeeper =>
    new LeaseKeeper({
      leases: new InMemoryLeases({ state }),
      places: { tidy: () => (isBroken ? noStore() : new InMemorySessionPlaces({ state }).tidy()) },
      board: { reclaim: () => (isBroken ? noStore() : Promise.resolve(void reclaimed.push(holder))), settle: async () => undefined },
      holder,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      now: () => now,
    });

  beforeEach(() => {
    [now, state, reclaimed, isBroken] = [0, emptyState(), [], false];
  });

  it('leave the background work to one of them, until that is gone for twelve seconds', async () => {
    const [a, b] = [aKeeper('a'), aKeeper('b')];
    await a.beat();
    await b.beat();
    expect([a.isMine(), b.isMine()]).toEqual([true, false]);
    now = 3 * SECOND;
    await b.beat(); // sees a as it is now
    now = 11.9 * SECOND;
    await b.beat();
    expect(b.isMine()).toBe(false);
    now = 15 * SECOND;
    await b.beat(); // ends it
    await b.beat(); // has it
    expect([a.isMine(), b.isMine()]).toEqual([false, true]);
  });

  it('F21 one that is held up does not lead, whatever it knew before', async () => {
    const a = aKeeper('a');
    await a.beat();
    now = 6 * SECOND;
    expect(a.isMine()).toBe(false);
  });

  it('F01 forget where the devices of one were that is gone without a word, and of no other', async () => {
    const [a, b] = [aKeeper('a'), aKeeper('b')];
    await a.beat();
    await b.beat();
    const places = new InMemorySessionPlaces({ state });
    await places.put('a', [{ id: '1', tenant: aTenantId(), device: aDeviceId('press-7'), anchors: [] }]);
    await places.put('b', [{ id: '2', tenant: aTenantId(), device: aDeviceId('press-8'), anchors: [] }]);
    for (now = 3 * SECOND; now <= 18 * SECOND; now += 3 * SECOND) await b.beat();
    expect((await places.openOf(aTenantId())).map(({ device }) => device)).toEqual(['press-8']);
    expect(reclaimed).toEqual([]);
  });

  it('F21 one that was taken for dead, and is not, says again where its devices are', async () => {
    const [a, b] = [aKeeper('a'), aKeeper('b')];
    await a.beat();
    for (now = 0; now <= 15 * SECOND; now += 3 * SECOND) await b.beat();
    expect(reclaimed).toEqual([]);
    await a.beat();
    await a.beat();
    expect(reclaimed).toEqual(['a']);
  });

  it('F21 one whose places could not be said again tries it at its next beat', async () => {
    const [a, b] = [aKeeper('a'), aKeeper('b')];
    await a.beat();
    for (now = 0; now <= 15 * SECOND; now += 3 * SECOND) await b.beat();
    isBroken = true;
    await expect(a.beat()).rejects.toThrow('no store');
    isBroken = false;
    await a.beat();
    await a.beat();
    expect(reclaimed).toEqual(['a']);
  });

  const placesOfTheDead = async (): Promise<InMemorySessionPlaces> => {
    const places = new InMemorySessionPlaces({ state });
    await places.put('a', [{ id: '1', tenant: aTenantId(), device: aDeviceId('press-7'), anchors: [] }]);
    return places;
  };

  it('F01 forget the places of the dead at a later beat, where the store was out of order', async () => {
    const [a, b] = [aKeeper('a'), aKeeper('b')];
    await a.beat();
    await b.beat();
    const places = await placesOfTheDead();
    isBroken = true;
    now = 12 * SECOND;
    await expect(b.beat()).rejects.toThrow('no store');
    isBroken = false;
    await b.beat();
    expect(await places.openOf(aTenantId())).toEqual([]);
  });

  it('F01 forget the places of those that ended while nobody was there to see it', async () => {
    const places = await placesOfTheDead();
    await aKeeper('b').beat();
    expect(await places.openOf(aTenantId())).toEqual([]);
  });

  it('are given back at the end, so that nobody has to wait', async () => {
    const [a, b] = [aKeeper('a'), aKeeper('b')];
    await a.beat();
    await a.stop();
    await b.beat();
    expect([a.isMine(), b.isMine(), [...state.leases.values()].map(({ holder }) => holder)]).toEqual([false, true, ['b', 'b']]);
  });
});
