import { beforeEach, describe, expect, it } from '@jest/globals';
import { InMemoryChangeFeed } from '../../../src/adapters/in-memory/in-memory-change-feed.ts';
import { FollowChanges } from '../../../src/domain/usecases/follow-changes.ts';
import { KEPT_CHANGES } from '../../../src/ports/driven/change-feed.ts';
import { aDeviceId, aTenantId, NOW } from '../../support/certificate-builders.ts';
import { anInstance, ca, leaf } from '../../support/an-instance.ts';

const main = aTenantId();
const root = ca('root');

/** The stores are changed as another process would: nobody here is told but by the feed. */
describe('What another process changes acts here', () => {
  let here: Awaited<ReturnType<typeof anInstance>>;
  let following: FollowChanges;
  let ended: string[];
  let unlearnt: string[];
  let keysLookedAt: number;
  let areKeysSealed: boolean;
  let lines: string[];

  beforeEach(async () => {
    here = await anInstance();
    [ended, unlearnt, keysLookedAt, areKeysSealed, lines] = [[], [], 0, false, []];
    following = new FollowChanges({
      ...here,
      feed: new InMemoryChangeFeed({ state: here.state }),
      certificates: { unlearn: (tenant, device) => void unlearnt.push(`${tenant}/${device}`) },
      signer: { catchUp: async () => (areKeysSealed ? Promise.reject(new Error('sealed under another key')) : void (keysLookedAt += 1)) },
      log: { info: () => undefined, warn: () => undefined, error: (_facts, sentence) => void lines.push(sentence) },
    });
    await here.trusting(root, { autoRegistration: true });
    await here.connect([leaf('press-7', 'root')], { end: (why) => ended.push(`press-7 ${why}`) });
    await here.connect([leaf('press-8', 'root')], { end: (why) => ended.push(`press-8 ${why}`) });
    await following.begin();
  });

  const block = { reason: 'stolen', by: 'ada', at: NOW };
  it.each([
    ['an anchor is disabled', () => here.anchors.change(main, root.fingerprint, { status: 'disabled' }), ['press-7 anchor-withdrawn', 'press-8 anchor-withdrawn']],
    ['an anchor is removed', () => here.anchors.remove(main, root.fingerprint), ['press-7 anchor-withdrawn', 'press-8 anchor-withdrawn']],
    ['a device is blocked', () => here.devices.setBlock(main, aDeviceId('press-7'), block), ['press-7 device-blocked']],
    ['a device is removed', () => here.devices.remove(main, aDeviceId('press-8')), ['press-8 device-removed']],
    ['its tenant is suspended', () => here.tenants.setStatus(main, 'suspended'), ['press-7 tenant-suspended', 'press-8 tenant-suspended']],
    ['another tenant is suspended', () => here.tenants.setStatus(aTenantId('other'), 'suspended'), []],
    ['an option is set that ends nothing', () => here.tenants.setOption(main, 'a', 'b', 'c'), []],
  ])('F26 when %s, just the sessions that rest on it end', async (_what, change, whose) => {
    await change();
    expect(ended).toEqual([]);
    await following.catchUp();
    expect(ended.sort()).toEqual(whose);
  });

  it('F26 a certificate that is held ends the session that it let in', async () => {
    const { serialNumber, fingerprint } = here.sessions.openOf(main)[0]!.path[0]!;
    const hold = { tenant: main, source: 'hold', serialNumber, issuer: '', fingerprint, reason: 'certificateHold', since: NOW, by: 'ada', note: '' } as const;
    await here.revocations.add([hold as never]);
    await following.catchUp();
    expect(ended).toEqual(expect.arrayContaining(['press-7 certificate-revoked']));
  });

  it('judges by what the stores say now, and not by the note: what was taken back in between ends nothing', async () => {
    await here.anchors.change(main, root.fingerprint, { status: 'disabled' });
    await here.anchors.change(main, root.fingerprint, { status: 'enabled' });
    await following.catchUp();
    expect(ended).toEqual([]);
  });

  it('forgets what it has in mind of a device that changed', async () => {
    await here.devices.remove(main, aDeviceId('press-8'));
    await following.catchUp();
    expect(unlearnt).toEqual(['main/press-8']);
  });

  it('J08 takes over the keys that another process made', async () => {
    await new InMemoryChangeFeed({ state: here.state }).note({ tenant: main, kind: 'keys', subject: 'k2' });
    await following.catchUp();
    expect(keysLookedAt).toBe(1);
  });

  it('J08 D-14 ends sessions also where keys cannot be opened here, says so once, and takes them over when they can', async () => {
    areKeysSealed = true;
    await new InMemoryChangeFeed({ state: here.state }).note({ tenant: main, kind: 'keys', subject: 'k2' });
    await here.devices.remove(main, aDeviceId('press-7'));
    await following.catchUp();
    await here.devices.remove(main, aDeviceId('press-8'));
    await following.catchUp();
    expect(ended).toEqual(['press-7 device-removed', 'press-8 device-removed']);
    expect(lines).toEqual([expect.stringContaining('cannot be read here')]);
    areKeysSealed = false;
    await following.catchUp();
    await following.catchUp();
    expect(keysLookedAt).toBe(1);
  });

  it('looks at everything when more was changed than is kept, and goes on from there', async () => {
    await here.devices.remove(main, aDeviceId('press-8'));
    for (let i = 0; i <= KEPT_CHANGES; i++) await here.tenants.setOption(main, 'a', 'b', String(i));
    await following.catchUp();
    expect(ended).toEqual(['press-8 device-removed']);
    await here.devices.remove(main, aDeviceId('press-7'));
    await following.catchUp();
    expect(ended).toEqual(['press-8 device-removed', 'press-7 device-removed']);
  });

  it('looks at everything of a tenant of which a newer program says what this one does not know', async () => {
    here.state.devices.get(main)?.delete(aDeviceId('press-8'));
    await new InMemoryChangeFeed({ state: here.state }).note({ tenant: main, kind: 'something-new' as never, subject: '' });
    await following.catchUp();
    expect(ended).toEqual(['press-8 device-removed']);
  });

  it('loses nothing when a store is out of order: the next look goes on from the same place', async () => {
    const find = here.anchors.find.bind(here.anchors);
    here.anchors.find = async () => Promise.reject(new Error('out of order'));
    await here.anchors.change(main, root.fingerprint, { status: 'disabled' });
    await expect(following.catchUp()).rejects.toThrow('out of order');
    here.anchors.find = find;
    await following.catchUp();
    expect(ended).toHaveLength(2);
  });
});
