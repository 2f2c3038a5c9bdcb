import { describe, expect, it } from '@jest/globals';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readIdentity } from '../../../src/domain/identity/read-identity.ts';
import type { TrustedLeaf } from '../../../src/domain/certificates/validate-path.ts';
import { nameText } from '../../../src/domain/certificates/distinguished-name.ts';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import { ForgeCertificateReader } from '../../../src/adapters/pki/forge-certificate-reader.ts';
import { certificateReaderContract } from '../../contracts/certificate-reader.contract.ts';
import {
  ALGORITHM, bits, certificateDer, EC_SPKI, EXTENSIONS, extension, extensions, generalizedTime, int, name, nul, octets, oid,
  printable, raw, seq, set, tagged, text, tlv, utcTime, utf8, type CertificateParts,
} from '../../support/der-builder.ts';

certificateReaderContract('ForgeCertificateReader', () => new ForgeCertificateReader());

const reader = new ForgeCertificateReader();

function read(der: Uint8Array): Certificate {
  const answer = reader.read(der);
  if (!answer.granted) throw new Error(JSON.stringify(answer.refusal));
  return answer.value;
}
const readWith = (parts: Partial<CertificateParts>): Certificate => read(certificateDer(parts));
const refusalOf = (der: Uint8Array): unknown => {
  const answer = reader.read(der);
  return answer.granted ? 'read' : answer.refusal;
};
const malformed = (field: string, problem: string) => ({ code: 'chain.malformed-certificate', evidence: { field, problem } });
const nothing = Buffer.alloc(0);

describe('A certificate is read field by field', () => {
  it('counts the bytes of the signature', () => {
    expect(readWith({ signatureValue: bits('0102030405') }).signatureBytes).toBe(5);
  });

  it('returns all of them', () => {
    const der = certificateDer();
    const { issuer, subject, publicKey, ...rest } = read(der);
    expect(rest).toEqual({
      der: new Uint8Array(der),
      fingerprint: createHash('sha1').update(der).digest('hex'),
      thumbprint: createHash('sha256').update(der).digest('hex'),
      version: 3,
      serialNumber: '1234',
      signature: { scheme: 'ecdsa', hash: 'sha256', name: 'SHA256withECDSA' },
      signatureAlgorithmsAgree: true,
      signatureBytes: expect.any(Number),
      notBefore: new Date('2026-01-01T00:00:00Z'),
      notAfter: new Date('2036-12-31T23:59:59Z'),
      basicConstraints: { ca: true, pathLength: 2 },
      keyUsage: new Set(['keyCertSign', 'cRLSign']),
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1'],
      subjectKeyIdentifier: '0102030a',
      authorityKeyIdentifier: '0a0b0c',
      extensions: [
        { oid: '2.5.29.19', critical: true },
        { oid: '2.5.29.15', critical: true },
        { oid: '2.5.29.37', critical: false },
        { oid: '2.5.29.14', critical: false },
        { oid: '2.5.29.35', critical: false },
      ],
    });
    expect(nameText(issuer)).toBe('CN=Works Root, C=DE');
    expect(subject.rdns).toEqual([
      [{ type: '2.5.4.10', stringType: 'UTF8String', value: 'Works' }],
      [{ type: '2.5.4.3', stringType: 'UTF8String', value: 'Works Issuing' }],
    ]);
    expect(publicKey).toEqual({ kind: 'ec', curve: 'P-256', spki: new Uint8Array(EC_SPKI) });
  });

  it('reads versions 1 and 2, which have no extensions', () => {
    expect(readWith({ version: nothing, extensions: nothing })).toMatchObject({ version: 1, extensions: [] });
    expect(readWith({ version: tagged(0, int(1)), extensions: nothing })).toMatchObject({ version: 2, extensions: [] });
    expect(readWith({ extensions: nothing })).not.toHaveProperty('basicConstraints');
  });

  it('reads the unique identifiers that version 2 brought, whatever they look like', () => {
    const uniqueIdentifiers = Buffer.concat([tlv(0x81, '0042'), tlv(0x82, '0042')]);
    expect(readWith({ uniqueIdentifiers })).toMatchObject({ version: 3 });
  });

  it('keeps the serial number without the byte that makes it positive, up to 20 bytes', () => {
    expect(readWith({ serialNumber: raw('02 02 0080') }).serialNumber).toBe('80');
    expect(readWith({ serialNumber: tlv(0x02, `00${'ff'.repeat(20)}`) }).serialNumber).toBe('ff'.repeat(20));
  });

  it('tells when the two signature algorithms differ (X15)', () => {
    const der = certificateDer({ signatureAlgorithm: ALGORITHM.sha256WithRsa });
    expect(read(der)).toMatchObject({ signatureAlgorithmsAgree: false, signature: { name: 'SHA256withRSA' } });
  });

  it.each([
    ['no path length', extension('2.5.29.19', seq(tlv(0x01, 'ff'))), { ca: true }],
    ['no CA', extension('2.5.29.19', seq()), { ca: false }],
    ['a path length of nought', extension('2.5.29.19', seq(tlv(0x01, 'ff'), int(0))), { ca: true, pathLength: 0 }],
  ])('reads basicConstraints with %s', (_what, constraints, expected) => {
    expect(readWith({ extensions: extensions(constraints) }).basicConstraints).toEqual(expected);
  });

  it('reads all nine key usages, and zero bits at the end change nothing', () => {
    const usages = (value: Buffer) => [...readWith({ extensions: extensions(extension('2.5.29.15', value)) }).keyUsage!];
    expect(usages(bits('ff80', 7))).toEqual([
      'digitalSignature', 'nonRepudiation', 'keyEncipherment', 'dataEncipherment', 'keyAgreement', 'keyCertSign', 'cRLSign', 'encipherOnly', 'decipherOnly',
    ]);
    expect(usages(bits('80', 7))).toEqual(['digitalSignature']);
    expect(usages(bits('80', 1))).toEqual(['digitalSignature']);
  });

  it('reads long arcs of object identifiers exactly', () => {
    const long = '2.25.329800735698586629295641978511506172918';
    expect(readWith({ extensions: extensions(extension(long, nul())) }).extensions).toEqual([{ oid: long, critical: false }]);
    expect(readWith({ extensions: extensions(extension('2.999.3', nul()), extension('1.39.1', nul())) }).extensions.map((e) => e.oid)).toEqual(['2.999.3', '1.39.1']);
  });

  it('X30 reads both forms of time, the turn of the century at 1950 and 2050, and the year 9999', () => {
    const years = (from: Buffer, to: Buffer) => {
      const { notBefore, notAfter } = readWith({ validity: seq(from, to) });
      return [notBefore.toISOString(), notAfter.toISOString()];
    };
    expect(years(utcTime('500101000000Z'), utcTime('491231235959Z'))).toEqual(['1950-01-01T00:00:00.000Z', '2049-12-31T23:59:59.000Z']);
    expect(years(generalizedTime('20500101000000Z'), generalizedTime('99991231235959Z'))).toEqual(['2050-01-01T00:00:00.000Z', '9999-12-31T23:59:59.000Z']);
    expect(years(utcTime('000229120000Z'), generalizedTime('00500101000000Z'))).toEqual(['2000-02-29T12:00:00.000Z', '0050-01-01T00:00:00.000Z']);
  });

  it('X30 reads a GeneralizedTime before 2050 as the time it states (RFC 5280 §4.1.2.5 makes readers take both forms)', () => {
    expect(readWith({ validity: seq(generalizedTime('20200101000000Z'), generalizedTime('20491231235959Z')) }).notAfter).toEqual(new Date('2049-12-31T23:59:59Z'));
  });
});

