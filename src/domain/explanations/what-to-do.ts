import { REFUSALS, type Refusal, type RefusalCode } from '../refusal.ts';
import type { Evidence } from '../shared/refusal-of.ts';
import type { TrustAnchor } from '../trust/trust-anchor.ts';

/** What is known beside the refusal. All of it may be told to whoever reads the advice. */
export interface Circumstances {
  /** Certificates that the device sent. */
  readonly sent: number;
  /** The reader's own CAs at the end of the path that the refusal is about. */
  readonly anchors?: readonly TrustAnchor[];
}

type Advice = (refusal: Refusal, evidence: Evidence, circumstances: Circumstances) => string;

/** Where the remedy of the code alone leaves questions open. */
const ADVICE: Partial<Readonly<Record<RefusalCode, Advice>>> = {
  'tenant.no-anchor-found': (_, { topmost, issuer, candidate, candidateIsWrong }, { sent }) => {
    if (topmost === undefined || issuer === undefined) return REFUSALS['tenant.no-anchor-found'].remedy;
    if (topmost === issuer) return `The chain ends at ${topmost}, which nobody here trusts: upload it as a trusted certificate if it is your CA.`;
    if (candidate !== undefined) return `The chain ends at ${topmost}, whose issuer ${issuer} is missing; of the certificates that were sent ${candidate} comes nearest: ${candidateIsWrong}. Upload ${issuer}, or let the device send the right one.`;
    return sent === 1
      ? `The device sent only its own certificate, and its issuer ${issuer} is not uploaded: upload ${issuer}, or let the device send its chain.`
      : `The chain ends at ${topmost}. Its issuer ${issuer} was not sent and is not uploaded: upload ${issuer}, or let the device send what is missing.`;
  },
  'path.signature-invalid': (_, { certificate, issuer, candidate, candidateIsWrong }, { anchors = [] }) => {
    if (certificate === undefined || issuer === undefined) return REFUSALS['path.signature-invalid'].remedy;
    const other =
      candidate !== undefined
        ? `of the certificates that were sent ${candidate} comes nearest: ${candidateIsWrong}.`
        : anchors.length > 0
          ? `${anchorsText(anchors, {})} ${anchors.length > 1 ? 'have' : 'has'} that name, but another key.`
          : 'another CA has the same name.';
    return `${certificate} says that ${issuer} issued it, and the one known by that name did not; ${other} Let the device send, or upload, the certificate of the CA that did.`;
  },
  'tenant.anchor-disabled': (_, evidence, { anchors = [] }) => {
    const disabled = anchors.filter(({ status }) => status === 'disabled');
    return `${anchorsText(disabled, evidence)} ${areOrIs(disabled)} disabled${sinceText(disabled)}: enable ${itOrOne(disabled)}, or give the device a certificate of another CA.`;
  },
  'tenant.anchor-inert': (_, evidence, { anchors = [] }) => {
    const inert = anchors.filter((anchor) => anchor.inert);
    return `${anchorsText(inert, evidence)} ${areOrIs(inert)} not in force, because it touches what another tenant trusts: prove possession of its private key (fleetgate trust prove).`;
  },
  'path.outside-validity': ({ depth }, { certificate, notBefore, notAfter, now }) => {
    if (certificate === undefined || now === undefined) return REFUSALS['path.outside-validity'].remedy;
    if (String(now) < String(notBefore)) return `${whose(depth)} ${certificate} begins to count at ${notBefore}: wait, or correct the clock of whoever issued it.`;
    if (depth === 0) return `The device’s certificate ${certificate} ended at ${notAfter}: give the device a new one.`;
    return `${whose(depth)} ${certificate} ended at ${notAfter}: renew it with the same name and key, and devices keep theirs; upload the new one, or let the devices send it.`;
  },
  'registration.not-registered': (_, __, { anchors = [] }) =>
    anchors.length === 0
      ? REFUSALS['registration.not-registered'].remedy
      : `Register the device by a bulk file (fleetgate devices import), or switch on automatic registration for ${anchorsText(anchors, {})}.`,
};

/** What an operator should do about a refusal, in as much detail as the circumstances give. */
export function whatToDo(refusal: Refusal, circumstances: Circumstances): string {
  const advice = ADVICE[refusal.code];
  return advice ? advice(refusal, refusal.evidence ?? {}, circumstances) : REFUSALS[refusal.code].remedy;
}

const whose = (depth: number | undefined): string => (depth === 0 ? 'The device’s certificate' : 'The CA certificate');

/** By the names that the uploaders gave, for these stand in the list of trusted certificates; else by the subject. */
function anchorsText(anchors: readonly TrustAnchor[], { anchor }: Evidence): string {
  if (anchors.length === 0) return `The CA ${anchor ?? 'at the end of the path'}`;
  const names = anchors.map(({ name, certificate: { fingerprint } }) => (name === '' ? fingerprint : `'${name}'`));
  return `CA ${[...new Set(names)].join(' and ')}`;
}

/** Where it is one, and known. */
function sinceText([anchor, ...more]: readonly TrustAnchor[]): string {
  return anchor?.lastDisabledAt && more.length === 0 ? ` since ${anchor.lastDisabledAt.toISOString()}` : '';
}

const areOrIs = (anchors: readonly TrustAnchor[]): string => (anchors.length > 1 ? 'are' : 'is');
const itOrOne = (anchors: readonly TrustAnchor[]): string => (anchors.length > 1 ? 'one of them' : 'it');
