import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Certificate, PublicKey } from '../../../src/domain/certificates/certificate.ts';
import type { Impact, PlannedOption } from '../../../src/domain/impact/impact.ts';
import type { RevokedName } from '../../../src/domain/revocation/revocation.ts';
import { aDevice, aDeviceId, after, aRevocation, aStoredList, aTenantId, DAY } from '../../support/certificate-builders.ts';
import { anInstance, ca, granted, key, leaf } from '../../support/an-instance.ts';

const [MAIN, OTHER] = [aTenantId(), aTenantId('other')];
const LONG = { notAfter: after(400 * DAY) };
const SERVERS = ['1.3.6.1.5.5.7.3.1'];
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const large = (name: string): PublicKey => ({ ...key(name), bits: 4096 }) as PublicKey;
const [A, B] = ['A', 'B'].map((name) => ca(name, name, { ...LONG, publicKey: large(name) })) as [Certificate, Certificate];
/** One key and name, signed by both: by A only for servers. */
const [BY_A, BY_B] = [ca('Mid', 'A', { ...LONG, publicKey: large('Mid'), extendedKeyUsage: SERVERS }), ca('Mid', 'B', { ...LONG, publicKey: large('Mid') })];
const weak = (id: string, issuer = 'A'): Certificate => leaf(id, issuer, LONG);
const strong = (id: string, issuer = 'A'): Certificate => leaf(id, issuer, { ...LONG, publicKey: large(id) });

let fleet: Awaited<ReturnType<typeof anInstance>>;
const comes = async (...chain: readonly Certificate[]) => {
  const connected = await fleet.connect(chain);
  expect(connected.verdict).toMatchObject({ granted: true });
  await settled();
  return connected;
};
const goes = (id: string): void => {
  for (const session of fleet.sessions.openOf(MAIN)) if (session.device === id) fleet.sessions.close(session.id);
};
/** From now on the device is connected to another process. */
const elsewhere = (id: string): void => {
  const { openOf, everywhere } = fleet.sessions;
  const [board, others] = [fleet.sessions, fleet.sessions.openOf(MAIN).filter(({ device }) => device === id)];
  board.openOf = (tenant) => openOf.call(board, tenant).filter(({ device }) => device !== id);
  board.everywhere = async (tenant) => [...(await everywhere.call(board, tenant)), ...others];
};
const options = (wished: Readonly<Record<string, string | undefined>>): PlannedOption[] =>
  Object.entries(wished).map(([name, value]) => ({ category: 'fleetgate', key: name, ...(value !== undefined && { value }) }));
const choosing = async (wished: Readonly<Record<string, string | undefined>>, tenant = MAIN): Promise<Impact> =>
  granted(await fleet.impact.foresee({ kind: 'option.change', tenant, options: options(wished) }));
const byPrint = ({ fingerprint }: Certificate) => ({ serialNumber: '', issuer: '', fingerprint }) as const;
const revoking = async (name: RevokedName, source: 'manual' | 'hold' = 'manual'): Promise<Impact> =>
  granted(await fleet.impact.foresee({ kind: source === 'hold' ? 'certificate.hold' : 'certificate.revoke', tenant: MAIN, revocations: [aRevocation({ source, ...name })] }));
const set = async (wished: Readonly<Record<string, string>>) => {
  for (const [name, value] of Object.entries(wished)) await fleet.tenants.setOption(MAIN, 'fleetgate', name, value);
};

beforeEach(async () => {
  fleet = await anInstance();
  for (const certificate of [A, B]) await fleet.trusting(certificate);
});

