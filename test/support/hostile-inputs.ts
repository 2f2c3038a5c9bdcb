/** Certificates of at most 16 KiB that are made to be dear: to read, to compare, or to search. */
import { OID } from '../../src/domain/certificates/certificate.ts';
import { bits, certificateDer, commonName, extension, int, name, oid, seq, set, tagged, text, tlv, utf8, type CertificateParts } from './der-builder.ts';

const LARGEST = 16 * 1024;
const dns = (value: string) => text(0x82, value);
const with3 = (...list: readonly Buffer[]): Partial<CertificateParts> => ({ extensions: tagged(3, seq(...list)) });

/** The part repeated until the certificate is as large as one may be. */
function filled(make: (count: number) => Partial<CertificateParts>): Buffer {
  const size = (count: number): number => certificateDer({ ...make(count), signatureValue: bits('00') }).length;
  let [low, high] = [1, 2];
  while (size(high) <= LARGEST - 80) [low, high] = [high, high * 2];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (size(middle) <= LARGEST - 80) low = middle;
    else high = middle;
  }
  return certificateDer(make(low));
}
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const subtrees = (tag: number, all: readonly Buffer[]): Buffer => tagged(tag, ...all.map((each) => seq(each)));

/** Bytes of one certificate each, by what is dear in them. */
export const HOSTILE_CERTIFICATES: Readonly<Record<string, () => Buffer>> = {
  'as many alternative names as fit': () => filled((n) => with3(extension(OID.subjectAltName, seq(...times(n, () => dns('')))))),
  'as many directory names as fit': () => filled((n) => with3(extension(OID.subjectAltName, seq(...times(n, (i) => tagged(4, commonName(`${i}`))))))),
  'as many name constraints as fit': () => filled((n) => with3(extension(OID.nameConstraints, seq(subtrees(1, times(n, (i) => dns(`${i}`)))), true))),
  'as many policies as fit': () => filled((n) => with3(extension(OID.certificatePolicies, seq(...times(n, (i) => seq(oid(`1.2.${i}`))))))),
  'as many policy mappings as fit': () => filled((n) => with3(extension(OID.policyMappings, seq(...times(n, (i) => seq(oid(`1.2.${i}`), oid(`1.3.${i}`)))), true))),
  'as many extensions as fit': () => filled((n) => with3(...times(n, (i) => extension(`1.2.${i}`, Buffer.alloc(0), true)))),
  'as many purposes as fit': () => filled((n) => with3(extension(OID.extendedKeyUsage, seq(...times(n, (i) => oid(`1.2.${i}`)))))),
  'as many names in the subject as fit': () => filled((n) => ({ subject: name(...times(n, () => ['2.5.4.3', utf8('a')] as const)) })),
  'as many attributes of one name as fit': () => filled((n) => ({ subject: seq(set(...times(n, () => seq(oid('2.5.4.3'), utf8('a'))))) })),
  'one long name of ligatures': () => filled((n) => ({ subject: commonName('\ufdfa'.repeat(n)) })),
  'one long name of combining marks': () => filled((n) => ({ subject: commonName(`a${'\u0323\u0307'.repeat(n)}`) })),
  'one long name of blanks': () => filled((n) => ({ subject: commonName(`a${' '.repeat(n)}b`) })),
  'one long name of BMP letters': () => filled((n) => ({ subject: name(['2.5.4.3', tlv(0x1e, Buffer.alloc(2 * n, 'é', 'utf16le'))]) })),
  'one long object identifier': () => filled((n) => with3(seq(tlv(0x06, Buffer.concat([Buffer.of(0x2a), Buffer.alloc(n, 0xff), Buffer.of(0x7f)])), tlv(0x04)))),
  'an identifier of many arcs': () => filled((n) => with3(seq(tlv(0x06, Buffer.alloc(n, 0x2a)), tlv(0x04)))),
  'one long serial number': () => filled((n) => ({ serialNumber: tlv(0x02, Buffer.alloc(n, 0x7f)) })),
  'one long modulus': () => filled((n) => ({ subjectPublicKeyInfo: seq(seq(oid('1.2.840.113549.1.1.1'), tlv(0x05)), bits(seq(tlv(0x02, Buffer.concat([Buffer.of(0x7f), Buffer.alloc(n, 0xff)])), int(65_537)))) })),
  'one long exponent': () => filled((n) => ({ subjectPublicKeyInfo: seq(seq(oid('1.2.840.113549.1.1.1'), tlv(0x05)), bits(seq(tlv(0x02, Buffer.concat([Buffer.of(0x7f), Buffer.alloc(255, 0xff)])), tlv(0x02, Buffer.concat([Buffer.of(0x7f), Buffer.alloc(n, 0xff)]))))) })),
  'a SEQUENCE in a SEQUENCE, and so on': () => {
    let nest = seq();
    while (nest.length < 15_000) nest = seq(nest);
    return certificateDer(with3(extension('1.2.3', nest)));
  },
  'as many empty SEQUENCEs as fit': () => filled((n) => with3(extension('1.2.3', seq(...times(n, () => seq()))))),
  'nothing but noise': () => Buffer.alloc(LARGEST, 0x30),
};

