import { describe, expect, it } from '@jest/globals';
import { SEARCH_BUDGET } from '../../../src/domain/certificates/build-paths.ts';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import { searchTrust } from '../../../src/domain/trust/search-trust.ts';
import type { TrustAnchor } from '../../../src/domain/trust/trust-anchor.ts';
import { ca, leaf } from '../../support/an-instance.ts';
import { aKey, anAnchor, aTenantId, NOW } from '../../support/certificate-builders.ts';

const ROOT = ca('Root');
const LEAF = leaf('press-7', 'Root');
const PROVEN = anAnchor({ certificate: ROOT, possessionProven: true });

/** A CA under the name of the victim's, with a key that is as dear as they come and signed nothing here. */
const namesake = (i: number, overrides: Partial<TrustAnchor> = {}): TrustAnchor =>
  anAnchor({ tenant: aTenantId('hostile'), certificate: renamed(ca('Root', 'Root', { publicKey: aKey({ bits: 8192, spki: new TextEncoder().encode(`dear ${i}`) }) }), i), ...overrides });
const renamed = (certificate: Certificate, i: number): Certificate => {
  const name = i.toString(16).padStart(64, 'e');
  return { ...certificate, thumbprint: name as Certificate['thumbprint'], fingerprint: name.slice(24) as Certificate['fingerprint'] };
};
const FLOOD = Array.from({ length: 30 }, (_, i) => namesake(i));

function search(anchors: readonly TrustAnchor[], userName?: string) {
  let asked = 0;
  const verifies = (child: Certificate, issuer: Certificate): boolean => {
    asked += 1;
    return child.serialNumber === `by:${new TextDecoder().decode(issuer.publicKey.spki)}`;
  };
  const { trusted, found } = searchTrust({ chain: [LEAF], anchors, verifies, at: NOW, userName });
  return { verdict: trusted.granted ? trusted.value.anchors : trusted.refusal.code, found, asked };
}

describe('Where the search runs out (D-11)', () => {
  it('it decides nothing while nobody has proven possession', () => {
    expect(search([{ ...PROVEN, possessionProven: false }, ...FLOOD]).verdict).toBe('path.budget-exhausted');
  });

  it('it decides for the only tenant that has: the others have proven nothing, and would stand back behind it', () => {
    expect(search([PROVEN, ...FLOOD]).verdict).toEqual([PROVEN]);
    expect(search([...FLOOD, PROVEN]).verdict).toEqual([PROVEN]);
  });

  it.each([
    ['its own tenant is named', 'main/device_press-7', [PROVEN]],
    ['a tenant is named that trusts nothing here', 'third/somebody', [PROVEN]],
    ['another is named whose CAs were not all tried: a user name decides before proof (D-5)', 'hostile/somebody', 'path.budget-exhausted'],
  ])('%s', (_what, userName, expected) => {
    expect(search([PROVEN, ...FLOOD], userName).verdict).toEqual(expected);
  });

  it.each<[string, Partial<TrustAnchor>]>([
    ['is disabled', { status: 'disabled' }],
    ['is inert', { inert: true }],
  ])('not for one whose proven CA %s', (_what, overrides) => {
    expect(search([{ ...PROVEN, ...overrides }, ...FLOOD]).verdict).toBe('path.budget-exhausted');
  });

  it('not where two have proven CAs that signed it', () => {
    const other = anAnchor({ ...PROVEN, tenant: aTenantId('other'), certificate: renamed(ROOT, 1_000) });
    expect(search([PROVEN, other, ...FLOOD]).verdict).toBe('path.budget-exhausted');
  });

  it('not where the proven CAs alone use up the search', () => {
    expect(search([PROVEN, ...FLOOD.map((anchor) => ({ ...anchor, possessionProven: true }))]).verdict).toBe('path.budget-exhausted');
  });

  it('D-7 and all CAs of that tenant count, the proven and the others', () => {
    const own = anAnchor({ certificate: renamed(ROOT, 2_000), autoRegistration: true });
    expect(search([PROVEN, own, ...FLOOD]).verdict).toEqual([PROVEN, own]);
  });

  it('X19 the same holds where comparing names used up the work', () => {
    const names = Array.from({ length: 200 }, (_, i) => ({ form: 'dns', value: `a${i}.com` }) as const);
    const chain = [{ ...LEAF, subjectAltNames: names }] as const;
    const dear = anAnchor({ tenant: aTenantId('hostile'), certificate: renamed({ ...ROOT, nameConstraints: { permitted: [], excluded: names } }, 3_000) });
    const judged = (own: TrustAnchor) => searchTrust({ chain, anchors: [own, dear], verifies: () => true, at: NOW }).trusted;
    expect(judged(PROVEN)).toMatchObject({ granted: true, value: { anchors: [PROVEN] } });
    expect(judged({ ...PROVEN, possessionProven: false })).toEqual({ granted: false, refusal: { code: 'path.too-much-to-compare' } });
  });

  it('takes at most three times the signature work', () => {
    const all = Array.from({ length: 400 }, (_, i) => namesake(i, { certificate: renamed(ca('Root', 'Root', { publicKey: aKey({ spki: new TextEncoder().encode(`cheap ${i}`) }) }), i) }));
    expect(search([...all, PROVEN]).asked).toBeLessThanOrEqual(3 * SEARCH_BUDGET.signatureUnits);
    expect(search(all).asked).toBe(SEARCH_BUDGET.signatureUnits);
  });
});

it('Where it does not run out, proof of possession changes nothing of what is found', () => {
  const other = namesake(0, { certificate: renamed(ROOT, 4_000), tenant: aTenantId('other') });
  expect(search([PROVEN, other]).verdict).toEqual([PROVEN, other]);
  expect(search([FLOOD[0]!, { ...PROVEN, status: 'disabled' }]).verdict).toBe('tenant.anchor-disabled');
});
