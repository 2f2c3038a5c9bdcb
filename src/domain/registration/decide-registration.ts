import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import type { TrustAnchor } from '../trust/trust-anchor.ts';
import type { Device } from './device.ts';

/**
 * May it be here? A known device may, unless an operator keeps it out (D-29). An unknown one may register itself where one of its tenant's anchors in force, on a path of
 * this very chain that holds, has the flag (D-7): another CA's flag says nothing about this chain.
 */
export function decideRegistration(
  known: Device | undefined,
  anchors: readonly TrustAnchor[],
): Decision<'is-known' | 'registers-itself', RefusalOf<'registration.not-registered' | 'registration.device-blocked'>> {
  if (known?.block) return refuse({ code: 'registration.device-blocked', evidence: { reason: known.block.reason } });
  if (known) return grant('is-known');
  if (anchors.some(({ autoRegistration }) => autoRegistration)) return grant('registers-itself');
  return refuse({ code: 'registration.not-registered' });
}
