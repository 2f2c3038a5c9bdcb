import { sentenceOf } from '../../domain/refusal.ts';
import { smartrestLine } from '../../domain/smartrest/write-line.ts';
import { FAILED } from '../../ports/figures/outcomes.ts';
import { ERRORS, TOKEN_ANSWERS } from './device-topics.ts';
import type { EndingCode } from './endings.ts';
import type { PublishNeeds } from './on-publish.ts';
import type { OpenSession } from './open-session.ts';
import { tell } from './tell.ts';

/** Three parts of base64url and nothing else: what clients split off after `71,` (J12). */
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Answers a message on `s/uat`, whose body means nothing (M12), with `71,<jwt>` on `s/dat` (wire-contract §3.1). A device that
 * does not listen there gets no token, and none is made (M13). What speaks against a token is said on `s/e` to those who listen.
 */
export async function answerTokenRequest(session: OpenSession, needs: Pick<PublishNeeds, 'tokens' | 'log' | 'metrics' | 'tracer' | 'peer'>): Promise<EndingCode | undefined> {
  if (!session.subscriptions.has(TOKEN_ANSWERS)) return undefined;
  const asked = performance.now();
  const { tenant, device } = session.device;
  const facts = { tenant, device, connection: needs.peer.connection };
  const ending = await needs.tracer.journey({ name: 'token', since: asked, facts }, () => answer(session, needs));
  needs.metrics.took('fleetgate_token_answer_seconds', {}, (performance.now() - asked) / 1000);
  return ending;
}

async function answer(session: OpenSession, { tokens, log, metrics }: Pick<PublishNeeds, 'tokens' | 'log' | 'metrics'>): Promise<EndingCode | undefined> {
  const { tenant, device } = session.device;
  try {
    const decision = await tokens.issue(session.device);
    if (!decision.granted) return tell(session, ERRORS, smartrestLine('41', '', sentenceOf(decision.refusal)));
    if (COMPACT_JWS.test(decision.value)) return tell(session, TOKEN_ANSWERS, `71,${decision.value}`);
    log.error({ tenant, device }, 'The token desk gave something that is not a compact JWS; it was not sent.');
  } catch (error) {
    metrics.count('fleetgate_tokens_total', { tenant, outcome: FAILED });
    log.error({ tenant, device, error: String(error) }, 'A token could not be made: the token desk is out of order.');
  }
  return tell(session, ERRORS, '41,,Fleetgate cannot make a token at the moment. Ask again later.');
}
