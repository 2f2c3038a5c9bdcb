import { describe, expect, it } from '@jest/globals';
import type { Refusal } from '../../../src/domain/refusal.ts';
import { MOST_REVOKED } from '../../../src/domain/usecases/manage-revocations.ts';
import { MOST_AT_ONCE } from '../../../src/ports/driven/revocation-store.ts';
import type { ListToSign } from '../../../src/ports/driven/revocation-list-signer.ts';
import type { CertificateChoice, RevocationWish } from '../../../src/ports/driving/revocation-desk.ts';
import { aDeviceId, after, aRevocation, aTenantId, DAY, SECOND } from '../../support/certificate-builders.ts';
import { anInstance, ca, granted, leaf } from '../../support/an-instance.ts';
import { keyBegin } from '../../support/key-armour.ts';

const MAIN = aTenantId();
const OTHER = aTenantId('other');
const BY = 'main/ann';
const ROOT = ca('Root', 'Root', { notAfter: after(365 * DAY) });
const NEXT = leaf('press-8', 'Root', { notAfter: after(365 * DAY) });
/** In these tests serial numbers name keys, so that one that is a number needs a key of that name. */
const KEYED = ca('Keyed', 'Keyed', { serialNumber: 'by:Keyed', notAfter: after(365 * DAY) });
const DEVICE = leaf('press-7', 'Root', { notAfter: after(365 * DAY) });
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function aConnectedDevice() {
  const instance = await anInstance();
  await instance.trusting(ROOT);
  const device = await instance.connect([DEVICE]);
  const next = await instance.connect([NEXT]);
  granted(device.verdict);
  await settled();
  instance.events.length = 0;
  return { instance, desk: instance.revocationDesk, device, next };
}

const said = async (instance: Awaited<ReturnType<typeof anInstance>>, tenant = MAIN) =>
  (await instance.revocations.listOf(tenant, ['manual', 'hold'], { number: 1, size: 100 })).items;