describe('The device is who the common name says', () => {
  it('X27 even where every alternative name says somebody else, critical or not', () => {
    const others = seq(tlv(0x82, Buffer.from('press-8')), tlv(0x81, Buffer.from('press-8@works')), tlv(0x86, Buffer.from('urn:press-8')), tagged(4, name(['2.5.4.3', utf8('press-8')])));
    for (const critical of [false, true]) {
      const leaf = readWith({ subject: name(['2.5.4.3', utf8('press-7')]), extensions: extensions(extension('2.5.29.17', others, critical)) });
      expect(leaf.extensions).toEqual([{ oid: '2.5.29.17', critical }]);
      const asking = { acceptsAssignedId: true };
      expect(readIdentity(leaf as TrustedLeaf, { ...asking, clientId: 'press-7' })).toMatchObject({ value: { device: 'press-7' } });
      expect(readIdentity(leaf as TrustedLeaf, { ...asking, clientId: 'press-8' })).toMatchObject({ refusal: { code: 'identity.client-id-differs' } });
    }
  });
});

describe('Names are decoded by the type of string', () => {
  const attribute = (value: Buffer) => readWith({ subject: name(['2.5.4.3', value]) }).subject.rdns[0]![0];

  it.each([
    ['UTF8String', utf8('Prüfstand 😀'), 'Prüfstand 😀'],
    ['UTF8String', utf8('\ufeffmarked'), '\ufeffmarked'],
    ['UTF8String', utf8('nul\u0000inside'), 'nul\u0000inside'],
    ['PrintableString', printable("A-z 0'()+,./:=?"), "A-z 0'()+,./:=?"],
    ['IA5String', text(0x16, 'a@b_c'), 'a@b_c'],
    ['BMPString', tlv(0x1e, '0041 00fc 4e2d'), 'Aü中'],
    ['UniversalString', tlv(0x1c, '00000041 0001f600'), 'A😀'],
    ['T61String', text(0x14, 'x\u00fcy'), 'xüy'],
    ['other', text(0x12, '42'), '12023432'],
    ['other', seq(int(1)), '3003020101'],
  ])('X28 a %s is kept as what it says', (stringType, value, expected) => {
    expect(attribute(value)).toEqual({ type: '2.5.4.3', stringType, value: expected });
  });

  it('X28 keeps every attribute of an RDN that has several, and the order of the RDNs', () => {
    const subject = seq(set(seq(oid('2.5.4.3'), utf8('b'))), set(seq(oid('2.5.4.3'), utf8('a')), seq(oid('2.5.4.5'), utf8('7'))));
    expect(readWith({ subject }).subject.rdns.map((rdn) => rdn.map(({ value }) => value))).toEqual([['b'], ['a', '7']]);
  });

  it('reads an empty subject', () => {
    expect(readWith({ subject: seq() }).subject.rdns).toEqual([]);
  });
});

/** An extension nobody knows, so that only the walk over its value can find the defect. */
const inside = (hex: string): Partial<CertificateParts> => ({ extensions: extensions(extension('1.3.6.1.4.1.99999.1', raw(hex))) });
const notDer = (problem: string) => ({ code: 'chain.not-der', evidence: { problem, offset: expect.any(Number) } });

