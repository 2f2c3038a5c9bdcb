import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ForgeCertificateReader } from '../../../src/adapters/pki/forge-certificate-reader.ts';
import { LARGEST_LIST, SlicedRevocationListReader } from '../../../src/adapters/pki/revocation/sliced-revocation-list-reader.ts';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import type { ListedCertificate } from '../../../src/domain/revocation/revocation-list.ts';
import type { ReadList } from '../../../src/ports/driven/revocation-list-reader.ts';
import { aName } from '../../support/certificate-builders.ts';
import {
  ALGORITHM, bits, certificateDer, commonName, ecSigned, extension, generalizedTime, int, nul, octets, oid, pem, raw, seq, set, tagged, tlv, utcTime, utf8,
} from '../../support/der-builder.ts';
import { AUTHORITY, entry, flag, fullName, issuingPoint, listDer, listExtensions, manyEntries, NUMBER, reason, uri, type ListParts } from '../../support/list-builder.ts';

const reader = new SlicedRevocationListReader({ pause: () => new Promise<void>((resolve) => setImmediate(resolve)) });

async function read(upload: Uint8Array): Promise<ReadList> {
  const answer = await reader.read(upload);
  if (!answer.granted) throw new Error(JSON.stringify(answer.refusal));
  return answer.value;
}
const readWith = async (parts: Partial<ListParts>) => (await read(listDer(parts))).list;
const refusalOf = async (upload: Uint8Array): Promise<unknown> => {
  const answer = await reader.read(upload);
  return answer.granted ? 'read' : answer.refusal;
};
async function entriesOf(der: Uint8Array): Promise<ListedCertificate[]> {
  const all: ListedCertificate[] = [];
  for await (const batch of (await read(der)).entries()) all.push(...batch);
  return all;
}
const malformed = (field: string, problem: string) => ({ code: 'list.unreadable', evidence: { field, problem } });
const notDer = (problem: string) => ({ code: 'list.unreadable', evidence: { problem, offset: expect.any(Number) } });
const nothing = Buffer.alloc(0);
const issuer = (parts = {}): Certificate => {
  const answer = new ForgeCertificateReader().read(certificateDer(parts));
  if (!answer.granted) throw new Error(answer.refusal.code);
  return answer.value;
};

