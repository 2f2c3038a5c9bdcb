import type { RefusalCode, Refusal } from '../../domain/refusal.ts';
import type { Evidence } from '../../domain/shared/refusal-of.ts';
import { token } from '../token.ts';

/** Runs the gate's own path rules over a chain without stopping at the first refusal. Reads nothing but its arguments. */
export interface ExplainDesk {
  explain(question: ExplainQuestion): Explanation;
}

export interface ExplainQuestion {
  /** DER, in any order, the leaf first (D-3). */
  readonly chain: readonly Uint8Array[];
  /** DER of the trusted certificates, all of one tenant and enabled. */
  readonly anchors: readonly Uint8Array[];
  /** DER of those that the same tenant has, but switched off. */
  readonly disabledAnchors?: readonly Uint8Array[];
  readonly at: Date;
  /** Checked against the common name where given. */
  readonly clientId?: string;
}

export interface Explanation {
  /** Undefined when the gate would let the device pass (registration aside). */
  readonly refusal?: Refusal;
  /** The device id, where one could be read. */
  readonly device?: string;
  /** The path that the verdict is about, leaf first; empty when none was found. */
  readonly path: readonly { readonly depth: number; readonly subject: string; readonly issuer: string; readonly isAnchor: boolean }[];
  /** Every check that was made, in order. */
  readonly checks: readonly Check[];
}

export interface Check {
  readonly code: RefusalCode;
  readonly depth?: number;
  /** `not-asked`: an earlier step refused, so that there is nothing to ask. `reported`: it is broken, and refuses nobody yet (D-55). */
  readonly outcome: 'holds' | 'broken' | 'reported' | 'not-asked';
  readonly requires: string;
  readonly cites: string;
  readonly evidence?: Evidence;
}

export const ExplainDesk = token<ExplainDesk>('ExplainDesk');
