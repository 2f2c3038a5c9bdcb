import { describe, expect, it } from '@jest/globals';
import type { Change, ChangeNote } from '../../../src/domain/changes/change.ts';
import { revocationNote } from '../../../src/domain/changes/revocation-note.ts';
import { revocableOf } from '../../../src/domain/revocation/revocation.ts';
import type { ChangeFeed } from '../../../src/ports/driven/change-feed.ts';
import { aDevice, aDeviceId, aName, aRevocation, aTenantId, after, SECOND } from '../../support/certificate-builders.ts';
import { anInstance, ca, granted, leaf } from '../../support/an-instance.ts';

const ROOT = ca('Root');
const MID = ca('Mid', 'Root');
const DEVICE = leaf('press-7', 'Mid');
const OTHER = aTenantId('other');
type Feed = Pick<ChangeFeed, 'after'>;

describe('The journey of a device that is let in', () => {
  it('REQ-8 registers it on its first connection, durably, and knows it on the next', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    const first = granted((await instance.connect([DEVICE, MID])).verdict);
    expect(first).toMatchObject({ registered: true, assignedClientId: 'press-7', session: { tenant: 'main', device: 'press-7', anchors: [ROOT.fingerprint], leaf: DEVICE.thumbprint, notAfter: DEVICE.notAfter } });
    expect(await instance.devices.find(aTenantId(), aDeviceId())).toEqual(aDevice());
    const second = granted((await instance.connect([DEVICE, MID], { clientId: 'd:press-7' })).verdict);
    expect(second).toMatchObject({ registered: false });
    expect(second).not.toHaveProperty('assignedClientId');
    expect(instance.events.map(({ what }) => what)).toEqual(['device.admitted', 'device.admitted']);
  });

  it('D-3 looks at all that was sent where the certificates in order lead nowhere, and only there', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    let asked = 0;
    const whole = (chain: Parameters<typeof instance.known>) => ({ wholeChain: () => (asked++, instance.known(...chain).map(({ der }) => der)) });
    expect(granted((await instance.connect([DEVICE, MID], whole([DEVICE]))).verdict).session.device).toBe('press-7');
    expect(asked).toBe(0);
    expect(granted((await instance.connect([DEVICE], whole([DEVICE, ca('Stranger'), MID]))).verdict).session.device).toBe('press-7');
    expect(asked).toBe(1);
    const { verdict } = await instance.connect([DEVICE], whole([DEVICE, ca('Stranger')]));
    expect(verdict).toMatchObject({ refusal: { code: 'tenant.no-anchor-found' } });
    expect(instance.events.map(({ what }) => what)).toEqual(['device.admitted', 'device.admitted', 'device.refused']);
  });

  it('lets a registered device in though no CA registers devices', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT, { autoRegistration: false });
    await instance.devices.register(aDevice({ registeredBy: 'bulk' }));
    expect(granted((await instance.connect([DEVICE, MID])).verdict).registered).toBe(false);
  });

  it('M15 ends the former session of the device, and no other', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    const first = await instance.connect([DEVICE, MID]);
    const neighbour = await instance.connect([leaf('press-8', 'Mid'), MID]);
    const second = await instance.connect([DEVICE, MID]);
    expect([first.ended, neighbour.ended, second.ended]).toEqual([['taken-over'], [], []]);
    expect(instance.sessions.count()).toBe(2);
  });

  it('admits one request by the same judgement, and leaves the sessions of the device alone', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    const connected = await instance.connect([DEVICE, MID]);
    const { id: _, ...device } = granted(connected.verdict).session;
    expect(await instance.admit([DEVICE, MID])).toEqual({ granted: true, value: device });
    expect([connected.ended, instance.sessions.count()]).toEqual([[], 1]);
    expect(granted(await instance.admit([leaf('press-8', 'Mid'), MID])).device).toBe('press-8');
    expect(await instance.devices.find(aTenantId(), aDeviceId('press-8'))).toBeDefined();
    expect(instance.sessions.count()).toBe(1);
    await instance.anchors.change(aTenantId(), ROOT.fingerprint, { status: 'disabled' });
    expect(await instance.admit([DEVICE, MID])).toMatchObject({ refusal: { code: 'tenant.anchor-disabled' } });
  });

  it('says by the same judgement what it would do, and does none of it', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    const would = await instance.examine([DEVICE, MID]);
    expect(would).toMatchObject({ granted: true, value: { tenant: 'main', device: 'press-7', anchors: [ROOT.fingerprint] } });
    expect(await instance.examine([DEVICE])).toMatchObject({ refusal: { code: 'tenant.no-anchor-found' } });
    expect([instance.events, instance.sessions.count(), await instance.devices.find(aTenantId(), aDeviceId())]).toEqual([[], 0, undefined]);
    await instance.anchors.change(aTenantId(), ROOT.fingerprint, { autoRegistration: false });
    expect(await instance.examine([DEVICE, MID])).toMatchObject({ refusal: { code: 'registration.not-registered' } });
    await instance.devices.register(aDevice());
    expect(await instance.examine([DEVICE, MID])).toEqual(would);
    expect(instance.events).toEqual([]);
  });

  it('says what it would do if one tenant alone trusted anybody', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    await instance.trusting(MID, { tenant: aTenantId('other') });
    expect(await instance.examine([DEVICE, MID])).toMatchObject({ refusal: { code: 'tenant.ambiguous' } });
    for (const tenant of ['main', 'other']) expect(await instance.examine([DEVICE, MID], tenant)).toMatchObject({ granted: true, value: { tenant } });
    expect(await instance.examine([leaf('press-8', 'Root')], 'other')).toMatchObject({ refusal: { code: 'tenant.no-anchor-found' } });
  });

  it('A03 makes one device of twenty first connections at once', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    const all = await Promise.all(Array.from({ length: 20 }, () => instance.connect([DEVICE, MID])));
    expect(all.filter(({ verdict }) => granted(verdict).registered)).toHaveLength(1);
    expect(instance.sessions.count()).toBe(1);
  });

  it('M24 T04 ignores the user name where the certificate leads to one tenant', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    const { verdict } = await instance.connect([DEVICE, MID], { userName: 'other/press-7', serverName: 'other.example.com' });
    expect(granted(verdict).session.tenant).toBe('main');
    expect(await instance.devices.find(OTHER, aDeviceId())).toBeUndefined();
  });

  it('X24 takes two common names over one key for two devices, each with a session of its own', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    const [first, twin] = [leaf('press-7', 'Mid'), { ...leaf('press-8', 'Mid'), publicKey: leaf('press-7', 'Mid').publicKey }];
    const one = await instance.connect([first, MID]);
    expect((await instance.connect([twin, MID], { clientId: 'press-7' })).verdict).toMatchObject({ refusal: { code: 'identity.client-id-differs' } });
    expect(granted((await instance.connect([twin, MID])).verdict)).toMatchObject({ registered: true, session: { device: 'press-8' } });
    expect(one.ended).toEqual([]);
    expect(instance.sessions.count()).toBe(2);
  });

  it('A05 a removed device comes back by automatic registration, as a new one', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    await instance.connect([DEVICE, MID]);
    await instance.devices.remove(aTenantId(), aDeviceId());
    expect(granted((await instance.connect([DEVICE, MID])).verdict).registered).toBe(true);
  });

  it('takes the anchors of its tenant only into the session', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    await instance.trusting(MID, { tenant: OTHER });
    const { verdict } = await instance.connect([DEVICE, MID], { userName: 'other' });
    expect(granted(verdict).session).toMatchObject({ tenant: 'other', anchors: [MID.fingerprint] });
  });
});

