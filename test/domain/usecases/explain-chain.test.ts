import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import { PATH_RULES } from '../../../src/domain/certificates/path-rules.ts';
import { sentenceOf } from '../../../src/domain/refusal.ts';
import { aKey, aSignature, after, DAY, NOW, SECOND } from '../../support/certificate-builders.ts';
import { anInstance, ca, leaf } from '../../support/an-instance.ts';

const ROOT = ca('Root');
const MID = ca('Mid', 'Root');
const DEVICE = leaf('press-7', 'Mid');

async function explaining(chain: readonly Certificate[], anchors: readonly Certificate[], clientId?: string) {
  const instance = await anInstance();
  instance.known(...chain, ...anchors);
  const der = (certificate: Certificate) => certificate.der;
  return instance.explain.explain({ chain: chain.map(der), anchors: anchors.map(der), at: NOW, ...(clientId !== undefined && { clientId }) });
}

describe('Explain shows every rule of the gate, not only the first that is broken', () => {
  it('for a chain that holds: every check, the path and the device', async () => {
    const { refusal, device, path, checks } = await explaining([DEVICE, MID], [ROOT]);
    expect(refusal).toBeUndefined();
    expect(device).toBe('press-7');
    expect(path).toEqual([
      { depth: 0, subject: 'CN=press-7', issuer: 'CN=Mid', isAnchor: false },
      { depth: 1, subject: 'CN=Mid', issuer: 'CN=Root', isAnchor: false },
      { depth: 2, subject: 'CN=Root', issuer: 'CN=Root', isAnchor: true },
    ]);
    expect(checks).toHaveLength(3 * PATH_RULES.length + 3);
    expect(new Set(checks.map(({ outcome }) => outcome))).toEqual(new Set(['holds']));
  });

  it('for a chain with two faults: both', async () => {
    const expired = leaf('press-7', 'Mid', { notBefore: after(-DAY), notAfter: after(-SECOND), extendedKeyUsage: [] });
    const { refusal, checks } = await explaining([expired, MID], [ROOT]);
    expect(refusal).toMatchObject({ code: 'path.outside-validity', depth: 0 });
    const broken = checks.filter(({ outcome }) => outcome === 'broken');
    expect(broken.map(({ code, depth }) => [code, depth])).toEqual([['path.outside-validity', 0], ['path.extended-key-usage', 0]]);
    expect(broken.every(({ evidence }) => evidence !== undefined)).toBe(true);
    expect(checks.at(-1)).toMatchObject({ outcome: 'not-asked', code: 'identity.no-common-name' });
  });

  it('for a chain without an anchor: that, and what could not be asked', async () => {
    const { refusal, path, checks } = await explaining([DEVICE], [ROOT]);
    expect(refusal).toMatchObject({ code: 'tenant.no-anchor-found', evidence: { issuer: '"CN=Mid"' } });
    expect(path).toEqual([]);
    expect(checks.map(({ outcome }) => outcome)).toEqual(['holds', 'broken', ...PATH_RULES.map(() => 'not-asked'), 'not-asked']);
  });

  it('for a path that ends at a disabled anchor: that every rule holds, and that the anchor does not', async () => {
    const instance = await anInstance();
    instance.known(DEVICE, MID, ROOT);
    const question = { chain: [DEVICE.der, MID.der], at: NOW };
    const { refusal, path, checks } = instance.explain.explain({ ...question, anchors: [], disabledAnchors: [ROOT.der] });
    expect(refusal).toEqual({ code: 'tenant.anchor-disabled', depth: 2, evidence: { anchor: '"CN=Root"' } });
    expect(path).toHaveLength(3);
    expect(checks.filter(({ outcome }) => outcome === 'broken')).toMatchObject([{ code: 'tenant.anchor-disabled', depth: 2 }]);
    expect(checks.filter(({ outcome }) => outcome === 'holds')).toHaveLength(3 * PATH_RULES.length + 1);
    expect(instance.explain.explain({ ...question, anchors: [MID.der], disabledAnchors: [ROOT.der] }).refusal).toBeUndefined();
    expect(instance.explain.explain({ ...question, anchors: [ROOT.der], disabledAnchors: [new Uint8Array(3)] }).refusal).toMatchObject({ code: 'anchor.unreadable' });
  });

  it('for a client id that is another’s', async () => {
    const { refusal, checks } = await explaining([DEVICE, MID], [ROOT], 'press-8');
    expect(refusal).toMatchObject({ code: 'identity.client-id-differs' });
    expect(checks.at(-1)).toMatchObject({ outcome: 'broken', code: 'identity.client-id-differs' });
  });

  it('for an anchor or a chain that cannot be read', async () => {
    const instance = await anInstance();
    instance.known(DEVICE);
    const junk = new Uint8Array(3);
    expect(instance.explain.explain({ chain: [junk], anchors: [], at: NOW }).refusal).toMatchObject({ code: 'chain.not-der', evidence: { position: 0 } });
    expect(instance.explain.explain({ chain: [DEVICE.der], anchors: [junk], at: NOW }).refusal).toMatchObject({ code: 'anchor.unreadable' });
  });
});

describe('Explain and the gate never disagree', () => {
  const spoils = fc.constantFrom<Partial<Certificate>>(
    {}, {}, {},
    { notAfter: after(-SECOND), notBefore: after(-DAY) },
    { basicConstraints: { ca: false } },
    { basicConstraints: { ca: true, pathLength: 0 } },
    { signature: aSignature({ hash: 'sha1' }) },
    { publicKey: aKey({ bits: 1024 }) },
    { serialNumber: 'by:nobody' },
    { version: 1 },
    { extensions: [{ oid: '1.2.3', critical: true }] },
    { extendedKeyUsage: [] },
    { keyUsage: new Set() },
  );

  it('whatever is wrong with the chain', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(spoils, { minLength: 3, maxLength: 3 }), fc.subarray([1, 2]), fc.boolean(), async ([a, b, c], sent, isDisabled) => {
        const all = [leaf('press-7', 'Mid', a), ca('Mid', 'Root', b), ca('Root', 'Root', c)] as const;
        const chain = [all[0], ...sent.map((i) => all[i]!)];
        const instance = await anInstance();
        await instance.trusting(all[2], { status: isDisabled ? 'disabled' : 'enabled' });
        const { verdict } = await instance.connect(chain);
        const [anchors, disabledAnchors] = isDisabled ? [[], [all[2].der]] : [[all[2].der], []];
        const explained = instance.explain.explain({ chain: chain.map(({ der }) => der), anchors, disabledAnchors, at: NOW });
        expect(explained.refusal).toEqual(verdict.granted ? undefined : verdict.refusal);
      }),
      { numRuns: 300 },
    );
  });
});

describe('A refusal in one sentence', () => {
  it('names code, place, rule, citation, evidence and what to do', () => {
    expect(sentenceOf({ code: 'identity.length', depth: 0, evidence: { characters: 255 } })).toBe(
      'identity.length at depth 0: required is that a device id has 1–254 characters (D-8); found: characters 255. Issue the device certificate anew with a common name that is a legal device id.',
    );
    expect(sentenceOf({ code: 'tenant.ambiguous' })).toMatch(/^tenant\.ambiguous: required is that .+ \(D-5\)\. Connect with the tenant id/);
  });
});
