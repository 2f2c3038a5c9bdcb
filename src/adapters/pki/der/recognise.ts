import { headerAt, type Header } from './signed-parts.ts';

/** What people upload by mistake, by the outline of its ASN.1. */
export type Recognised = 'private key' | 'encrypted private key' | 'PKCS#12' | 'PKCS#7' | 'certificate request' | 'revocation list' | 'public key';

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OID = 0x06;
const SEQUENCE = 0x30;

/**
 * Names what `der` positively is, other than a certificate; undefined for a certificate and for everything unknown, which the
 * `CertificateReader` judges. Looks at the tags of at most three levels, and takes the indefinite lengths that PKCS#7 and PKCS#12 files have.
 */
export function recognise(der: Uint8Array): Recognised | undefined {
  const root = childrenOf(der, { content: 0, end: der.length })[0];
  if (root?.tag !== SEQUENCE) return undefined;
  const parts = childrenOf(der, root);
  const [first, second, third] = parts;
  if (!first || !second) return undefined;
  if (first.tag === OID && second.tag === 0xa0) return 'PKCS#7';
  if (first.tag === INTEGER) return afterInteger(der, parts);
  if (first.tag !== SEQUENCE) return undefined;
  const beginsWithOid = childrenOf(der, first)[0]?.tag === OID;
  if (beginsWithOid && second.tag === OCTET_STRING) return 'encrypted private key';
  if (beginsWithOid && second.tag === BIT_STRING) return 'public key';
  return third?.tag === BIT_STRING ? signedOutline(der, first) : undefined;
}

/** PKCS#1, DSA, PKCS#8, SEC 1 and PKCS#12 begin with a version, PKCS#1 public keys with the modulus. */
function afterInteger(der: Uint8Array, [version, second, third, ...more]: readonly Header[]): Recognised | undefined {
  if (!version || !second) return undefined;
  if (second.tag === OCTET_STRING) return 'private key'; // SEC 1: version, key
  if (second.tag === INTEGER) return third || more.length > 0 ? 'private key' : 'public key';
  if (second.tag !== SEQUENCE) return undefined;
  if (third?.tag === OCTET_STRING) return 'private key'; // PKCS#8: version, algorithm, key
  return der[version.content] === 3 ? 'PKCS#12' : undefined;
}

/** Certificate, request and CRL are all signed parts with an algorithm and a signature: the signed parts differ. */
function signedOutline(der: Uint8Array, signed: Header): Recognised | undefined {
  const [first, second, third, fourth] = childrenOf(der, signed);
  const algorithmAt = (header: Header | undefined): boolean =>
    header?.tag === SEQUENCE && childrenOf(der, header)[0]?.tag === OID;
  const isTime = (header: Header | undefined): boolean => header?.tag === 0x17 || header?.tag === 0x18;
  if (first?.tag === INTEGER && second?.tag === SEQUENCE && !algorithmAt(second) && fourth?.tag === 0xa0) return 'certificate request';
  if (algorithmAt(first) && isTime(third)) return 'revocation list'; // version 1
  if (first?.tag === INTEGER && algorithmAt(second) && isTime(fourth)) return 'revocation list';
  return undefined;
}

/** At most twelve: no outline needs more. An indefinite length is taken to reach to the end of what holds it. */
function childrenOf(der: Uint8Array, parent: Pick<Header, 'content' | 'end'>): readonly Header[] {
  const children: Header[] = [];
  for (let at = parent.content; at < parent.end && children.length < 12; ) {
    const isIndefinite = der[at + 1] === 0x80;
    const child = isIndefinite ? { tag: der[at]!, content: at + 2, end: parent.end } : headerAt(der, at);
    if (!child || child.end > parent.end) break;
    children.push(child);
    at = child.end;
  }
  return children;
}
