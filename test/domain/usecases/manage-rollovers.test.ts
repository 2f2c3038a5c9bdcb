import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Fingerprint, Thumbprint } from '../../../src/domain/certificates/certificate.ts';
import { aDeviceId, aFingerprint, after, aSession, aTenantId, DAY, NOW } from '../../support/certificate-builders.ts';
import { anInstance, ca, granted, leaf } from '../../support/an-instance.ts';

const main = aTenantId();
const [old, next, third] = [ca('Old'), ca('New'), ca('Third')].map((certificate) => ({ certificate, is: certificate.fingerprint }));
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let fleet: Awaited<ReturnType<typeof anInstance>>;
beforeEach(async () => {
  fleet = await anInstance();
  for (const { certificate } of [old!, next!, third!]) await fleet.trusting(certificate);
});
const seen = (id: string, anchors: readonly Fingerprint[], tenant = main): Promise<void> =>
  fleet.paths.remember({ tenant, device: aDeviceId(id), thumbprint: 'print' as Thumbprint, notAfter: after(DAY), ways: anchors.map((anchor) => ({ anchor, intermediates: [] })), lastSeen: NOW });
const start = (from = old!.is, successor = next!.is, endDate?: Date) => fleet.rollovers.set(main, from, { successor, ...(endDate && { endDate }) }, 'main/ada');
const progress = async () => granted(await fleet.rollovers.find(main, old!.is)).progress;

describe('A rollover from one CA to the next', () => {
  it('moves as devices come by the new CA', async () => {
    for (const id of ['press-1', 'press-2', 'press-3']) await fleet.connect([leaf(id, 'Old')]);
    await settled();
    expect(granted(await start()).progress).toEqual({ onSuccessor: 0, stragglers: 3, percent: 0 });
    const seenOn: number[] = [];
    for (const id of ['press-1', 'press-2', 'press-3']) {
      await fleet.connect([leaf(id, 'New')]);
      await settled();
      seenOn.push((await progress()).percent);
    }
    expect(seenOn).toEqual([33, 66, 100]);
    await fleet.connect([leaf('press-3', 'Old')]);
    await settled();
    expect((await progress()).percent).toBe(66);
  });

  it('tells what was set, by whom, and what the two are now; and changes nothing of trust', async () => {
    const epoch = await fleet.epoch.current();
    const set = granted(await start(old!.is, next!.is, after(DAY)));
    expect(set).toMatchObject({ fingerprint: old!.is, successor: next!.is, endDate: after(DAY), since: NOW, by: 'main/ada', overdue: false, anchors: { former: { name: 'Works CA' }, successor: { status: 'enabled' } } });
    expect([await fleet.epoch.current(), fleet.events.at(-1)]).toEqual([epoch, { what: 'rollover.set', tenant: 'main', by: 'main/ada', subject: `${old!.is} to ${next!.is}` }]);
    await fleet.anchors.remove(main, old!.is);
    expect(granted(await fleet.rollovers.find(main, old!.is)).anchors.former).toBeUndefined();
  });

  it('is in the audit, with what it was before', async () => {
    granted(await start(old!.is, third!.is, after(DAY)));
    granted(await start(old!.is, next!.is));
    granted(await fleet.rollovers.remove(main, old!.is, 'main/ada'));
    const rows = await fleet.trail.list(main, { subject: old!.is }, 3);
    expect(rows.map(({ what, before, after: now }) => [what, before && JSON.parse(before), now && JSON.parse(now)])).toEqual([
      ['rollover.removed', { successor: next!.is, endDate: null }, ''],
      ['rollover.set', { successor: third!.is, endDate: after(DAY).toISOString() }, { successor: next!.is, endDate: null }],
      ['rollover.set', '', { successor: third!.is, endDate: after(DAY).toISOString() }],
    ]);
  });

  it('is overdue when its end date has come and somebody is left behind', async () => {
    await start(old!.is, next!.is, after(DAY));
    await seen('press-1', [old!.is]);
    const overdue = async () => (await fleet.rollovers.list(main)).map((each) => each.overdue);
    fleet.clock.set(after(DAY - 1));
    expect(await overdue()).toEqual([false]);
    fleet.clock.set(after(DAY));
    expect(await overdue()).toEqual([true]);
    await seen('press-1', [old!.is, next!.is]);
    expect(await overdue()).toEqual([false]);
  });

  it.each([
    ['anchor.unknown', aFingerprint('nobody'), next!.is, undefined],
    ['anchor.unknown', old!.is, aFingerprint('nobody'), undefined],
    ['change.end-date-past', old!.is, next!.is, NOW],
    ['change.successor-circle', old!.is, old!.is, undefined],
    ['change.successor-circle', next!.is, third!.is, undefined],
  ])('is refused: %s', async (code, from, to, endDate) => {
    granted(await start(third!.is, old!.is));
    granted(await start());
    const events = fleet.events.length;
    expect(await start(from, to, endDate)).toMatchObject({ granted: false, refusal: { code } });
    expect(fleet.events).toHaveLength(events);
  });

  it('may be pointed elsewhere: its own former link is no circle', async () => {
    granted(await start(next!.is, third!.is));
    granted(await start(old!.is, next!.is));
    granted(await start(next!.is, third!.is));
    expect((await fleet.rollovers.list(main)).map(({ successor }) => successor).sort()).toEqual([next!.is, third!.is].sort());
  });

  it('is taken back, once', async () => {
    await start();
    granted(await fleet.rollovers.remove(main, old!.is, 'main/ada'));
    expect(fleet.events.at(-1)).toEqual({ what: 'rollover.removed', tenant: 'main', by: 'main/ada', subject: old!.is });
    const events = fleet.events.length;
    const refused = { granted: false, refusal: { code: 'change.no-successor', evidence: { fingerprint: old!.is } } };
    expect(await fleet.rollovers.remove(main, old!.is, 'main/ada')).toEqual(refused);
    expect([await fleet.rollovers.find(main, old!.is), await fleet.rollovers.stragglers(main, old!.is, undefined, 5)]).toEqual([refused, refused]);
    expect(fleet.events).toHaveLength(events);
  });

  it('lists who is left behind, page by page, over a fleet of more than one', async () => {
    await start();
    for (let i = 0; i < 1200; i += 1) await seen(`press-${String(i).padStart(4, '0')}`, [i % 400 === 7 ? old!.is : i % 2 ? next!.is : third!.is]);
    fleet.sessions.open(aSession({ device: aDeviceId('press-0407') }), () => undefined);
    const found = async (after?: string, limit = 10) => granted(await fleet.rollovers.stragglers(main, old!.is, after, limit)).map(({ device, isOnline }) => `${device}${isOnline ? ' online' : ''}`);
    expect(await found()).toEqual(['press-0007', 'press-0407 online', 'press-0807']);
    expect([await found(undefined, 2), await found('press-0407'), await found('press-0807'), await found('a/b')]).toEqual([['press-0007', 'press-0407 online'], ['press-0807'], [], []]);
    expect(granted(await fleet.rollovers.stragglers(main, old!.is, undefined, 1))[0]).toEqual({ device: 'press-0007', lastSeen: NOW, notAfter: after(DAY), isOnline: false });
  });

  it('T09 counts the devices of one tenant', async () => {
    await start();
    await seen('press-1', [old!.is], aTenantId('other'));
    expect([await progress(), await fleet.rollovers.list(aTenantId('other'))]).toEqual([{ onSuccessor: 0, stragglers: 0, percent: 0 }, []]);
  });
});
