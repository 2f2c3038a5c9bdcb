import type { PolicyConstraints, PolicyMapping } from './certificate-policies.ts';
import type { DistinguishedName } from './distinguished-name.ts';
import type { DistributionPoint } from '../revocation/list-scope.ts';
import type { GeneralName, NameConstraints } from './general-name.ts';

/** SHA-1 of the DER in lower-case hex, 40 characters: the name the compatible API gives a certificate. Names, never proves. */
export type Fingerprint = string & { readonly __brand: 'Fingerprint' };

/** SHA-256 of the DER in lower-case hex, 64 characters. Two certificates are the same exactly when these are. */
export type Thumbprint = string & { readonly __brand: 'Thumbprint' };

/** Reads a fingerprint as people write it: any case, with or without colons. */
export function parseFingerprint(text: string): Fingerprint | undefined {
  const hex = text.replaceAll(':', '').toLowerCase();
  return /^[0-9a-f]{40}$/.test(hex) ? (hex as Fingerprint) : undefined;
}

/** The same for a thumbprint. */
export function parseThumbprint(text: string): Thumbprint | undefined {
  const hex = text.replaceAll(':', '').toLowerCase();
  return /^[0-9a-f]{64}$/.test(hex) ? (hex as Thumbprint) : undefined;
}

/** A certificate as a `CertificateReader` read it: strict DER, every field within its syntax (RFC 5280 §4.1), nothing judged yet. */
export interface Certificate {
  readonly der: Uint8Array;
  readonly fingerprint: Fingerprint;
  readonly thumbprint: Thumbprint;
  /** 1, 2 or 3. */
  readonly version: number;
  /** Lower-case hex of the INTEGER's content without leading zero bytes; at most 20 bytes, positive. */
  readonly serialNumber: string;
  /** The outer signatureAlgorithm. */
  readonly signature: SignatureAlgorithm;
  /** Whether the outer algorithm and the one inside the signed part are the same bytes (RFC 5280 §4.1.1.2). */
  readonly signatureAlgorithmsAgree: boolean;
  /** Length of the signature value; where a reader does not say, every key may have made it. */
  readonly signatureBytes?: number;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: PublicKey;
  readonly basicConstraints?: { readonly ca: boolean; readonly pathLength?: number };
  readonly keyUsage?: ReadonlySet<KeyUsage>;
  /** OIDs, never empty when present. */
  readonly extendedKeyUsage?: readonly string[];
  /** Lower-case hex. A hint for the search, never proof. */
  readonly subjectKeyIdentifier?: string;
  readonly authorityKeyIdentifier?: string;
  readonly subjectAltNames?: readonly GeneralName[];
  readonly nameConstraints?: NameConstraints;
  /** OIDs of certificatePolicies, each once; qualifiers are not kept. */
  readonly policies?: readonly string[];
  readonly policyMappings?: readonly PolicyMapping[];
  readonly policyConstraints?: PolicyConstraints;
  /** Certificates that may follow before anyPolicy means nothing any more (RFC 5280 §4.2.1.14). */
  readonly inhibitAnyPolicy?: number;
  /** Where its issuer lists it once it is revoked. Empty: the extension is there, and not in its legal form. Nothing is fetched from here (D-43). */
  readonly distributionPoints?: readonly DistributionPoint[];
  /** Every extension with its OID, in the order of the certificate. */
  readonly extensions: readonly CertificateExtension[];
}

export interface CertificateExtension {
  readonly oid: string;
  readonly critical: boolean;
}

export interface SignatureAlgorithm {
  /** `unknown` is any OID we do not verify. */
  readonly scheme: 'rsa-pkcs1' | 'rsa-pss' | 'ecdsa' | 'ed25519' | 'unknown';
  /** Digest of the signature; absent for Ed25519 and unknown ones. For RSA-PSS, the MGF1 digest must equal it or the scheme is `unknown`. */
  readonly hash?: 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';
  /** Length of the salt in bytes, RSA-PSS only. */
  readonly saltLength?: number;
  /** Java's name for it, as the compatible API prints it: `SHA256withECDSA`. For an unknown one, its OID. */
  readonly name: string;
}

export type PublicKey =
  | { readonly kind: 'rsa'; readonly bits: number; readonly exponent: bigint; readonly spki: Uint8Array }
  | { readonly kind: 'ec'; readonly curve: 'P-256' | 'P-384' | 'P-521'; readonly spki: Uint8Array }
  | { readonly kind: 'ed25519'; readonly spki: Uint8Array }
  /** DSA, other curves, explicit curve parameters, points that are no point of the curve, X25519, … `algorithm` says which. */
  | { readonly kind: 'unsupported'; readonly algorithm: string; readonly spki: Uint8Array };

export type KeyUsage =
  | 'digitalSignature'
  | 'nonRepudiation'
  | 'keyEncipherment'
  | 'dataEncipherment'
  | 'keyAgreement'
  | 'keyCertSign'
  | 'cRLSign'
  | 'encipherOnly'
  | 'decipherOnly';

export const OID = {
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  subjectKeyIdentifier: '2.5.29.14',
  authorityKeyIdentifier: '2.5.29.35',
  subjectAltName: '2.5.29.17',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  policyConstraints: '2.5.29.36',
  inhibitAnyPolicy: '2.5.29.54',
  cRLDistributionPoints: '2.5.29.31',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  anyExtendedKeyUsage: '2.5.29.37.0',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
} as const;

/** RFC 5280 §6.1: self-issued means same subject and issuer; who signed does not matter. */
export const isSelfIssued = (certificate: Certificate): boolean =>
  certificate.subject.key === certificate.issuer.key;