describe('A revocation list is read field by field', () => {
  it('returns all of them', async () => {
    const der = listDer();
    const { list, behind } = await read(der);
    expect(list).toEqual({
      thumbprint: createHash('sha256').update(der).digest('hex'),
      version: 2,
      signature: { scheme: 'ecdsa', hash: 'sha256', name: 'SHA256withECDSA' },
      signatureAlgorithmsAgree: true,
      signatureBytes: expect.any(Number),
      issuer: aName('CN=Works Issuing'),
      thisUpdate: new Date('2026-11-01T00:00:00Z'),
      nextUpdate: new Date('2026-12-31T23:59:59Z'),
      authorityKeyIdentifier: '0102030a',
      number: 7n,
      scope: { only: 'all', reasons: 0x1fe, indirect: false },
      entries: 2,
      unknownCritical: [],
    });
    expect(behind).toHaveLength(0);
  });

  it('returns its entries in their order', async () => {
    const since = new Date('2026-11-01T12:00:00Z');
    expect(await entriesOf(listDer())).toEqual([
      { serialNumber: '1234', since, reason: 'unspecified' },
      { serialNumber: 'ff', since, reason: 'keyCompromise' },
    ]);
  });

  it.each<[string, Partial<ListParts>, object]>([
    ['a list of version 1 without extensions', { version: nothing, extensions: nothing }, { version: 1 }],
    ['a list without a next time', { nextUpdate: nothing }, { nextUpdate: undefined }],
    ['X30 times in the longer form', { thisUpdate: generalizedTime('20261101000000Z'), nextUpdate: generalizedTime('99991231235959Z') }, { nextUpdate: new Date('9999-12-31T23:59:59Z') }],
    ['X30 UTCTime on both sides of its century', { thisUpdate: utcTime('500101000000Z'), nextUpdate: utcTime('491231235959Z') }, { thisUpdate: new Date('1950-01-01T00:00:00Z'), nextUpdate: new Date('2049-12-31T23:59:59Z') }],
    ['a list without entries', { entries: nothing }, { entries: 0 }],
    ['a list without extensions', { extensions: nothing }, { number: undefined }],
    ['two algorithms', { signature: ALGORITHM.sha256WithRsa }, { signatureAlgorithmsAgree: false }],
    ['the number of a delta’s base', { extensions: listExtensions(NUMBER, extension('2.5.29.27', int(5), true)) }, { deltaOf: 5n, number: 7n }],
    ['a scope of users', { extensions: listExtensions(issuingPoint(flag(0x81))) }, { scope: { only: 'users', reasons: 0x1fe, indirect: false } }],
    ['a scope of CAs', { extensions: listExtensions(issuingPoint(flag(0x82))) }, { scope: { only: 'cas', reasons: 0x1fe, indirect: false } }],
    ['a scope of attributes', { extensions: listExtensions(issuingPoint(flag(0x85))) }, { scope: { only: 'attributes', reasons: 0x1fe, indirect: false } }],
    ['an indirect scope', { extensions: listExtensions(issuingPoint(flag(0x84))) }, { scope: { only: 'all', reasons: 0x1fe, indirect: true } }],
    ['some reasons', { extensions: listExtensions(issuingPoint(tlv(0x83, '05 60'))) }, { scope: { only: 'all', reasons: 0b110, indirect: false } }],
    ['the last reason', { extensions: listExtensions(issuingPoint(tlv(0x83, '07 00 80'))) }, { scope: { only: 'all', reasons: 0x100, indirect: false } }],
    [
      'a named scope',
      { extensions: listExtensions(issuingPoint(fullName(uri('http://ca/1')))) },
      { scope: { names: [{ form: 'uri', value: 'http://ca/1' }], only: 'all', reasons: 0x1fe, indirect: false } },
    ],
    [
      'a scope named relative to the issuer',
      { extensions: listExtensions(issuingPoint(tagged(0, tagged(1, seq(oid('2.5.4.3'), utf8('Line 3')))))) },
      { scope: { relative: [{ type: '2.5.4.3', stringType: 'UTF8String', value: 'Line 3' }], only: 'all', reasons: 0x1fe, indirect: false } },
    ],
    ['unknown critical extensions of the list', { extensions: listExtensions(extension('2.5.29.99', nul(), true), extension('2.5.29.98', nul())) }, { unknownCritical: ['2.5.29.99'] }],
    ['unknown critical extensions of entries', { entries: seq(entry(int(1), extension('1.2.3', nul(), true)), entry(int(2), extension('1.2.3', nul(), true))) }, { unknownCritical: ['1.2.3'] }],
  ])('%s', async (_what, parts, expected) => {
    expect({ number: undefined, nextUpdate: undefined, ...(await readWith(parts)) }).toMatchObject(expected);
  });

  it.each([
    ['a reason beside a date', [reason(4), extension('2.5.29.24', generalizedTime('20261031000000Z'))], 'superseded'],
    ['a date alone', [extension('2.5.29.24', generalizedTime('20261031000000Z'))], 'unspecified'],
    ['a critical reason', [extension('2.5.29.21', tlv(0x0a, '06'), true)], 'certificateHold'],
    ['an empty list of extensions, as a library in use writes it', [nothing], 'unspecified'],
    ['the last reason', [reason(10)], 'aACompromise'],
  ])('an entry with %s', async (_what, list, expected) => {
    expect(await entriesOf(listDer({ entries: seq(entry(int(9), ...list)) }))).toMatchObject([{ serialNumber: '09', reason: expected }]);
  });

  it('reads numbers that no certificate may have, so that they hide no other', async () => {
    const serials = [tlv(0x02, '00'), tlv(0x02, 'ff'), tlv(0x02, `00${'ff'.repeat(20)}`), int(1)];
    expect((await entriesOf(listDer({ entries: seq(...serials.map((serial) => entry(serial))) }))).map(({ serialNumber }) => serialNumber)).toEqual(['', '-ff', 'ff'.repeat(20), '01']);
  });
});

