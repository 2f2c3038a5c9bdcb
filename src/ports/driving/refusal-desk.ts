import type { Chain } from '../../domain/certificates/read-chain.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { KeptRefusal, RefusalQuestion } from '../driven/refusal-store.ts';
import { token } from '../token.ts';

/** Knows whom the gate turned away, and why (D-46). */
export interface RefusalDesk {
  /**
   * Called for each refusal of a connect. Returns at once and never throws: nobody waits for its record. The first of its kind is written soon;
   * those like it are counted, and written with what comes next or by the next round. The same goes for one that a check only reported.
   */
  refused(sight: RefusedConnect): void;
  /** The one seen last first. What was counted and not yet written is written before. */
  list(question: RefusalQuestion): Promise<readonly KeptRefusal[]>;
  /** Writes what was counted and waits: the last count of a device that comes no more. Never rejects. */
  round(): Promise<void>;
}

export interface RefusedConnect {
  readonly refusal: Refusal;
  /** It was let in: a check that only reports would have refused it (D-55). */
  readonly wouldBe?: true;
  readonly clientId: string;
  readonly from: string;
  /** How many certificates the peer sent, and those that could be read. */
  readonly sent: number;
  readonly chain?: Chain;
  /** Whose CA made the signatures, as far as that is known. */
  readonly tenant?: TenantId;
  /** Known where the refusal came after it was read from a certificate that is trusted. */
  readonly device?: string;
}

export const RefusalDesk = token<RefusalDesk>('RefusalDesk');