describe('Who is not let in leaves nothing behind but one line of audit', () => {
  type Spoilt = readonly [why: string, code: string, depth: number | undefined, spoil: (instance: Awaited<ReturnType<typeof anInstance>>) => Promise<Parameters<typeof instance.connect>>];
  const SPOILT: readonly Spoilt[] = [
    ['S01 no certificate', 'chain.absent', undefined, async () => [[]]],
    ['X17 too many bytes in the handshake', 'chain.too-many-bytes', undefined, async () => [[DEVICE, MID], { handshakeBytes: 32_769 }]],
    ['X17 21 certificates', 'chain.too-many-certificates', undefined, async () => [Array.from({ length: 21 }, () => DEVICE)]],
    ['a certificate beyond 16 KiB', 'chain.certificate-too-large', undefined, async () => [[DEVICE, MID], { chain: [new Uint8Array(16_385)] }]],
    ['X16 bytes that are no certificate', 'chain.not-der', undefined, async () => [[DEVICE, MID], { chain: [DEVICE.der, new Uint8Array(3)] }]],
    ['X01 a CA that nobody trusts', 'tenant.no-anchor-found', undefined, async () => [[leaf('press-7', 'Else')]]],
    ['X04 an expired leaf', 'path.outside-validity', 0, async () => [[leaf('press-7', 'Mid', { notBefore: after(-9 * SECOND), notAfter: after(-SECOND) }), MID]]],
    ['a disabled anchor', 'tenant.anchor-disabled', 2, async ({ anchors }) => { await anchors.change(aTenantId(), ROOT.fingerprint, { status: 'disabled' }); return [[DEVICE, MID]]; }],
    ['an inert anchor', 'tenant.anchor-inert', 2, async ({ anchors }) => { await anchors.change(aTenantId(), ROOT.fingerprint, { inert: true }); return [[DEVICE, MID]]; }],
    ['T01 two tenants', 'tenant.ambiguous', undefined, async ({ trusting }) => { await trusting(ROOT, { tenant: OTHER }); return [[DEVICE, MID]]; }],
    ['T13 a suspended tenant', 'tenant.suspended', undefined, async ({ tenants }) => { await tenants.setStatus(aTenantId(), 'suspended'); return [[DEVICE, MID]]; }],
    ['X25 a common name that is no id', 'identity.forbidden-character', 0, async () => [[leaf('press 7', 'Mid'), MID]]],
    ['T05 another client id', 'identity.client-id-differs', undefined, async () => [[DEVICE, MID], { clientId: 'press-8' }]],
    ['M07 no client id with a kept session', 'identity.client-id-empty', undefined, async () => [[DEVICE, MID], { acceptsAssignedId: false }]],
    ['A01 automatic registration off', 'registration.not-registered', undefined, async ({ anchors }) => { await anchors.change(aTenantId(), ROOT.fingerprint, { autoRegistration: false }); return [[DEVICE, MID]]; }],
    ['A02 the flag on another CA of the tenant', 'registration.not-registered', undefined, async ({ anchors, trusting }) => { await anchors.change(aTenantId(), ROOT.fingerprint, { autoRegistration: false }); await trusting(ca('Spare')); return [[DEVICE, MID]]; }],
  ];

  it.each(SPOILT)('%s: %s', async (_why, code, depth, spoil) => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    const { verdict } = await instance.connect(...(await spoil(instance)));
    expect(verdict).toMatchObject({ granted: false, refusal: { code, ...(depth !== undefined && { depth }) } });
    expect(instance.events).toEqual([expect.objectContaining({ what: 'device.refused', refusal: expect.objectContaining({ code }), from: '127.0.0.1' })]);
    expect(await instance.devices.listOf(aTenantId(), undefined, 10)).toEqual([]);
    expect(instance.sessions.count()).toBe(0);
  });

  it('X17 reads nothing of a chain that is too large', async () => {
    const instance = await anInstance();
    let reads = 0;
    const read = instance.reader.read;
    instance.reader.read = (der) => { reads += 1; return read(der); };
    await instance.connect([DEVICE, MID], { handshakeBytes: 40_000 });
    await instance.connect(Array.from({ length: 21 }, () => DEVICE));
    expect(reads).toBe(0);
  });

  it('T03 another tenant’s CA of the same name and another key opens that tenant’s door only', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    const imitation = ca('Root', 'Root', { publicKey: ca('Fake').publicKey, serialNumber: 'by:Fake' });
    await instance.trusting(imitation, { tenant: OTHER });
    const impostor = leaf('press-7', 'Root', { serialNumber: 'by:Fake' });
    expect(granted((await instance.connect([impostor])).verdict).session.tenant).toBe('other');
    expect(granted((await instance.connect([DEVICE, MID])).verdict).session.tenant).toBe('main');
    expect(instance.sessions.count()).toBe(2);
  });
});

