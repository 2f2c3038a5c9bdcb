import { concerns } from '../changes/concerns.ts';
import type { AdmittedDevice } from '../sessions/device-session.ts';
import type { AdmissionEpoch } from '../../ports/driven/admission-epoch.ts';
import type { ChangeFeed } from '../../ports/driven/change-feed.ts';

export interface TrustStoodStillNeeds {
  readonly epoch: AdmissionEpoch;
  readonly feed: Pick<ChangeFeed, 'after'>;
}

/** Changes looked at; behind more of them it is judged anew. */
const MOST = 500;

/**
 * Whether nothing was changed since the epoch `before` that could take from this device what it was judged by (D-14). Where somebody revokes one
 * certificate after another, the epoch never stands still, and yet everybody else must get in.
 */
export async function trustStoodStill({ epoch, feed }: TrustStoodStillNeeds, before: number, device: AdmittedDevice): Promise<boolean> {
  const now = await epoch.current();
  if (now === before) return true;
  const changes = await feed.after(before, MOST);
  if (changes === 'forgotten' || (changes.at(-1)?.seq ?? before) < now) return false;
  return !changes.some((change) => concerns(change, device));
}