describe('Looking at a check before it is enforced', () => {
  it('tells who would be refused and why, who has another way, who is out already, and of whom nothing is known', async () => {
    await comes(weak('small'));
    await comes(strong('large'));
    await comes(leaf('crossed', 'Mid', { ...LONG, publicKey: large('crossed') }), BY_A, BY_B);
    await comes(leaf('servers', 'Mid', { ...LONG, publicKey: large('servers') }), BY_A);
    await comes(leaf('gone', 'A', { notAfter: after(DAY) }));
    goes('servers');
    await fleet.devices.register(aDevice({ id: aDeviceId('never') }));
    fleet.clock.set(after(2 * DAY));
    const epoch = await fleet.epoch.current();
    const impact = await choosing({ 'check.key-sizes': 'enforce', 'check.eku-nesting': 'enforce' });
    const bySession = granted(await fleet.impact.foresee({ kind: 'none', tenant: MAIN, subject: '' })).sessionsOnline;
    expect([impact, bySession]).toEqual([
      {
        ...{ change: 'option.change', tenant: 'main', subject: 'fleetgate/check.key-sizes=enforce, fleetgate/check.eku-nesting=enforce' },
        devices: { dependOnItAlone: 2, haveAnotherWay: 1, alreadyOut: 1, notSeenYet: 1 },
        ...{ sessionsOnline: 3, estimatedLiveTokens: 1, lastSeen: { today: 1, last7Days: 1, last30Days: 0, older: 0 }, examples: ['servers', 'small'] },
        reasons: { 'key.not-chosen': 1, 'path.issuer-extended-key-usage': 1 },
        warnings: ['Of 1 registered devices it is not known with which certificates they came last: they may be hit too.'],
      },
      0,
    ]);
    expect([await fleet.epoch.current(), fleet.sessions.count()]).toEqual([epoch, 4]);
  });

  it('F26 counts the sessions of other processes too, by the ways on which their devices came last', async () => {
    await comes(weak('here'));
    await comes(weak('there'));
    await comes(strong('strong'));
    fleet.clock.set(after(2 * DAY));
    const wishes = [{ 'check.key-sizes': 'enforce' }, { 'check.eku-nesting': 'enforce' }] as const;
    const [alone, nothing] = [await choosing(wishes[0]), await choosing(wishes[1])];
    const revoked = await revoking(byPrint(weak('there')));
    elsewhere('there');
    elsewhere('strong');
    expect([await choosing(wishes[0]), await choosing(wishes[1]), await revoking(byPrint(weak('there')))]).toEqual([alone, nothing, revoked]);
    expect([alone.sessionsOnline, alone.lastSeen.today, nothing.sessionsOnline, revoked.sessionsOnline]).toEqual([2, 2, 0, 1]);
  });

  it('F26 counts no session of another process that is only not spoken for', async () => {
    await comes(weak('there'));
    await fleet.lists.setRule({ tenant: MAIN, anchor: A.fingerprint, urls: [], acceptHours: 1, refuseHours: 2, missing: 'refuse' });
    const before = await choosing({ 'check.crl': 'enforce' });
    elsewhere('there');
    expect(await choosing({ 'check.crl': 'enforce' })).toEqual(before);
    expect([before.devices.dependOnItAlone, before.sessionsOnline]).toEqual([1, 0]);
  });

  it('says of the sessions that would end what happens then', async () => {
    const all = [await comes(weak('a')), await comes(strong('b')), await comes(leaf('c', 'Mid', LONG), BY_A, BY_B), await comes(strong('d'))];
    await fleet.paths.forget(MAIN, aDeviceId('d'));
    const wish = { 'check.key-sizes': 'enforce', 'check.eku-nesting': 'enforce' };
    const { sessionsOnline } = await choosing(wish);
    granted(await fleet.tenantDesk.setOptions(MAIN, options(wish) as never, 'main/ada'));
    expect([sessionsOnline, all.filter(({ ended }) => ended.length > 0).length]).toEqual([3, 3]);
  });

  it('finds nobody where it only reports, or is enforced already, or all come with what it asks', async () => {
    await comes(weak('small'));
    const nobody = { dependOnItAlone: 0, haveAnotherWay: 0, alreadyOut: 0, notSeenYet: 0 };
    expect((await choosing({ 'check.key-sizes': 'report' })).devices).toEqual(nobody);
    expect((await choosing({ 'check.key-sizes': 'enforce', 'keys.rsa-bits': '2048' })).devices).toEqual(nobody);
    expect(await choosing({ 'check.key-sizes': 'enforce' })).toMatchObject({ devices: { ...nobody, dependOnItAlone: 1 }, warnings: [] });
    await set({ 'check.key-sizes': 'enforce' });
    expect(await choosing({ 'check.key-sizes': 'enforce' })).toMatchObject({ devices: { ...nobody, alreadyOut: 1 }, reasons: {} });
    expect(await choosing({ 'check.key-sizes': 'off' })).toMatchObject({ devices: nobody, sessionsOnline: 0 });
  });

  it('takes options together, and one that is removed as its default', async () => {
    await comes(weak('small'));
    await set({ 'check.key-sizes': 'enforce', 'keys.rsa-bits': '2048' });
    expect(await choosing({ 'keys.rsa-bits': undefined })).toMatchObject({ subject: 'fleetgate/keys.rsa-bits removed', devices: { dependOnItAlone: 1 }, reasons: { 'key.not-chosen': 1 }, sessionsOnline: 1 });
    expect((await choosing({ 'keys.rsa-bits': undefined, 'check.key-sizes': 'report' })).devices.dependOnItAlone).toBe(0);
  });

  it('asks revocation lists too, where they are what is enforced', async () => {
    for (const id of ['listed', 'unlisted']) await comes(weak(id));
    const list = aStoredList({ tenant: MAIN, anchor: A.fingerprint, issuer: A.subject.key, issuerKey: A.publicKey.spki } as never);
    await fleet.lists.begin(list);
    await fleet.revocations.add([aRevocation({ source: `crl:${list.id}`, ...byPrint(weak('listed')) })]);
    await fleet.lists.install(list);
    expect(await choosing({ 'check.crl': 'enforce' })).toMatchObject({ devices: { dependOnItAlone: 1, haveAnotherWay: 0 }, examples: ['listed'], reasons: { 'revocation.revoked': 1 }, sessionsOnline: 1 });
    expect(await choosing({ 'check.crl': 'report' })).toMatchObject({ devices: { dependOnItAlone: 0 }, sessionsOnline: 0 });
  });

  it('is refused as the change itself would be', async () => {
    expect(await fleet.impact.foresee({ kind: 'option.change', tenant: MAIN, options: options({ 'check.key-sizes': 'on' }) })).toEqual({
      granted: false,
      refusal: { code: 'tenant.unusable-option', evidence: { option: 'fleetgate/check.key-sizes', form: 'off, report or enforce' } },
    });
  });

  it('says of devices whose certificates are not kept that it does not know, and takes no way with a gap', async () => {
    for (const id of ['bare', 'gap']) await comes(leaf(id, 'Mid', { ...LONG, publicKey: large(id) }), BY_A);
    for (const id of ['bare', 'gap']) {
      goes(id);
      const { chain, ...seen } = (await fleet.paths.withChain(MAIN, aDeviceId(id)))!;
      await fleet.paths.remember(id === 'bare' ? seen : { ...seen, chain: chain!.slice(0, 1) });
    }
    expect((await choosing({ 'check.eku-nesting': 'enforce' })).devices).toEqual({ dependOnItAlone: 0, haveAnotherWay: 0, alreadyOut: 1, notSeenYet: 1 });
  });

  it('T09 looks at the own tenant alone', async () => {
    await fleet.anchors.remove(MAIN, B.fingerprint);
    await fleet.trusting(B, { tenant: OTHER });
    await comes(weak('theirs', 'B'));
    await set({ 'check.key-sizes': 'enforce' });
    expect((await choosing({ 'check.key-sizes': 'enforce' })).devices.dependOnItAlone).toBe(0);
    expect(await choosing({ 'check.key-sizes': 'enforce' }, OTHER)).toMatchObject({ devices: { dependOnItAlone: 1 }, examples: ['theirs'], sessionsOnline: 1 });
  });

  it('counts as out already whose CA is not in force any more, and lets others have their turn', async () => {
    let turns = 0;
    fleet = await anInstance();
    for (const certificate of [A, B]) await fleet.trusting(certificate);
    for (let i = 0; i < 25; i += 1) await comes(weak(`press-${i}`));
    const { ForeseeChanges } = await import('../../../src/domain/usecases/foresee-changes.ts');
    const desk = new ForeseeChanges({ ...fleet, pause: async () => void (turns += 1) });
    const change = { kind: 'option.change', tenant: MAIN, options: options({ 'check.key-sizes': 'enforce' }) } as const;
    expect(granted(await desk.foresee(change)).devices).toMatchObject({ dependOnItAlone: 25, alreadyOut: 0 });
    // Twice while devices are judged, once while sessions are held to the rules, and twice while they are held to lists.
    expect(turns).toBe(5);
    await fleet.anchors.change(MAIN, A.fingerprint, { status: 'disabled' });
    expect(granted(await desk.foresee(change)).devices).toMatchObject({ dependOnItAlone: 0, alreadyOut: 25 });
  });
});

