import { describe, expect, it } from '@jest/globals';
import { aTenantId, after, DAY, SECOND } from '../../support/certificate-builders.ts';
import { anInstance, ca, granted, leaf } from '../../support/an-instance.ts';
import type { Certificate, Fingerprint } from '../../../src/domain/certificates/certificate.ts';
import type { AnchorUpload } from '../../../src/ports/driving/trust-desk.ts';

const MAIN = aTenantId();
const OTHER = aTenantId('other');
const ROOT = ca('Root');
const MID = ca('Mid', 'Root');
const text = ({ der }: Certificate) => new TextDecoder().decode(der);
const upload = (...certificates: Certificate[]): AnchorUpload => ({ certificate: certificates.map(text).join('\n'), name: 'Plant', status: 'enabled', autoRegistration: false });

async function withKnown(sharing = false) {
  const instance = await anInstance({ sharing });
  instance.known(ROOT, MID);
  return instance;
}

describe('An upload to the trust store', () => {
  it('is in force when the promise resolves, and written down', async () => {
    const instance = await withKnown();
    const anchor = granted(await instance.trust.add(MAIN, { ...upload(ROOT), autoRegistration: true }, 'admin'));
    expect(anchor).toMatchObject({ tenant: 'main', certificate: ROOT, name: 'Plant', status: 'enabled', autoRegistration: true, inert: false, possessionProven: false });
    expect(granted((await instance.connect([leaf('press-7', 'Mid'), MID])).verdict).registered).toBe(true);
    expect(instance.events[0]).toEqual({ what: 'anchor.added', tenant: 'main', by: 'admin', subject: ROOT.fingerprint });
  });

  it('X31 takes the first certificate of several where each issued the one before', async () => {
    const instance = await withKnown();
    expect(granted(await instance.trust.add(MAIN, upload(MID, ROOT), 'admin')).certificate).toBe(MID);
  });

  const expired = ca('Old', 'Old', { notBefore: after(-DAY), notAfter: after(-SECOND) });
  const impostor = ca('Root', 'Root', { serialNumber: 'by:thief', publicKey: ca('thief').publicKey });
  it.each([
    ['X31 several that are no chain', upload(ROOT, MID), 'anchor.not-a-chain', { position: 1 }],
    ['X31 several whose names chain but not their signatures', upload(MID, impostor), 'anchor.not-a-chain', { position: 1 }],
    ['X31 what is no certificate', { ...upload(), certificate: 'nonsense' }, 'anchor.unreadable', { reason: 'chain.not-der', position: 0, problem: 'unknown bytes' }],
    ['X31 a certificate that is no CA', upload(leaf('press-7', 'Root')), 'anchor.not-a-ca', {}],
    ['X06 an expired CA', upload(expired), 'anchor.outside-validity', expect.any(Object)],
    ['a name of 257 characters', { ...upload(ROOT), name: 'x'.repeat(257) }, 'anchor.name', { characters: 257 }],
  ])('%s is refused as %s', async (_why, wish, code, evidence) => {
    const instance = await withKnown();
    instance.known(expired, impostor, leaf('press-7', 'Root'));
    expect(await instance.trust.add(MAIN, wish as AnchorUpload, 'admin')).toEqual({ granted: false, refusal: { code, evidence } });
    expect((await instance.trust.list(MAIN, { number: 1, size: 9 })).total).toBe(0);
    expect(instance.events).toEqual([]);
  });

  it.each([
    ['X32 by the same tenant', MAIN],
    ['T01 by another tenant', OTHER],
  ])('is refused the second time: %s', async (_who, tenant) => {
    const instance = await withKnown();
    granted(await instance.trust.add(MAIN, upload(ROOT), 'admin'));
    expect(await instance.trust.add(tenant, upload(ROOT), 'admin')).toEqual({ granted: false, refusal: { code: 'anchor.already-trusted', evidence: { fingerprint: ROOT.fingerprint } } });
  });

  it('X32 makes one anchor of ten uploads at once', async () => {
    const instance = await withKnown();
    const all = await Promise.all(Array.from({ length: 10 }, (_, i) => instance.trust.add(i % 2 ? MAIN : OTHER, upload(ROOT), 'admin')));
    expect(all.filter(({ granted }) => granted)).toHaveLength(1);
  });

  it('may be made by two tenants where the operator has turned sharing on', async () => {
    const instance = await withKnown(true);
    granted(await instance.trust.add(MAIN, upload(ROOT), 'admin'));
    expect(granted(await instance.trust.add(OTHER, upload(ROOT), 'admin')).inert).toBe(false);
    expect(await instance.trust.add(OTHER, upload(ROOT), 'admin')).toMatchObject({ refusal: { code: 'anchor.already-trusted' } });
  });

  it.each([
    ['T02 that their CA issued', ROOT, MID, true],
    ['T02 that issued their CA', MID, ROOT, true],
    ['T03 of the same name and another key', ROOT, impostor, false],
  ])('of another tenant’s surroundings is inert: %s', async (_which, theirs, mine, inert) => {
    const instance = await withKnown();
    instance.known(impostor);
    granted(await instance.trust.add(OTHER, upload(theirs), 'admin'));
    expect(granted(await instance.trust.add(MAIN, upload(mine), 'admin')).inert).toBe(inert);
  });

  it('T02 leaves the devices of the tenant that was first where they are', async () => {
    const instance = await withKnown();
    granted(await instance.trust.add(MAIN, { ...upload(ROOT), autoRegistration: true }, 'admin'));
    granted(await instance.trust.add(OTHER, { ...upload(MID), autoRegistration: true }, 'admin'));
    expect(granted((await instance.connect([leaf('press-7', 'Mid'), MID])).verdict).session.tenant).toBe('main');
  });

  it('T02 two uploads at once that touch each other do not both count', async () => {
    const instance = await withKnown();
    const both = await Promise.all([instance.trust.add(MAIN, upload(ROOT), 'admin'), instance.trust.add(OTHER, upload(MID), 'admin')]);
    expect(both.map((decision) => granted(decision).inert).sort()).toEqual([false, true]);
  });

  it('is not inert for the tenant’s own intermediate', async () => {
    const instance = await withKnown();
    granted(await instance.trust.add(MAIN, upload(ROOT), 'admin'));
    expect(granted(await instance.trust.add(MAIN, upload(MID), 'admin')).inert).toBe(false);
  });

  it('is refused when it would be the ninth of one subject', async () => {
    const instance = await withKnown();
    const namesakes = Array.from({ length: 9 }, (_, i) => ca('Same', 'Same', { publicKey: ca(`k${i}`).publicKey, serialNumber: `by:k${i}` }));
    instance.known(...namesakes);
    const answers = [];
    for (const namesake of namesakes) answers.push(await instance.trust.add(MAIN, upload(namesake), 'admin'));
    expect(answers.slice(0, 8).every(({ granted }) => granted)).toBe(true);
    expect(answers[8]).toEqual({ granted: false, refusal: { code: 'anchor.too-many-of-one-name', evidence: { trusted: 8 } } });
  });

  it('gives up with a word to try again when trust never stands still', async () => {
    const instance = await withKnown();
    instance.epoch.current = async () => -1;
    expect(await instance.trust.add(MAIN, upload(ROOT), 'admin')).toMatchObject({ refusal: { code: 'registration.trust-in-motion' } });
  });
});

