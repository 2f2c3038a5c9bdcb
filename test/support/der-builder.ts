/**
 * Builds DER, and whatever is almost DER, byte by byte, so that a test can spoil exactly one thing. Knows no rules: what a test asks
 * for is what it gets.
 */
import { generateKeyPairSync, sign, type KeyObject, type SignKeyObjectInput } from 'node:crypto';

/** Bytes, or bytes as hex digits with spaces anywhere. */
type Piece = Uint8Array | string;

const bytesOf = (piece: Piece): Uint8Array => (typeof piece === 'string' ? Buffer.from(piece.replaceAll(' ', ''), 'hex') : piece);

/** One value: identifier byte, the shortest length, the pieces. */
export function tlv(tag: number, ...pieces: readonly Piece[]): Buffer {
  const content = Buffer.concat(pieces.map(bytesOf));
  const digits = content.length.toString(16);
  const length =
    content.length < 0x80
      ? Buffer.of(content.length)
      : Buffer.concat([Buffer.of(0x80 + Math.ceil(digits.length / 2)), Buffer.from(digits.padStart(Math.ceil(digits.length / 2) * 2, '0'), 'hex')]);
  return Buffer.concat([Buffer.of(tag), length, content]);
}

export const raw = (hex: string): Buffer => Buffer.from(bytesOf(hex));
export const seq = (...pieces: readonly Piece[]): Buffer => tlv(0x30, ...pieces);
export const set = (...pieces: readonly Piece[]): Buffer => tlv(0x31, ...pieces);
/** `[n]`, constructed. */
export const tagged = (n: number, ...pieces: readonly Piece[]): Buffer => tlv(0xa0 + n, ...pieces);
export const octets = (...pieces: readonly Piece[]): Buffer => tlv(0x04, ...pieces);
export const bits = (content: Piece, unused = 0): Buffer => tlv(0x03, Buffer.of(unused), content);
export const bool = (value: boolean): Buffer => tlv(0x01, value ? 'ff' : '00');
export const nul = (): Buffer => tlv(0x05);
export const text = (tag: number, value: string): Buffer => tlv(tag, Buffer.from(value, 'latin1'));
export const utf8 = (value: string): Buffer => tlv(0x0c, Buffer.from(value, 'utf8'));
export const printable = (value: string): Buffer => text(0x13, value);
export const utcTime = (value: string): Buffer => text(0x17, value);
export const generalizedTime = (value: string): Buffer => text(0x18, value);

/** A positive INTEGER. */
export function int(value: number | bigint): Buffer {
  const digits = value.toString(16);
  const hex = digits.length % 2 === 0 ? digits : `0${digits}`;
  return tlv(0x02, Number.parseInt(hex.slice(0, 2), 16) >= 0x80 ? `00${hex}` : hex);
}

export function oid(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split('.').map(BigInt);
  const arc = (value: bigint): number[] => {
    const sevens = [Number(value & 0x7fn)];
    for (let left = value >> 7n; left > 0n; left >>= 7n) sevens.unshift(Number(left & 0x7fn) | 0x80);
    return sevens;
  };
  return tlv(0x06, Buffer.from([first! * 40n + second!, ...rest].flatMap(arc)));
}

/** A name of one-attribute RDNs. */
export const name = (...values: readonly (readonly [type: string, value: Buffer])[]): Buffer =>
  seq(...values.map(([type, value]) => set(seq(oid(type), value))));

export const commonName = (value: string): Buffer => name(['2.5.4.3', utf8(value)]);

/** An Extension, its value wrapped into the OCTET STRING. */
export const extension = (type: string, value: Piece, critical = false): Buffer =>
  seq(oid(type), ...(critical ? [bool(true)] : []), octets(value));

export const ALGORITHM = {
  sha256WithEcdsa: seq(oid('1.2.840.10045.4.3.2')),
  sha256WithRsa: seq(oid('1.2.840.113549.1.1.11'), nul()),
  ed25519: seq(oid('1.3.101.112')),
};

const ecKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const EC_SPKI: Buffer = ecKeys.publicKey.export({ format: 'der', type: 'spki' });

/** The fields of a certificate as whole DER values. Those that are optional in the grammar may be empty. */
export interface CertificateParts {
  readonly version: Buffer;
  readonly serialNumber: Buffer;
  readonly signature: Buffer;
  readonly issuer: Buffer;
  readonly validity: Buffer;
  readonly subject: Buffer;
  readonly subjectPublicKeyInfo: Buffer;
  readonly uniqueIdentifiers: Buffer;
  readonly extensions: Buffer;
  readonly signatureAlgorithm: Buffer;
  /** Absent: signed by the P-256 key whose public half is `EC_SPKI`. */
  readonly signatureValue?: Buffer;
}

export const EXTENSIONS = {
  ca: extension('2.5.29.19', seq(bool(true), int(2)), true),
  keyUsage: extension('2.5.29.15', bits('06', 1), true),
  purposes: extension('2.5.29.37', seq(oid('1.3.6.1.5.5.7.3.2'), oid('1.3.6.1.5.5.7.3.1'))),
  subjectKey: extension('2.5.29.14', octets('0102030a')),
  authorityKey: extension('2.5.29.35', seq(tlv(0x80, '0a0b0c'), tagged(1, tagged(4, commonName('Works Root'))), tlv(0x82, '07'))),
};

const GOOD: CertificateParts = {
  version: tagged(0, int(2)),
  serialNumber: int(0x1234),
  signature: ALGORITHM.sha256WithEcdsa,
  issuer: name(['2.5.4.6', printable('DE')], ['2.5.4.3', utf8('Works Root')]),
  validity: seq(utcTime('260101000000Z'), utcTime('361231235959Z')),
  subject: name(['2.5.4.10', utf8('Works')], ['2.5.4.3', utf8('Works Issuing')]),
  subjectPublicKeyInfo: EC_SPKI,
  uniqueIdentifiers: Buffer.alloc(0),
  extensions: tagged(3, seq(...Object.values(EXTENSIONS))),
  signatureAlgorithm: ALGORITHM.sha256WithEcdsa,
};

/** A good CA certificate in which `spoilt` fields stand instead of the good ones. */
export function certificateDer(spoilt: Partial<CertificateParts> = {}): Buffer {
  const parts = { ...GOOD, ...spoilt };
  const signed = seq(
    parts.version,
    parts.serialNumber,
    parts.signature,
    parts.issuer,
    parts.validity,
    parts.subject,
    parts.subjectPublicKeyInfo,
    parts.uniqueIdentifiers,
    parts.extensions,
  );
  return seq(signed, parts.signatureAlgorithm, parts.signatureValue ?? bits(sign('sha256', signed, ecKeys.privateKey)));
}

/** The value of a signature by the P-256 key whose public half is `EC_SPKI`. */
export const ecSigned = (signed: Uint8Array): Buffer => bits(sign('sha256', signed, ecKeys.privateKey));

/** Extensions in their [3]. */
export const extensions = (...list: readonly Buffer[]): Buffer => tagged(3, seq(...list));

/** A certificate of `algorithm` (an AlgorithmIdentifier), signed as node:crypto is told to. */
export function signedDer(
  algorithm: Buffer,
  hash: string | null,
  key: KeyObject,
  options: Omit<SignKeyObjectInput, 'key'> = {},
  spoilt: Partial<CertificateParts> = {},
): Buffer {
  const unsigned = { ...spoilt, signature: algorithm, signatureAlgorithm: algorithm, signatureValue: Buffer.alloc(0) };
  const outer = certificateDer(unsigned);
  const signed = outer.subarray(outer[1]! < 0x80 ? 2 : 2 + (outer[1]! & 0x7f), outer.length - algorithm.length);
  return certificateDer({ ...unsigned, signatureValue: bits(sign(hash, signed, { key, ...options })) });
}

export const pem = (der: Uint8Array, label = 'CERTIFICATE'): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`;
