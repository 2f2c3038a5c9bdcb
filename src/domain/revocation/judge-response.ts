import type { Certificate } from '../certificates/certificate.ts';
import { OID } from '../certificates/certificate.ts';
import { shortNameText } from '../certificates/distinguished-name.ts';
import { isAcceptedKey, isAcceptedSignature, keyText } from '../certificates/key-rules.ts';
import type { PathRuleCode } from '../certificates/path-rules.ts';
import type { OcspRefusalCode } from '../refusals/codes.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { Evidence, RefusalOf } from '../shared/refusal-of.ts';
import { isSameId, type CertificateId, type OcspResponse, type SingleAnswer } from './ocsp-response.ts';

/** A certificate that the response means by its responderID. */
export interface PossibleSigner {
  readonly certificate: Certificate;
  readonly isIssuer: boolean;
  /** What keeps it from standing below the issuer, the demands on devices left out; empty for the issuer itself. */
  readonly broken: readonly PathRuleCode[];
  /** Whether its key made the response's signature; not asked where the key or the algorithm is not accepted. */
  readonly signed: boolean;
}

export interface ResponseQuestion {
  readonly response: OcspResponse;
  /** How the certificate was, or could have been, named in the request. */
  readonly ids: readonly CertificateId[];
  readonly nonce: string;
  readonly signers: readonly PossibleSigner[];
  /** thisUpdate of the answer that is known. */
  readonly knownSince?: Date | undefined;
  readonly at: Date;
}

type Question = Omit<ResponseQuestion, 'signers'> & { readonly answer: SingleAnswer | undefined; readonly signer: PossibleSigner | undefined };

interface ResponseRule {
  readonly code: OcspRefusalCode;
  readonly holds: (question: Question) => boolean;
  readonly evidence: (question: Question) => Evidence;
}

/** Clocks of CAs and of gates differ by so much. */
export const CLOCK_SKEW_MS = 5 * 60_000;
/** An answer without nextUpdate says that there is news at all times (RFC 6960 §4.2.2.1): one older than this is somebody's repetition. */
const OLDEST_WITHOUT_END_MS = 86_400_000;

const critical = ({ response, answer }: Question): readonly string[] => [...response.unknownCritical, ...(answer?.unknownCritical ?? [])];

const endOf = ({ thisUpdate, nextUpdate }: SingleAnswer): number => nextUpdate?.getTime() ?? thisUpdate.getTime() + OLDEST_WITHOUT_END_MS;

const isDelegated = ({ certificate, broken }: PossibleSigner): boolean =>
  certificate.extendedKeyUsage?.includes(OID.ocspSigning) === true && certificate.keyUsage?.has('digitalSignature') !== false && broken.every((code) => code === 'path.outside-validity');

/** RFC 6960 §3.2 and what it refers to, in an order in which the first broken row is the one to be told of. */
export const RESPONSE_RULES: readonly ResponseRule[] = [
  { code: 'ocsp.other-certificate', holds: ({ answer }) => answer !== undefined, evidence: ({ response, ids }) => ({ serialNumber: ids[0]?.serialNumber ?? '', answers: response.answers.length }) },
  { code: 'ocsp.unknown-critical-extension', holds: (question) => critical(question).length === 0, evidence: (question) => ({ extension: critical(question).slice(0, 5).join(' ') }) },
  { code: 'ocsp.wrong-nonce', holds: ({ response, nonce }) => response.nonce === undefined || response.nonce === nonce, evidence: () => ({}) },
  { code: 'ocsp.signer-not-found', holds: ({ signer }) => signer !== undefined, evidence: ({ response }) => ({ certificates: response.certificates.length }) },
  {
    code: 'ocsp.signer-not-authorised',
    holds: ({ signer }) => !!signer && (signer.isIssuer || isDelegated(signer)),
    evidence: ({ signer }) => ({ signer: shortNameText(signer!.certificate.subject), ...(signer!.broken[0] && { broken: signer!.broken.slice(0, 3).join(' ') }) }),
  },
  {
    code: 'ocsp.signer-outside-validity',
    holds: ({ signer }) => signer?.broken.length === 0,
    evidence: ({ signer }) => ({ signer: shortNameText(signer!.certificate.subject), notAfter: signer!.certificate.notAfter.toISOString() }),
  },
  {
    code: 'ocsp.signature-algorithm-not-accepted',
    holds: ({ response, signer }) => isAcceptedSignature(response.signature) && !!signer && isAcceptedKey(signer.certificate.publicKey),
    evidence: ({ response, signer }) => ({ algorithm: response.signature.name, key: keyText(signer!.certificate) }),
  },
  { code: 'ocsp.signature-invalid', holds: ({ signer }) => signer?.signed === true, evidence: ({ signer }) => ({ signer: shortNameText(signer!.certificate.subject) }) },
  {
    code: 'ocsp.not-yet-valid',
    holds: ({ answer, at }) => answer!.thisUpdate.getTime() <= at.getTime() + CLOCK_SKEW_MS,
    evidence: ({ answer, at }) => ({ thisUpdate: answer!.thisUpdate.toISOString(), now: at.toISOString() }),
  },
  {
    code: 'ocsp.expired',
    holds: ({ answer, at }) => answer!.thisUpdate.getTime() <= endOf(answer!) && at.getTime() <= endOf(answer!) + CLOCK_SKEW_MS,
    evidence: ({ answer, at }) => ({ thisUpdate: answer!.thisUpdate.toISOString(), nextUpdate: answer!.nextUpdate?.toISOString() ?? 'none', now: at.toISOString() }),
  },
  {
    code: 'ocsp.older-than-known',
    holds: ({ answer, knownSince }) => knownSince === undefined || answer!.thisUpdate >= knownSince,
    evidence: ({ answer, knownSince }) => ({ thisUpdate: answer!.thisUpdate.toISOString(), known: knownSince!.toISOString() }),
  },
];

/**
 * Whether a response may be believed about the certificate that was asked about, and what it says. Of several certificates with the
 * responder's name or key, the one that comes nearest is told of. Nothing a response says counts before this has granted it.
 */
export function judgeResponse({ signers, ...asked }: ResponseQuestion): Decision<{ readonly answer: SingleAnswer; readonly signer: PossibleSigner }, RefusalOf<OcspRefusalCode>> {
  const answer = answerTo(asked);
  let last: { readonly row: number; readonly question: Question } | undefined;
  for (const signer of signers.length > 0 ? signers : [undefined]) {
    const question: Question = { ...asked, answer, signer };
    const row = RESPONSE_RULES.findIndex(({ holds }) => !holds(question));
    if (row === -1 && answer && signer) return grant({ answer, signer });
    if (!last || row > last.row) last = { row, question };
  }
  const { code, evidence } = RESPONSE_RULES[last!.row]!;
  return refuse({ code, evidence: evidence(last!.question) });
}

/** Where a response speaks twice of one certificate, what is worse counts, then what is newer. */
function answerTo({ response, ids }: Pick<Question, 'response' | 'ids'>): SingleAnswer | undefined {
  const own = response.answers.filter(({ id }) => ids.some((asked) => isSameId(asked, id)));
  return own.find(({ status }) => status === 'revoked') ?? [...own].sort((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime())[0];
}
