import { REFUSALS, type Refusal, type RefusalCode } from '../refusal.ts';
import type { Decision } from '../shared/decision.ts';
import type { Check } from '../../ports/driving/explain-desk.ts';

/** What step 6a decided, by the gate's own function, and which of its questions the tenant asks at all. */
export interface RevocationStep {
  readonly decision: Decision<{ readonly warning?: Refusal }, Refusal>;
  readonly asksLists: boolean;
  readonly asksResponders: boolean;
}

/** A row for each question that the tenant asks, in the order of the gate: one that is broken leaves those behind it open. */
export function revocationChecks({ decision, asksLists, asksResponders }: RevocationStep): readonly Check[] {
  const asked: readonly RefusalCode[] = [...(asksLists ? (['revocation.list-missing'] as const) : []), ...(asksResponders ? (['revocation.ocsp-missing'] as const) : [])];
  const refusal = decision.granted ? undefined : decision.refusal;
  const warning = decision.granted ? decision.value.warning : undefined;
  const broken = refusal ? asked.findIndex((code) => kindOf(code) === kindOf(refusal.code)) : Number.POSITIVE_INFINITY;
  return asked.map((code, i) => {
    if (refusal && i === broken) return checkOf(refusal, 'broken');
    if (i > broken) return { ...textOf(code), outcome: 'not-asked' };
    return warning && kindOf(code) === kindOf(warning.code) ? checkOf({ ...warning, evidence: { ...warning.evidence, counts: 'as a warning, which is recorded' } }, 'holds') : { ...textOf(code), outcome: 'holds' };
  });
}

/** By lists, by responders, or by anybody: a certificate that is revoked is a row of its own. */
const kindOf = (code: RefusalCode): string => (code.endsWith('revoked') || code.endsWith('on-hold') ? 'revoked' : code.startsWith('revocation.list') ? 'lists' : 'responders');

const checkOf = ({ code, depth, evidence }: Refusal, outcome: Check['outcome']): Check => ({
  ...{ ...textOf(code), outcome },
  ...(depth !== undefined && { depth }),
  ...(evidence && { evidence }),
});

const textOf = (code: RefusalCode) => ({ code, requires: REFUSALS[code].requires, cites: REFUSALS[code].cites });