describe('X29 A revocation list is refused', () => {
  const withEntry = (...parts: readonly Buffer[]): Partial<ListParts> => ({ entries: seq(entry(int(1)), seq(...parts)) });
  const withScope = (...fields: readonly Buffer[]): Partial<ListParts> => ({ extensions: listExtensions(issuingPoint(...fields)) });
  const when = utcTime('261101120000Z');

  it.each<[string, Partial<ListParts>, unknown]>([
    ['with extensions in version 1', { version: nothing }, malformed('crlExtensions', 'are present in a list of version 1')],
    ['of version 3', { version: int(2) }, malformed('version', 'is not 2')],
    ['with version 1 written out', { version: int(0) }, malformed('version', 'is not 2')],
    ['with an empty issuer', { issuer: seq() }, malformed('issuer', 'is empty')],
    ['with a time in a form of its own', { thisUpdate: utcTime('2611010000Z') }, notDer('a UTCTime is not YYMMDDHHMMSSZ')],
    ['without a time', { thisUpdate: nothing, nextUpdate: nothing }, malformed('thisUpdate', 'is not a time')],
    ['with an empty list of entries', { entries: seq() }, malformed('revokedCertificates', 'is an empty list')],
    ['with something behind its extensions', { extensions: Buffer.concat([listExtensions(NUMBER), nul()]) }, malformed('tbsCertList', 'has a field that does not belong there')],
    ['with more fields than it may have', { extensions: Buffer.concat([listExtensions(NUMBER), nul(), nul()]) }, malformed('CertificateList', 'has more parts than it may')],
    ['with an empty list of extensions', { extensions: listExtensions() }, malformed('crlExtensions', 'is not one list of at least one extension')],
    ['with one extension twice', { extensions: listExtensions(NUMBER, AUTHORITY, NUMBER) }, malformed('crlExtensions', 'has the extension 2.5.29.20 twice')],
    ['with a negative number', { extensions: listExtensions(extension('2.5.29.20', tlv(0x02, 'ff'))) }, malformed('cRLNumber', 'is negative or longer than 20 bytes')],
    ['with a number of 21 bytes', { extensions: listExtensions(extension('2.5.29.20', tlv(0x02, `7f${'ff'.repeat(20)}`))) }, malformed('cRLNumber', 'is negative or longer than 20 bytes')],
    ['with a signature of half a byte', { signatureValue: bits('10', 4) }, malformed('signatureValue', 'is no whole number of bytes')],
    ['with an issuer beyond all bounds', { issuer: commonName('x'.repeat(20_000)) }, malformed('issuer', 'takes more than 16 KiB')],
    ['with a scope of two kinds at once', withScope(flag(0x81), flag(0x82)), malformed('issuingDistributionPoint', 'limits the list to several kinds of certificates at once')],
    ['with a default of its scope written out', withScope(tlv(0x81, '00')), notDer('a flag of issuingDistributionPoint is neither TRUE nor left out')],
    ['with a scope out of order', withScope(flag(0x84), flag(0x81)), malformed('issuingDistributionPoint', 'has a field that does not belong there')],
    ['with a field of a scope that nobody knows', withScope(flag(0x86)), malformed('issuingDistributionPoint', 'has a field that does not belong there')],
    ['with a scope of no reasons', withScope(tlv(0x83, '00')), malformed('issuingDistributionPoint', 'has reasons that are no ReasonFlags')],
    ['with an unused bit set among its reasons', withScope(tlv(0x83, '05 61')), notDer('an unused bit of a BIT STRING is set')],
    ['with two names of a scope where one may be', withScope(tagged(0, tagged(0, uri('a')), tagged(0, uri('b')))), malformed('issuingDistributionPoint', 'has a name that is not one name')],
    ['with an entry that is a SET', { entries: seq(set(int(1), when)) }, malformed('revokedCertificates', 'is not a list of SEQUENCEs')],
    ['with an entry without a time', withEntry(int(2), nul()), malformed('revocationDate', 'is not a time')],
    ['with an entry without a number', withEntry(octets('01'), when), malformed('userCertificate', 'is not an INTEGER')],
    ['with a number of 21 bytes in an entry', withEntry(tlv(0x02, `01${'00'.repeat(20)}`), when), malformed('userCertificate', 'is longer than 20 bytes')],
    ['with a padded number in an entry', withEntry(tlv(0x02, '0001'), when), notDer('an INTEGER is padded')],
    ['with an entry that ends elsewhere', withEntry(int(2), when, seq(reason(1)), nul()), notDer('bytes follow where the value has ended')],
    ['with the reason without a meaning', withEntry(int(2), when, seq(reason(7))), malformed('reasonCode', 'is none of RFC 5280 §5.3.1')],
    ['with a reason beyond the last', withEntry(int(2), when, seq(reason(11))), malformed('reasonCode', 'is none of RFC 5280 §5.3.1')],
    ['with a reason of two bytes', withEntry(int(2), when, seq(extension('2.5.29.21', tlv(0x0a, '0100')))), notDer('a reasonCode is not one byte long')],
    ['with a reason twice', withEntry(int(2), when, seq(reason(1), reason(1))), malformed('crlEntryExtensions', 'has the extension 2.5.29.21 twice')],
    ['that takes back in a list that is no delta', withEntry(int(2), when, seq(reason(8))), malformed('reasonCode', 'is removeFromCRL in a list that is no delta')],
    [
      'with an entry of another issuer in a list that is not indirect',
      withEntry(int(2), when, seq(extension('2.5.29.29', seq(tagged(4, commonName('Other'))), true))),
      malformed('certificateIssuer', 'stands in a list that is not indirect'),
    ],
    ['with an entry beyond all bounds', withEntry(int(2), when, seq(extension('1.2.3', octets('00'.repeat(4096))))), malformed('revokedCertificates', 'has an entry of more than 4 KiB')],
  ])('%s', async (_why, parts, expected) => {
    expect(await refusalOf(listDer(parts))).toEqual(expected);
  });

  it.each<[string, Buffer, unknown]>([
    ['a byte behind it', Buffer.concat([listDer(), raw('00')]), notDer('bytes follow where the value has ended')],
    ['its last byte missing', listDer().subarray(0, -1), notDer('a value is longer than what holds it')],
    ['nothing', nothing, notDer('a value is cut short')],
    ['an indefinite length', raw('30 80 00 00'), notDer('a length is indefinite')],
    ['a length written longer than need be', raw('30 81 01 00'), notDer('a length is written longer than need be')],
    ['a length of five bytes', raw('30 85 01 00 00 00 00'), notDer('a length takes more than four bytes')],
    ['a certificate', certificateDer(), expect.objectContaining({ code: 'list.unreadable' })],
    ['text', Buffer.from('revoked: 1234'), expect.objectContaining({ code: 'list.unreadable' })],
  ])('where it is %s', async (_what, der, expected) => {
    expect(await refusalOf(der)).toEqual(expected);
  });

  it('whatever single byte of it is cut off or changed, without a crash, and never as another list with the same signature', async () => {
    const good = listDer();
    for (let at = 0; at < good.length; at++) {
      expect(await refusalOf(good.subarray(0, at))).toMatchObject({ code: 'list.unreadable' });
      const changed = Buffer.from(good);
      changed[at]! ^= 0x01;
      const answer = await reader.read(changed);
      if (answer.granted) expect([at, await answer.value.verifies(issuer())]).toEqual([at, false]);
    }
  });

  it('where it is too large', async () => {
    expect(await refusalOf(Buffer.alloc(LARGEST_LIST + 1))).toEqual({ code: 'list.too-large', evidence: { bytes: LARGEST_LIST + 1, allowed: LARGEST_LIST } });
    expect(await refusalOf(Buffer.alloc(LARGEST_LIST * 1.5))).toMatchObject({ code: 'list.too-large' });
  });
});

