import { describe, expect, it } from '@jest/globals';
import { buildPaths, SEARCH_BUDGET } from '../../../src/domain/certificates/build-paths.ts';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import type { TrustAnchor } from '../../../src/domain/trust/trust-anchor.ts';
import { aCaCertificate, aCertificate, aKey, aName, anAnchor, aSignature, aTenantId, type CertificateOverrides } from '../../support/certificate-builders.ts';

/** In these tests a key signs what names it in its serial number: `by:<key>`. */
const key = (name: string) => aKey({ spki: new TextEncoder().encode(name) });
const leafOf = (issuer: string, more: CertificateOverrides = {}) =>
  aCertificate({ issuer: aName(`CN=${issuer}`), publicKey: key('leaf'), serialNumber: `by:${issuer}`, ...more });
const ca = (name: string, issuer: string, more: CertificateOverrides = {}) =>
  aCaCertificate({ subject: aName(`CN=${name}`), issuer: aName(`CN=${issuer}`), publicKey: key(name), serialNumber: `by:${issuer}`, ...more });
const anchorOf = (certificate: Certificate, tenant = 'main') => anAnchor({ certificate, tenant: aTenantId(tenant) });

const ROOT = ca('Root', 'Root');
const MID = ca('Mid', 'Root');
const LEAF = leafOf('Mid');
const SHA1 = { signature: aSignature({ hash: 'sha1' }) };

function search(chain: readonly [Certificate, ...Certificate[]], anchors: readonly TrustAnchor[] = []) {
  const asked: Certificate[] = [];
  const verifies = (child: Certificate, issuer: Certificate) => {
    asked.push(issuer);
    return child.serialNumber === `by:${new TextDecoder().decode(issuer.publicKey.spki)}`;
  };
  return { ...buildPaths({ chain, anchors, verifies }), asked };
}

describe('What a search found', () => {
  it('is the path and what is above it, and no hint where nothing is missing', () => {
    const asking = ca('Mid', 'Root', { authorityKeyIdentifier: 'aa' });
    const stranger = ca('Stranger', 'Elsewhere', { subjectKeyIdentifier: 'aa' });
    const root = anchorOf(ROOT);
    const whole = { exhausted: false, tooLong: false, topmost: asking };
    expect(search([LEAF, asking, stranger], [root])).toEqual({ ...whole, asked: [asking, ROOT], paths: [{ certificates: [LEAF, asking, ROOT], signed: ['yes', 'yes'], anchors: [root] }] });
    expect(search([LEAF, asking, stranger])).toEqual({ ...whole, asked: [asking], paths: [], nearly: { candidate: stranger, wrong: 'name' } });
  });

  it('says of each signature whether it was made, was not, or was not worth asking for', () => {
    const signed = (leaf: Certificate, anchor: Certificate) => search([leaf], [anchorOf(anchor)]).paths.map((path) => path.signed);
    expect(signed(leafOf('Root'), ROOT)).toEqual([['yes']]);
    expect(signed(leafOf('Root', { serialNumber: 'by:nobody' }), ROOT)).toEqual([['no']]);
    expect(signed(leafOf('Root', { signatureBytes: 255 }), ROOT)).toEqual([['no']]);
    expect(signed(leafOf('Root', SHA1), ROOT)).toEqual([['not-tried']]);
    expect(signed(leafOf('Root'), ca('Root', 'Root', { publicKey: aKey({ bits: 1024 }) }))).toEqual([['not-tried']]);
  });

  it('is one path to a certificate that two tenants trust, with the anchors of both', () => {
    const anchors = [anchorOf(ROOT, 'a'), anchorOf(ROOT, 'b')];
    expect(search([LEAF, MID], anchors).paths.map((path) => path.anchors)).toEqual([anchors]);
  });

  it('is the first of the highest certificates, when no anchor follows', () => {
    const [up, twin] = [ca('Up', 'Nowhere'), ca('Mid', 'Elsewhere')];
    const mid = ca('Mid', 'Up');
    expect(search([LEAF, MID, twin]).topmost).toBe(MID);
    expect(search([LEAF, twin, MID]).topmost).toBe(twin);
    expect(search([LEAF, mid, up, twin]).topmost).toBe(up);
  });

  it('is the highest certificate whose signature is another key’s, wherever a lower one is met', () => {
    const [impostor, lower] = [ca('Root', 'Root', { publicKey: key('thief') }), ca('Mid', 'Root', { publicKey: key('other thief') })];
    expect(search([LEAF, MID, impostor, lower]).forged).toEqual({ certificate: MID, depth: 1 });
    expect(search([LEAF, lower, MID, impostor]).forged).toEqual({ certificate: MID, depth: 1 });
    expect(search([LEAF, lower]).forged).toEqual({ certificate: LEAF, depth: 0 });
  });

  it('does not take an empty key identifier for that of an anchor without one', () => {
    const anchors = [ca('Root', 'Root', { subjectKeyIdentifier: 'aa' }), ca('Root', 'Root', { publicKey: key('second') })].map((certificate) => anchorOf(certificate));
    expect(search([leafOf('Root', { authorityKeyIdentifier: '' })], anchors).asked).toEqual(anchors.map(({ certificate }) => certificate));
  });
});

describe('A search costs no more than it must (D-11)', () => {
  /** CAs of one name, each with a key of its own, below nobody. */
  const namesakes = (n: number, issuer = 'Nowhere') => Array.from({ length: n }, (_, i) => ca('Mid', issuer, { publicKey: key(`K${i}`), ...SHA1 }));

  it('X18 takes 500 steps and not one more', () => {
    expect(search([leafOf('Mid', SHA1), ...namesakes(SEARCH_BUDGET.steps - 1)]).exhausted).toBe(false);
    expect(search([leafOf('Mid', SHA1), ...namesakes(SEARCH_BUDGET.steps)]).exhausted).toBe(true);
  });

  it('X18 goes no further once the steps are spent', () => {
    let reads = 0;
    const mesh = namesakes(7, 'Mid').map((certificate) => Object.defineProperty({ ...certificate }, 'issuer', { get: () => { reads += 1; return certificate.issuer; } }));
    expect(search([leafOf('Mid', SHA1), ...mesh]).exhausted).toBe(true);
    expect(reads).toBeLessThan(20_000);
  });

  it('tells of no path whose signature it could not pay for', () => {
    const dear = Array.from({ length: 6 }, (_, i) => anchorOf(ca('Root', 'Root', { publicKey: { kind: 'ec', curve: 'P-521', spki: key(`K${i}`).spki } })));
    const { exhausted, paths, asked } = search([leafOf('Root')], dear);
    expect([exhausted, paths.length, asked.length]).toEqual([true, 4, 4]);
  });

  it('X17 compares no keys where no name comes twice', () => {
    let reads = 0;
    const seen = (certificate: Certificate) => ({ ...certificate, publicKey: { ...certificate.publicKey, get spki() { reads += 1; return certificate.publicKey.spki; } } });
    const found = buildPaths({ chain: [seen(LEAF), seen(MID)], anchors: [anchorOf(seen(ROOT))], verifies: () => true });
    expect([found.paths.length, reads]).toEqual([1, 0]);
  });
});