describe('Looking at a revocation before it is said', () => {
  it('of a device: it alone is hit', async () => {
    for (const id of ['a', 'b']) await comes(weak(id));
    expect(await revoking(byPrint(weak('a')))).toMatchObject({
      ...{ change: 'certificate.revoke', tenant: 'main', devices: { dependOnItAlone: 1, haveAnotherWay: 0, alreadyOut: 0, notSeenYet: 0 }, sessionsOnline: 1, examples: ['a'], estimatedLiveTokens: 1 },
      ...{ reasons: { 'revocation.revoked': 1 }, warnings: [] },
    });
    expect([(await fleet.revocations.countOf(MAIN, ['manual', 'hold'])), fleet.sessions.count()]).toEqual([0, 2]);
  });

  it('of what stands between: all below it are hit, but those with another way; a hold the same way', async () => {
    await comes(leaf('one', 'Mid', LONG), BY_A);
    await comes(leaf('two', 'Mid', LONG), BY_A, BY_B);
    await comes(weak('three'));
    const { sessionsOnline, ...impact } = await revoking(byPrint(BY_A), 'hold');
    expect(impact).toMatchObject({ change: 'certificate.hold', devices: { dependOnItAlone: 1, haveAnotherWay: 1, alreadyOut: 0, notSeenYet: 0 }, examples: ['one'], reasons: { 'revocation.on-hold': 1 } });
    const said = granted(await fleet.revocationDesk.hold(MAIN, { fingerprint: BY_A.fingerprint }, 'main/ada'));
    expect(said.sessionsEnded).toBe(sessionsOnline);
  });

  it('of a serial number of any issuer: all that have it anywhere on their ways', async () => {
    await comes(weak('a'));
    await comes(strong('b', 'B'));
    await comes(leaf('c', 'Mid', LONG), BY_A);
    expect(await revoking({ serialNumber: 'by:A', issuer: '', fingerprint: '' })).toMatchObject({ subject: 'by:A', devices: { dependOnItAlone: 2 }, examples: ['a', 'c'] });
    const all = granted(await fleet.revocationDesk.planAll(MAIN, [{ serialNumber: '0a1f' }, { serialNumber: 'ff' }], 'main/ada'));
    expect(granted(await fleet.impact.foresee({ kind: 'certificate.revoke', tenant: MAIN, revocations: all }))).toMatchObject({ subject: '0a1f, ff', devices: { dependOnItAlone: 0 } });
    expect(granted(await fleet.impact.foresee({ kind: 'certificate.revoke', tenant: OTHER, revocations: [aRevocation({ tenant: OTHER, serialNumber: 'by:A', issuer: '' })] })).devices.dependOnItAlone).toBe(0);
  });

  it('counts what was said before too: no way is left of two that go one after the other', async () => {
    await comes(leaf('both', 'Mid', LONG), BY_A, BY_B);
    await fleet.revocations.add([aRevocation({ source: 'hold', ...byPrint(BY_B) })]);
    expect((await revoking(byPrint(BY_A))).devices).toMatchObject({ dependOnItAlone: 1, haveAnotherWay: 0 });
  });

  it('is out already who is revoked or held', async () => {
    await comes(weak('a'));
    granted(await fleet.revocationDesk.hold(MAIN, { fingerprint: weak('a').fingerprint }, 'main/ada'));
    expect(await revoking(byPrint(weak('a')))).toMatchObject({ devices: { dependOnItAlone: 0, alreadyOut: 1 }, sessionsOnline: 0, reasons: {} });
  });

  it('counts one that is online and was not written down yet, by its session', async () => {
    await comes(weak('a'));
    await comes(weak('b'));
    for (const id of ['a', 'b']) await fleet.paths.forget(MAIN, aDeviceId(id));
    expect(await revoking(byPrint(weak('a')))).toMatchObject({ devices: { dependOnItAlone: 1, notSeenYet: 1 }, sessionsOnline: 1, lastSeen: { today: 1 } });
  });

  it('is refused as the change itself would be, and says nothing yet', async () => {
    for (const [wish, code] of [[{}, 'revocation.nothing-named'], [{ serialNumber: 'xyz' }, 'revocation.malformed-serial-number'], [{ serialNumber: '01', reason: 'why' }, 'revocation.unknown-reason']] as const) {
      expect(await fleet.revocationDesk.plan(MAIN, 'manual', wish, 'main/ada')).toMatchObject({ granted: false, refusal: { code } });
    }
    expect(await fleet.revocationDesk.planAll(MAIN, [{ serialNumber: '01' }, { serialNumber: '!' }], 'main/ada')).toMatchObject({ refusal: { code: 'revocation.malformed-serial-number', evidence: { entry: 2 } } });
    expect(await fleet.revocations.countOf(MAIN, ['manual', 'hold'])).toBe(0);
  });

  it('wants its number confirmed where the tenant set how many go unasked', async () => {
    for (const id of ['a', 'b']) await comes(leaf(id, 'Mid', LONG), BY_A);
    await set({ 'confirm.above': '1' });
    const change = { kind: 'certificate.revoke', tenant: MAIN, revocations: [aRevocation(byPrint(BY_A))] } as const;
    expect(await fleet.impact.agree(change)).toMatchObject({ refusal: { code: 'change.not-confirmed', evidence: { devices: 2, sessionsOnline: 2, confirmAbove: 1 } } });
    expect([(await fleet.impact.agree(change, 2)).granted, (await fleet.impact.agree(change, 3)).granted]).toEqual([true, false]);
    const mode = { kind: 'option.change', tenant: MAIN, options: options({ 'check.eku-nesting': 'enforce' }) } as const;
    expect([(await fleet.impact.agree(mode)).granted, (await fleet.impact.agree(mode, 2)).granted]).toEqual([false, true]);
  });
});