describe('A certificate that is revoked (D-40)', () => {
  const byFingerprint = { serialNumber: '' };

  it.each([
    ['the device’s own', 'manual', DEVICE, 'revocation.revoked', 0],
    ['the CA’s between', 'manual', MID, 'revocation.revoked', 1],
    ['the device’s own, on hold', 'hold', DEVICE, 'revocation.on-hold', 0],
  ] as const)('X29 refuses the device: %s', async (_what, source, { fingerprint }, code, depth) => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    await instance.revocations.add([aRevocation({ ...byFingerprint, source, fingerprint })]);
    const { verdict } = await instance.connect([DEVICE, MID]);
    expect(verdict).toMatchObject({ granted: false, refusal: { code, depth } });
    expect(await instance.examine([DEVICE, MID])).toEqual(verdict);
    expect(instance.events).toEqual([expect.objectContaining({ what: 'device.refused', tenant: 'main', refusal: expect.objectContaining({ code }) })]);
    expect([await instance.devices.listOf(aTenantId(), undefined, 10), instance.sessions.count()]).toEqual([[], 0]);
  });

  it('refuses nobody where it is an anchor, which is disabled instead, or another tenant’s word (T12)', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    await instance.revocations.add([aRevocation({ ...byFingerprint, fingerprint: ROOT.fingerprint }), ...[DEVICE, MID].map(({ fingerprint }) => aRevocation({ ...byFingerprint, tenant: OTHER, fingerprint }))]);
    expect(granted((await instance.connect([DEVICE, MID])).verdict).session).toMatchObject({ tenant: 'main', path: revocableOf([DEVICE, MID, ROOT]) });
  });

  it('X29 refuses a device that is its own anchor', async () => {
    const instance = await anInstance();
    const own = ca('press-9', 'press-9', { keyUsage: undefined, extendedKeyUsage: undefined });
    await instance.trusting(own);
    expect(granted((await instance.connect([own])).verdict).session.path).toEqual(revocableOf([own]));
    await instance.revocations.add([aRevocation({ ...byFingerprint, fingerprint: own.fingerprint })]);
    expect((await instance.connect([own])).verdict).toMatchObject({ refusal: { code: 'revocation.revoked', depth: 0 } });
  });

  it('leaves the way by which no certificate is revoked, with its anchors alone', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    await instance.trusting(MID);
    const cross = ca('Mid', 'Spare', { publicKey: MID.publicKey, issuer: aName('CN=Spare'), serialNumber: 'by:Spare' });
    await instance.trusting(ca('Spare'));
    const all = granted((await instance.connect([DEVICE, cross])).verdict).session;
    expect(all.anchors).toHaveLength(2);
    await instance.revocations.add([aRevocation({ ...byFingerprint, fingerprint: cross.fingerprint })]);
    expect(granted((await instance.connect([DEVICE, cross])).verdict).session).toMatchObject({ anchors: [MID.fingerprint], path: revocableOf([DEVICE, MID]) });
    await instance.anchors.change(aTenantId(), MID.fingerprint, { status: 'disabled' });
    expect((await instance.connect([DEVICE, cross])).verdict).toMatchObject({ refusal: { code: 'revocation.revoked', depth: 1 } });
  });

  it('of two ways that are revoked, tells the one that a release would open', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    const cross = ca('Mid', 'Spare', { publicKey: MID.publicKey, issuer: aName('CN=Spare'), serialNumber: 'by:Spare' });
    await instance.trusting(ca('Spare'));
    await instance.revocations.add([aRevocation({ ...byFingerprint, fingerprint: cross.fingerprint, source: 'hold' }), aRevocation({ ...byFingerprint, fingerprint: MID.fingerprint })]);
    for (const chain of [[DEVICE, MID, cross], [DEVICE, cross, MID]]) {
      expect((await instance.connect(chain)).verdict).toMatchObject({ refusal: { code: 'revocation.on-hold', depth: 1 } });
    }
  });

  it('of two ways that are revoked for good, tells the one that the device sent first', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    const cross = ca('Mid', 'Spare', { publicKey: MID.publicKey, issuer: aName('CN=Spare'), serialNumber: 'by:Spare' });
    await instance.trusting(ca('Spare'));
    await instance.revocations.add([MID, cross].map(({ fingerprint }) => aRevocation({ ...byFingerprint, fingerprint })));
    for (const [first, second] of [[MID, cross], [cross, MID]] as const) {
      expect((await instance.connect([DEVICE, first, second])).verdict).toMatchObject({ refusal: { code: 'revocation.revoked', depth: 1, evidence: { serialNumber: first.serialNumber } } });
    }
  });

  it('takes the session with it that is opened while it is being revoked', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    const open = instance.sessions.open.bind(instance.sessions);
    instance.sessions.open = (session, end) => {
      // The revocation was acknowledged, and found no session to end.
      void instance.revocations.add([aRevocation({ ...byFingerprint, fingerprint: DEVICE.fingerprint })]);
      open(session, end);
    };
    expect((await instance.connect([DEVICE, MID])).verdict).toMatchObject({ refusal: { code: 'revocation.revoked' } });
    expect(instance.sessions.count()).toBe(0);
  });
});