describe('A certificate that an operator revokes', () => {
  it.each<[string, CertificateChoice]>([
    ['its SHA-1 fingerprint', { fingerprint: DEVICE.fingerprint.toUpperCase().match(/../g)!.join(':') }],
    ['its SHA-256 fingerprint', { fingerprint: DEVICE.thumbprint }],
    ['itself', { certificate: new TextDecoder().decode(DEVICE.der) }],
  ])('X29 by %s: its session ends, its token is dead, and it is refused from then on', async (_way, choice) => {
    const { instance, desk, device, next } = await aConnectedDevice();
    const session = granted(device.verdict).session;
    const jwt = granted(await instance.tokens.issue(session));
    instance.events.length = 0;
    const revoked = granted(await desk.revoke(MAIN, { ...choice, reason: 'keyCompromise', note: 'stolen' }, BY));
    const { serialNumber, issuer, fingerprint } = DEVICE;
    const revocation = aRevocation({ serialNumber, issuer: issuer.key, fingerprint, reason: 'keyCompromise', by: BY, note: 'stolen' });
    expect(revoked).toMatchObject({ revocation, isNew: true });
    expect(device.ended).toEqual(['certificate-revoked']);
    expect(await instance.tokens.recognise(jwt)).toMatchObject({ refusal: { code: 'token.certificate-revoked' } });
    expect((await instance.connect([DEVICE])).verdict).toMatchObject({ refusal: { code: 'revocation.revoked', depth: 0, evidence: { reason: 'keyCompromise' } } });
    expect(instance.events[0]).toEqual({
      what: 'certificate.revoked', tenant: 'main', by: BY, reason: 'keyCompromise', sessionsEnded: revoked.sessionsEnded,
      subject: `by:Root of one issuer (fingerprint ${fingerprint})`,
    });
    // In these tests all certificates of one issuer have one serial number: it was this one's session, and its neighbour's.
    expect([revoked.sessionsEnded, next.ended]).toEqual([2, ['certificate-revoked']]);
  });

  it('is named by its bytes alone where nobody has seen it', async () => {
    const { instance, desk, device } = await aConnectedDevice();
    const stranger = leaf('press-9', 'Root');
    const connected = await instance.connect([stranger]);
    await settled();
    await instance.certificates.forget(MAIN, aDeviceId('press-9'));
    expect(granted(await desk.revoke(MAIN, { fingerprint: stranger.fingerprint }, BY)).sessionsEnded).toBe(1);
    expect(connected.ended).toEqual(['certificate-revoked']);
    expect(await said(instance)).toEqual([aRevocation({ serialNumber: '', fingerprint: stranger.fingerprint, by: BY })]);
    expect((await instance.connect([stranger])).verdict).toMatchObject({ refusal: { code: 'revocation.revoked' } });
    expect(device.ended).toEqual([]);
    expect(await desk.revoke(MAIN, { fingerprint: stranger.thumbprint }, BY)).toMatchObject({ refusal: { code: 'revocation.unknown-certificate' } });
  });

  it('is named by its bytes alone where it was seen before issuers were remembered, for its number might be another’s too', async () => {
    const { instance, desk } = await aConnectedDevice();
    const { fingerprint, thumbprint, serialNumber, notBefore, notAfter } = leaf('press-9', 'Root');
    for (const known of [{ fingerprint }, { fingerprint: '' as const }]) {
      await instance.seen.remember({ tenant: MAIN, device: aDeviceId('press-9'), thumbprint, serialNumber, notBefore, notAfter, issuer: '', lastSeen: after(1), ...known });
      expect(granted(await desk.hold(MAIN, { fingerprint }, BY)).revocation).toMatchObject({ serialNumber: '', issuer: '', fingerprint });
    }
  });

  it('is one that the tenant trusts at another place, named by its fingerprint', async () => {
    const { instance, desk } = await aConnectedDevice();
    await instance.trusting(KEYED);
    granted(await desk.revoke(MAIN, { fingerprint: KEYED.fingerprint }, BY));
    expect(await said(instance)).toEqual([expect.objectContaining({ serialNumber: 'by:Keyed', issuer: KEYED.issuer.key, fingerprint: KEYED.fingerprint })]);
  });

  it('is named by a serial number of any issuer, or of one that the tenant trusts', async () => {
    const { instance, desk } = await aConnectedDevice();
    granted(await desk.revoke(MAIN, { serialNumber: '00:A1' }, BY));
    granted(await desk.revoke(MAIN, { serialNumber: '0xA1', issuer: ROOT.fingerprint }, BY));
    const names = (await said(instance)).map(({ serialNumber, issuer, fingerprint }) => [serialNumber, issuer, fingerprint]);
    expect(names).toEqual([['a1', '', ''], ['a1', ROOT.subject.key, '']]);
  });

  it('is revoked once: what was said first stays, and a session that was left is ended', async () => {
    const { instance, desk, next } = await aConnectedDevice();
    const { fingerprint } = DEVICE;
    granted(await desk.revoke(MAIN, { fingerprint, reason: 'keyCompromise', since: after(-DAY) }, BY));
    instance.events.length = 0;
    const again = granted(await desk.revoke(MAIN, { fingerprint, reason: 'superseded' }, 'main/bob'));
    expect(again).toMatchObject({ isNew: false, sessionsEnded: 0, revocation: { reason: 'keyCompromise', since: after(-DAY), by: BY } });
    expect(instance.events).toEqual([]);
    instance.sessions.open(granted(next.verdict).session, () => undefined);
    expect(granted(await desk.revoke(MAIN, { fingerprint }, BY))).toMatchObject({ isNew: false, sessionsEnded: 1 });
    expect(instance.events).toMatchObject([{ what: 'certificate.revoked', sessionsEnded: 1 }]);
  });

  it.each([
    ['none', undefined, 0],
    ['in the past', after(-SECOND), -SECOND],
    ['now', after(0), 0],
    ['in the future', after(1), 0],
  ])('has been since then, or since now: a moment that is %s', async (_when, since, offset) => {
    const { desk } = await aConnectedDevice();
    const { revocation } = granted(await desk.revoke(MAIN, { serialNumber: '01', ...(since && { since }) }, BY));
    expect(revocation.since).toEqual(after(offset));
  });

  it('T12 ends nothing of another tenant, not even by the fingerprint of what that tenant has', async () => {
    const { instance, desk, device } = await aConnectedDevice();
    for (const wish of [{ fingerprint: DEVICE.fingerprint }, { certificate: new TextDecoder().decode(DEVICE.der) }, { serialNumber: '01' }]) {
      expect(granted(await desk.revoke(OTHER, wish, 'other/eve'))).toMatchObject({ isNew: true, sessionsEnded: 0 });
      granted(await desk.hold(OTHER, wish, 'other/eve'));
    }
    granted(await desk.revokeAll(OTHER, [{ serialNumber: '01' }], 'other/eve'));
    expect(await desk.revoke(OTHER, { fingerprint: DEVICE.thumbprint }, 'other/eve')).toMatchObject({ refusal: { code: 'revocation.unknown-certificate' } });
    expect(await desk.revoke(OTHER, { serialNumber: '01', issuer: ROOT.fingerprint }, 'other/eve')).toMatchObject({ refusal: { code: 'revocation.unknown-issuer' } });
    expect([device.ended, await said(instance), instance.sessions.count()]).toEqual([[], [], 2]);
    granted((await instance.connect([DEVICE])).verdict);
  });
});

