import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lifeOf, type Leases } from '../../src/ports/driven/leases.ts';
import type { PlacedSession, SessionPlaces } from '../../src/ports/driven/session-places.ts';
import { aDeviceId, aFingerprint, aTenantId } from '../support/certificate-builders.ts';
import type { Opened } from './opened.ts';

export interface PlacesUnderTest {
  readonly places: SessionPlaces;
  readonly leases: Leases;
  /** The same places as another process has them. */
  readonly elsewhere: SessionPlaces;
}

const aPlaced = (id: string, device = 'press-7', tenant = 'main'): PlacedSession => ({ id, tenant: aTenantId(tenant), device: aDeviceId(device), anchors: [aFingerprint('a'), aFingerprint('b')] });
const named = ({ id, tenant, device }: PlacedSession) => ({ id, tenant, device });

/** What every SessionPlaces promises. `open` hands over one without any sessions. */
export function sessionPlacesContract(name: string, open: () => Promise<Opened<PlacesUnderTest>>): void {
  describe(`${name} keeps the promises of SessionPlaces`, () => {
    let opened: Opened<PlacesUnderTest>;
    let places: SessionPlaces;
    beforeEach(async () => {
      opened = await open();
      places = opened.subject.places;
    });
    afterEach(() => opened.close());

    const devicesOf = async (tenant: string): Promise<readonly string[]> => (await places.openOf(aTenantId(tenant))).map(({ device }) => device).sort();

    it('M15 D-15 tells a holder whose device came to another, until that is settled', async () => {
      await places.put('a', [aPlaced('1'), aPlaced('2', 'press-8')]);
      expect(await places.taken('a')).toEqual([]);
      await opened.subject.elsewhere.put('b', [aPlaced('3')]);
      expect(await places.taken('a')).toEqual([named(aPlaced('1'))]);
      expect(await places.taken('b')).toEqual([]);
      await places.settled('b', [aPlaced('1')]);
      expect(await places.taken('a')).toHaveLength(1);
      await places.settled('a', [aPlaced('1')]);
      expect(await places.taken('a')).toEqual([]);
    });

    it('tells nothing when the device comes again to the same holder, nor when a write is done twice', async () => {
      await places.put('a', [aPlaced('1')]);
      await places.put('a', [aPlaced('2')]);
      await places.put('b', [aPlaced('3')]);
      await places.put('b', [aPlaced('3')]);
      expect([await places.taken('a'), await places.taken('b')]).toEqual([[named(aPlaced('2'))], []]);
    });

    it('tells who was there before two sessions of one device that are put together', async () => {
      await places.put('a', [aPlaced('1')]);
      await places.put('b', [aPlaced('2'), aPlaced('3')]);
      expect(await places.taken('a')).toEqual([named(aPlaced('1'))]);
    });

    it('M15 D-15 tells all but one when a device comes to many holders at once', async () => {
      const ids = Array.from({ length: 40 }, (_, i) => `session-${i}`);
      await Promise.all(ids.map((id, i) => (i % 2 === 0 ? places : opened.subject.elsewhere).put(`holder of ${id}`, [aPlaced(id)])));
      const told = await Promise.all(ids.map((id) => places.taken(`holder of ${id}`)));
      expect(told.flat()).toHaveLength(39);
      const left = ids.filter((_, i) => told[i]!.length === 0);
      expect(await places.claim(`holder of ${left[0]}`, [aPlaced(left[0]!)])).toEqual([]);
    });

    it('T03 keeps devices of one id in two tenants apart', async () => {
      await places.put('a', [aPlaced('1', 'press-7', 'main')]);
      await places.put('b', [aPlaced('2', 'press-7', 'other')]);
      expect([await places.taken('a'), await devicesOf('main'), await devicesOf('other')]).toEqual([[], ['press-7'], ['press-7']]);
    });

    it('forgets a session that is gone, and not the one that came after it elsewhere', async () => {
      await places.put('a', [aPlaced('1'), aPlaced('2', 'press-8')]);
      await places.put('b', [aPlaced('3')]);
      await places.remove('a', [aPlaced('1'), aPlaced('2', 'press-8')]);
      expect(await devicesOf('main')).toEqual(['press-7']);
      await places.remove('b', [aPlaced('3')]);
      expect(await devicesOf('main')).toEqual([]);
    });

    it('says of each open session by which anchors it came', async () => {
      await places.put('a', [aPlaced('1')]);
      expect(await places.openOf(aTenantId())).toEqual([{ device: 'press-7', anchors: [aFingerprint('a'), aFingerprint('b')] }]);
      expect(await places.openOf(aTenantId('none'))).toEqual([]);
    });

    it('gives back to a holder that was taken for dead what nobody else holds, and tells the rest', async () => {
      await places.put('b', [aPlaced('3')]);
      expect(await places.claim('a', [aPlaced('1'), aPlaced('2', 'press-8')])).toEqual([named(aPlaced('1'))]);
      expect(await devicesOf('main')).toEqual(['press-7', 'press-8']);
      expect([await places.taken('a'), await places.taken('b')]).toEqual([[], []]);
      expect(await places.claim('a', [aPlaced('2', 'press-8')])).toEqual([]);
    });

    it('tidies away what holders without a life had, and nothing else', async () => {
      await opened.subject.leases.keep(lifeOf('a'), 'a');
      await places.put('a', [aPlaced('1')]);
      await places.put('dead', [aPlaced('2', 'press-8'), aPlaced('3', 'press-9')]);
      await places.put('a', [aPlaced('4', 'press-9')]);
      await places.tidy();
      expect([await devicesOf('main'), await places.taken('dead')]).toEqual([['press-7', 'press-9'], []]);
    });

    it('takes many at once', async () => {
      const many = Array.from({ length: 450 }, (_, i) => aPlaced(`s-${i}`, `press-${i}`));
      await places.put('a', many);
      await places.put('b', many.map((session) => ({ ...session, id: `b-${session.id}` })));
      expect((await places.taken('a')).length).toBe(450);
      await places.settled('a', many);
      await places.remove('b', many.map((session) => ({ ...session, id: `b-${session.id}` })));
      expect([await places.taken('a'), await places.openOf(aTenantId())]).toEqual([[], []]);
    });
  });
}
