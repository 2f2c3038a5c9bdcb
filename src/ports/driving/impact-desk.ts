import type { Impact, PlannedChange } from '../../domain/impact/impact.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import { token } from '../token.ts';

/** Tells whom a change would hit before it is made (D-49). It looks at every device of the tenant, page by page. */
export interface ImpactDesk {
  /** Changes nothing. Refused as the change itself would be where there is no such certificate, device or tenant. */
  foresee(change: PlannedChange): Promise<Decision<Impact, Refusal>>;
  /**
   * May the change go on? Where the tenant whose devices it hits set `fleetgate/confirm.above`, and it hits more, `confirm` has to be
   * their number. What the change itself refuses is not this question's: it is granted here.
   */
  agree(change: PlannedChange, confirm?: number): Promise<Decision<undefined, Refusal>>;
}

export const ImpactDesk = token<ImpactDesk>('ImpactDesk');
