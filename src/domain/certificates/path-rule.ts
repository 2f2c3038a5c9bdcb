import type { Evidence } from '../shared/refusal-of.ts';
import { OID, type Certificate } from './certificate.ts';
import type { PolicyVerdict } from './certificate-policies.ts';
import { shortNameText } from './distinguished-name.ts';
import { generalNameText } from './general-name.ts';
import type { Breach } from './name-constraints.ts';

/** One certificate in its place in a path, with all that a rule may look at. */
export interface Link {
  readonly certificate: Certificate;
  /** The certificate above it; absent for the anchor, whose own signature is not judged (D-4). */
  readonly issuer?: Certificate;
  /** Whether the issuer's key was found to have made the signature. `not-tried` counts as no. */
  readonly signed: 'yes' | 'no' | 'not-tried';
  readonly isLeaf: boolean;
  /** Certificates between this one and the leaf that are not self-issued (RFC 5280 §4.2.1.9); the leaf does not count. */
  readonly casBelow: number;
  readonly at: Date;
  /** What the name constraints of the CAs above make of its names (RFC 5280 §6.1.3 (b)–(c)); undefined: nothing. */
  readonly breach: Breach | undefined;
  /** What the certificate policies of the path come to at this certificate. */
  readonly policy: PolicyVerdict;
}

/** One rule of path validation: it documents itself, runs in the gate and is printed by `explain`. */
export interface PathRule<Code extends string> {
  readonly code: Code;
  readonly cites: string;
  readonly requires: string;
  readonly remedy: string;
  readonly holds: (link: Link) => boolean;
  readonly evidence: (link: Link) => Evidence;
}

/** Declares one row, so that its code becomes part of the union of codes. */
export const rule = <const Code extends string>(row: PathRule<Code>): PathRule<Code> => row;

export const isAnchor = (link: Link): boolean => link.issuer === undefined;

/** Extensions whose meaning the rules below enforce, so that they may be critical (RFC 5280 §4.2). */
const ENFORCED: ReadonlySet<string> = new Set([
  OID.nameConstraints,
  OID.certificatePolicies,
  OID.policyMappings,
  OID.policyConstraints,
  OID.inhibitAnyPolicy,
  OID.basicConstraints,
  OID.keyUsage,
  OID.extendedKeyUsage,
  // Identity is the common name alone (D-8), so a critical subjectAltName is understood, and without effect.
  OID.subjectAltName,
]);

export const unknownCriticalExtensions = (certificate: Certificate): readonly string[] =>
  certificate.extensions.filter(({ oid, critical }) => critical && !ENFORCED.has(oid)).map(({ oid }) => oid);

/** For evidence: the first few, and how many more. */
export function unknownExtensionsText(certificate: Certificate): string {
  const [first = '', ...more] = unknownCriticalExtensions(certificate);
  return more.length > 0 ? `${first} and ${more.length} more` : first;
}

export const subjectOf = ({ certificate }: Link): Evidence => ({ certificate: shortNameText(certificate.subject) });

export const breachEvidence = (link: Link): Evidence => ({
  ...subjectOf(link),
  ...(link.breach?.name && { name: generalNameText(link.breach.name) }),
  ...(link.breach?.constraint && { constraint: generalNameText(link.breach.constraint) }),
});
