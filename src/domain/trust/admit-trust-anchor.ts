import type { Certificate } from '../certificates/certificate.ts';
import { isAcceptedKey, isAcceptedSignature, keyText } from '../certificates/key-rules.ts';
import { unknownCriticalExtensions, unknownExtensionsText } from '../certificates/path-rule.ts';
import type { AnchorRefusalCode } from '../refusals/codes.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { Evidence, RefusalOf } from '../shared/refusal-of.ts';
import type { TenantId } from './tenant.ts';
import type { TrustAnchor } from './trust-anchor.ts';

/** D-11: candidates of one subject cost signature checks in every connect that names it. */
export const MOST_OF_ONE_NAME = 8;

/** Characters of an anchor's name. */
const LONGEST_NAME = 256;

interface UploadRule {
  readonly code: AnchorRefusalCode;
  readonly holds: (certificate: Certificate, at: Date) => boolean;
  readonly evidence: (certificate: Certificate, at: Date) => Evidence;
}

const nothing = (): Evidence => ({});

/**
 * What the path rules would refuse at every connect is refused at the upload, where an operator can still do something about it.
 * The anchor's own signature is not judged (D-4): see `warningsAbout`.
 */
export const UPLOAD_RULES: readonly UploadRule[] = [
  {
    code: 'anchor.not-version-3',
    holds: ({ version }) => version === 3,
    evidence: ({ version }) => ({ version }),
  },
  { code: 'anchor.not-a-ca', holds: ({ basicConstraints }) => basicConstraints?.ca === true, evidence: nothing },
  { code: 'anchor.may-not-sign', holds: ({ keyUsage }) => keyUsage?.has('keyCertSign') !== false, evidence: nothing },
  {
    code: 'anchor.key-not-accepted',
    holds: ({ publicKey }) => isAcceptedKey(publicKey),
    evidence: (certificate) => ({ key: keyText(certificate) }),
  },
  {
    code: 'anchor.unknown-critical-extension',
    holds: (certificate) => unknownCriticalExtensions(certificate).length === 0,
    evidence: (certificate) => ({ extension: unknownExtensionsText(certificate) }),
  },
  {
    code: 'anchor.outside-validity',
    holds: ({ notBefore, notAfter }, at) => notBefore <= at && at <= notAfter,
    evidence: ({ notBefore, notAfter }, at) => ({
      notBefore: notBefore.toISOString(),
      notAfter: notAfter.toISOString(),
      now: at.toISOString(),
    }),
  },
];

/** May this certificate become a trust anchor? */
export function admitTrustAnchor(certificate: Certificate, at: Date): Decision<Certificate, RefusalOf<AnchorRefusalCode>> {
  const broken = UPLOAD_RULES.find(({ holds }) => !holds(certificate, at));
  return broken ? refuse({ code: broken.code, evidence: broken.evidence(certificate, at) }) : grant(certificate);
}

/** Names are for people: bounded, and unable to break a line of a log or a terminal. */
export function isAcceptableName(name: string): boolean {
  return name.length <= LONGEST_NAME && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name);
}

/**
 * D-6: with sharing off, an upload that issued, or was issued by, another tenant's anchor stays inert until its uploader proves
 * possession; otherwise it could draw that tenant's devices to itself, or make them ambiguous.
 */
export function touchesOthers(
  certificate: Certificate,
  { tenant, others, verifies }: {
    readonly tenant: TenantId;
    /** Anchors of anyone whose name chains to this certificate, on either side. */
    readonly others: readonly TrustAnchor[];
    readonly verifies: (child: Certificate, issuer: Certificate) => boolean;
  },
): boolean {
  return others.some(
    (other) =>
      other.tenant !== tenant && (verifies(certificate, other.certificate) || verifies(other.certificate, certificate)),
  );
}

export type AnchorWarning = 'inert' | 'weak-self-signature' | 'expires-soon' | 'expired';

/** Days before the end of an anchor's validity at which its listing begins to warn. */
const EXPIRY_WARNING_DAYS = 30;

/** What an operator should know about an anchor although it is accepted. */
export function warningsAbout({ certificate, inert }: TrustAnchor, at: Date): readonly AnchorWarning[] {
  const daysLeft = (certificate.notAfter.getTime() - at.getTime()) / 86_400_000;
  const warnings: readonly (AnchorWarning | false)[] = [
    inert && 'inert',
    !isAcceptedSignature(certificate.signature) && 'weak-self-signature',
    daysLeft < 0 ? 'expired' : daysLeft < EXPIRY_WARNING_DAYS && 'expires-soon',
  ];
  return warnings.filter((warning) => warning !== false);
}