describe('X16 everything that is BER and not DER is refused by the walk over every part (D-18)', () => {
  it.each<[string, Partial<CertificateParts>, string]>([
    ['a length of more bytes than need be', inside('04 81 01 00'), 'a length is written longer than need be'],
    ['a length with a zero byte in front', inside(`04 82 00 80 ${'00'.repeat(128)}`), 'a length is written longer than need be'],
    ['an indefinite length', inside('30 80 05 00 00 00'), 'a length is indefinite'],
    ['a length of four bytes', inside('04 84 00 00 00 01 00'), 'a length takes more than three bytes'],
    ['a length beyond what holds it', inside('30 03 04 02 00'), 'a value is longer than what holds it'],
    ['a length cut short', inside('30 02 04 82'), 'a length is cut short'],
    ['a value cut short', inside('30 01 04'), 'a value is cut short'],
    ['bytes after a value', inside('05 00 05 00'), 'bytes follow where the value has ended'],
    ['an empty extension value', { extensions: extensions(extension('1.2.3', '')) }, 'a value is cut short'],
    ['an end-of-contents mark', inside('30 02 00 00'), 'an end-of-contents mark stands outside BER’s indefinite form'],
    ['a padded tag number', inside('9f 80 1f 00'), 'a tag number is padded'],
    ['a small tag number in the long form', inside('9f 1e 00'), 'a tag number is written longer than need be'],
    ['an endless tag number', inside('9f ff ff ff ff 01 00'), 'a tag number is cut short or beyond 28 bits'],
    ['a constructed OCTET STRING', inside('24 03 04 01 00'), 'a string or simple value is constructed'],
    ['a constructed UTF8String', inside('2c 03 0c 01 41'), 'a string or simple value is constructed'],
    ['a constructed BIT STRING', inside('23 04 03 02 00 41'), 'a string or simple value is constructed'],
    ['a constructed BOOLEAN', inside('21 03 01 01 ff'), 'a string or simple value is constructed'],
    ['a primitive SEQUENCE', inside('10 02 05 00'), 'a SEQUENCE or SET is primitive'],
    ['a primitive SET', inside('11 02 05 00'), 'a SEQUENCE or SET is primitive'],
    ['a BOOLEAN of 01', inside('01 01 01'), 'a BOOLEAN is neither 00 nor FF'],
    ['a BOOLEAN of two bytes', inside('01 02 ff ff'), 'a BOOLEAN is not one byte long'],
    ['an empty BOOLEAN', inside('01 00'), 'a BOOLEAN is not one byte long'],
    ['an empty INTEGER', inside('02 00'), 'an INTEGER is empty'],
    ['an INTEGER padded with 00', inside('02 02 00 7f'), 'an INTEGER is padded'],
    ['an INTEGER padded with FF', inside('02 02 ff 80'), 'an INTEGER is padded'],
    ['a padded ENUMERATED', inside('0a 02 00 01'), 'an INTEGER is padded'],
    ['a BIT STRING without its first byte', inside('03 00'), 'a BIT STRING lacks the count of unused bits'],
    ['a BIT STRING with 8 unused bits', inside('03 02 08 00'), 'a BIT STRING has more than 7 unused bits'],
    ['a BIT STRING with an unused bit set', inside('03 02 03 04'), 'an unused bit of a BIT STRING is set'],
    ['an empty BIT STRING with unused bits', inside('03 01 01'), 'an empty BIT STRING has unused bits'],
    ['a NULL with content', inside('05 01 00'), 'a NULL has content'],
    ['an empty OBJECT IDENTIFIER', inside('06 00'), 'an OBJECT IDENTIFIER is empty'],
    ['an incomplete OBJECT IDENTIFIER', inside('06 02 2a 86'), 'an OBJECT IDENTIFIER is incomplete'],
    ['a padded OBJECT IDENTIFIER', inside('06 03 2a 80 01'), 'an arc of an OBJECT IDENTIFIER is padded'],
    ['a padded first arc', inside('06 02 80 01'), 'an arc of an OBJECT IDENTIFIER is padded'],
    ['a padded RELATIVE-OID', inside('0d 02 80 01'), 'an arc of an OBJECT IDENTIFIER is padded'],
    ['a UTCTime without seconds', { validity: seq(utcTime('2601010000Z'), utcTime('361231235959Z')) }, 'a UTCTime is not YYMMDDHHMMSSZ'],
    ['a UTCTime with an offset', { validity: seq(utcTime('260101000000+0100'), utcTime('361231235959Z')) }, 'a UTCTime is not YYMMDDHHMMSSZ'],
    ['a UTCTime without Z', { validity: seq(utcTime('2601010000000'), utcTime('361231235959Z')) }, 'a UTCTime is not YYMMDDHHMMSSZ'],
    ['a UTCTime with a sign for a digit', { validity: seq(utcTime('26010100000+Z'), utcTime('361231235959Z')) }, 'a UTCTime is not YYMMDDHHMMSSZ'],
    ['a GeneralizedTime with fractions', { validity: seq(utcTime('260101000000Z'), generalizedTime('20500101000000.5Z')) }, 'a GeneralizedTime is not YYYYMMDDHHMMSSZ'],
    ['a GeneralizedTime of local time', { validity: seq(utcTime('260101000000Z'), generalizedTime('205001010000000')) }, 'a GeneralizedTime is not YYYYMMDDHHMMSSZ'],
    ['a time in an extension', inside(utcTime('2601010000Z').toString('hex')), 'a UTCTime is not YYMMDDHHMMSSZ'],
    ['the 30th of February', { validity: seq(utcTime('260230000000Z'), utcTime('361231235959Z')) }, 'a time names a day or an hour that does not exist'],
    ['the 29th of February of no leap year', { validity: seq(utcTime('260229000000Z'), utcTime('361231235959Z')) }, 'a time names a day or an hour that does not exist'],
    ['the 13th month', { validity: seq(utcTime('261301000000Z'), utcTime('361231235959Z')) }, 'a time names a day or an hour that does not exist'],
    ['the day nought', { validity: seq(utcTime('260100000000Z'), utcTime('361231235959Z')) }, 'a time names a day or an hour that does not exist'],
    ['the 24th hour', { validity: seq(utcTime('260101240000Z'), utcTime('361231235959Z')) }, 'a time names a day or an hour that does not exist'],
    ['the 60th minute', { validity: seq(utcTime('260101006000Z'), utcTime('361231235959Z')) }, 'a time names a day or an hour that does not exist'],
    ['a leap second', { validity: seq(utcTime('260101235960Z'), utcTime('361231235959Z')) }, 'a time names a day or an hour that does not exist'],
    ['UTF-8 written longer than need be', { subject: name(['2.5.4.3', tlv(0x0c, 'c0af')]) }, 'bytes of a string are no character of its type, UTF8String'],
    ['UTF-8 of a surrogate', { subject: name(['2.5.4.3', tlv(0x0c, 'eda080')]) }, 'bytes of a string are no character of its type, UTF8String'],
    ['Latin-1 in a UTF8String', { subject: name(['2.5.4.3', tlv(0x0c, 'fc')]) }, 'bytes of a string are no character of its type, UTF8String'],
    ['an underscore in a PrintableString', { subject: name(['2.5.4.3', printable('a_b')]) }, 'bytes of a string are no character of its type, PrintableString'],
    ['NUL in a PrintableString', { subject: name(['2.5.4.3', printable('a\u0000')]) }, 'bytes of a string are no character of its type, PrintableString'],
    ['a byte beyond 127 in an IA5String', { subject: name(['2.5.4.3', text(0x16, '\u0080')]) }, 'bytes of a string are no character of its type, IA5String'],
    ['a letter in a NumericString', { subject: name(['2.5.4.5', text(0x12, '1a')]) }, 'bytes of a string are no character of its type, NumericString'],
    ['a control character in a VisibleString', { subject: name(['2.5.4.5', text(0x1a, 'a\u0007')]) }, 'bytes of a string are no character of its type, VisibleString'],
    ['a BMPString of odd length', { subject: name(['2.5.4.3', tlv(0x1e, '004100')]) }, 'bytes of a string are no character of its type, BMPString'],
    ['a surrogate pair in a BMPString', { subject: name(['2.5.4.3', tlv(0x1e, 'd83dde00')]) }, 'bytes of a string are no character of its type, BMPString'],
    ['a UniversalString of five bytes', { subject: name(['2.5.4.3', tlv(0x1c, '0000004100')]) }, 'bytes of a string are no character of its type, UniversalString'],
    ['a UniversalString beyond Unicode', { subject: name(['2.5.4.3', tlv(0x1c, '00110000')]) }, 'bytes of a string are no character of its type, UniversalString'],
    ['a surrogate in a UniversalString', { subject: name(['2.5.4.3', tlv(0x1c, '0000d800')]) }, 'bytes of a string are no character of its type, UniversalString'],
    ['an RDN that is not sorted', { subject: seq(set(seq(oid('2.5.4.5'), utf8('7')), seq(oid('2.5.4.3'), utf8('a')))) }, 'a SET OF is not sorted'],
    ['version 1 written out', { version: tagged(0, int(0)), extensions: nothing }, 'a default value (version 1) is written out'],
    ['critical FALSE written out', { extensions: extensions(seq(oid('2.5.29.19'), tlv(0x01, '00'), octets(seq()))) }, 'a default value (critical FALSE) is written out'],
    ['cA FALSE written out', { extensions: extensions(extension('2.5.29.19', seq(tlv(0x01, '00')))) }, 'a default value (cA FALSE) is written out'],
    ['the default salt of RSASSA-PSS written out', { signatureAlgorithm: seq(oid('1.2.840.113549.1.1.10'), seq(tagged(2, int(20)))) }, 'a default value (20 in RSASSA-PSS) is written out'],
    ['the default trailer of RSASSA-PSS written out', { signatureAlgorithm: seq(oid('1.2.840.113549.1.1.10'), seq(tagged(3, int(1)))) }, 'a default value (1 in RSASSA-PSS) is written out'],
    ['the default digest of RSASSA-PSS written out', { signatureAlgorithm: seq(oid('1.2.840.113549.1.1.10'), seq(tagged(0, seq(oid('1.3.14.3.2.26'), nul())))) }, 'a default value (SHA-1 in RSASSA-PSS) is written out'],
    ['a padded modulus inside the key', { subjectPublicKeyInfo: seq(seq(oid('1.2.840.113549.1.1.1'), nul()), bits(seq(raw('02 02 00 7f'), int(65537)))) }, 'an INTEGER is padded'],
    ['bytes after the key inside the key', { subjectPublicKeyInfo: seq(seq(oid('1.2.840.113549.1.1.1'), nul()), bits(Buffer.concat([seq(int(0xff01), int(65537)), nul()]))) }, 'bytes follow where the value has ended'],
    ['a padded serial number', { serialNumber: raw('02 02 00 01') }, 'an INTEGER is padded'],
    ['a value nested a thousand times', inside(nested(1_000)), 'values nest deeper than 32'],
  ])('%s', (_what, parts, problem) => {
    expect(refusalOf(certificateDer(parts))).toEqual(notDer(problem));
  });

  it('bytes after the certificate, and nothing at all', () => {
    const der = certificateDer();
    expect(refusalOf(Buffer.concat([der, raw('00')]))).toEqual({ code: 'chain.not-der', evidence: { problem: 'bytes follow where the value has ended', offset: der.length } });
    expect(refusalOf(nothing)).toEqual({ code: 'chain.not-der', evidence: { problem: 'a value is cut short', offset: 0 } });
  });

  it('the offset leads to the byte that is wrong', () => {
    const der = certificateDer({ subject: name(['2.5.4.3', printable('spoilt_here')]) });
    expect(refusalOf(der)).toMatchObject({ evidence: { offset: der.indexOf('spoilt_here') + 6 } });
  });

  it('long tag numbers and REAL, RELATIVE-OID and ENUMERATED are no defect', () => {
    expect(readWith(inside('30 10 bf 85 3d 02 05 00 9f 1f 01 00 0d 01 05 0a 01 01')).version).toBe(3);
  });
});

