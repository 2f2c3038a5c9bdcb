import { OID, type Certificate, type CertificateExtension, type KeyUsage } from '../../../domain/certificates/certificate.ts';
import { DerFault, malformed, notDer } from './der-fault.ts';
import { expectTag, readDer, TAG, type DerNode } from './der-node.ts';
import { distributionPointsAt } from './distribution-points.ts';
import { generalNamesAt, nameConstraintsAt } from './general-names.ts';
import { oidAt } from './object-identifiers.ts';
import { inhibitAnyPolicyAt, policiesAt, policyConstraintsAt, policyMappingsAt } from './policies.ts';

/** What the reader understands of the extensions, and the list of all of them. */
export type Extensions = Pick<
  Certificate,
  | 'extensions'
  | 'basicConstraints'
  | 'keyUsage'
  | 'extendedKeyUsage'
  | 'subjectKeyIdentifier'
  | 'authorityKeyIdentifier'
  | 'subjectAltNames'
  | 'nameConstraints'
  | 'policies'
  | 'policyMappings'
  | 'policyConstraints'
  | 'inhibitAnyPolicy'
  | 'distributionPoints'
>;

export const NO_EXTENSIONS: Extensions = { extensions: [] };

/** How deep an extension's value lies: certificate, signed part, [3], list, extension, value. */
const DEPTH = 6;

/** Reads the Extensions (RFC 5280 §4.1.2.9, §4.2). Every value is one DER value, whether or not the extension is known. */
export function extensionsAt(bytes: Buffer, node: DerNode): Extensions {
  const list = expectTag(node.children[0], TAG.sequence, 'extensions', 'a SEQUENCE');
  if (node.children.length !== 1 || list.children.length === 0) malformed('extensions', 'is not one list of at least one extension');
  const seen = new Set<string>();
  const extensions: CertificateExtension[] = [];
  let known: Partial<Extensions> = {};
  for (const child of list.children) {
    const { oid, critical, value } = extensionAt(bytes, child);
    if (seen.has(oid)) throw new DerFault('chain.duplicate-extension', { extension: oid });
    seen.add(oid);
    extensions.push({ oid, critical });
    const read = READERS[oid];
    if (read) known = { ...known, ...read(bytes, value) };
  }
  return { ...known, extensions };
}

export function extensionAt(bytes: Buffer, node: DerNode): CertificateExtension & { readonly value: DerNode } {
  const { children } = expectTag(node, TAG.sequence, 'extensions', 'a list of SEQUENCEs');
  const oid = oidAt(bytes, children[0], 'extensions');
  const flag = children.length === 3 ? expectTag(children[1], TAG.boolean, 'extensions', 'a list with BOOLEANs for critical') : undefined;
  if (flag && bytes[flag.content] === 0) notDer('a default value (critical FALSE) is written out', flag.start);
  const octets = expectTag(children.at(-1), TAG.octetString, 'extensions', 'a list with OCTET STRINGs for values');
  if (children.length > 3) malformed('extensions', 'has an extension with more than three parts');
  return { oid, critical: flag !== undefined, value: readDer(bytes, octets.content, octets.end, DEPTH) };
}

const READERS: Readonly<Record<string, (bytes: Buffer, value: DerNode) => Partial<Extensions>>> = {
  [OID.basicConstraints]: (bytes, value) => ({ basicConstraints: basicConstraintsAt(bytes, value) }),
  [OID.keyUsage]: (bytes, value) => ({ keyUsage: keyUsageAt(bytes, value) }),
  [OID.extendedKeyUsage]: (bytes, value) => ({ extendedKeyUsage: extendedKeyUsageAt(bytes, value) }),
  [OID.subjectKeyIdentifier]: (bytes, value) => {
    const { content, end } = expectTag(value, TAG.octetString, 'subjectKeyIdentifier', 'an OCTET STRING');
    return { subjectKeyIdentifier: bytes.toString('hex', content, end) };
  },
  [OID.authorityKeyIdentifier]: authorityKeyIdentifierAt,
  [OID.subjectAltName]: (bytes, value) => ({ subjectAltNames: generalNamesAt(bytes, value, 'subjectAltName') }),
  [OID.nameConstraints]: (bytes, value) => ({ nameConstraints: nameConstraintsAt(bytes, value) }),
  [OID.certificatePolicies]: (bytes, value) => ({ policies: policiesAt(bytes, value) }),
  [OID.policyMappings]: (bytes, value) => ({ policyMappings: policyMappingsAt(bytes, value) }),
  [OID.policyConstraints]: (bytes, value) => ({ policyConstraints: policyConstraintsAt(bytes, value) }),
  [OID.inhibitAnyPolicy]: (bytes, value) => ({ inhibitAnyPolicy: inhibitAnyPolicyAt(bytes, value) }),
  [OID.cRLDistributionPoints]: (bytes, value) => ({ distributionPoints: distributionPointsAt(bytes, value) }),
};

