import { token } from '../token.ts';

/**
 * Follows one journey of a device through its steps, for those who look where the time went.
 *
 * - It never throws, never waits and never changes what `work` comes to: a decision does not depend on its trace.
 * - What is called within `work`, also after an await, belongs to its journey; a step or a fact outside of any is left out.
 * - A trace holds the facts below and nothing else: no token, no certificate, no address.
 */
export interface Tracer {
  /** One trace, from `since` until `work` is settled. */
  journey<T>(about: Journey, work: () => Promise<T>): Promise<T>;
  /** One step of the journey under way, until `work` returns, or what it returned is settled. */
  step<T>(name: string, work: () => T): T;
  /** What came out about the journey under way. */
  tell(facts: TraceFacts): void;
}

export interface Journey {
  readonly name: 'connect' | 'token' | 'token by certificate';
  /** When it began, by `performance.now()`; now, where absent. */
  readonly since?: number | undefined;
  /** Steps that are over already. */
  readonly before?: readonly { readonly name: string; readonly from: number; readonly to: number }[];
  readonly facts: TraceFacts;
  /** The header traceparent as the client sent it: any text (W3C Trace Context §3.2). */
  readonly parent?: unknown;
}

export interface TraceFacts {
  readonly tenant?: string | undefined;
  readonly device?: string | undefined;
  /** The id of the connection, as in the log. */
  readonly connection?: string | undefined;
  /** admitted, issued, or refused. */
  readonly outcome?: 'admitted' | 'issued' | 'refused';
  /** The code of a refusal. */
  readonly refusal?: string | undefined;
  /** The code of a refusal that a check in report mode would have been. */
  readonly wouldBeRefused?: string;
}

/** Where no traces are wanted: nothing is done beside the work. */
export const NO_TRACES: Tracer = {
  journey: (_about, work) => work(),
  step: (_name, work) => work(),
  tell: () => undefined,
};

export const Tracer = token<Tracer>('Tracer');
