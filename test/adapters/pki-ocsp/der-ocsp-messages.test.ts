import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ForgeCertificateReader } from '../../../src/adapters/pki/forge-certificate-reader.ts';
import { DerOcspMessages, LARGEST_RESPONSE } from '../../../src/adapters/pki/ocsp/der-ocsp-messages.ts';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import type { ReadResponse } from '../../../src/ports/driven/ocsp-messages.ts';
import { ALGORITHM, bits, certificateDer, commonName, EC_SPKI, extension, generalizedTime, int, nul, octets, oid, raw, seq, tagged, tlv, utcTime } from '../../support/der-builder.ts';
import { basicResponse, certId, enumerated, nonce, responseDer, responseOf, single, STATUS, strange, type ResponseParts } from '../../support/response-builder.ts';

const messages = new DerOcspMessages();
const certificate = (parts = {}): Certificate => {
  const answer = new ForgeCertificateReader().read(certificateDer(parts));
  if (!answer.granted) throw new Error(answer.refusal.code);
  return answer.value;
};
const read = (parts: Partial<ResponseParts> = {}): ReadResponse => {
  const answer = messages.read(responseDer(parts));
  if (!answer.granted) throw new Error(JSON.stringify(answer.refusal));
  return answer.value;
};
const answerOf = (parts: Parameters<typeof single>[0]) => read({ answers: [single(parts)] }).response.answers[0];
const refusalOf = (bytes: Uint8Array): unknown => {
  const answer = messages.read(bytes);
  return answer.granted ? 'read' : answer.refusal;
};
const malformed = (field: string, problem: string) => ({ code: 'ocsp.unreadable', evidence: { field, problem } });
const notDer = (problem: string) => ({ code: 'ocsp.unreadable', evidence: { problem, offset: expect.any(Number) } });
const sha = (hash: string, bytes: Uint8Array): string => createHash(hash).update(bytes).digest('hex');
const nothing: Buffer = Buffer.alloc(0);

describe('A question to a responder', () => {
  const subject = commonName('Works Issuing');
  const issuer = certificate({ subject });

  it('names one certificate by the SHA-1 of its issuer’s name and key, and has a nonce of 32 bytes', () => {
    const { request, ids, nonce: own } = messages.question('8034', issuer);
    const key = EC_SPKI.subarray(-65);
    const id = seq(seq(oid('1.3.14.3.2.26'), nul()), octets(sha('sha1', subject)), octets(sha('sha1', key)), int(0x8034));
    const extensions = tagged(2, seq(extension('1.3.6.1.5.5.7.48.1.2', octets(own))));
    expect(Buffer.from(request)).toEqual(seq(seq(seq(seq(id)), extensions)));
    expect(own).toMatch(/^[0-9a-f]{64}$/);
    expect(ids).toEqual([
      { hash: 'sha1', serialNumber: '8034', issuerName: sha('sha1', subject), issuerKey: sha('sha1', key) },
      { hash: 'sha256', serialNumber: '8034', issuerName: sha('sha256', subject), issuerKey: sha('sha256', key) },
    ]);
  });

  it('has another nonce each time', () => {
    expect(messages.question('01', issuer).nonce).not.toBe(messages.question('01', issuer).nonce);
  });

  it('names the issuer as it is written in its own certificate, of whatever version that is', () => {
    const old = certificate({ subject, version: nothing, extensions: nothing });
    expect(messages.question('01', old).ids[0]?.issuerName).toBe(sha('sha1', subject));
  });
});