describe('What an operator says is refused, and nothing is stored', () => {
  const { fingerprint } = DEVICE;
  it.each<[string, RevocationWish, string, Partial<Refusal>?]>([
    ['nothing', {}, 'revocation.nothing-named'],
    ['two names', { serialNumber: '01', fingerprint }, 'revocation.nothing-named'],
    ['an issuer beside a fingerprint', { fingerprint, issuer: ROOT.fingerprint }, 'revocation.nothing-named'],
    ['an issuer alone', { issuer: ROOT.fingerprint }, 'revocation.nothing-named'],
    ['no serial number', { serialNumber: 'press-7' }, 'revocation.malformed-serial-number', { evidence: { given: 'press-7' } }],
    ['a key in the wrong member', { serialNumber: `${keyBegin()}\nMIIB` }, 'revocation.malformed-serial-number', { evidence: { given: '32 characters' } }],
    ['no fingerprint', { fingerprint: 'ab' }, 'revocation.malformed-fingerprint'],
    ['an issuer that the tenant does not trust', { serialNumber: '01', issuer: NEXT.fingerprint }, 'revocation.unknown-issuer', { evidence: { issuer: NEXT.fingerprint } }],
    ['an issuer that is no fingerprint', { serialNumber: '01', issuer: 'CN=Root' }, 'revocation.unknown-issuer'],
    ['a certificate that is none', { certificate: 'junk' }, 'chain.not-der'],
    ['several certificates', { certificate: 'a\nb' }, 'revocation.nothing-named', { evidence: { certificates: 2 } }],
    ['a reason of nobody', { serialNumber: '01', reason: 'stolen' }, 'revocation.unknown-reason'],
    ['a reason that every object has', { serialNumber: '01', reason: 'toString' }, 'revocation.unknown-reason'],
    ['a hold for good', { serialNumber: '01', reason: 'certificateHold' }, 'revocation.unknown-reason'],
    ['a note of two lines', { serialNumber: '01', note: 'a\nb' }, 'revocation.unusable-note'],
  ])('%s', async (_what, wish, code, more = {}) => {
    const { instance, desk } = await aConnectedDevice();
    expect(await desk.revoke(MAIN, wish, BY)).toMatchObject({ granted: false, refusal: { code, ...more } });
    expect([await said(instance), instance.events, instance.sessions.count()]).toEqual([[], [], 2]);
  });

  it('a hold for a reason of its own', async () => {
    const { instance, desk } = await aConnectedDevice();
    expect(await desk.hold(MAIN, { serialNumber: '01', reason: 'keyCompromise' }, BY)).toMatchObject({ refusal: { code: 'revocation.unknown-reason' } });
    expect(await said(instance)).toEqual([]);
  });

  it('more than fits into a list', async () => {
    const { instance, desk } = await aConnectedDevice();
    instance.revocations.countOf = async () => MOST_REVOKED - 1;
    expect(await desk.revokeAll(MAIN, [{ serialNumber: '01' }, { serialNumber: '02' }], BY)).toMatchObject({ refusal: { code: 'revocation.too-many', evidence: { most: MOST_REVOKED } } });
    granted(await desk.revoke(MAIN, { serialNumber: '01' }, BY));
    instance.revocations.countOf = async () => MOST_REVOKED;
    expect(await desk.hold(MAIN, { serialNumber: '02' }, BY)).toMatchObject({ refusal: { code: 'revocation.too-many' } });
  });

  it('what another process left no room for after it was looked', async () => {
    const { instance, desk } = await aConnectedDevice();
    const asked: unknown[] = [];
    instance.revocations.addWithin = async (most) => (asked.push(most), 'too-many');
    const refused = { granted: false, refusal: { code: 'revocation.too-many', evidence: { most: MOST_REVOKED } } };
    expect(await desk.revoke(MAIN, { fingerprint: DEVICE.fingerprint }, BY)).toMatchObject(refused);
    expect(await desk.revokeAll(MAIN, [{ serialNumber: '01' }], BY)).toMatchObject(refused);
    expect([asked, instance.events, instance.sessions.count()]).toEqual([[MOST_REVOKED, MOST_REVOKED], [], 2]);
  });
});