const SUBTREES = { dns: (i: number) => dns(`a${i % 100}.b`), directory: (i: number) => tagged(4, name(['2.5.4.10', utf8('a')], ['2.5.4.3', utf8(`${i % 100}`)])), mail: (i: number) => text(0x81, `a@b${i % 100}.c`), uri: (i: number) => text(0x86, `urn://a${i % 100}.b`), ip: () => tlv(0x87, '0a000001') } as const;
const CONSTRAINTS = { ...SUBTREES, ip: () => tlv(0x87, '0b000000ff000000') } as const;
const CA_ISSUER = name(['2.5.4.6', tlv(0x13, Buffer.from('DE'))], ['2.5.4.3', utf8('Works Root')]);
/** The subject of `certificateDer`. */
const ISSUER = name(['2.5.4.10', utf8('Works')], ['2.5.4.3', utf8('Works Issuing')]);
const manyNames = (n: number): Buffer => name(...times(n, () => ['2.5.4.3', utf8('a')] as const));
const aCa = (...more: readonly Buffer[]) => with3(extension('2.5.29.19', seq(tlv(0x01, 'ff')), true), ...more);

/** Chains of at most 32 KiB, the leaf first; the CA above them is `Works Root`. */
export const HOSTILE_CHAINS: Readonly<Record<string, () => readonly Buffer[]>> = {
  ...Object.fromEntries(
    Object.keys(SUBTREES).map((form) => [
      `names and constraints of the form ${form}`,
      () => [
        filled((n) => ({ ...with3(extension(OID.subjectAltName, seq(...times(n, SUBTREES[form as 'dns'])))), issuer: ISSUER, subject: commonName('press-7') })),
        filled((n) => aCa(extension(OID.nameConstraints, seq(subtrees(1, times(n, (i) => CONSTRAINTS[form as 'dns'](i + 100)))), true))),
      ],
    ]),
  ),
  'policies and mappings': () => [
    filled((n) => ({ ...with3(extension(OID.certificatePolicies, seq(...times(n, (i) => seq(oid(`1.3.${i}`)))))), issuer: ISSUER, subject: commonName('press-7') })),
    filled((n) => aCa(extension(OID.certificatePolicies, seq(...times(n, (i) => seq(oid(`1.2.${i}`))))), extension(OID.policyMappings, seq(...times(n, (i) => seq(oid(`1.2.${i}`), oid(`1.3.${i}`)))), true))),
  ],
  'a CA of thousands of names': () => [
    certificateDer({ issuer: manyNames(1_200), subject: commonName('press-7') }),
    certificateDer({ ...aCa(), subject: manyNames(1_200) }),
  ],
  'nineteen CAs of one name': () => [
    certificateDer({ issuer: ISSUER, subject: commonName('press-7') }),
    ...times(19, (i) => certificateDer({ ...aCa(), issuer: ISSUER, serialNumber: int(i + 1), subjectPublicKeyInfo: seq(seq(oid('1.2.840.113549.1.1.1'), tlv(0x05)), bits(seq(tlv(0x02, Buffer.concat([Buffer.of(0x7f, i + 1), Buffer.alloc(254, 0xff)])), int(65_537)))) })),
  ],
  'twenty CAs in a row': () => times(20, (i) => certificateDer({ ...(i > 0 && aCa()), subject: commonName(`CA ${i}`), issuer: i === 19 ? CA_ISSUER : commonName(`CA ${i + 1}`) })),
};
