import type { Certificate } from '../certificates/certificate.ts';
import { isAcceptedKey, isAcceptedSignature } from '../certificates/key-rules.ts';
import type { PathRuleCode } from '../certificates/path-rules.ts';
import { RuleWork } from '../certificates/rule-work.ts';
import { askAll } from '../certificates/validate-path.ts';
import type { Refusal } from '../refusal.ts';
import { judgeResponse, type PossibleSigner } from '../revocation/judge-response.ts';
import { DEVICE_RULES } from '../revocation/list-issuers.ts';
import type { SingleAnswer } from '../revocation/ocsp-response.ts';
import type { KnownCertificate, ResponderAnswer } from '../revocation/responder-answer.ts';
import { refuse, grant, type Decision } from '../shared/decision.ts';
import type { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import type { OcspMessages, OcspQuestion, ReadResponse } from '../../ports/driven/ocsp-messages.ts';
import type { SignatureVerifier } from '../../ports/driven/signature-verifier.ts';
import { isRevokedHere, type ReadListNeeds } from './read-list.ts';

export interface ReadResponseNeeds extends Pick<ReadListNeeds, 'revocations' | 'lists'> {
  readonly messages: OcspMessages;
  readonly reader: CertificateReader;
  readonly verifier: SignatureVerifier;
}

interface Asked {
  readonly question: OcspQuestion;
  readonly known: KnownCertificate;
  readonly issuer: Certificate;
  readonly from: string;
  readonly at: Date;
}

/**
 * For how long an answer counts as new: until its nextUpdate, and never longer than the ceiling, however sure of itself a responder is. One
 * without nextUpdate says that there may be news at all times (RFC 6960 §4.2.2.1).
 */
const COUNTS_MS = { withoutEnd: 3_600_000, most: 7 * 86_400_000 } as const;

/** Reads and judges what a responder sent: its form, who made it, whether they may, and what it says of the certificate. */
export async function readResponse(needs: ReadResponseNeeds, bytes: Uint8Array, { question, known, issuer, from, at }: Asked): Promise<Decision<ResponderAnswer, Refusal>> {
  const read = needs.messages.read(bytes);
  if (!read.granted) return read;
  const { response } = read.value;
  const signers = signersOf(needs, read.value, issuer, at);
  const judged = judgeResponse({ response, ids: question.ids, nonce: question.nonce, signers, knownSince: known.answer?.thisUpdate, at });
  if (!judged.granted) return judged;
  const { answer, signer } = judged.value;
  if (!signer.isIssuer && (await isRevokedHere(needs, known.tenant, signer.certificate))) {
    return refuse({ code: 'ocsp.signer-revoked', evidence: { serialNumber: signer.certificate.serialNumber } });
  }
  return grant(answerOf(answer, from, at));
}

/** The issuer itself, and whatever came along, as far as the response means them. */
function signersOf(needs: ReadResponseNeeds, { response, isBy, verifies }: ReadResponse, issuer: Certificate, at: Date): readonly PossibleSigner[] {
  const others = response.certificates.flatMap((der) => {
    const certificate = needs.reader.read(der);
    return certificate.granted && certificate.value.thumbprint !== issuer.thumbprint ? [certificate.value] : [];
  });
  return [issuer, ...others].filter(isBy).map((certificate) => ({
    certificate,
    isIssuer: certificate === issuer,
    broken: certificate === issuer ? [] : brokenBelow(needs, certificate, issuer, at),
    signed: isAcceptedKey(certificate.publicKey) && isAcceptedSignature(response.signature) && verifies(certificate),
  }));
}

/** The gate's own rules for a certificate right below its issuer; what they ask of devices alone is left out. */
function brokenBelow({ verifier }: ReadResponseNeeds, certificate: Certificate, issuer: Certificate, at: Date): readonly PathRuleCode[] {
  const isWorthwhile = isAcceptedKey(issuer.publicKey) && isAcceptedSignature(certificate.signature);
  const signed = !isWorthwhile ? 'not-tried' : verifier.verifies(certificate, issuer) ? 'yes' : 'no';
  const asked = [...askAll({ certificates: [certificate, issuer], signed: [signed] }, { at, work: new RuleWork() })];
  return asked.filter(({ holds, rule }) => !holds && !DEVICE_RULES.has(rule.code)).map(({ rule }) => rule.code);
}

const answerOf = ({ status, revoked, thisUpdate, nextUpdate }: SingleAnswer, from: string, at: Date): ResponderAnswer => ({
  ...{ status, thisUpdate, freshUntil: freshUntil(nextUpdate, at) },
  ...(revoked && { revoked }),
  ...{ from, receivedAt: at },
});

const freshUntil = (nextUpdate: Date | undefined, at: Date): Date =>
  new Date(Math.min(nextUpdate?.getTime() ?? at.getTime() + COUNTS_MS.withoutEnd, at.getTime() + COUNTS_MS.most));