describe('A response is read field by field', () => {
  it('whole', () => {
    const own = certificateDer(); // another each time: its signature is
    const { response } = read({ certificates: tagged(0, seq(own)) });
    expect(response).toEqual({
      signature: expect.objectContaining({ scheme: 'ecdsa', hash: 'sha256' }),
      producedAt: new Date('2026-11-01T00:00:00Z'),
      nonce: '0102',
      answers: [
        {
          id: { hash: 'sha1', issuerName: 'aa', issuerKey: 'bb', serialNumber: '1234' },
          ...{ status: 'good', thisUpdate: new Date('2026-11-01T00:00:00Z'), nextUpdate: new Date('2026-12-31T23:59:59Z'), unknownCritical: [] },
        },
      ],
      unknownCritical: [],
      certificates: [expect.any(Uint8Array)],
    });
    expect(Buffer.from(response.certificates[0]!)).toEqual(own);
  });

  it.each([
    ['good', STATUS.good, { status: 'good' }],
    ['unknown', STATUS.unknown, { status: 'unknown' }],
    ['revoked', STATUS.revoked(), { status: 'revoked', revoked: { reason: 'unspecified', since: new Date('2026-11-01T12:00:00Z') } }],
    ['revoked with a reason', STATUS.revoked(enumerated(1)), { status: 'revoked', revoked: { reason: 'keyCompromise', since: new Date('2026-11-01T12:00:00Z') } }],
  ])('with a status: %s', (_what, status, expected) => {
    expect(answerOf({ status })).toMatchObject(expected);
  });

  it.each([
    ['by SHA-256', { hash: seq(oid('2.16.840.1.101.3.4.2.1')) }, { hash: 'sha256' }],
    ['by a hash that is none of ours', { hash: seq(oid('2.16.840.1.101.3.4.2.2')) }, { hash: 'other' }],
    ['by one with odd parameters', { hash: seq(oid('1.3.14.3.2.26'), int(1)) }, { hash: 'other' }],
    ['with a number that begins with a high bit', { serial: int(0xff01) }, { serialNumber: 'ff01' }],
    ['with a negative number, which is nobody’s', { serial: tlv(0x02, 'ff01') }, { serialNumber: '-ff01' }],
    ['with zero', { serial: int(0) }, { serialNumber: '00' }],
  ])('about a certificate named %s', (_what, parts, expected) => {
    expect(answerOf({ id: certId(parts) })?.id).toMatchObject(expected);
  });

  it('without what may be absent', () => {
    const { response } = read({ extensions: nothing, answers: [single({ nextUpdate: nothing })] });
    expect(['nonce' in response, 'nextUpdate' in response.answers[0]!, response.certificates]).toEqual([false, false, []]);
  });

  it('and critical extensions that nobody understands are named, others not', () => {
    expect(read({ extensions: tagged(1, seq(strange())) }).response.unknownCritical).toEqual(['1.2.3.4']);
    expect(read({ extensions: tagged(1, seq(strange(false))) }).response.unknownCritical).toEqual([]);
    expect(answerOf({ extensions: tagged(1, seq(strange())) })?.unknownCritical).toEqual(['1.2.3.4']);
  });

  it('with a hundred answers and ten certificates', () => {
    expect(read({ answers: Array.from({ length: 100 }, () => single()) }).response.answers).toHaveLength(100);
    expect(read({ certificates: tagged(0, seq(...Array.from({ length: 10 }, () => certificateDer()))) }).response.certificates).toHaveLength(10);
  });
});