describe('T12 A change of trust acts at once on those it concerns, and on no others (D-14)', () => {
  async function twoConnected() {
    const instance = await withKnown();
    await instance.trusting(ROOT);
    const elsewhere = ca('Elsewhere');
    await instance.trusting(elsewhere, { tenant: OTHER });
    const mine = await instance.connect([leaf('press-7', 'Mid'), MID]);
    const theirs = await instance.connect([leaf('press-7', 'Elsewhere')]);
    return { instance, mine, theirs };
  }

  it.each<[string, (instance: Awaited<ReturnType<typeof withKnown>>) => Promise<unknown>, string[]]>([
    ['disabling', ({ trust }) => trust.change(MAIN, ROOT.fingerprint, { status: 'disabled' }, 'admin'), ['anchor-withdrawn']],
    ['removing', ({ trust }) => trust.remove(MAIN, ROOT.fingerprint, 'admin'), ['anchor-withdrawn']],
    ['renaming', ({ trust }) => trust.change(MAIN, ROOT.fingerprint, { name: 'x' }, 'admin'), []],
    ['switching automatic registration off', ({ trust }) => trust.change(MAIN, ROOT.fingerprint, { autoRegistration: false }, 'admin'), []],
  ])('%s', async (_what, change, ended) => {
    const { instance, mine, theirs } = await twoConnected();
    expect(await change(instance)).toMatchObject({ granted: true });
    expect([mine.ended, theirs.ended]).toEqual([ended, []]);
    expect(instance.events.at(-1)).toMatchObject({ tenant: 'main', by: 'admin', subject: ROOT.fingerprint, sessionsEnded: ended.length });
  });

  it('changes what is given and leaves the rest', async () => {
    const instance = await withKnown();
    granted(await instance.trust.add(MAIN, upload(ROOT), 'admin'));
    expect(granted(await instance.trust.change(MAIN, ROOT.fingerprint, { autoRegistration: true }, 'admin'))).toMatchObject({ name: 'Plant', status: 'enabled', autoRegistration: true });
    expect(granted(await instance.trust.find(MAIN, ROOT.fingerprint)).autoRegistration).toBe(true);
  });

  it('does not enable a CA that has expired meanwhile', async () => {
    const instance = await withKnown();
    await instance.trusting(ROOT, { status: 'disabled' });
    instance.clock.advance(SECOND);
    expect(await instance.trust.change(MAIN, ROOT.fingerprint, { status: 'enabled' }, 'admin')).toMatchObject({ refusal: { code: 'anchor.outside-validity' } });
    expect(granted(await instance.trust.find(MAIN, ROOT.fingerprint)).status).toBe('disabled');
  });

  it('still lets an expired CA be disabled and renamed', async () => {
    const instance = await withKnown();
    await instance.trusting(ROOT);
    instance.clock.advance(SECOND);
    expect(await instance.trust.change(MAIN, ROOT.fingerprint, { name: 'old', status: 'disabled' }, 'admin')).toMatchObject({ granted: true });
  });

  it('refuses a name that is none', async () => {
    const instance = await withKnown();
    await instance.trusting(ROOT);
    expect(await instance.trust.change(MAIN, ROOT.fingerprint, { name: 'a\nb' }, 'admin')).toMatchObject({ refusal: { code: 'anchor.name' } });
  });

  it.each<[string, (instance: Awaited<ReturnType<typeof withKnown>>, fingerprint: Fingerprint) => Promise<unknown>]>([
    ['find', ({ trust }, fingerprint) => trust.find(MAIN, fingerprint)],
    ['change', ({ trust }, fingerprint) => trust.change(MAIN, fingerprint, { name: 'x' }, 'admin')],
    ['remove', ({ trust }, fingerprint) => trust.remove(MAIN, fingerprint, 'admin')],
  ])('T09 does not %s what another tenant trusts', async (_what, ask) => {
    const instance = await withKnown();
    await instance.trusting(ROOT, { tenant: OTHER });
    expect(await ask(instance, ROOT.fingerprint)).toEqual({ granted: false, refusal: { code: 'anchor.unknown', evidence: { fingerprint: ROOT.fingerprint } } });
    expect(granted(await instance.trust.find(OTHER, ROOT.fingerprint)).name).toBe('Works CA');
  });
});