describe('A hold', () => {
  it('ends the session, kills the token and refuses, and its release lets in again', async () => {
    const { instance, desk, device } = await aConnectedDevice();
    const jwt = granted(await instance.tokens.issue(granted(device.verdict).session));
    expect(granted(await desk.hold(MAIN, { fingerprint: DEVICE.fingerprint }, BY))).toMatchObject({ isNew: true, revocation: { source: 'hold', reason: 'certificateHold' } });
    expect(device.ended).toEqual(['certificate-revoked']);
    expect((await instance.tokens.recognise(jwt)).granted).toBe(false);
    expect((await instance.connect([DEVICE])).verdict).toMatchObject({ refusal: { code: 'revocation.on-hold', depth: 0 } });
    expect(granted(await desk.release(MAIN, { certificate: new TextDecoder().decode(DEVICE.der) }, BY))).toMatchObject({ released: [{ source: 'hold', fingerprint: DEVICE.fingerprint }], isStillRevoked: false });
    expect((await instance.tokens.recognise(jwt)).granted).toBe(true);
    granted((await instance.connect([DEVICE])).verdict);
    expect(instance.events.map(({ what }) => what)).toEqual(['token.issued', 'certificate.held', 'device.refused', 'certificate.released', 'device.admitted']);
  });

  it('of a serial number of any issuer is released by every name that it means', async () => {
    for (const choice of [{ serialNumber: 'a1' }, { serialNumber: 'a1', issuer: ROOT.fingerprint }]) {
      const { instance, desk } = await aConnectedDevice();
      granted(await desk.hold(MAIN, { serialNumber: 'a1' }, BY));
      granted(await desk.hold(MAIN, { serialNumber: 'a1', issuer: ROOT.fingerprint }, BY));
      granted(await desk.hold(MAIN, { serialNumber: 'a2' }, BY));
      expect(granted(await desk.release(MAIN, choice, BY)).released).toHaveLength(2);
      expect(await said(instance)).toMatchObject([{ serialNumber: 'a2' }]);
    }
  });

  it('tells when something else still stands in the way, and that what is for good cannot be released', async () => {
    const { instance, desk } = await aConnectedDevice();
    granted(await desk.hold(MAIN, { fingerprint: DEVICE.fingerprint }, BY));
    granted(await desk.revoke(MAIN, { fingerprint: DEVICE.fingerprint }, BY));
    expect(granted(await desk.release(MAIN, { fingerprint: DEVICE.fingerprint }, BY))).toMatchObject({ released: [{ source: 'hold' }], isStillRevoked: true });
    expect((await instance.connect([DEVICE])).verdict).toMatchObject({ refusal: { code: 'revocation.revoked' } });
    expect(await desk.release(MAIN, { fingerprint: DEVICE.fingerprint }, BY)).toMatchObject({ refusal: { code: 'revocation.for-good' } });
    expect(await said(instance)).toMatchObject([{ source: 'manual' }]);
  });

  it('that is none, or another tenant’s, is not released (T12)', async () => {
    const { instance, desk } = await aConnectedDevice();
    granted(await desk.hold(OTHER, { serialNumber: '01' }, 'other/eve'));
    expect(await desk.release(MAIN, { serialNumber: '01' }, BY)).toEqual({ granted: false, refusal: { code: 'revocation.not-on-hold', evidence: { certificate: '01' } } });
    expect(await desk.release(MAIN, { serialNumber: 'x' }, BY)).toMatchObject({ refusal: { code: 'revocation.malformed-serial-number' } });
    expect(await said(instance, OTHER)).toHaveLength(1);
  });
});

