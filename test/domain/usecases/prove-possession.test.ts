import { describe, expect, it } from '@jest/globals';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import { aFingerprint, after, aTenantId, DAY } from '../../support/certificate-builders.ts';
import { anInstance, ca, granted, leaf } from '../../support/an-instance.ts';

const MAIN = aTenantId();
const OTHER = aTenantId('other');
const ROOT = ca('Root');
const MID = ca('Mid', 'Root');
const DEVICE = leaf('press-7', 'Mid');

type Instance = Awaited<ReturnType<typeof anInstance>>;
const upload = async ({ trust, known }: Instance, certificate: Certificate, tenant = MAIN) => {
  known(certificate);
  return granted(await trust.add(tenant, { certificate: certificate.der, name: '', status: 'enabled', autoRegistration: true }, 'admin'));
};
const prove = async ({ possession, anchors }: Instance, { fingerprint }: Certificate, { tenant = MAIN, key = 'Root', text }: { tenant?: typeof MAIN; key?: string; text?: string } = {}) => {
  const code = text ?? (await anchors.find(tenant, fingerprint))?.possessionCode?.text;
  return possession.prove(tenant, fingerprint, new TextEncoder().encode(`${key} signed ${code}`), 'admin');
};

describe('Possession of a CA’s key', () => {
  it('is proven by signing the code that came with the upload, in one move of the epoch', async () => {
    const instance = await anInstance();
    const { possessionCode } = await upload(instance, ROOT);
    expect(possessionCode).toEqual({ text: expect.stringMatching(/^[A-Za-z0-9]{160}$/), usableUntil: after(7 * DAY) });
    const before = await instance.epoch.current();
    const proven = granted(await prove(instance, ROOT));
    expect([proven.possessionProven, proven.possessionCode, await instance.epoch.current()]).toEqual([true, possessionCode, before + 1]);
    expect(instance.events.at(-1)).toEqual({ what: 'possession.proven', tenant: 'main', by: 'admin', subject: ROOT.fingerprint });
  });

  it('is proven by a new code after it was asked for, and by the former one no more', async () => {
    const instance = await anInstance();
    const { possessionCode: former } = await upload(instance, ROOT);
    instance.clock.advance(8 * DAY);
    expect(await prove(instance, ROOT)).toMatchObject({ refusal: { code: 'anchor.possession-code-expired' } });
    const renewed = granted(await instance.possession.renewCode(MAIN, ROOT.fingerprint, 'admin'));
    expect([renewed.possessionCode!.text === former!.text, renewed.possessionCode!.usableUntil]).toEqual([false, after(15 * DAY)]);
    expect(await prove(instance, ROOT, { text: former!.text })).toMatchObject({ refusal: { code: 'anchor.possession-not-proven' } });
    expect((await prove(instance, ROOT)).granted).toBe(true);
    expect(instance.events.map(({ what }) => what)).toEqual(['anchor.added', 'possession.refused', 'possession.code-issued', 'possession.refused', 'possession.proven']);
  });

  it('is not proven by another key, by another tenant’s code, or by nothing that is a signature', async () => {
    const instance = await anInstance({ sharing: true });
    await upload(instance, ROOT);
    const theirs = await upload(instance, ROOT, OTHER);
    const before = await instance.epoch.current();
    expect(await prove(instance, ROOT, { key: 'Mid' })).toMatchObject({ refusal: { code: 'anchor.possession-not-proven' } });
    expect(await prove(instance, ROOT, { text: theirs.possessionCode!.text })).toMatchObject({ refusal: { code: 'anchor.possession-not-proven' } });
    expect(await instance.possession.prove(MAIN, ROOT.fingerprint, undefined, 'admin')).toMatchObject({ refusal: { code: 'anchor.possession-unreadable' } });
    expect([await instance.anchors.find(MAIN, ROOT.fingerprint).then((it) => it?.possessionProven), await instance.epoch.current()]).toEqual([false, before]);
  });

  it('is not a question about a certificate that the tenant does not trust', async () => {
    const instance = await anInstance();
    await upload(instance, ROOT);
    const unknown = aFingerprint('unknown');
    for (const ask of [
      () => instance.possession.prove(MAIN, unknown, new Uint8Array(1), 'admin'),
      () => instance.possession.prove(OTHER, ROOT.fingerprint, new Uint8Array(1), 'admin'),
      () => instance.possession.renewCode(OTHER, ROOT.fingerprint, 'admin'),
      () => instance.possession.confirm(OTHER, ROOT.fingerprint, 'admin'),
    ]) expect(await ask()).toMatchObject({ refusal: { code: 'anchor.unknown' } });
  });
});

describe('What a proof does', () => {
  it.each<[how: string, make: (instance: Instance) => Promise<unknown>]>([
    ['proven', (instance) => prove(instance, MID, { tenant: OTHER, key: 'Mid' })],
    ['confirmed by the operator', ({ possession }) => possession.confirm(OTHER, MID.fingerprint, 'management/admin')],
  ])('an upload that touches another tenant’s trust lets devices in once possession is %s (D-6)', async (_how, make) => {
    const instance = await anInstance();
    await upload(instance, ROOT);
    expect((await upload(instance, MID, OTHER)).inert).toBe(true);
    const tenantOf = async () => granted((await instance.connect([DEVICE, MID])).verdict).session.tenant;
    expect(await tenantOf()).toBe(MAIN);
    await make(instance);
    expect(await instance.anchors.find(OTHER, MID.fingerprint)).toMatchObject({ inert: false, possessionProven: true });
    expect(await tenantOf()).toBe(OTHER);
  });

  it('of a CA that two tenants share: none proven refuses, one proven is the one, both proven refuses again (D-5)', async () => {
    const instance = await anInstance({ sharing: true });
    await upload(instance, MID);
    await upload(instance, MID, OTHER);
    const verdict = async () => {
      const { verdict: it } = await instance.connect([DEVICE]);
      return it.granted ? it.value.session.tenant : it.refusal.code;
    };
    expect(await verdict()).toBe('tenant.ambiguous');
    await prove(instance, MID, { tenant: OTHER, key: 'Mid' });
    expect(await verdict()).toBe(OTHER);
    await prove(instance, MID, { key: 'Mid' });
    expect(await verdict()).toBe('tenant.ambiguous');
    await instance.anchors.change(OTHER, MID.fingerprint, { status: 'disabled' });
    expect(await verdict()).toBe(MAIN);
  });
});
