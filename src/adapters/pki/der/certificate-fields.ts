import type { Certificate } from '../../../domain/certificates/certificate.ts';
import { signatureAlgorithmAt } from './algorithms.ts';
import { DerFault, malformed, notDer } from './der-fault.ts';
import { expectTag, TAG, type DerNode } from './der-node.ts';
import { extensionsAt, NO_EXTENSIONS } from './extensions.ts';
import { nameAt } from './names.ts';
import { publicKeyAt } from './public-keys.ts';
import { timeAt } from './times.ts';

/** D-11 and RFC 5280 §4.1.2.2: bytes of the serial number, the zero byte that keeps it positive not counted. */
const LONGEST_SERIAL = 20;

export type CertificateFields = Omit<Certificate, 'der' | 'fingerprint' | 'thumbprint'> & { readonly hasUniqueIdentifier: boolean };

/** Reads a Certificate in the order of RFC 5280 §4.1. `root` is known to be DER; here each field is held to the grammar. */
export function certificateFields(bytes: Buffer, root: DerNode): CertificateFields {
  const outer = expectTag(root, TAG.sequence, 'Certificate', 'a SEQUENCE').children;
  if (outer.length !== 3) malformed('Certificate', 'is not a signed part, an algorithm and a signature');
  const signed = expectTag(outer[0], TAG.sequence, 'tbsCertificate', 'a SEQUENCE').children;
  const signature = signatureAlgorithmAt(bytes, outer[1], 'signatureAlgorithm');
  const signatureBytes = signatureLengthAt(bytes, outer[2]);

  const version = versionAt(bytes, signed[0]);
  const parts = signed[0]?.tag === 0xa0 ? signed.slice(1) : signed;
  const [serial, inner, issuer, validity, subject, spki, ...optional] = parts;
  const { unique, extensions } = optionalFields(bytes, optional, version);
  const times = expectTag(validity, TAG.sequence, 'validity', 'a SEQUENCE').children;
  if (times.length !== 2) malformed('validity', 'is not two times');
  signatureAlgorithmAt(bytes, inner, 'signature');
  const issuerName = nameAt(bytes, issuer, 'issuer');
  if (issuerName.rdns.length === 0) malformed('issuer', 'is empty');
  return {
    version,
    serialNumber: serialNumberAt(bytes, serial),
    signature,
    signatureAlgorithmsAgree: areSameBytes(bytes, outer[1]!, inner!),
    signatureBytes,
    issuer: issuerName,
    subject: nameAt(bytes, subject, 'subject'),
    notBefore: validityTimeAt(bytes, times[0]),
    notAfter: validityTimeAt(bytes, times[1]),
    publicKey: publicKeyAt(bytes, spki),
    ...extensions,
    hasUniqueIdentifier: unique,
  };
}

function signatureLengthAt(bytes: Buffer, node: DerNode | undefined): number {
  const { content, end } = expectTag(node, TAG.bitString, 'signatureValue', 'a BIT STRING');
  if (bytes[content] !== 0) malformed('signatureValue', 'is no whole number of bytes');
  return end - content - 1;
}

/** RFC 5280 §4.1.2.1: absent is 1; 0 would be the default written out. */
function versionAt(bytes: Buffer, node: DerNode | undefined): number {
  if (node?.tag !== 0xa0) return 1;
  const { start, content, end } = expectTag(node.children[0], TAG.integer, 'version', 'an INTEGER');
  if (node.children.length !== 1 || end - content !== 1) malformed('version', 'is not 1, 2 or 3');
  const value = bytes[content]!;
  if (value === 0) notDer('a default value (version 1) is written out', start);
  if (value > 2) malformed('version', 'is not 1, 2 or 3');
  return value + 1;
}

/** RFC 5280 §4.1.2.2 lets readers be lenient with zero and negative numbers; we are not: they name certificates in every list we print. */
function serialNumberAt(bytes: Buffer, node: DerNode | undefined): string {
  const { content, end } = expectTag(node, TAG.integer, 'serialNumber', 'an INTEGER');
  const from = bytes[content] === 0 ? content + 1 : content;
  if (bytes[content]! >= 0x80) badSerial('negative');
  if (from === end) badSerial('zero');
  if (end - from > LONGEST_SERIAL) badSerial(`${end - from} bytes long`);
  return bytes.toString('hex', from, end);
}

function badSerial(problem: string): never {
  throw new DerFault('chain.bad-serial-number', { problem });
}

function validityTimeAt(bytes: Buffer, node: DerNode | undefined): Date {
  if (node?.tag !== TAG.utcTime && node?.tag !== TAG.generalizedTime) malformed('validity', 'is not two times');
  return timeAt(bytes, node.tag, node.content, node.end);
}

/** [1] issuerUniqueID and [2] subjectUniqueID from version 2 on (§4.1.2.8), [3] extensions in version 3 (§4.1.2.9). */
function optionalFields(bytes: Buffer, nodes: readonly DerNode[], version: number) {
  let last = 0;
  for (const { tag } of nodes) {
    const place = [0x81, 0x82, 0xa3].indexOf(tag) + 1;
    if (place <= last) malformed('tbsCertificate', 'has a field that does not belong there');
    last = place;
  }
  const unique = nodes.filter(({ tag }) => tag !== 0xa3);
  if (unique.length > 0 && version === 1) malformed('tbsCertificate', 'has a unique identifier, which version 1 does not know');
  const list = nodes.find(({ tag }) => tag === 0xa3);
  if (list && version !== 3) malformed('extensions', `are present in a certificate of version ${version}`);
  return { unique: unique.length > 0, extensions: list ? extensionsAt(bytes, list) : NO_EXTENSIONS };
}

const areSameBytes = (bytes: Buffer, a: DerNode, b: DerNode): boolean => bytes.compare(bytes, b.start, b.end, a.start, a.end) === 0;
