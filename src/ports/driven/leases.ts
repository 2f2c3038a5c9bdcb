import { token } from '../token.ts';

/** `beat` moves with each renewal: who sees it stand still for long enough takes the holder for dead. No clock of another machine is asked. */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  readonly beat: number;
}

/**
 * Who does what only one may do, and who is alive (D-65).
 *
 * - A name has one holder at a time; of several that ask at once, one gets it.
 * - `end` acts only where the lease is still as it was seen: a holder that beat in between keeps it.
 * - A rejected promise means the store is out of order.
 */
export interface Leases {
  /** `new`: it was free, and is the holder's now. `kept`: it was the holder's already, and beats once more. */
  keep(name: string, holder: string): Promise<'new' | 'kept' | 'of-another'>;
  all(): Promise<readonly Lease[]>;
  /** Says whether it did. */
  end(lease: Lease): Promise<boolean>;
  release(name: string, holder: string): Promise<void>;
}

export const Leases = token<Leases>('Leases');

/** The lease that tells whether a holder of sessions lives. */
export const lifeOf = (holder: string): string => `life of ${holder}`;