describe('A list as PEM', () => {
  const text = (body: string): Buffer => Buffer.from(body);
  const der = listDer();
  const good = pem(der, 'X509 CRL');

  it.each([
    ['as openssl writes it', good],
    ['with CRLF', good.replaceAll('\n', '\r\n')],
    ['without newlines', good.replaceAll('\n', '')],
    ['behind a byte order mark and empty lines', `\ufeff\n\n ${good}`],
  ])('is the same list: %s', async (_how, body) => {
    expect((await read(text(body))).list).toEqual((await read(der)).list);
  });

  it('hands over what stands behind it, and does not look at it', async () => {
    expect(Buffer.from((await read(text(`${good}anything`))).behind).toString()).toBe('\nanything');
  });

  it.each([
    ['is named otherwise', pem(listDer(), 'CERTIFICATE'), 'a PEM block is not an X509 CRL'],
    ['does not end', good.slice(0, 200), 'a PEM block does not end as it begins'],
    ['ends by another name', good.replace('END X509 CRL', 'END CERTIFICATE'), 'a PEM block does not end as it begins'],
    ['holds a letter that base64 has not', good.replace('MIH', 'MI!'), 'a PEM block is not base64'],
    ['lacks a letter', good.replace('MIH', 'MI'), 'a PEM block is not base64'],
  ])('is refused where its block %s', async (_why, body, problem) => {
    expect(await refusalOf(text(body))).toEqual(notDer(problem));
  });
});