/** SEQUENCE in SEQUENCE, as hex. */
function nested(depth: number): string {
  let value = nul();
  for (let i = 0; i < depth; i++) value = seq(value);
  return value.toString('hex');
}

describe('What is DER but no certificate of RFC 5280 is refused by field', () => {
  it.each<[string, Partial<CertificateParts>, object]>([
    ['version 4', { version: tagged(0, int(3)) }, malformed('version', 'is not 1, 2 or 3')],
    ['two versions', { version: tagged(0, int(2), int(2)) }, malformed('version', 'is not 1, 2 or 3')],
    ['a version of two bytes', { version: tagged(0, int(0x102)) }, malformed('version', 'is not 1, 2 or 3')],
    ['extensions in version 1', { version: nothing }, malformed('extensions', 'are present in a certificate of version 1')],
    ['extensions in version 2', { version: tagged(0, int(1)) }, malformed('extensions', 'are present in a certificate of version 2')],
    ['a unique identifier in version 1', { version: nothing, extensions: nothing, uniqueIdentifiers: tlv(0x81, '0042') }, malformed('tbsCertificate', 'has a unique identifier, which version 1 does not know')],
    ['a field too many', { uniqueIdentifiers: nul() }, malformed('tbsCertificate', 'has a field that does not belong there')],
    ['extensions twice', { uniqueIdentifiers: extensions(EXTENSIONS.ca) }, malformed('tbsCertificate', 'has a field that does not belong there')],
    ['a serial number that is no INTEGER', { serialNumber: octets('01') }, malformed('serialNumber', 'is not an INTEGER')],
    ['one time only', { validity: seq(utcTime('260101000000Z')) }, malformed('validity', 'is not two times')],
    ['a text for a time', { validity: seq(printable('260101000000Z'), utcTime('361231235959Z')) }, malformed('validity', 'is not two times')],
    ['an empty issuer', { issuer: seq() }, malformed('issuer', 'is empty')],
    ['an empty RDN', { subject: seq(set()) }, malformed('subject', 'has an empty RDN')],
    ['a name of SEQUENCEs', { subject: seq(seq(oid('2.5.4.3'), utf8('a'))) }, malformed('subject', 'is not a SEQUENCE of SETs')],
    ['an attribute without a value', { subject: seq(set(seq(oid('2.5.4.3')))) }, malformed('subject', 'has an attribute that is not a type and a value')],
    ['an object identifier of 65 bytes', { subject: seq(set(seq(tlv(0x06, '01'.repeat(65)), utf8('a')))) }, malformed('subject', 'is an OBJECT IDENTIFIER of more than 64 bytes')],
    ['no extension in the list', { extensions: extensions() }, malformed('extensions', 'is not one list of at least one extension')],
    ['two lists of extensions', { extensions: tagged(3, seq(EXTENSIONS.ca), seq(EXTENSIONS.keyUsage)) }, malformed('extensions', 'is not one list of at least one extension')],
    ['an extension without a value', { extensions: extensions(seq(oid('2.5.29.19'))) }, malformed('extensions', 'is not a list with OCTET STRINGs for values')],
    ['an extension with two values', { extensions: extensions(seq(oid('2.5.29.19'), octets(seq()), octets(seq()))) }, malformed('extensions', 'is not a list with BOOLEANs for critical')],
    ['an extension of four parts', { extensions: extensions(seq(oid('2.5.29.19'), nul(), nul(), octets(seq()))) }, malformed('extensions', 'has an extension with more than three parts')],
    ['a negative path length', { extensions: extensions(extension('2.5.29.19', seq(tlv(0x01, 'ff'), raw('0201ff')))) }, malformed('basicConstraints', 'has a negative pathLenConstraint')],
    ['an endless path length', { extensions: extensions(extension('2.5.29.19', seq(tlv(0x01, 'ff'), int(2n ** 40n)))) }, malformed('basicConstraints', 'has a pathLenConstraint beyond 31 bits')],
    ['a text for a path length', { extensions: extensions(extension('2.5.29.19', seq(utf8('1')))) }, malformed('basicConstraints', 'is not a cA flag and a pathLenConstraint')],
    ['more in basicConstraints', { extensions: extensions(extension('2.5.29.19', seq(int(1), int(1)))) }, malformed('basicConstraints', 'has more than a cA flag and a pathLenConstraint')],
    ['a key usage that allows nothing', { extensions: extensions(extension('2.5.29.15', bits(''))) }, malformed('keyUsage', 'allows nothing')],
    ['a key usage that is no BIT STRING', { extensions: extensions(extension('2.5.29.15', octets('80'))) }, malformed('keyUsage', 'is not a BIT STRING')],
    ['X10 an empty extended key usage', { extensions: extensions(extension('2.5.29.37', seq())) }, malformed('extendedKeyUsage', 'is empty')],
    ['a purpose that is no OBJECT IDENTIFIER', { extensions: extensions(extension('2.5.29.37', seq(int(1)))) }, malformed('extendedKeyUsage', 'is not an OBJECT IDENTIFIER')],
    ['a subject key identifier of another type', { extensions: extensions(extension('2.5.29.14', seq())) }, malformed('subjectKeyIdentifier', 'is not an OCTET STRING')],
    ['an authority key identifier in disorder', { extensions: extensions(extension('2.5.29.35', seq(tlv(0x82, '07'), tlv(0x80, '0a')))) }, malformed('authorityKeyIdentifier', 'is not a key identifier, an issuer and a serial number, in this order')],
    ['a constructed authority key identifier', { extensions: extensions(extension('2.5.29.35', seq(tlv(0xa0, octets('0a'))))) }, malformed('authorityKeyIdentifier', 'is not a key identifier, an issuer and a serial number, in this order')],
    ['a signature of some bits', { signatureValue: bits('80', 7) }, malformed('signatureValue', 'is no whole number of bytes')],
    ['a signature that is no BIT STRING', { signatureValue: octets('80') }, malformed('signatureValue', 'is not a BIT STRING')],
    ['an algorithm of three parts', { signatureAlgorithm: seq(oid('1.2.3'), nul(), nul()) }, malformed('signatureAlgorithm', 'has more than an OBJECT IDENTIFIER and parameters')],
    ['no algorithm in the signed part', { signature: seq() }, malformed('signature', 'is not an OBJECT IDENTIFIER')],
    ['a key of some bits', { subjectPublicKeyInfo: seq(seq(oid('1.3.101.112')), bits('80', 7)) }, malformed('subjectPublicKeyInfo', 'has a key that is no whole number of bytes')],
    ['a key without an algorithm', { subjectPublicKeyInfo: seq(bits('80')) }, malformed('subjectPublicKeyInfo', 'is not an algorithm and a key')],
    ['a modulus of zero', { subjectPublicKeyInfo: seq(seq(oid('1.2.840.113549.1.1.1'), nul()), bits(seq(int(0), int(3)))) }, malformed('subjectPublicKeyInfo', 'has an RSA modulus or exponent of zero')],
    ['a negative modulus', { subjectPublicKeyInfo: seq(seq(oid('1.2.840.113549.1.1.1'), nul()), bits(seq(raw('0201ff'), int(3)))) }, malformed('subjectPublicKeyInfo', 'has a negative RSA modulus or exponent')],
    ['an RSA key of three numbers', { subjectPublicKeyInfo: seq(seq(oid('1.2.840.113549.1.1.1'), nul()), bits(seq(int(9), int(3), int(3)))) }, malformed('subjectPublicKeyInfo', 'is not an RSA modulus and exponent')],
  ])('%s', (_what, parts, refusal) => {
    expect(refusalOf(certificateDer(parts))).toEqual(refusal);
  });

  it('something else altogether', () => {
    expect(refusalOf(nul())).toEqual(malformed('Certificate', 'is not a SEQUENCE'));
    expect(refusalOf(seq(nul()))).toEqual(malformed('Certificate', 'is not a signed part, an algorithm and a signature'));
    expect(refusalOf(seq(nul(), nul(), nul()))).toEqual(malformed('tbsCertificate', 'is not a SEQUENCE'));
  });

  it('X16 the same extension twice', () => {
    expect(refusalOf(certificateDer({ extensions: extensions(EXTENSIONS.ca, EXTENSIONS.keyUsage, EXTENSIONS.ca) }))).toEqual({
      code: 'chain.duplicate-extension',
      evidence: { extension: '2.5.29.19' },
    });
  });

  it.each([
    ['negative', raw('02 01 ff'), 'negative'],
    ['zero', int(0), 'zero'],
    ['21 bytes long', tlv(0x02, '01'.repeat(21)), '21 bytes long'],
    ['30 bytes long', tlv(0x02, '01'.repeat(30)), '30 bytes long'],
  ])('X16 a serial number that is %s', (_what, serialNumber, problem) => {
    expect(refusalOf(certificateDer({ serialNumber }))).toEqual({ code: 'chain.bad-serial-number', evidence: { problem } });
  });

  it('a certificate of more than 16 KiB is refused by its size alone, one of exactly 16 KiB is read', () => {
    const ofSize = (size: number): Buffer => {
      const padded = (padding: number) => certificateDer({ signatureValue: bits('00'), extensions: extensions(extension('1.2.3', octets(Buffer.alloc(padding)))) });
      return padded(12_000 + size - padded(12_000).length);
    };
    expect(ofSize(16_384)).toHaveLength(16_384);
    expect(read(ofSize(16_384)).version).toBe(3);
    expect(refusalOf(ofSize(16_385))).toEqual({ code: 'chain.certificate-too-large', evidence: { bytes: 16_385, allowed: 16_384 } });
    expect(refusalOf(Buffer.alloc(16_385))).toMatchObject({ code: 'chain.certificate-too-large' });
  });
});

