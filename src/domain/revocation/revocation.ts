import type { Certificate, Fingerprint } from '../certificates/certificate.ts';
import type { NameKey } from '../certificates/distinguished-name.ts';
import type { TenantId } from '../trust/tenant.ts';

/**
 * Who says that a certificate is revoked: a serial number that an operator gave (for good), an operator's hold (until it is released),
 * a revocation list, or an OCSP responder.
 */
export type RevocationSource = 'manual' | 'hold' | 'ocsp' | `crl:${string}`;

/** What operators say themselves, in contrast to lists and responders of their CAs. */
export const OPERATOR_SOURCES = ['manual', 'hold'] as const satisfies readonly RevocationSource[];

/**
 * The certificates that are meant: those with this serial number, of this issuer or of any, and the one with this fingerprint. At least
 * one of serial number and fingerprint is there. Where both are, either will do: the holder of an ECDSA certificate can turn its
 * signature into another valid one, and so change the fingerprint, but not the serial number, which is signed.
 */
export interface RevokedName {
  /** As in `Certificate`: hex in lower case, whole bytes, no leading zero byte. Empty where only the fingerprint is known. */
  readonly serialNumber: string;
  /** Empty means any issuer. */
  readonly issuer: NameKey | '';
  /** Empty where only the serial number is known. */
  readonly fingerprint: Fingerprint | '';
}

/** One statement of one source. Its key is tenant, source and the three members of its name. */
export interface Revocation extends RevokedName {
  readonly tenant: TenantId;
  readonly source: RevocationSource;
  readonly reason: RevocationReason;
  readonly since: Date;
  /** User name of the operator, `tenant/user`; empty for lists and responders. For operators only. */
  readonly by: string;
  /** What the operator noted; empty for most. For operators only. */
  readonly note: string;
}

/** Whose coming and going is an operator's or responder's to decide. What is `manual` stays (wire-contract §1.9); a list goes as a whole. */
export type ReversibleSource = Extract<RevocationSource, 'hold' | 'ocsp'>;

/** RFC 5280 §5.3.1, without removeFromCRL, which revokes nothing. */
export const REVOCATION_REASONS = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const;

export type RevocationReason = keyof typeof REVOCATION_REASONS;

export const isRevocationReason = (text: string): text is RevocationReason => Object.hasOwn(REVOCATION_REASONS, text);

/** What of a certificate a revocation can name. */
export interface RevocableCertificate {
  readonly serialNumber: string;
  /** Empty where it is not known: then it may be anybody. */
  readonly issuer: NameKey | '';
  /** Empty where it is not known. */
  readonly fingerprint: Fingerprint | '';
}

/**
 * The certificates of a path (leaf first, anchor last) that can be revoked: those below the anchor. An anchor is disabled or removed
 * instead; but a device that is its own anchor is a device still.
 */
export const revocableOf = (path: readonly [Certificate, ...Certificate[]]): readonly RevocableCertificate[] =>
  path.slice(0, Math.max(1, path.length - 1)).map(({ serialNumber, issuer, fingerprint }) => ({ serialNumber, issuer: issuer.key, fingerprint }));

/** Whether `name` means this certificate. */
export const isMeant = ({ serialNumber, issuer, fingerprint }: RevokedName, certificate: RevocableCertificate): boolean =>
  (fingerprint !== '' && fingerprint === certificate.fingerprint) ||
  (serialNumber !== '' && serialNumber === certificate.serialNumber && (issuer === '' || certificate.issuer === '' || issuer === certificate.issuer));

/** Reads a serial number as people and tools write it: hex in any case, with or without colons, `0x` or leading zeros. */
export function parseSerialNumber(text: string): string | undefined {
  if (text.length > LONGEST_WRITTEN) return undefined;
  const hex = text.toLowerCase().replace(/^0x/, '').replaceAll(':', '');
  const digits = hex.replace(/^0+/, '');
  // RFC 5280 §4.1.2.2: positive, at most 20 bytes.
  if (!/^[0-9a-f]{1,40}$/.test(digits) || !/^[0-9a-f]+$/.test(hex)) return undefined;
  return digits.length % 2 === 0 ? digits : `0${digits}`;
}

/** Characters: 21 bytes in hex with colons, and `0x`. */
const LONGEST_WRITTEN = 66;
