import { describe, expect, it } from '@jest/globals';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import { PATH_RULES } from '../../../src/domain/certificates/path-rules.ts';
import { RuleWork } from '../../../src/domain/certificates/rule-work.ts';
import { askAll } from '../../../src/domain/certificates/validate-path.ts';
import { aCaCertificate, aCertificate, aName, NOW } from '../../support/certificate-builders.ts';

const LEAF = aCertificate({ issuer: aName('CN=Line CA') });
const LINE = aCaCertificate({ subject: aName('CN=Line CA') });
const WORKS = aCaCertificate({ basicConstraints: { ca: true } });

const asked = (certificates: readonly [Certificate, ...Certificate[]]) => [...askAll({ certificates, signed: ['yes'] }, { at: NOW, work: new RuleWork() })];

describe('Every rule is asked of every certificate', () => {
  it('from the anchor down to the leaf, in the order of the table, and a broken one ends nothing', () => {
    const rules = PATH_RULES.map(({ code }) => code);
    const all = asked([LEAF, LINE, WORKS]);
    expect(all.map(({ depth, rule }) => [depth, rule.code])).toEqual([2, 1, 0].flatMap((depth) => rules.map((code) => [depth, code])));
    expect(all.filter(({ holds }) => !holds).map(({ depth, rule }) => [depth, rule.code])).toEqual([[1, 'path.signature-invalid']]);
  });

  it('with its place in the path', () => {
    const links = asked([LEAF, LINE, WORKS]).filter(({ rule }) => rule === PATH_RULES[0]).map(({ link }) => link);
    const common = { at: NOW, breach: undefined, policy: 'holds' };
    expect(links).toStrictEqual([
      { certificate: WORKS, signed: 'not-tried', isLeaf: false, casBelow: 1, ...common },
      { certificate: LINE, issuer: WORKS, signed: 'not-tried', isLeaf: false, casBelow: 0, ...common },
      { certificate: LEAF, issuer: LINE, signed: 'yes', isLeaf: true, casBelow: 0, ...common },
    ]);
  });

  it.each([
    ['path.name-excluded', { certificate: '"CN=Works CA"' }],
    ['path.name-not-permitted', { certificate: '"CN=Works CA"' }],
    ['path.too-long', { certificate: '"CN=Works CA"', allowed: 'any number', counted: 0 }],
    ['path.unknown-critical-extension', { certificate: '"CN=Works CA"', extension: '' }],
    ['path.extended-key-usage', { certificate: '"CN=Works CA"', usages: 'none' }],
  ])('and %s shows what it looked at where there is nothing to object to as well', (wanted, evidence) => {
    const { rule, link } = asked([WORKS]).find(({ rule: { code } }) => code === wanted)!;
    expect(rule.evidence(link)).toEqual(evidence);
  });

  it.each(['path.too-long', 'path.unknown-critical-extension'])('%s shows something of a certificate without any extension', (wanted) => {
    const bare = aCaCertificate({ basicConstraints: undefined, keyUsage: undefined, extensions: [] });
    const { rule, link } = asked([bare]).find(({ rule: { code } }) => code === wanted)!;
    expect(rule.evidence(link)).toMatchObject({ certificate: '"CN=Works CA"' });
  });
});