describe('Keys and algorithms are recognised, and named in words people know', () => {
  const keyOf = (subjectPublicKeyInfo: Buffer) => readWith({ subjectPublicKeyInfo }).publicKey;
  const spkiOf = (key: { export(options: { format: 'der'; type: 'spki' }): Buffer }): Buffer => key.export({ format: 'der', type: 'spki' });

  it.each(['P-256', 'P-384', 'P-521'] as const)('reads %s', (curve) => {
    const spki = spkiOf(generateKeyPairSync('ec', { namedCurve: curve }).publicKey);
    expect(keyOf(spki)).toEqual({ kind: 'ec', curve, spki: new Uint8Array(spki) });
  });

  it('reads Ed25519', () => {
    const spki = spkiOf(generateKeyPairSync('ed25519').publicKey);
    expect(keyOf(spki)).toEqual({ kind: 'ed25519', spki: new Uint8Array(spki) });
  });

  const rsaSpki = (modulus: bigint, exponent: bigint): Buffer => seq(seq(oid('1.2.840.113549.1.1.1'), nul()), bits(seq(int(modulus), int(exponent))));

  it('counts the bits of an RSA modulus', () => {
    for (const bitCount of [1024, 2047, 2048, 4096]) {
      expect(keyOf(rsaSpki(2n ** BigInt(bitCount - 1) + 1n, 65537n))).toMatchObject({ kind: 'rsa', bits: bitCount, exponent: 65537n });
    }
  });

  it('S09 reads RSA with 16,384 bits, and an exponent of 1, without doing anything with them', () => {
    expect(keyOf(rsaSpki(2n ** 16_384n - 1n, 1n))).toMatchObject({ kind: 'rsa', bits: 16_384, exponent: 1n });
  });

  it('S09 takes an exponent up to 64 bits and no longer', () => {
    expect(keyOf(rsaSpki(2n ** 2048n - 1n, 2n ** 64n - 1n))).toMatchObject({ kind: 'rsa', exponent: 2n ** 64n - 1n });
    expect(keyOf(rsaSpki(2n ** 2048n - 1n, 2n ** 64n + 1n))).toMatchObject({ kind: 'unsupported', algorithm: 'RSA with an exponent beyond 64 bits' });
  });

  it.each([
    ['P-256', 32],
    ['P-384', 48],
    ['P-521', 66],
  ] as const)('S09 an EC point that is not on %s, is cut short, or is beyond the field, is no key', (curve, length) => {
    const good = spkiOf(generateKeyPairSync('ec', { namedCurve: curve }).publicKey);
    const off = Buffer.from(good);
    off[off.length - 1]! ^= 1;
    const withPoint = (point: Buffer) => Buffer.concat([seq(good.subarray(good[1]! < 0x80 ? 2 : 3, good.length - point.length - (curve === 'P-521' ? 4 : 3)), bits(point))]);
    const beyond = Buffer.concat([Buffer.of(4), Buffer.alloc(2 * length, 0xff)]);
    const algorithm = `${curve} with a point that is not on the curve, or not uncompressed`;
    expect(keyOf(withPoint(good.subarray(good.length - 1 - 2 * length)))).toMatchObject({ kind: 'ec' });
    for (const spki of [off, withPoint(beyond)]) expect(keyOf(spki)).toMatchObject({ kind: 'unsupported', algorithm });
    const curveOid = { 'P-256': '1.2.840.10045.3.1.7', 'P-384': '1.3.132.0.34', 'P-521': '1.3.132.0.35' }[curve];
    const compressed = Buffer.concat([Buffer.of(2), good.subarray(good.length - 2 * length, good.length - length)]);
    for (const point of [compressed, Buffer.of(0), nothing, Buffer.alloc(1 + 2 * length)]) {
      expect(keyOf(seq(seq(oid('1.2.840.10045.2.1'), oid(curveOid)), bits(point)))).toMatchObject({ kind: 'unsupported', algorithm });
    }
  });

  it('S09 an EC point whose coordinate is written with the field’s prime added is no key, though the sum is right modulo the prime', () => {
    const p = 2n ** 521n - 1n;
    const b = 0x051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n;
    const power = (base: bigint, exponent: bigint): bigint => {
      let result = 1n;
      for (let square = base, left = exponent; left > 0n; left >>= 1n, square = (square * square) % p) if (left & 1n) result = (result * square) % p;
      return result;
    };
    const right = (x: bigint): bigint => (x ** 3n - 3n * x + b) % p;
    const root = (x: bigint): bigint => power(right(x), (p + 1n) / 4n);
    const x = [2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n].find((candidate) => root(candidate) ** 2n % p === right(candidate))!;
    const point = (abscissa: bigint) => bits(`04${abscissa.toString(16).padStart(132, '0')}${root(x).toString(16).padStart(132, '0')}`);
    const spki = (abscissa: bigint) => seq(seq(oid('1.2.840.10045.2.1'), oid('1.3.132.0.35')), point(abscissa));
    expect(keyOf(spki(x))).toMatchObject({ kind: 'ec', curve: 'P-521' });
    expect(keyOf(spki(x + p))).toMatchObject({ kind: 'unsupported' });
  });

  const ec = (parameters: Buffer) => seq(seq(oid('1.2.840.10045.2.1'), parameters), bits(`04${'11'.repeat(48)}`));
  it.each<[string, Buffer]>([
    ['DSA', seq(seq(oid('1.2.840.10040.4.1'), seq(int(23), int(11), int(4))), bits(int(8)))],
    ['P-192', ec(oid('1.2.840.10045.3.1.1'))],
    ['secp256k1', ec(oid('1.3.132.0.10'))],
    ['brainpoolP256r1', ec(oid('1.3.36.3.3.2.8.1.1.7'))],
    ['EC with curve 1.2.3.4', ec(oid('1.2.3.4'))],
    ['EC with explicit curve parameters', ec(seq(int(1), seq(oid('1.2.840.10045.1.1'), int(23))))],
    ['EC without a named curve', ec(nul())],
    ['X25519', spkiOf(generateKeyPairSync('x25519').publicKey)],
    ['Ed448', spkiOf(generateKeyPairSync('ed448').publicKey)],
    ['RSA without NULL parameters', seq(seq(oid('1.2.840.113549.1.1.1')), bits(seq(int(0xff01), int(3))))],
    ['Ed25519 in no legal form', seq(seq(oid('1.3.101.112'), nul()), bits('11'.repeat(32)))],
    ['Ed25519 in no legal form', seq(seq(oid('1.3.101.112')), bits('11'.repeat(31)))],
    ['algorithm 1.2.3.4', seq(seq(oid('1.2.3.4')), bits('00'))],
  ])('X14 names a key it does not take: %s', (algorithm, spki) => {
    expect(keyOf(spki)).toEqual({ kind: 'unsupported', algorithm, spki: new Uint8Array(spki) });
  });

  const sha = (n: number) => seq(oid(`2.16.840.1.101.3.4.2.${n}`), nul());
  const pss = (hash: Buffer, mask: Buffer, salt: number) =>
    seq(oid('1.2.840.113549.1.1.10'), seq(tagged(0, hash), tagged(1, seq(oid('1.2.840.113549.1.1.8'), mask)), tagged(2, int(salt))));
  it.each<[string, Buffer, object]>([
    ['MD5withRSA', seq(oid('1.2.840.113549.1.1.4'), nul()), { scheme: 'rsa-pkcs1', hash: 'md5' }],
    ['SHA1withRSA', seq(oid('1.2.840.113549.1.1.5'), nul()), { scheme: 'rsa-pkcs1', hash: 'sha1' }],
    ['SHA224withRSA', seq(oid('1.2.840.113549.1.1.14'), nul()), { scheme: 'rsa-pkcs1', hash: 'sha224' }],
    ['SHA256withRSA', seq(oid('1.2.840.113549.1.1.11')), { scheme: 'rsa-pkcs1', hash: 'sha256' }],
    ['SHA384withRSA', seq(oid('1.2.840.113549.1.1.12'), nul()), { scheme: 'rsa-pkcs1', hash: 'sha384' }],
    ['SHA512withRSA', seq(oid('1.2.840.113549.1.1.13'), nul()), { scheme: 'rsa-pkcs1', hash: 'sha512' }],
    ['SHA1withECDSA', seq(oid('1.2.840.10045.4.1')), { scheme: 'ecdsa', hash: 'sha1' }],
    ['SHA224withECDSA', seq(oid('1.2.840.10045.4.3.1')), { scheme: 'ecdsa', hash: 'sha224' }],
    ['SHA384withECDSA', seq(oid('1.2.840.10045.4.3.3')), { scheme: 'ecdsa', hash: 'sha384' }],
    ['SHA512withECDSA', seq(oid('1.2.840.10045.4.3.4')), { scheme: 'ecdsa', hash: 'sha512' }],
    ['Ed25519', ALGORITHM.ed25519, { scheme: 'ed25519' }],
    ['RSASSA-PSS', pss(sha(1), sha(1), 32), { scheme: 'rsa-pss', hash: 'sha256', saltLength: 32 }],
    ['RSASSA-PSS', pss(sha(3), seq(oid('2.16.840.1.101.3.4.2.3')), 300), { scheme: 'rsa-pss', hash: 'sha512', saltLength: 300 }],
    ['RSASSA-PSS', seq(oid('1.2.840.113549.1.1.10'), seq()), { scheme: 'rsa-pss', hash: 'sha1', saltLength: 20 }],
    ['RSASSA-PSS', pss(sha(1), sha(2), 32), { scheme: 'unknown' }],
    ['RSASSA-PSS', seq(oid('1.2.840.113549.1.1.10')), { scheme: 'unknown' }],
    ['RSASSA-PSS', seq(oid('1.2.840.113549.1.1.10'), seq(tagged(3, int(2)))), { scheme: 'unknown' }],
    ['RSASSA-PSS', seq(oid('1.2.840.113549.1.1.10'), seq(tagged(2, int(32)), tagged(0, sha(1)))), { scheme: 'unknown' }],
    ['RSASSA-PSS', seq(oid('1.2.840.113549.1.1.10'), seq(tagged(0, seq(oid('1.2.3'))))), { scheme: 'unknown' }],
    ['SHA256withDSA', seq(oid('2.16.840.1.101.3.4.3.2')), { scheme: 'unknown' }],
    ['SHA256withECDSA', seq(oid('1.2.840.10045.4.3.2'), nul()), { scheme: 'unknown' }],
    ['SHA256withRSA', seq(oid('1.2.840.113549.1.1.11'), int(1)), { scheme: 'unknown' }],
    ['1.2.3.4', seq(oid('1.2.3.4'), int(1)), { scheme: 'unknown' }],
  ])('X14 names a signature %s', (javaName, algorithm, expected) => {
    expect(readWith({ signature: algorithm, signatureAlgorithm: algorithm }).signature).toEqual({ ...expected, name: javaName });
  });
});