describe('X29 A response is not read', () => {
  it.each<[string, Uint8Array, unknown]>([
    ['of nothing', nothing, notDer('a value is cut short')],
    ['cut short', responseDer().subarray(0, -1), notDer('a value is longer than what holds it')],
    ['with bytes behind it', Buffer.concat([responseDer(), raw('00')]), notDer('bytes follow where the value has ended')],
    ['with bytes behind what stands in it', responseOf(Buffer.concat([basicResponse(), raw('00')])), notDer('bytes follow where the value has ended')],
    ['that is too large', Buffer.alloc(LARGEST_RESPONSE + 1), { code: 'ocsp.unreadable', evidence: { bytes: LARGEST_RESPONSE + 1, allowed: LARGEST_RESPONSE } }],
    ['of another type', responseDer({ type: oid('1.2.3') }), malformed('responseBytes', 'is not a basic response')],
    ['without what it says', seq(enumerated(0)), malformed('responseType', 'is not an OBJECT IDENTIFIER')],
    ['with a status that nobody knows', seq(enumerated(4)), malformed('OCSPResponse', 'is not a status and a response')],
    ['with a status of two bytes', seq(tlv(0x0a, '0100')), malformed('OCSPResponse', 'is not a status and a response')],
    ['with its version', responseDer({ version: tagged(0, int(0)) }), malformed('version', 'is written, and there is only one')],
    ['of nobody', responseDer({ responder: tagged(3, nul()) }), malformed('responderID', 'is neither a name nor the hash of a key')],
    ['of two', responseDer({ responder: tagged(2, octets('aa'), octets('bb')) }), malformed('responderID', 'is not one value in its tag')],
    ['with a UTCTime', responseDer({ producedAt: utcTime('261101000000Z') }), malformed('producedAt', 'is not a GeneralizedTime')],
    ['with a day that is none', responseDer({ producedAt: generalizedTime('20261131000000Z') }), notDer('a time names a day or an hour that does not exist')],
    ['with 101 answers', responseDer({ answers: Array.from({ length: 101 }, () => single()) }), malformed('responses', 'are more than 100')],
    ['with eleven certificates', responseDer({ certificates: tagged(0, seq(...Array.from({ length: 11 }, () => nul()))) }), malformed('certs', 'are more than 10')],
    ['with certificates in another place', responseDer({ certificates: tagged(1, seq()) }), malformed('BasicOCSPResponse', 'has a field that does not belong there')],
    ['with something behind its extensions', responseDer({ extensions: Buffer.concat([nonce('01'), nul()]) }), malformed('tbsResponseData', 'has a field that does not belong there')],
    ['with an empty list of extensions', responseDer({ extensions: tagged(1, seq()) }), malformed('responseExtensions', 'is not one list of at least one extension')],
    ['with one extension twice', responseDer({ extensions: tagged(1, seq(strange(), strange())) }), malformed('responseExtensions', 'has the extension 1.2.3.4 twice')],
    ['with an empty nonce', responseDer({ extensions: nonce('') }), malformed('nonce', 'is not 1 to 128 bytes long')],
    ['with a nonce of 129 bytes', responseDer({ extensions: nonce('00'.repeat(129)) }), malformed('nonce', 'is not 1 to 128 bytes long')],
    ['with a signature of no whole bytes', responseDer({ signatureValue: bits('80', 7) }), malformed('signature', 'is no whole number of bytes')],
    ['without a signature', responseDer({ signatureValue: nothing }), malformed('signature', 'is not a BIT STRING')],
    ['with a certificate named in three parts', responseDer({ answers: [single({ id: certId({ serial: nothing }) })] }), malformed('certID', 'is not an algorithm, two hashes and a serial number')],
    ['with a number of 22 bytes', responseDer({ answers: [single({ id: certId({ serial: tlv(0x02, `01${'00'.repeat(21)}`) }) })] }), malformed('serialNumber', 'is longer than 20 bytes')],
    ['good with something in it', responseDer({ answers: [single({ status: tlv(0x80, '00') })] }), malformed('certStatus', 'is neither good nor revoked nor unknown')],
    ['with a fourth status', responseDer({ answers: [single({ status: tlv(0x83) })] }), malformed('certStatus', 'is neither good nor revoked nor unknown')],
    ['revoked for removeFromCRL', responseDer({ answers: [single({ status: STATUS.revoked(enumerated(8)) })] }), malformed('revocationReason', 'is no reason to revoke (RFC 5280 §5.3.1)')],
    ['revoked for reason 7', responseDer({ answers: [single({ status: STATUS.revoked(enumerated(7)) })] }), malformed('revocationReason', 'is no reason to revoke (RFC 5280 §5.3.1)')],
    ['revoked for two reasons', responseDer({ answers: [single({ status: STATUS.revoked(enumerated(1), enumerated(1)) })] }), malformed('revokedInfo', 'is not a time and a reason')],
    ['without a time', responseDer({ answers: [single({ thisUpdate: nothing, nextUpdate: nothing })] }), malformed('thisUpdate', 'is not a GeneralizedTime')],
    ['with something behind an answer', responseDer({ answers: [single({ extensions: nul() })] }), malformed('SingleResponse', 'has a field that does not belong there')],
  ])('%s', (_what, bytes, expected) => {
    expect(refusalOf(bytes)).toEqual(expected);
  });

  it.each([
    [1, 'malformedRequest'],
    [2, 'internalError'],
    [3, 'tryLater'],
    [5, 'sigRequired'],
    [6, 'unauthorized'],
  ])('that says %s, %s', (code, status) => {
    expect(refusalOf(seq(enumerated(code)))).toEqual({ code: 'ocsp.not-successful', evidence: { status } });
  });

  it('whatever byte of it is another, without anything being thrown', () => {
    const good = responseDer({ certificates: tagged(0, seq(certificateDer())) });
    for (let at = 0; at < good.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const spoilt = Buffer.from(good);
        spoilt[at]! ^= flip;
        expect(typeof messages.read(spoilt).granted).toBe('boolean');
      }
    }
  });
});

describe('Who made a response', () => {
  const issuer = certificate({ subject: commonName('Works Issuing') });
  const stranger = certificate({ subject: commonName('Other') });

  it('is told by its name, or by the SHA-1 of its key', () => {
    expect([read().isBy(issuer), read().isBy(stranger)]).toEqual([true, false]);
    const byKey = (hash: string): ReadResponse => read({ responder: tagged(2, octets(hash)) });
    expect([byKey(sha('sha1', EC_SPKI.subarray(-65))).isBy(stranger), byKey(sha('sha1', EC_SPKI)).isBy(issuer)]).toEqual([true, false]);
  });

  it('is whose key made the signature over these very bytes', () => {
    expect(read().verifies(issuer)).toBe(true);
    expect(read({ signatureValue: bits('3006020101020101') }).verifies(issuer)).toBe(false);
    const body = basicResponse();
    body[body.indexOf(single()) + single().indexOf(STATUS.good)] = 0x82;
    const forged = messages.read(responseOf(body));
    expect(forged.granted && [forged.value.response.answers[0]?.status, forged.value.verifies(issuer)]).toEqual(['unknown', false]);
  });

  it.each([
    ['another kind of key', ALGORITHM.sha256WithRsa],
    ['an algorithm that nobody knows', seq(oid('1.2.3'))],
    ['Ed25519, which it is not', ALGORITHM.ed25519],
  ])('is nobody where it names %s', (_what, signatureAlgorithm) => {
    expect(read({ signatureAlgorithm }).verifies(issuer)).toBe(false);
  });
});
