import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aDevice, aDeviceId, aTenantId, anAnchor } from '../../support/certificate-builders.ts';
import { KnownCertificates } from '../../contracts/known-certificates.ts';
import { lockHolder } from './children.ts';
import { scratch, storesOn, type Stores } from './open-stores.ts';

describe('While another process holds the write lock of the database', () => {
  const reader = new KnownCertificates();
  const anchor = anAnchor({ certificate: reader.show(anAnchor().certificate) });
  let place: ReturnType<typeof scratch>;
  let stores: Stores;
  let holder: Awaited<ReturnType<typeof lockHolder>>;

  const opens = async (lockWaitMs: number): Promise<void> => {
    stores = storesOn({ file: place.file, reader, lockWaitMs });
    await stores.devices.register(aDevice());
    await stores.anchors.add(anchor, await stores.epoch.current());
    holder = await lockHolder(place.file);
  };

  beforeEach(() => {
    place = scratch();
  });
  afterEach(async () => {
    await holder.letGo();
    await stores.db.close();
    place.clear();
  });

  it('F10 a known device, its anchor, its tenant and the epoch are read at once, and a registration waits without blocking anybody', async () => {
    await opens(30_000);
    let written = false;
    const registration = stores.devices.register(aDevice({ id: aDeviceId('new') })).then((answer) => {
      written = true;
      return answer;
    });
    // The lock is let go below only: whatever resolves here did not wait for it.
    for (let i = 0; i < 100; i += 1) {
      await new Promise(setImmediate);
      expect(await stores.devices.find(aTenantId(), aDeviceId())).toEqual(aDevice());
      expect(await stores.anchors.findNamed([anchor.certificate.subject.key])).toEqual([anchor]);
      expect(await stores.epoch.current()).toBe(2);
      expect(await stores.tenants.find(aTenantId('foreign'))).toBeUndefined();
    }
    expect(written).toBe(false);
    await holder.letGo();
    expect(await registration).toBe('registered');
    expect(await stores.devices.find(aTenantId(), aDeviceId('new'))).toBeDefined();
    expect(await stores.tenants.find(aTenantId('foreign'))).toBeDefined();
  });

  it('F10 a write is refused with a sentence when the lock is not let go in time, and works again afterwards', async () => {
    await opens(100);
    const late = [1, 2].map((i) => stores.devices.register(aDevice({ id: aDeviceId(`late-${i}`) })));
    for (const write of late) {
      await expect(write).rejects.toMatchObject({
        code: 'database-locked',
        message: `Another process holds the write lock of ${place.file} for too long. End it, or let it commit, and try again.`,
      });
    }
    await holder.letGo();
    expect(await stores.devices.find(aTenantId(), aDeviceId('late-1'))).toBeUndefined();
    expect(await stores.devices.register(aDevice({ id: aDeviceId('late-1') }))).toBe('registered');
  });

  it('a start of another Fleetgate waits for nothing when the schema is up to date', async () => {
    await opens(100);
    const second = storesOn({ file: place.file, lockWaitMs: 100 });
    expect(await second.devices.find(aTenantId(), aDeviceId())).toEqual(aDevice());
    await second.db.close();
  });
});

describe('Two Fleetgates on one file', () => {
  it('F26 lose no write, make one device of two registrations, and see each other’s changes at once', async () => {
    const place = scratch();
    const both = [storesOn({ file: place.file }), storesOn({ file: place.file })] as const;
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => both[i % 2]!.devices.register(aDevice({ id: aDeviceId(`press-${i >> 1}`) }))),
    );
    expect(answers.filter((answer) => answer === 'registered')).toHaveLength(100);
    const before = await both[0].epoch.current();
    await both[1].devices.remove(aTenantId(), aDeviceId('press-7'));
    expect(await both[0].epoch.current()).toBe(before + 1);
    expect(await both[0].devices.find(aTenantId(), aDeviceId('press-7'))).toBeUndefined();
    expect(await both[0].devices.listOf(aTenantId(), undefined, 500)).toHaveLength(99);
    await Promise.all(both.map(({ db }) => db.close()));
    place.clear();
  });
});
