import { describe, expect, it } from '@jest/globals';
import { decideAnswers, type AnswersQuestion } from '../../../src/domain/revocation/decide-answers.ts';
import { revocationsBy, toAskAbout, changesTrust, WANTED_FOR_MS, ISSUER_NOT_SEEN, type KnownCertificate } from '../../../src/domain/revocation/responder-answer.ts';
import { checkResponderRule } from '../../../src/domain/revocation/list-rules.ts';
import type { TrustedPath } from '../../../src/domain/certificates/judge-paths.ts';
import { revocableOf } from '../../../src/domain/revocation/revocation.ts';
import { aKnown, anAnswer, anAsked, aResponderRule, revokedAnswer } from '../../support/answer-builders.ts';
import { aCaCertificate, aCertificate, aFingerprint, after, aName, anAnchor, aTenantId, NOW } from '../../support/certificate-builders.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const leaf = aCertificate();
const between = aCaCertificate({ subject: aName('CN=Line 3'), serialNumber: '33' });
const path = revocableOf([leaf, between, aCaCertificate()]);
const ofBetween = { serialNumber: '33', fingerprint: between.fingerprint };
const all = (overrides: Partial<KnownCertificate> = {}): readonly KnownCertificate[] => [aKnown({ answer: anAnswer(), ...overrides }), aKnown({ answer: anAnswer(), ...ofBetween })];
const decide = (overrides: Partial<AnswersQuestion> = {}) => decideAnswers({ path, known: all(), rule: aResponderRule(), at: NOW, ...overrides });

describe('Responders speak for a path', () => {
  it('where they answered for every certificate of it', () => {
    expect([decide(), decide({ at: after(2 * HOUR) })]).toEqual([{ granted: true, value: {} }, { granted: true, value: {} }]);
  });

  it.each<[string, string, number, Partial<AnswersQuestion>]>([
    ['of one there is none', 'revocation.ocsp-missing', 1, { known: all().slice(0, 1) }],
    ['of the device there is none', 'revocation.ocsp-missing', 0, { known: all().slice(1) }],
    ['of one nothing was said yet', 'revocation.ocsp-missing', 0, { known: [aKnown(), ...all().slice(1)] }],
    ['one is not known', 'revocation.ocsp-unknown', 0, { known: all({ answer: anAnswer({ status: 'unknown' }) }) }],
    ['one is older than the hours to refuse', 'revocation.ocsp-stale', 1, { at: after(3 * HOUR + 1) }],
  ])('X29 and not where %s: hard refuses, soft records', (_what, code, depth, overrides) => {
    expect(decide(overrides)).toMatchObject({ granted: false, refusal: { code, depth } });
    expect(decide({ ...overrides, rule: aResponderRule({ hard: false }) })).toMatchObject({ granted: true, value: { warning: { code, depth } } });
    expect(decide({ ...overrides, rule: undefined })).toEqual({ granted: true, value: {} });
  });

  it('with a warning between the hours to accept and those to refuse, told of from the anchor down', () => {
    for (const at of [after(2 * HOUR + 1), after(3 * HOUR)]) expect(decide({ at })).toMatchObject({ granted: true, value: { warning: { code: 'revocation.ocsp-stale', depth: 1 } } });
  });

  it('and that one is revoked is another question', () => {
    expect(decide({ known: all({ answer: revokedAnswer() }) })).toEqual({ granted: true, value: {} });
  });
});

describe('What responders say against certificates', () => {
  it('is said as everything else is, and by nobody but them', () => {
    const { tenant, serialNumber, issuer, fingerprint } = anAsked();
    const known = [aKnown({ answer: revokedAnswer() }), aKnown({ answer: anAnswer() }), aKnown({ answer: anAnswer({ status: 'unknown' }) }), aKnown()];
    expect(revocationsBy(known)).toEqual([{ tenant, serialNumber, issuer, fingerprint, source: 'ocsp', reason: 'keyCompromise', since: after(-HOUR), by: '', note: '' }]);
  });

  it.each([
    ['revoked', undefined, revokedAnswer(), true],
    ['revoked again', revokedAnswer(), revokedAnswer(), false],
    ['good again', revokedAnswer(), anAnswer(), true],
    ['good', undefined, anAnswer(), false],
    ['unknown', anAnswer(), anAnswer({ status: 'unknown' }), false],
  ])('changes trust where it is %s', (_what, former, answer, expected) => {
    expect(changesTrust(former, answer)).toBe(expected);
  });
});

describe('A certificate is to be asked about', () => {
  const asking: TrustedPath = { certificates: [leaf, between, aCaCertificate()], anchors: [anAnchor()] };
  const wanted = (known: readonly KnownCertificate[] = [], paths = [asking], rules = [aResponderRule()]) => toAskAbout(paths, rules, known, NOW).map(({ certificate, issuer }) => [certificate.fingerprint, issuer.fingerprint]);

  it('with that of its issuer, where its CA has a rule, once, and the CA itself not', () => {
    expect(wanted([], [asking, asking])).toEqual([[leaf.fingerprint, between.fingerprint], [between.fingerprint, aCaCertificate().fingerprint]]);
    expect(toAskAbout([asking], [aResponderRule()], [], NOW)[0]?.certificate).toEqual(anAsked({ issuedBy: between.fingerprint, notAfter: leaf.notAfter }));
    expect(wanted([], [asking], [aResponderRule({ anchor: aFingerprint('another CA') })])).toEqual([]);
  });

  it('below its anchor where it is that itself', () => {
    const own = aCaCertificate();
    expect(wanted([], [{ certificates: [own], anchors: [anAnchor()] }])).toEqual([[own.fingerprint, own.fingerprint]]);
  });

  it.each<[string, Partial<KnownCertificate>, number]>([
    ['not where that was noted within a day', { wantedUntil: after(WANTED_FOR_MS - DAY) }, 1],
    ['where it was noted before that', { wantedUntil: after(WANTED_FOR_MS - DAY - 1) }, 2],
    ['where its issuer was missing', { wantedUntil: after(WANTED_FOR_MS), problem: ISSUER_NOT_SEEN }, 2],
    ['where another failure is known, not: its time comes', { wantedUntil: after(WANTED_FOR_MS), problem: 'ocsp.not-asked' }, 1],
    ['where it was noted of another tenant', { wantedUntil: after(WANTED_FOR_MS), tenant: aTenantId('other') }, 2],
    ['where it was noted of another CA', { wantedUntil: after(WANTED_FOR_MS), anchor: aFingerprint('another CA') }, 2],
  ])('%s', (_what, overrides, expected) => {
    expect(wanted([aKnown(overrides)])).toHaveLength(expected);
  });
});

describe('A rule for responders', () => {
  it.each([
    ['names nobody', { urls: [] }],
    ['names eleven', { urls: Array.from({ length: 11 }, (_, i) => `http://ocsp/${i}`) }],
    ['names one twice', { urls: ['http://ocsp/', 'http://ocsp/'] }],
    ['names a file', { urls: ['file:///etc/passwd'] }],
    ['has a password', { urls: ['http://a:b@ocsp/'] }],
    ['refuses before it accepts', { acceptHours: 3, refuseHours: 2 }],
    ['has half an hour', { acceptHours: 0.5 }],
  ])('X29 is unusable where it %s', (_why, overrides) => {
    expect(checkResponderRule(aResponderRule(overrides))).toMatchObject({ granted: false, refusal: { code: 'ocsp.unusable-rule' } });
    expect(checkResponderRule(aResponderRule())).toEqual({ granted: true, value: aResponderRule() });
  });
});
