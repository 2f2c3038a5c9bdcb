import type { PublicKey } from '../../../domain/certificates/certificate.ts';
import { algorithmAt } from './algorithms.ts';
import { malformed } from './der-fault.ts';
import { expectTag, readDer, TAG, type DerNode } from './der-node.ts';
import { isPointOf, type CurveName } from './ec-points.ts';
import { oidAt } from './object-identifiers.ts';

const FIELD = 'subjectPublicKeyInfo';

const CURVES: Readonly<Record<string, CurveName>> = {
  '1.2.840.10045.3.1.7': 'P-256',
  '1.3.132.0.34': 'P-384',
  '1.3.132.0.35': 'P-521',
};

/** Keys that we know by name but do not take (D-9). */
const OTHER_CURVES: Readonly<Record<string, string>> = {
  '1.2.840.10045.3.1.1': 'P-192',
  '1.3.132.0.33': 'P-224',
  '1.3.132.0.10': 'secp256k1',
  '1.3.36.3.3.2.8.1.1.7': 'brainpoolP256r1',
  '1.3.36.3.3.2.8.1.1.11': 'brainpoolP384r1',
  '1.3.36.3.3.2.8.1.1.13': 'brainpoolP512r1',
  '1.2.156.10197.1.301': 'SM2',
};
const OTHER_ALGORITHMS: Readonly<Record<string, string>> = {
  '1.2.840.10040.4.1': 'DSA',
  '1.2.840.10046.2.1': 'Diffie-Hellman',
  '1.3.101.110': 'X25519',
  '1.3.101.111': 'X448',
  '1.3.101.113': 'Ed448',
  '1.3.132.1.12': 'ECDH',
};

/** No exponent in use is longer. A longer one would make each check of a signature cost as much as making one. */
const LONGEST_EXPONENT = 8;

/** Reads a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7). Keys outside D-9 are read as `unsupported`, never refused: judging is the domain's. */
export function publicKeyAt(bytes: Buffer, node: DerNode | undefined): PublicKey {
  const info = expectTag(node, TAG.sequence, FIELD, 'a SEQUENCE');
  if (info.children.length !== 2) malformed(FIELD, 'is not an algorithm and a key');
  const { oid, parameters } = algorithmAt(bytes, info.children[0], FIELD);
  const key = expectTag(info.children[1], TAG.bitString, FIELD, 'a BIT STRING');
  if (bytes[key.content] !== 0) malformed(FIELD, 'has a key that is no whole number of bytes');
  const place: Place = { bytes, from: key.content + 1, to: key.end, spki: new Uint8Array(bytes.buffer, bytes.byteOffset + info.start, info.end - info.start) };
  switch (oid) {
    case '1.2.840.113549.1.1.1':
      return parameters?.tag === TAG.null ? rsaKey(place) : unsupported(place, 'RSA without NULL parameters');
    case '1.2.840.113549.1.1.10': // RSASSA-PSS: the parameters bind the key, and OpenSSL holds a signature to them.
      return rsaKey(place);
    case '1.2.840.10045.2.1':
      return ecKey(place, parameters);
    case '1.3.101.112':
      return parameters === undefined && place.to - place.from === 32
        ? { kind: 'ed25519', spki: place.spki }
        : unsupported(place, 'Ed25519 in no legal form');
    default:
      return unsupported(place, OTHER_ALGORITHMS[oid] ?? `algorithm ${oid}`);
  }
}

interface Place {
  readonly bytes: Buffer;
  /** Of the key inside the BIT STRING. */
  readonly from: number;
  readonly to: number;
  readonly spki: Uint8Array;
}

const unsupported = ({ spki }: Place, algorithm: string): PublicKey => ({ kind: 'unsupported', algorithm, spki });

/** RFC 8017 A.1.1. */
function rsaKey(place: Place): PublicKey {
  const { bytes, from, to, spki } = place;
  const { children } = expectTag(readDer(bytes, from, to), TAG.sequence, FIELD, 'an RSAPublicKey');
  if (children.length !== 2) malformed(FIELD, 'is not an RSA modulus and exponent');
  const modulus = magnitude(bytes, children[0]);
  const exponent = magnitude(bytes, children[1]);
  if (exponent.length > LONGEST_EXPONENT) return unsupported(place, `RSA with an exponent beyond ${LONGEST_EXPONENT * 8} bits`);
  const bits = modulus.length * 8 - (Math.clz32(modulus[0]!) - 24);
  return { kind: 'rsa', bits, exponent: BigInt(`0x${exponent.toString('hex')}`), spki };
}

/** The bytes of a positive INTEGER, without the zero byte that keeps it positive. */
function magnitude(bytes: Buffer, node: DerNode | undefined): Buffer {
  const { content, end } = expectTag(node, TAG.integer, FIELD, 'an INTEGER');
  if (bytes[content]! >= 0x80) malformed(FIELD, 'has a negative RSA modulus or exponent');
  const from = bytes[content] === 0 ? content + 1 : content;
  if (from === end) malformed(FIELD, 'has an RSA modulus or exponent of zero');
  return bytes.subarray(from, end);
}

/** RFC 5480 §2.1.1: namedCurve, and neither implicit nor explicit parameters. */
function ecKey(place: Place, parameters: DerNode | undefined): PublicKey {
  if (parameters?.tag === TAG.sequence) return unsupported(place, 'EC with explicit curve parameters');
  if (parameters?.tag !== TAG.oid) return unsupported(place, 'EC without a named curve');
  const oid = oidAt(place.bytes, parameters, FIELD);
  const curve = CURVES[oid];
  if (!curve) return unsupported(place, OTHER_CURVES[oid] ?? `EC with curve ${oid}`);
  return isPointOf(curve, place.bytes.subarray(place.from, place.to))
    ? { kind: 'ec', curve, spki: place.spki }
    : unsupported(place, `${curve} with a point that is not on the curve, or not uncompressed`);
}
