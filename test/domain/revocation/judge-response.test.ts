import { describe, expect, it } from '@jest/globals';
import { OID, type KeyUsage } from '../../../src/domain/certificates/certificate.ts';
import type { OcspRefusalCode } from '../../../src/domain/refusals/codes.ts';
import { CLOCK_SKEW_MS, judgeResponse, RESPONSE_RULES, type PossibleSigner, type ResponseQuestion } from '../../../src/domain/revocation/judge-response.ts';
import type { CertificateId, OcspResponse, SingleAnswer } from '../../../src/domain/revocation/ocsp-response.ts';
import { aCaCertificate, aCertificate, after, aKey, aSignature, NOW } from '../../support/certificate-builders.ts';

const DAY = 86_400_000;
const id: CertificateId = { hash: 'sha1', issuerName: 'aa', issuerKey: 'bb', serialNumber: '01' };
const otherWay: CertificateId = { hash: 'sha256', issuerName: 'cc', issuerKey: 'dd', serialNumber: '01' };
const anAnswer = (overrides: Partial<SingleAnswer> = {}): SingleAnswer => ({ id, status: 'good', thisUpdate: after(CLOCK_SKEW_MS), nextUpdate: after(CLOCK_SKEW_MS), unknownCritical: [], ...overrides });
const aResponse = (overrides: Partial<OcspResponse> = {}): OcspResponse => ({
  ...{ signature: aSignature(), producedAt: NOW, nonce: '0102', answers: [anAnswer()], unknownCritical: [], certificates: [] },
  ...overrides,
});
const issuer: PossibleSigner = { certificate: aCaCertificate(), isIssuer: true, broken: [], signed: true };
const delegate = (overrides: Partial<PossibleSigner> = {}, certificate = {}): PossibleSigner => ({
  ...{ certificate: aCertificate({ extendedKeyUsage: [OID.ocspSigning], keyUsage: undefined, ...certificate }), isIssuer: false, broken: [], signed: true },
  ...overrides,
});
/** On every limit. */
const judge = (overrides: Partial<ResponseQuestion> = {}) =>
  judgeResponse({ response: aResponse(), ids: [id, otherWay], nonce: '0102', signers: [issuer], knownSince: anAnswer().thisUpdate, at: NOW, ...overrides });
const said = (...answers: readonly SingleAnswer[]) => judge({ response: aResponse({ answers }) });

const SPOILT: readonly (readonly [string, OcspRefusalCode, Partial<ResponseQuestion>])[] = [
  ['it is about no certificate', 'ocsp.other-certificate', { response: aResponse({ answers: [] }) }],
  ['its serial number is another', 'ocsp.other-certificate', { response: aResponse({ answers: [anAnswer({ id: { ...id, serialNumber: '02' } })] }) }],
  ['its issuer has another name', 'ocsp.other-certificate', { response: aResponse({ answers: [anAnswer({ id: { ...id, issuerName: 'cc' } })] }) }],
  ['its issuer has another key', 'ocsp.other-certificate', { response: aResponse({ answers: [anAnswer({ id: { ...id, issuerKey: 'cc' } })] }) }],
  ['its hash is none of ours', 'ocsp.other-certificate', { ids: [{ ...id, hash: 'other' }], response: aResponse({ answers: [anAnswer({ id: { ...id, hash: 'other' } })] }) }],
  ['it has a critical extension', 'ocsp.unknown-critical-extension', { response: aResponse({ unknownCritical: ['1.2.3'] }) }],
  ['what it says of the certificate has one', 'ocsp.unknown-critical-extension', { response: aResponse({ answers: [anAnswer({ unknownCritical: ['1.2.3'] })] }) }],
  ['its nonce is another', 'ocsp.wrong-nonce', { nonce: '0103' }],
  ['nobody is meant by its responder', 'ocsp.signer-not-found', { signers: [] }],
  ['its signer is not for signing answers', 'ocsp.signer-not-authorised', { signers: [delegate({}, { extendedKeyUsage: [OID.clientAuth] })] }],
  ['its signer is for anything', 'ocsp.signer-not-authorised', { signers: [delegate({}, { extendedKeyUsage: [OID.anyExtendedKeyUsage] })] }],
  ['its signer does not say what it is for', 'ocsp.signer-not-authorised', { signers: [delegate({}, { extendedKeyUsage: undefined })] }],
  ['its signer may sign certificates only', 'ocsp.signer-not-authorised', { signers: [delegate({}, { keyUsage: new Set<KeyUsage>(['keyCertSign']) })] }],
  ['the issuer did not issue its signer', 'ocsp.signer-not-authorised', { signers: [delegate({ broken: ['path.signature-invalid'] })] }],
  ['its signer ended, and was not issued by the issuer', 'ocsp.signer-not-authorised', { signers: [delegate({ broken: ['path.outside-validity', 'path.names-do-not-chain'] })] }],
  ['its signer ended', 'ocsp.signer-outside-validity', { signers: [delegate({ broken: ['path.outside-validity'] })] }],
  ['it is signed with SHA-1', 'ocsp.signature-algorithm-not-accepted', { response: aResponse({ signature: aSignature({ hash: 'sha1' }) }) }],
  ['its signer has a short key', 'ocsp.signature-algorithm-not-accepted', { signers: [{ ...issuer, certificate: aCaCertificate({ publicKey: aKey({ bits: 1024 }) }) }] }],
  ['its signer did not sign it', 'ocsp.signature-invalid', { signers: [{ ...issuer, signed: false }] }],
  ['it is of the future', 'ocsp.not-yet-valid', { at: after(-1), knownSince: undefined }],
  ['it has passed', 'ocsp.expired', { response: aResponse({ answers: [anAnswer({ thisUpdate: after(-DAY), nextUpdate: after(-CLOCK_SKEW_MS - 1) })] }), knownSince: undefined }],
  ['it ends before it begins', 'ocsp.expired', { response: aResponse({ answers: [anAnswer({ nextUpdate: after(CLOCK_SKEW_MS - 1) })] }) }],
  ['it has no end, and is older than a day', 'ocsp.expired', { response: aResponse({ answers: [{ id, status: 'good', thisUpdate: after(-DAY - CLOCK_SKEW_MS - 1), unknownCritical: [] }] }), knownSince: undefined }],
  ['it is older than what is known', 'ocsp.older-than-known', { knownSince: after(CLOCK_SKEW_MS + 1) }],
];

