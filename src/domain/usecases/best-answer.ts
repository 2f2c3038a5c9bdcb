import type { Certificate } from '../certificates/certificate.ts';
import type { Refusal } from '../refusal.ts';
import type { KnownCertificate, ResponderAnswer, ResponderRule } from '../revocation/responder-answer.ts';
import { refuse, type Decision } from '../shared/decision.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { ResponderAnswers } from '../../ports/driven/responder-answers.ts';
import type { ResponderSource } from '../../ports/driven/responder-source.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import { readResponse, type ReadResponseNeeds } from './read-response.ts';

export interface BestAnswerNeeds extends ReadResponseNeeds {
  readonly anchors: TrustAnchorStore;
  readonly answers: ResponderAnswers;
  readonly source: ResponderSource;
  readonly clock: Clock;
}

interface Asked {
  readonly known: KnownCertificate;
  readonly issuer: Certificate;
  readonly rule: ResponderRule;
  readonly signal: AbortSignal;
}

/** Asks one URL of a rule after the other, until one knows the certificate. */
export async function bestAnswer(needs: BestAnswerNeeds, asked: Asked): Promise<Decision<ResponderAnswer, Refusal>> {
  let best: Decision<ResponderAnswer, Refusal> = refuse({ code: 'ocsp.not-asked' });
  for (const url of asked.rule.urls) {
    const said = await askOne(needs, asked, url);
    if (said.granted && said.value.status !== 'unknown') return said;
    if (said.granted || !best.granted) best = said;
  }
  // Whoever does not know a certificate takes nothing back of what was said of it.
  const isLess = best.granted && asked.known.answer?.status === 'revoked';
  return isLess ? refuse({ code: 'revocation.ocsp-unknown' }) : best;
}

async function askOne(needs: BestAnswerNeeds, { known, issuer, rule: { urls }, signal }: Asked, url: string): Promise<Decision<ResponderAnswer, Refusal>> {
  const question = needs.messages.question(known.serialNumber, issuer);
  const bytes = await needs.source.ask({ url, allowed: urls, request: question.request, signal });
  return bytes.granted ? readResponse(needs, bytes.value, { question, known, issuer, from: url, at: needs.clock.now() }) : bytes;
}

/** The certificate of whoever issued one: the trusted CA, or one that came along with a device. */
export async function issuerOf({ anchors, answers, reader }: BestAnswerNeeds, { tenant, anchor, issuedBy }: KnownCertificate): Promise<Certificate | undefined> {
  if (issuedBy === anchor) return (await anchors.find(tenant, anchor))?.certificate;
  const der = await answers.issuerOf(tenant, issuedBy);
  const read = der && reader.read(der);
  return read?.granted ? read.value : undefined;
}