describe('Trust that moves while a device connects (D-14)', () => {
  it('judges anew when an anchor is withdrawn between the judgement and the session', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    const open = instance.sessions.open.bind(instance.sessions);
    instance.sessions.open = (session, end) => {
      // The withdrawal was acknowledged, and found no session to end.
      void instance.anchors.change(aTenantId(), ROOT.fingerprint, { status: 'disabled' });
      open(session, end);
    };
    const { verdict } = await instance.connect([DEVICE, MID]);
    expect(verdict).toMatchObject({ refusal: { code: 'tenant.anchor-disabled', depth: 2 } });
    expect(instance.sessions.count()).toBe(0);
  });

  /** Whoever looks for the device sees what was before the note. Says how often one connection was judged. */
  const judgedWhile = async (...notes: readonly (ChangeNote | undefined)[]) => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    const find = instance.devices.find.bind(instance.devices);
    let judged = 0;
    instance.devices.find = async (tenant, id) => {
      const note = notes[judged++];
      if (note) await instance.feed.note(note);
      return find(tenant, id);
    };
    const { verdict } = await instance.connect([DEVICE, MID]);
    return { verdict, judged, instance };
  };
  const MAIN = aTenantId();
  const revoked = (overrides: Parameters<typeof aRevocation>[0]) => revocationNote(MAIN, [aRevocation(overrides)]);

  it.each<[string, ChangeNote]>([
    ['another device is blocked', { tenant: MAIN, kind: 'device', subject: 'press-8' }],
    ['a device of that name of another tenant is blocked', { tenant: OTHER, kind: 'device', subject: 'press-7' }],
    ['another certificate is revoked', revoked({ serialNumber: '0badcafe', issuer: '', fingerprint: '' })],
    ['another CA of the tenant changes', { tenant: MAIN, kind: 'anchor', subject: 'f'.repeat(40) }],
    ['another tenant changes its copy of the CA', { tenant: OTHER, kind: 'anchor', subject: ROOT.fingerprint }],
    ['another tenant is suspended', { tenant: OTHER, kind: 'tenant', subject: '' }],
    ['another tenant changes an option', { tenant: OTHER, kind: 'option', subject: 'fleetgate/check.crl' }],
    ['another tenant gets a list', { tenant: OTHER, kind: 'list', subject: '' }],
    ['signing keys change', { tenant: MAIN, kind: 'keys', subject: 'k2' }],
  ])('lets in by one judgement where nothing of this device changed, however often that happens: %s', async (_what, note) => {
    const { verdict, judged, instance } = await judgedWhile(note, note, note);
    expect(granted(verdict)).toMatchObject({ registered: true });
    expect([judged, instance.sessions.count()]).toEqual([1, 1]);
  });

  it.each<[string, ChangeNote]>([
    ['its CA changes', { tenant: MAIN, kind: 'anchor', subject: ROOT.fingerprint }],
    ['the device changes', { tenant: MAIN, kind: 'device', subject: 'press-7' }],
    ['its certificate is revoked by its serial number', revoked({ serialNumber: DEVICE.serialNumber, issuer: '', fingerprint: '' })],
    ['the certificate of its issuer is revoked by its fingerprint', revoked({ serialNumber: '', issuer: '', fingerprint: MID.fingerprint })],
    ['several certificates are revoked', { tenant: MAIN, kind: 'revocation', subject: '' }],
    ['its tenant changes', { tenant: MAIN, kind: 'tenant', subject: '' }],
    ['its tenant changes an option', { tenant: MAIN, kind: 'option', subject: 'fleetgate/check.crl' }],
    ['its tenant gets a list', { tenant: MAIN, kind: 'list', subject: '' }],
    ['something changes that a newer program knows', { tenant: OTHER, kind: 'weather' as never, subject: '' }],
  ])('judges anew where it may concern this device, among others that do not: %s', async (_what, note) => {
    const { verdict, judged } = await judgedWhile(note);
    expect(granted(verdict)).toMatchObject({ registered: true, session: { device: 'press-7' } });
    expect(judged).toBe(2);
    expect((await judgedWhile(note, note, note)).verdict).toMatchObject({ refusal: { code: 'registration.trust-in-motion' } });
  });

  it.each<[string, (feed: Feed) => Feed['after']]>([
    ['forgotten', () => async () => 'forgotten'],
    ['not all there', (feed) => async (seq, limit) => ((await feed.after(seq, limit)) as readonly Change[]).slice(0, -1)],
  ])('judges anew where what changed is %s', async (_what, after) => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    instance.feed.after = after({ after: instance.feed.after.bind(instance.feed) });
    const harmless: ChangeNote = { tenant: MAIN, kind: 'device', subject: 'press-8' };
    const open = instance.sessions.open.bind(instance.sessions);
    instance.sessions.open = (session, end) => {
      void instance.feed.note(harmless);
      void instance.feed.note(harmless);
      open(session, end);
    };
    expect((await instance.connect([DEVICE, MID])).verdict).toMatchObject({ refusal: { code: 'registration.trust-in-motion' } });
    expect(instance.sessions.count()).toBe(0);
  });

  it('gives up with a word to try again when trust never stands still', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    let moves = 0;
    instance.epoch.current = async () => ++moves;
    const { verdict } = await instance.connect([DEVICE, MID]);
    expect(verdict).toMatchObject({ refusal: { code: 'registration.trust-in-motion' } });
    expect(moves).toBe(6);
    expect(instance.sessions.count()).toBe(0);
  });

  it('leaves no session on the board when the store fails between the session and the answer', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    let asked = 0;
    instance.epoch.current = async () => (++asked === 1 ? 1 : Promise.reject(new Error('out of order')));
    await expect(instance.connect([DEVICE, MID])).rejects.toThrow('out of order');
    expect(asked).toBe(2);
    expect(instance.sessions.count()).toBe(0);
  });

  it('closes the session when the connection is gone, twice without harm', async () => {
    const instance = await anInstance();
    await instance.trusting(ROOT);
    const { session } = granted((await instance.connect([DEVICE, MID])).verdict);
    instance.gate.disconnect(session);
    instance.gate.disconnect(session);
    expect(instance.sessions.count()).toBe(0);
  });
});
