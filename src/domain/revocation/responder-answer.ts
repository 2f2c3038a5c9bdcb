import type { TrustedPath } from '../certificates/judge-paths.ts';
import type { Certificate, Fingerprint } from '../certificates/certificate.ts';
import type { NameKey } from '../certificates/distinguished-name.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { RevocableCertificate, Revocation, RevocationReason } from './revocation.ts';

/** What a tenant asks of the responders (RFC 6960) of one trusted CA. */
export interface ResponderRule {
  readonly tenant: TenantId;
  readonly anchor: Fingerprint;
  /** Who is asked, and nobody else; the first that knows the certificate counts. Never empty. */
  readonly urls: readonly string[];
  /** Hard: without an answer a device is refused. Soft: it is let in, and that is recorded. What is revoked is refused by both. */
  readonly hard: boolean;
  /** Hours for which an answer counts as if it were new, from where it stops being so. */
  readonly acceptHours: number;
  /** Hours from which on it lets nobody in any more where the rule is hard; in between it does, with a warning. */
  readonly refuseHours: number;
}

/** What counts where an operator named nothing but URLs: soft, so that a responder that is down locks nobody out. */
export const USUAL_RESPONDER_RULE = { hard: false, acceptHours: 1, refuseHours: 24 } as const satisfies Partial<ResponderRule>;

/** A certificate of which responders are asked, below one trusted CA. */
export interface AskedCertificate extends RevocableCertificate {
  readonly tenant: TenantId;
  readonly anchor: Fingerprint;
  readonly issuer: NameKey;
  readonly fingerprint: Fingerprint;
  /** The certificate of its issuer: that of the trusted CA, or one between. */
  readonly issuedBy: Fingerprint;
  readonly notAfter: Date;
}

export interface ResponderAnswer {
  /** `unknown`: the responder does not know the certificate. */
  readonly status: 'good' | 'revoked' | 'unknown';
  readonly thisUpdate: Date;
  /** Its nextUpdate; where it has none, some time after it came. */
  readonly freshUntil: Date;
  /** Of a revoked certificate. */
  readonly revoked?: { readonly reason: RevocationReason; readonly since: Date };
  /** The URL that was asked. */
  readonly from: string;
  readonly receivedAt: Date;
}

/** What is known of such a certificate, and when it is asked about again. */
export interface KnownCertificate extends AskedCertificate {
  /** The last good one, however old. */
  readonly answer?: ResponderAnswer;
  readonly askAt: Date;
  /** Since the last answer. */
  readonly failures: number;
  /** Code of the last failure, where it is later than the answer. */
  readonly problem?: string;
  /** Nobody asks about a device that has been away for so long. */
  readonly wantedUntil: Date;
}

/** A certificate to be remembered, and for how long it is asked about. */
export type NotedCertificate = AskedCertificate & Pick<KnownCertificate, 'wantedUntil'>;

/** A certificate that should be asked about, with that of its issuer. */
export interface Wanted {
  readonly certificate: AskedCertificate;
  readonly issuer: Certificate;
}

const DAY = 86_400_000;
/** How long a certificate is asked about after its device was last here. */
export const WANTED_FOR_MS = 30 * DAY;
/** A certificate whose issuer was never seen: the next device that comes by it brings it along. */
export const ISSUER_NOT_SEEN = 'ocsp.issuer-not-seen';

/** Which certificates of these paths are news to whoever asks responders: new ones, and, once a day, those of devices that are still here. */
export function toAskAbout(paths: readonly TrustedPath[], rules: readonly ResponderRule[], known: readonly KnownCertificate[], at: Date): readonly Wanted[] {
  const found = new Map<string, Wanted>();
  for (const { certificates, anchors } of paths) {
    for (const { tenant, certificate: anchor } of anchors) {
      if (!rules.some((rule) => rule.anchor === anchor.fingerprint)) continue;
      const below = certificates.slice(0, Math.max(1, certificates.length - 1));
      for (const [depth, certificate] of below.entries()) {
        const issuer = certificates[depth + 1] ?? certificate;
        const asked = askedCertificate(certificate, { tenant, anchor: anchor.fingerprint, issuedBy: issuer.fingerprint });
        if (!isSettled(known.find((it) => isSameAsked(it, asked)), at)) found.set(`${asked.anchor} ${asked.fingerprint}`, { certificate: asked, issuer });
      }
    }
  }
  return [...found.values()];
}

const askedCertificate = ({ serialNumber, issuer, fingerprint, notAfter }: Certificate, where: Pick<AskedCertificate, 'tenant' | 'anchor' | 'issuedBy'>): AskedCertificate => ({
  ...where,
  ...{ serialNumber, issuer: issuer.key, fingerprint, notAfter },
});

export const isSameAsked = (a: AskedCertificate, b: AskedCertificate): boolean => a.tenant === b.tenant && a.anchor === b.anchor && a.fingerprint === b.fingerprint;

/** Whether nothing is to be done for it before its time comes. */
const isSettled = (known: KnownCertificate | undefined, at: Date): boolean =>
  known !== undefined && known.problem !== ISSUER_NOT_SEEN && known.wantedUntil.getTime() >= at.getTime() + WANTED_FOR_MS - DAY;

/** What responders say against certificates, in the form of everything else that is said. It stays until a later answer takes it back. */
export const revocationsBy = (known: readonly KnownCertificate[]): readonly Revocation[] =>
  known.flatMap(({ tenant, serialNumber, issuer, fingerprint, answer }): readonly Revocation[] =>
    answer?.revoked ? [{ ...{ tenant, source: 'ocsp', serialNumber, issuer, fingerprint }, ...answer.revoked, by: '', note: '' }] : [],
  );

/** Whether an answer revokes, or takes a revocation back. */
export const changesTrust = (former: ResponderAnswer | undefined, { status }: ResponderAnswer): boolean => (status === 'revoked') !== (former?.status === 'revoked');
