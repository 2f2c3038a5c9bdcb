import type { KnownCertificate, ResponderRule } from '../../domain/revocation/responder-answer.ts';

export const ocspRuleView = ({ anchor, urls, hard, acceptHours, refuseHours }: ResponderRule): object => ({ fingerprint: anchor, urls, hard, acceptHours, refuseHours });

/** What is known of a certificate, as the API shows it. */
export const ocspAnswerView = ({ anchor, fingerprint, serialNumber, answer, askAt, problem }: KnownCertificate): object => ({
  ...{ fingerprint: anchor, certificate: fingerprint, serialNumber, status: answer?.status ?? 'unanswered' },
  ...(answer?.revoked && { reason: answer.revoked.reason, revokedSince: answer.revoked.since.toISOString() }),
  ...(answer && { thisUpdate: answer.thisUpdate.toISOString(), freshUntil: answer.freshUntil.toISOString(), from: answer.from, received: answer.receivedAt.toISOString() }),
  nextQuestion: askAt.toISOString(),
  ...(problem !== undefined && { problem }),
});