describe('Many serial numbers at once', () => {
  it('are revoked for any issuer, and one line of the audit says so', async () => {
    const { instance, desk } = await aConnectedDevice();
    const serials = Array.from({ length: 7 }, (_, n) => ({ serialNumber: `a${n}`, ...(n === 3 && { since: after(-DAY) }) }));
    expect(granted(await desk.revokeAll(MAIN, serials, BY))).toEqual({ added: 7, sessionsEnded: 0 });
    expect(await said(instance)).toHaveLength(7);
    expect(await said(instance)).toContainEqual(aRevocation({ serialNumber: 'a3', since: after(-DAY), by: BY }));
    expect(instance.events).toEqual([{ what: 'certificate.revoked', tenant: 'main', by: BY, sessionsEnded: 0, subject: '7 certificates: a0, a1, a2, a3, a4, …' }]);
    expect(granted(await desk.revokeAll(MAIN, serials, BY))).toEqual({ added: 0, sessionsEnded: 0 });
    expect(instance.events).toHaveLength(1);
  });

  it('all or none: one that is none spoils them, and is named', async () => {
    const { instance, desk } = await aConnectedDevice();
    expect(await desk.revokeAll(MAIN, [{ serialNumber: '01' }, { serialNumber: 'zz' }], BY)).toMatchObject({ refusal: { code: 'revocation.malformed-serial-number', evidence: { entry: 2 } } });
    expect(await said(instance)).toEqual([]);
  });

  it('5,000 of them, and not one more', async () => {
    const { instance, desk } = await aConnectedDevice();
    const serials = Array.from({ length: MOST_AT_ONCE + 1 }, (_, n) => ({ serialNumber: (n + 1).toString(16) }));
    expect(await desk.revokeAll(MAIN, serials, BY)).toMatchObject({ refusal: { code: 'revocation.too-many', evidence: { entries: 5001 } } });
    expect(await said(instance)).toEqual([]);
    expect(granted(await desk.revokeAll(MAIN, serials.slice(1), BY)).added).toBe(5000);
  });
});