/** RFC 5280 §4.2.1.9. */
function basicConstraintsAt(bytes: Buffer, node: DerNode): NonNullable<Certificate['basicConstraints']> {
  const field = 'basicConstraints';
  const parts = [...expectTag(node, TAG.sequence, field, 'a SEQUENCE').children];
  const flag = parts[0]?.tag === TAG.boolean ? parts.shift() : undefined;
  if (flag && bytes[flag.content] === 0) notDer('a default value (cA FALSE) is written out', flag.start);
  const ca = flag !== undefined;
  if (parts.length === 0) return { ca };
  const { content, end } = expectTag(parts[0], TAG.integer, field, 'a cA flag and a pathLenConstraint');
  if (parts.length > 1) malformed(field, 'has more than a cA flag and a pathLenConstraint');
  if (bytes[content]! >= 0x80) malformed(field, 'has a negative pathLenConstraint');
  if (end - content > 4) malformed(field, 'has a pathLenConstraint beyond 31 bits');
  return { ca, pathLength: bytes.readUIntBE(content, end - content) };
}

/** In the order of their bits, RFC 5280 §4.2.1.3. */
const KEY_USAGES: readonly KeyUsage[] = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
];

/**
 * RFC 5280 §4.2.1.3: "at least one of the bits MUST be set". Zero bits at the end, which X.690 §11.2.2 cuts, are let pass: a widespread
 * library for small devices leaves them, and they cannot change what is meant.
 */
function keyUsageAt(bytes: Buffer, node: DerNode): ReadonlySet<KeyUsage> {
  const { content, end } = expectTag(node, TAG.bitString, 'keyUsage', 'a BIT STRING');
  const isSet = (bit: number): boolean => {
    const at = content + 1 + (bit >> 3);
    return at < end && (bytes[at]! & (0x80 >> (bit & 7))) !== 0;
  };
  const usages = new Set(KEY_USAGES.filter((_, bit) => isSet(bit)));
  if (usages.size === 0) malformed('keyUsage', 'allows nothing');
  return usages;
}

/** RFC 5280 §4.2.1.12: `SIZE (1..MAX)`, so that an empty list is malformed, and never "anything goes" (X10). */
function extendedKeyUsageAt(bytes: Buffer, node: DerNode): readonly string[] {
  const { children } = expectTag(node, TAG.sequence, 'extendedKeyUsage', 'a SEQUENCE');
  if (children.length === 0) malformed('extendedKeyUsage', 'is empty');
  return children.map((purpose) => oidAt(bytes, purpose, 'extendedKeyUsage'));
}

/** RFC 5280 §4.2.1.1: [0] keyIdentifier, [1] issuer with [2] serial number, all optional. Only the first is of use to the search. */
export function authorityKeyIdentifierAt(bytes: Buffer, node: DerNode): Pick<Extensions, 'authorityKeyIdentifier'> {
  const field = 'authorityKeyIdentifier';
  const { children } = expectTag(node, TAG.sequence, field, 'a SEQUENCE');
  let last = 0;
  for (const { tag } of children) {
    const order = [0x80, 0xa1, 0x82].indexOf(tag) + 1;
    if (order <= last) malformed(field, 'is not a key identifier, an issuer and a serial number, in this order');
    last = order;
  }
  const first = children[0];
  return first?.tag === 0x80 ? { authorityKeyIdentifier: bytes.toString('hex', first.content, first.end) } : {};
}
