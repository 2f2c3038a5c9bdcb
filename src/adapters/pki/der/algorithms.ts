import type { SignatureAlgorithm } from '../../../domain/certificates/certificate.ts';
import { malformed, notDer } from './der-fault.ts';
import { expectTag, TAG, type DerNode } from './der-node.ts';
import { oidAt } from './object-identifiers.ts';

type Hash = NonNullable<SignatureAlgorithm['hash']>;

const HASHES: Readonly<Record<string, Hash>> = {
  '1.2.840.113549.2.5': 'md5',
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

const MGF1 = '1.2.840.113549.1.1.8';
const RSASSA_PSS = '1.2.840.113549.1.1.10';

const rsa = (hash: Hash, name: string): SignatureAlgorithm => ({ scheme: 'rsa-pkcs1', hash, name });
const ecdsa = (hash: Hash, name: string): SignatureAlgorithm => ({ scheme: 'ecdsa', hash, name });
const unknown = (name: string): SignatureAlgorithm => ({ scheme: 'unknown', name });

/** Java's names, as the compatible API prints them. What we do not verify is named all the same, where people know it by a name (X14). */
const ALGORITHMS: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.113549.1.1.4': rsa('md5', 'MD5withRSA'),
  '1.2.840.113549.1.1.5': rsa('sha1', 'SHA1withRSA'),
  '1.2.840.113549.1.1.14': rsa('sha224', 'SHA224withRSA'),
  '1.2.840.113549.1.1.11': rsa('sha256', 'SHA256withRSA'),
  '1.2.840.113549.1.1.12': rsa('sha384', 'SHA384withRSA'),
  '1.2.840.113549.1.1.13': rsa('sha512', 'SHA512withRSA'),
  '1.2.840.10045.4.1': ecdsa('sha1', 'SHA1withECDSA'),
  '1.2.840.10045.4.3.1': ecdsa('sha224', 'SHA224withECDSA'),
  '1.2.840.10045.4.3.2': ecdsa('sha256', 'SHA256withECDSA'),
  '1.2.840.10045.4.3.3': ecdsa('sha384', 'SHA384withECDSA'),
  '1.2.840.10045.4.3.4': ecdsa('sha512', 'SHA512withECDSA'),
  '1.3.101.112': { scheme: 'ed25519', name: 'Ed25519' },
  '1.3.101.113': unknown('Ed448'),
  '1.2.840.113549.1.1.2': unknown('MD2withRSA'),
  '1.2.840.10040.4.3': unknown('SHA1withDSA'),
  '2.16.840.1.101.3.4.3.1': unknown('SHA224withDSA'),
  '2.16.840.1.101.3.4.3.2': unknown('SHA256withDSA'),
};

/** Reads an AlgorithmIdentifier of a signature (RFC 5280 §4.1.1.2). Parameters other than the algorithm's own make it unknown. */
export function signatureAlgorithmAt(bytes: Buffer, node: DerNode | undefined, field: string): SignatureAlgorithm {
  const { oid, parameters } = algorithmAt(bytes, node, field);
  if (oid === RSASSA_PSS) return pssAlgorithm(bytes, parameters, field);
  const known = ALGORITHMS[oid] ?? unknown(oid);
  const isWellFormed = known.scheme === 'rsa-pkcs1' ? isAbsentOrNull(parameters) : parameters === undefined;
  return isWellFormed || known.scheme === 'unknown' ? known : unknown(known.name);
}

/** RFC 4055 §5 and §2.1 write NULL and make readers take absent parameters as well. */
const isAbsentOrNull = (parameters: DerNode | undefined): boolean => parameters === undefined || parameters.tag === TAG.null;

export function algorithmAt(bytes: Buffer, node: DerNode | undefined, field: string): { oid: string; parameters?: DerNode } {
  const { children } = expectTag(node, TAG.sequence, field, 'a SEQUENCE');
  if (children.length > 2) malformed(field, 'has more than an OBJECT IDENTIFIER and parameters');
  const oid = oidAt(bytes, children[0], field);
  return children[1] ? { oid, parameters: children[1] } : { oid };
}

/**
 * RFC 4055 §3.1. All four fields have defaults, which DER leaves out. SHA-1 with a salt of 20 bytes is what nothing at all means.
 * Absent parameters say nothing about the signature (§3.1: they MUST be present), so the scheme is unknown.
 */
function pssAlgorithm(bytes: Buffer, parameters: DerNode | undefined, field: string): SignatureAlgorithm {
  const name = 'RSASSA-PSS';
  if (parameters?.tag !== TAG.sequence) return unknown(name);
  const given = new Map<number, DerNode>();
  for (const child of parameters.children) {
    const isInOrder = child.tag >= 0xa0 && child.tag <= 0xa3 && [...given.keys()].every((tag) => tag < child.tag);
    if (!isInOrder || child.children.length !== 1) return unknown(name);
    given.set(child.tag, child.children[0]!);
  }
  const hash = pssHash(bytes, given.get(0xa0), field);
  const mask = maskHash(bytes, given.get(0xa1), field);
  const saltLength = smallInteger(bytes, given.get(0xa2), 20);
  const trailer = smallInteger(bytes, given.get(0xa3), 1);
  if (hash === undefined || mask !== hash || saltLength === undefined || trailer !== 1) return unknown(name);
  return { scheme: 'rsa-pss', hash, saltLength, name };
}

function pssHash(bytes: Buffer, node: DerNode | undefined, field: string): Hash | undefined {
  if (!node) return 'sha1';
  const { oid, parameters } = algorithmAt(bytes, node, field);
  if (!isAbsentOrNull(parameters)) return undefined;
  if (HASHES[oid] === 'sha1') notDer('a default value (SHA-1 in RSASSA-PSS) is written out', node.start);
  return HASHES[oid];
}

function maskHash(bytes: Buffer, node: DerNode | undefined, field: string): Hash | undefined {
  if (!node) return 'sha1';
  const { oid, parameters } = algorithmAt(bytes, node, field);
  return oid === MGF1 && parameters ? pssHash(bytes, parameters, field) : undefined;
}

function smallInteger(bytes: Buffer, node: DerNode | undefined, byDefault: number): number | undefined {
  if (!node) return byDefault;
  const length = node.end - node.content;
  if (node.tag !== TAG.integer || length > 2 || bytes[node.content]! >= 0x80) return undefined;
  const value = bytes.readUIntBE(node.content, length);
  if (value === byDefault) notDer(`a default value (${value} in RSASSA-PSS) is written out`, node.start);
  return value;
}
