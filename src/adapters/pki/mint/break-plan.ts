import { BREAKAGE_FACTS } from '../../../ports/driven/breakage-facts.ts';
import type { Breakage } from '../../../ports/driven/certificate-mint.ts';
import type { CertificatePlan, NamePart } from './certificate-plan.ts';

type Spoil = (plan: CertificatePlan, now: Date) => CertificatePlan;

const DAY = 86_400_000;
const later = (now: Date, days: number): Date => new Date(now.getTime() + days * DAY);
const part = (type: NamePart['type'], text: string): NamePart => ({ type, text });
const commonName = (plan: CertificatePlan): string => plan.subject[0]?.text ?? '';

/** Each spoils one thing and leaves the rest as it was. */
const SPOILS: Readonly<Record<Breakage, Spoil>> = {
  expired: (plan, now) => ({ ...plan, notBefore: later(now, -30), notAfter: later(now, -1) }),
  'not-yet-valid': (plan, now) => ({ ...plan, notBefore: later(now, 1), notAfter: later(now, 30) }),
  'no-ca': (plan) => ({ ...plan, basicConstraints: { ca: false } }),
  'no-basic-constraints': ({ basicConstraints: _, ...plan }) => plan,
  'no-key-cert-sign': (plan) => ({ ...plan, keyUsage: ['digitalSignature', 'cRLSign'] }),
  'path-too-long': (plan) => {
    if (plan.kind === 'root') return { ...plan, basicConstraints: { ca: true, pathLength: 0 } };
    return { ...plan, detour: plan.kind === 'device' ? 2 : 1 };
  },
  'wrong-key': (plan) => ({ ...plan, signedByStranger: true }),
  'wrong-issuer-name': (plan) => ({ ...plan, issuerName: [part('CN', 'Nobody')] }),
  sha1: (plan) => ({ ...plan, signsWithSha1: true }),
  'weak-rsa': (plan) => ({ ...plan, key: 'rsa1024' }),
  'server-auth-only': (plan) => ({ ...plan, extendedKeyUsage: ['serverAuth'] }),
  'no-digital-signature': (plan) => ({ ...plan, keyUsage: [plan.key.startsWith('rsa') ? 'keyEncipherment' : 'keyAgreement'] }),
  'unknown-critical-extension': (plan) => ({ ...plan, carriesUnknownExtension: true }),
  'name-constraints': (plan) => ({ ...plan, permitsElsewhereOnly: true }),
  'version-1': (plan) => ({ ...plan, version: 1 }),
  'no-common-name': (plan) => ({ ...plan, subject: [part('O', commonName(plan))] }),
  'two-common-names': (plan) => ({ ...plan, subject: [...plan.subject, part('CN', `${commonName(plan)}-second`)] }),
  'forbidden-character': (plan) => ({ ...plan, subject: [part('CN', `${commonName(plan)}/#`)] }),
};

/** Puts one named fault into a plan. Throws when the fault means nothing in a certificate of this kind. */
export function breakPlan(plan: CertificatePlan, broken: Breakage, now: Date): CertificatePlan {
  const { in: kinds } = BREAKAGE_FACTS[broken];
  if (!kinds.includes(plan.kind)) {
    throw new Error(`A ${plan.kind} certificate cannot be broken by ${broken}: this fault goes into ${kinds.join(' or ')}.`);
  }
  return SPOILS[broken](plan, now);
}