describe('The audit of revocations', () => {
  it('has each in the write that makes it: who, what, why, and what a release takes back', async () => {
    const { revocationDesk: desk, trail } = await anInstance();
    const serial = (serialNumber: string) => ({ serialNumber });
    for (const done of [
      await desk.revoke(aTenantId(), { ...serial('0a'), reason: 'keyCompromise', note: 'stolen' }, 'main/ada'),
      await desk.hold(aTenantId(), serial('0b'), 'main/ada'),
      await desk.release(aTenantId(), serial('0b'), 'main/bob'),
      await desk.revokeAll(aTenantId(), [serial('0c'), serial('0d')], 'main/ada'),
    ]) granted<unknown>(done);
    const rows = await trail.list(aTenantId(), {}, 9);
    expect(rows.map(({ what, by }) => [what, by])).toEqual([['certificate.revoked', 'main/ada'], ['certificate.released', 'main/bob'], ['certificate.held', 'main/ada'], ['certificate.revoked', 'main/ada']]);
    expect([rows[0]!.after, rows[1]!.before, rows[3]!.after]).toEqual([
      JSON.stringify({ serialNumbers: ['0c', '0d'] }),
      expect.stringContaining('"reason":"certificateHold"'),
      expect.stringMatching(/"reason":"keyCompromise".*"note":"stolen"/),
    ]);
  });
});

describe('The list of what was revoked', () => {
  const read = (der: Uint8Array) => JSON.parse(new TextDecoder().decode(der)) as ListToSign;

  it('has each serial number once, what is for good before a hold, and no fingerprints', async () => {
    const { instance, desk } = await aConnectedDevice();
    await instance.revocations.add([
      aRevocation({ serialNumber: '0b', source: 'hold', reason: 'certificateHold', since: after(-9) }),
      aRevocation({ serialNumber: '0b', issuer: ROOT.subject.key, reason: 'superseded' }),
      aRevocation({ serialNumber: '0c', source: 'hold', reason: 'certificateHold' }),
      aRevocation({ serialNumber: '', fingerprint: DEVICE.fingerprint }),
      aRevocation({ serialNumber: '0a', tenant: OTHER }),
      aRevocation({ serialNumber: 'ff', source: 'crl:1' }),
    ]);
    expect(read(await desk.signedList(MAIN))).toEqual({
      tenant: 'main', number: after(0).getTime(), thisUpdate: after(0).toISOString(), nextUpdate: after(DAY).toISOString(),
      entries: [{ serialNumber: '0b', since: after(0).toISOString(), reason: 'superseded' }, { serialNumber: '0c', since: after(0).toISOString(), reason: 'certificateHold' }],
    });
    expect(new TextDecoder().decode(await desk.listSigner(MAIN))).toBe('signer of main');
  });

  it('is complete however long it is', async () => {
    const { desk } = await aConnectedDevice();
    const serials = Array.from({ length: 1_001 }, (_, n) => ({ serialNumber: (n + 1).toString(16) }));
    granted(await desk.revokeAll(MAIN, serials, BY));
    expect(read(await desk.signedList(MAIN)).entries).toHaveLength(1_001);
  });

  it('is the same for an hour while nothing changes, and its number grows with each new one, whatever the clock does', async () => {
    const { instance, desk } = await aConnectedDevice();
    const first = await desk.signedList(MAIN);
    instance.clock.advance(3_599 * SECOND);
    expect(await desk.signedList(MAIN)).toBe(first);
    const numbers = [read(first).number];
    const turns = [
      async () => instance.clock.advance(SECOND),
      () => desk.revoke(MAIN, { serialNumber: '01' }, BY),
      () => desk.hold(MAIN, { serialNumber: '02' }, BY),
      () => desk.release(MAIN, { serialNumber: '02' }, BY),
      async () => instance.clock.set(after(-DAY)),
    ];
    for (const turn of turns) {
      await turn();
      numbers.push(read(await desk.signedList(MAIN)).number);
    }
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(numbers).toHaveLength(6);
  });

  it('is tried anew after it failed', async () => {
    const { instance, desk } = await aConnectedDevice();
    const walk = instance.revocations.walk.bind(instance.revocations);
    instance.revocations.walk = () => Promise.reject(new Error('out of order'));
    await expect(desk.signedList(MAIN)).rejects.toThrow('out of order');
    instance.revocations.walk = walk;
    expect(read(await desk.signedList(MAIN)).entries).toEqual([]);
  });
});
