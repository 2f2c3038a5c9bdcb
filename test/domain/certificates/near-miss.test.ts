import { describe, expect, it } from '@jest/globals';
import { buildPaths } from '../../../src/domain/certificates/build-paths.ts';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import { judgePaths } from '../../../src/domain/certificates/judge-paths.ts';
import { nearMissEvidence } from '../../../src/domain/certificates/near-miss.ts';
import { anAnchor, NOW } from '../../support/certificate-builders.ts';
import { ca, key, leaf } from '../../support/an-instance.ts';

const MID = ca('Mid', 'Root', { subjectKeyIdentifier: 'aa' });
const LEAF = leaf('press-7', 'Mid', { authorityKeyIdentifier: 'aa' });
const ROOT = anAnchor({ certificate: ca('Root') });
const signs = (child: Certificate, issuer: Certificate): boolean => child.serialNumber === `by:${new TextDecoder().decode(issuer.publicKey.spki)}`;

function refusalOf(chain: readonly [Certificate, ...Certificate[]], anchors = [ROOT]) {
  const verdict = judgePaths(buildPaths({ chain, anchors, verifies: signs }), NOW);
  return verdict.granted ? 'granted' : verdict.refusal;
}

describe('A refusal names the candidate that nearly fitted, and what is wrong with it', () => {
  const nearly = (candidate: string, candidateIsWrong: string) => ({ candidate, candidateIsWrong });
  const KEY = 'its name is the one that is asked for, but its key did not make the signature';

  it.each<[why: string, sent: readonly Certificate[], code: string, hint: object]>([
    ['the right name and the right key identifier, another key', [ca('Mid', 'Root', { subjectKeyIdentifier: 'aa', publicKey: key('thief') })], 'path.signature-invalid', nearly('"CN=Mid"', KEY)],
    ['the right name, no key identifier, another key', [ca('Mid', 'Root', { publicKey: key('thief') })], 'path.signature-invalid', nearly('"CN=Mid"', KEY)],
    [
      'the right name, another key identifier', [ca('Mid', 'Root', { publicKey: key('thief'), subjectKeyIdentifier: 'bb' })], 'path.signature-invalid',
      nearly('"CN=Mid"', 'its name is the one that is asked for, but its key is bb and not aa'),
    ],
    [
      'the right key identifier, another name', [ca('Middle', 'Root', { subjectKeyIdentifier: 'aa' })], 'tenant.no-anchor-found',
      nearly('"CN=Middle"', 'its key identifier is the one that is asked for, but its name is not'),
    ],
    [
      'both: the one with the right key identifier is nearer', [ca('Mid', 'Root', { publicKey: key('thief'), subjectKeyIdentifier: 'bb' }), ca('Middle', 'Root', { subjectKeyIdentifier: 'aa' })], 'path.signature-invalid',
      nearly('"CN=Middle"', 'its key identifier is the one that is asked for, but its name is not'),
    ],
  ])('%s', (_why, sent, code, hint) => {
    expect(refusalOf([LEAF, ...sent])).toMatchObject({ code, evidence: hint });
  });

  it.each<[why: string, chain: readonly [Certificate, ...Certificate[]]]>([
    ['strangers', [LEAF, ca('Stranger', 'Elsewhere', { subjectKeyIdentifier: 'cc' })]],
    ['the leaf twice', [LEAF, LEAF]],
    ['nothing but the leaf', [LEAF]],
    ['CAs that sign each other in a circle', [leaf('press-7', 'A'), ca('A', 'B'), ca('B', 'A')]],
    ['CAs that sign each other in a circle, with key identifiers', [leaf('press-7', 'A'), ca('A', 'B', { subjectKeyIdentifier: 'aa' }), ca('B', 'A', { authorityKeyIdentifier: 'aa' })]],
    ['a certificate without key identifiers', [leaf('press-7', 'Mid'), ca('Stranger', 'Elsewhere')]],
  ])('is silent where nothing comes near: %s', (_why, chain) => {
    expect(refusalOf(chain)).toMatchObject({ code: 'tenant.no-anchor-found', evidence: expect.not.objectContaining({ candidate: expect.anything() }) });
  });

  it('names the missing CA, and not a stranger of the same name, where the climb went on beyond it', () => {
    const stranger = ca('Mid', 'Root', { publicKey: key('thief') });
    expect(refusalOf([LEAF, stranger, MID], [])).toMatchObject({ code: 'tenant.no-anchor-found', evidence: { topmost: '"CN=Mid"', issuer: '"CN=Root"' } });
  });

  it('never names the certificate itself', () => {
    const own = leaf('Root', 'Root', { publicKey: key('own'), serialNumber: 'by:nobody', subjectKeyIdentifier: 'aa', authorityKeyIdentifier: 'bb' });
    expect(refusalOf([own, ca('Root', 'Root', { publicKey: key('other'), subjectKeyIdentifier: 'cc' })], [])).toMatchObject({ code: 'path.signature-invalid', evidence: { candidateIsWrong: 'its name is the one that is asked for, but its key is cc and not bb' } });
    expect(refusalOf([own], [])).not.toHaveProperty('evidence.candidate');
  });

  it('does not blame the key identifier where none is asked for', () => {
    const thief = ca('Mid', 'Root', { subjectKeyIdentifier: 'bb', publicKey: key('thief') });
    expect(refusalOf([leaf('press-7', 'Mid'), thief])).toMatchObject({ code: 'path.signature-invalid', evidence: nearly('"CN=Mid"', KEY) });
  });

  it.each([
    ['the 40 digits of a SHA-1 whole, and no more of a longer one', { subjectKeyIdentifier: 'b'.repeat(40) }, { authorityKeyIdentifier: 'a'.repeat(41) }, `${'b'.repeat(40)} and not ${'a'.repeat(40)}…`],
    ['nothing where there is none', {}, {}, ' and not '],
  ])('prints of a key identifier %s', (_what, has, asked, text) => {
    expect(nearMissEvidence(leaf('press-7', 'Mid', asked), { candidate: ca('Mid', 'Root', has), wrong: 'key-identifier' })).toEqual(
      nearly('"CN=Mid"', `its name is the one that is asked for, but its key is ${text}`),
    );
  });

  it('keeps a long key identifier short', () => {
    const refusal = refusalOf([leaf('press-7', 'Mid', { authorityKeyIdentifier: 'a'.repeat(9_000) }), ca('Mid', 'Root', { publicKey: key('thief'), subjectKeyIdentifier: 'b'.repeat(9_000) })]);
    expect(JSON.stringify(refusal).length).toBeLessThan(500);
  });
});

describe('A key identifier is a hint, never proof', () => {
  it('X03 admits nobody by itself, and hinders nobody whose signatures verify', () => {
    const thief = ca('Mid', 'Root', { publicKey: key('thief'), subjectKeyIdentifier: 'aa' });
    expect(refusalOf([LEAF, thief])).toMatchObject({ code: 'path.signature-invalid' });
    for (const [asked, has] of [['aa', 'bb'], ['aa', undefined], [undefined, 'bb']]) {
      const chain = [leaf('press-7', 'Mid', { authorityKeyIdentifier: asked }), ca('Mid', 'Root', { subjectKeyIdentifier: has })] as const;
      expect(refusalOf([...chain])).toBe('granted');
    }
  });
});