describe('An answer of an OCSP responder', () => {
  it('is believed on every limit, and says what it says', () => {
    expect(judge()).toEqual({ granted: true, value: { answer: anAnswer(), signer: issuer } });
  });

  it.each<[string, Partial<ResponseQuestion>]>([
    ['by a certificate for OCSP signing that the issuer issued', { signers: [delegate()] }],
    ['by one that may sign', { signers: [delegate({}, { keyUsage: new Set<KeyUsage>(['digitalSignature']) })] }],
    ['without a nonce', { response: { ...aResponse(), nonce: undefined as never } }],
    ['where nothing was known', { knownSince: undefined }],
    ['named by another hash', { response: aResponse({ answers: [anAnswer({ id: otherWay })] }) }],
    ['among answers about others', { response: aResponse({ answers: [anAnswer({ id: { ...id, serialNumber: '02' }, status: 'revoked' }), anAnswer()] }) }],
    ['by whichever certificate of that name signed it', { signers: [{ ...issuer, signed: false }, delegate()] }],
    ['without an end, a day old', { response: aResponse({ answers: [{ id, status: 'good', thisUpdate: after(-DAY - CLOCK_SKEW_MS), unknownCritical: [] }] }), knownSince: undefined }],
  ])('is believed %s', (_what, overrides) => {
    expect(judge(overrides)).toMatchObject({ granted: true, value: { answer: { status: 'good' } } });
  });

  it.each(SPOILT)('X29 is not where %s', (_why, code, spoil) => {
    expect(judge(spoil)).toMatchObject({ granted: false, refusal: { code } });
  });

  it('X29 says what is worse where it speaks twice, and else what is newer', () => {
    const older = anAnswer({ thisUpdate: NOW, status: 'unknown' });
    const revoked = anAnswer({ status: 'revoked', revoked: { reason: 'keyCompromise', since: NOW } });
    expect(said(anAnswer(), revoked)).toMatchObject({ value: { answer: { status: 'revoked' } } });
    expect([said(older, anAnswer()), said(anAnswer(), older)]).toMatchObject([{ value: { answer: { status: 'good' } } }, { value: { answer: { status: 'good' } } }]);
  });

  it('is told of by the signer that came nearest', () => {
    expect(judge({ signers: [delegate({ broken: ['path.signature-invalid'] }), { ...issuer, signed: false }, delegate({ broken: ['path.outside-validity'] })] })).toMatchObject({ refusal: { code: 'ocsp.signature-invalid' } });
  });

  it('is held to every rule by a spoilt one', () => {
    expect(new Set(SPOILT.map(([, code]) => code))).toEqual(new Set(RESPONSE_RULES.map(({ code }) => code)));
  });
});
