import { describe, expect, it } from '@jest/globals';
import { ForgeCertificateReader } from '../../../src/adapters/pki/forge-certificate-reader.ts';
import { ALL_REASONS } from '../../../src/domain/revocation/list-scope.ts';
import { bool, certificateDer, commonName, extension, extensions, nul, oid, seq, tagged, tlv, utf8 } from '../../support/der-builder.ts';
import { fullName, uri } from '../../support/list-builder.ts';

function pointsOf(value: Buffer): unknown {
  const answer = new ForgeCertificateReader().read(certificateDer({ extensions: extensions(extension('2.5.29.31', value)) }));
  return answer.granted ? answer.value.distributionPoints : answer.refusal;
}

const plain = { reasons: ALL_REASONS, ofAnother: false };

describe('The distribution points of a certificate', () => {
  it('are absent where it has none', () => {
    const answer = new ForgeCertificateReader().read(certificateDer());
    expect(answer.granted && 'distributionPoints' in answer.value).toBe(false);
  });

  it.each<[string, Buffer, unknown]>([
    ['one with a name', seq(seq(fullName(uri('http://ca/1')))), [{ ...plain, names: [{ form: 'uri', value: 'http://ca/1' }] }]],
    ['one with a relative name', seq(seq(tagged(0, tagged(1, seq(oid('2.5.4.3'), utf8('1')))))), [{ ...plain, relative: [{ type: '2.5.4.3', stringType: 'UTF8String', value: '1' }] }]],
    ['one for some reasons', seq(seq(fullName(uri('a')), tlv(0x81, '04 90'))), [{ ...plain, names: [{ form: 'uri', value: 'a' }], reasons: 1 << 3 }]],
    ['one of another issuer', seq(seq(tagged(2, tagged(4, commonName('Other'))))), [{ ...plain, ofAnother: true }]],
    ['two', seq(seq(fullName(uri('a'))), seq(fullName(uri('b')))), [expect.anything(), expect.anything()]],
  ])('are read: %s', (_what, value, expected) => {
    expect(pointsOf(value)).toEqual(expected);
  });

  it.each<[string, Buffer]>([
    ['no list', bool(true)],
    ['a point without anything', seq(seq())],
    ['a point with reasons alone', seq(seq(tlv(0x81, '04 90')))],
    ['a point with something else', seq(seq(fullName(uri('a')), nul()))],
    ['a point out of order', seq(seq(tagged(2, tagged(4, commonName('Other'))), fullName(uri('a'))))],
    ['a name that is neither full nor relative', seq(seq(tagged(0, tagged(2, uri('a')))))],
    ['an empty name', seq(seq(tagged(0, tagged(0))))],
  ])('that are in no legal form are none, and no reason to refuse the certificate: %s', (_what, value) => {
    expect(pointsOf(value)).toEqual([]);
  });
});