describe('The signature of a list', () => {
  it('verifies by the key of its issuer, and by no other', async () => {
    const { verifies } = await read(listDer());
    expect(await verifies(issuer())).toBe(true);
    const ed25519 = seq(ALGORITHM.ed25519, bits('01'.repeat(32)));
    expect(await verifies(issuer({ subjectPublicKeyInfo: ed25519 }))).toBe(false);
  });

  it('is not believed where it stands over other bytes', async () => {
    expect(await (await read(listDer({ signatureValue: ecSigned(Buffer.from('other bytes')) }))).verifies(issuer())).toBe(false);
    expect(await (await read(listDer({ signatureAlgorithm: seq(oid('1.2.3')) }))).verifies(issuer())).toBe(false);
  });
});

describe('X29 A list of 1,000,000 entries', () => {
  it('is read and verified in slices of less than 5 ms, and gives up every entry', async () => {
    const der = listDer({ entries: manyEntries(1_000_000) });
    const slices: number[] = [];
    let began = process.threadCpuUsage();
    const sliced = new SlicedRevocationListReader({
      pause: async () => {
        const { user, system } = process.threadCpuUsage(began);
        slices.push((user + system) / 1000);
        await new Promise((resolve) => setImmediate(resolve));
        began = process.threadCpuUsage();
      },
    });
    const answer = await sliced.read(Buffer.from(pem(der, 'X509 CRL')));
    if (!answer.granted) throw new Error(answer.refusal.code);
    expect(answer.value.list.entries).toBe(1_000_000);
    expect(await answer.value.verifies(issuer())).toBe(true);
    let count = 0;
    let last = '';
    for await (const batch of answer.value.entries()) {
      count += batch.length;
      last = batch.at(-1)!.serialNumber;
    }
    expect([count, last]).toEqual([1_000_000, `40${'00'.repeat(15)}000f423f`]);
    // A slice now and then holds a garbage collection or the compiler's work; one in two hundred may.
    const sorted = slices.sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length * 0.995)]).toBeLessThan(5);
  }, 60_000);

  it('is refused with one more', async () => {
    expect(await refusalOf(listDer({ entries: manyEntries(1_000_001) }))).toEqual({ code: 'list.too-large', evidence: { entries: 'more than 1000000', allowed: 1_000_000 } });
  }, 60_000);
});
