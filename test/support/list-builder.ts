/** Revocation lists byte by byte, as `der-builder.ts` makes certificates: what a test asks for is what it gets. */
import { sign } from 'node:crypto';
import { ALGORITHM, bits, commonName, ecSigned, extension, int, seq, tagged, tlv, utcTime } from './der-builder.ts';

/** The fields of a list as whole DER values. Those that are optional in the grammar may be empty. */
export interface ListParts {
  readonly version: Buffer;
  readonly signature: Buffer;
  readonly issuer: Buffer;
  readonly thisUpdate: Buffer;
  readonly nextUpdate: Buffer;
  /** revokedCertificates with its header. */
  readonly entries: Buffer;
  /** In their [0]. */
  readonly extensions: Buffer;
  readonly signatureAlgorithm: Buffer;
  /** Absent: signed by the P-256 key whose public half is `EC_SPKI`. */
  readonly signatureValue?: Buffer;
}

export const NUMBER = extension('2.5.29.20', int(7));
export const AUTHORITY = extension('2.5.29.35', seq(tlv(0x80, '0102030a')));
export const listExtensions = (...list: readonly Buffer[]): Buffer => tagged(0, seq(...list));

/** issuingDistributionPoint of whole fields. */
export const issuingPoint = (...fields: readonly Buffer[]): Buffer => extension('2.5.29.28', seq(...fields), true);
/** DistributionPointName in its [0]: fullName of whole GeneralNames. */
export const fullName = (...names: readonly Buffer[]): Buffer => tagged(0, tagged(0, ...names));
export const uri = (text: string): Buffer => tlv(0x86, Buffer.from(text));
export const flag = (tag: number): Buffer => tlv(tag, 'ff');

export const entry = (serial: Buffer, ...extensions: readonly Buffer[]): Buffer =>
  seq(serial, utcTime('261101120000Z'), ...(extensions.length > 0 ? [seq(...extensions)] : []));
export const reason = (code: number): Buffer => extension('2.5.29.21', tlv(0x0a, Buffer.of(code)));

const GOOD: ListParts = {
  version: int(1),
  signature: ALGORITHM.sha256WithEcdsa,
  issuer: commonName('Works Issuing'),
  thisUpdate: utcTime('261101000000Z'),
  nextUpdate: utcTime('261231235959Z'),
  entries: seq(entry(int(0x1234)), entry(int(0x00ff), reason(1))),
  extensions: listExtensions(NUMBER, AUTHORITY),
  signatureAlgorithm: ALGORITHM.sha256WithEcdsa,
};

/** A list by the P-256 key of a CA made elsewhere, of the issuer `Works Root` unless it says otherwise; valid now, from its number on by seconds. */
export function listBy({ keyPem }: { readonly keyPem: string }, { revoked = [], number = 7, ...spoilt }: Partial<ListParts> & { readonly revoked?: readonly (readonly [serial: string, reason?: number])[]; readonly number?: number } = {}): Buffer {
  const time = (ms: number): Buffer => utcTime(new Date(ms).toISOString().replace(/^..|[-:T]|\.\d+/g, ''));
  const entries = revoked.map(([serial, why]) => entry(tlv(0x02, Number.parseInt(serial.slice(0, 2), 16) >= 0x80 ? `00${serial}` : serial), ...(why === undefined ? [] : [reason(why)])));
  const began = Date.now() - 3_600_000;
  const parts = {
    ...{ issuer: commonName('Works Root'), thisUpdate: time(began + number * 1000), nextUpdate: time(began + 86_400_000) },
    ...{ entries: entries.length > 0 ? seq(...entries) : Buffer.alloc(0), extensions: listExtensions(extension('2.5.29.20', int(number))) },
    ...spoilt,
  };
  return listDer({ ...parts, signatureValue: bits(sign('sha256', signedPart({ ...GOOD, ...parts }), keyPem)) });
}

const signedPart = (parts: ListParts): Buffer =>
  seq(parts.version, parts.signature, parts.issuer, parts.thisUpdate, parts.nextUpdate, parts.entries, parts.extensions);

/** A good list in which `spoilt` fields stand instead of the good ones. */
export function listDer(spoilt: Partial<ListParts> = {}): Buffer {
  const parts = { ...GOOD, ...spoilt };
  const signed = signedPart(parts);
  return seq(signed, parts.signatureAlgorithm, parts.signatureValue ?? ecSigned(signed));
}

/** Entries with serial numbers of 20 bytes and a reason, made by copying one, and `others` behind them. */
export function manyEntries(count: number, ...others: readonly Buffer[]): Buffer {
  const one = entry(tlv(0x02, `40${'00'.repeat(19)}`), reason(1));
  const all = Buffer.alloc(one.length * count);
  for (let i = 0; i < count; i++) {
    one.copy(all, i * one.length);
    // The last four bytes of the serial number, behind its header and that of the entry.
    all.writeUInt32BE(i, i * one.length + 2 + 2 + 16);
  }
  return tlv(0x30, Buffer.concat([all, ...others]));
}
