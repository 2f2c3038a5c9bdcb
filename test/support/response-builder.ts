/** OCSP responses byte by byte, as `der-builder.ts` makes certificates: what a test asks for is what it gets. */
import { ALGORITHM, bool, commonName, ecSigned, extension, generalizedTime, int, nul, octets, oid, seq, tagged, tlv } from './der-builder.ts';

/** The fields of a response as whole DER values. Those that are optional in the grammar may be empty. */
export interface ResponseParts {
  readonly status: Buffer;
  readonly type: Buffer;
  readonly version: Buffer;
  readonly responder: Buffer;
  readonly producedAt: Buffer;
  readonly answers: readonly Buffer[];
  /** In their [1]. */
  readonly extensions: Buffer;
  readonly signatureAlgorithm: Buffer;
  /** Absent: signed by the P-256 key whose public half is `EC_SPKI`. */
  readonly signatureValue?: Buffer;
  /** In their [0]. */
  readonly certificates: Buffer;
}

export const nonce = (hex: string): Buffer => tagged(1, seq(extension('1.3.6.1.5.5.7.48.1.2', octets(hex))));
export const enumerated = (code: number): Buffer => tlv(0x0a, Buffer.of(code));
export const STATUS = {
  good: tlv(0x80),
  unknown: tlv(0x82),
  revoked: (...reason: readonly Buffer[]): Buffer => tagged(1, generalizedTime('20261101120000Z'), ...reason.map((code) => tagged(0, code))),
};
const ID: Readonly<Record<'hash' | 'name' | 'key' | 'serial', Buffer>> = { hash: seq(oid('1.3.14.3.2.26'), nul()), name: octets('aa'), key: octets('bb'), serial: int(0x1234) };
export const certId = (parts: Partial<typeof ID> = {}): Buffer => seq(...Object.values({ ...ID, ...parts }));

const ANSWER: Readonly<Record<'id' | 'status' | 'thisUpdate' | 'nextUpdate' | 'extensions', Buffer>> = { id: certId(), status: STATUS.good, thisUpdate: generalizedTime('20261101000000Z'), nextUpdate: tagged(0, generalizedTime('20261231235959Z')), extensions: Buffer.alloc(0) };
export const single = (parts: Partial<typeof ANSWER> = {}): Buffer => seq(...Object.values({ ...ANSWER, ...parts }));

const GOOD: ResponseParts = {
  status: enumerated(0),
  type: oid('1.3.6.1.5.5.7.48.1.1'),
  version: Buffer.alloc(0),
  responder: tagged(1, commonName('Works Issuing')),
  producedAt: generalizedTime('20261101000000Z'),
  answers: [single()],
  extensions: nonce('0102'),
  signatureAlgorithm: ALGORITHM.sha256WithEcdsa,
  certificates: Buffer.alloc(0),
};

/** What stands inside the response of a good one in which `spoilt` fields stand instead of the good ones. */
export function basicResponse(spoilt: Partial<ResponseParts> = {}): Buffer {
  const parts = { ...GOOD, ...spoilt };
  const signed = seq(parts.version, parts.responder, parts.producedAt, seq(...parts.answers), parts.extensions);
  return seq(signed, parts.signatureAlgorithm, parts.signatureValue ?? ecSigned(signed), parts.certificates);
}

export const responseOf = (basic: Uint8Array, { status, type }: Pick<ResponseParts, 'status' | 'type'> = GOOD): Buffer => seq(status, tagged(0, seq(type, octets(basic))));

export const responseDer = (spoilt: Partial<ResponseParts> = {}): Buffer => responseOf(basicResponse(spoilt), { ...GOOD, ...spoilt });

/** Critical, and understood by nobody. */
export const strange = (critical = true): Buffer => seq(oid('1.2.3.4'), ...(critical ? [bool(true)] : []), octets(nul()));
