import type { Clock } from '../../ports/driven/clock.ts';
import type { FeedLag } from '../../ports/driven/feed-lag.ts';
import type { StoreHealth } from '../../ports/driven/store-health.ts';
import type { TokenSigner } from '../../ports/driven/token-signer.ts';

/** One thing without which an instance serves nobody well. */
export interface ReadyCheck {
  /** A word for the answer, such as `database`. */
  readonly what: string;
  /** What to do where it does not hold: nothing of it is secret. */
  readonly remedy: string;
  /** Rejects, or resolves with false, where it does not hold. */
  readonly holds: () => boolean | Promise<boolean>;
}

export interface ReadinessNeeds {
  readonly store: StoreHealth;
  readonly signer: TokenSigner;
  readonly clock: Clock;
  /** What else the instance rests on, such as a feed of changes that must not lag. */
  readonly readyChecks?: readonly ReadyCheck[];
}

export interface Unready {
  readonly what: string;
  readonly remedy: string;
  readonly why: string;
}

/** How long one check may take until it counts as one that does not hold. */
const PATIENCE_MS = 2000;
/** A machine without a clock of its own begins in 1970, and lets in what expired long ago (F19). */
const EARLIEST = Date.UTC(2020, 0, 1);

/** Sessions that a change elsewhere should have ended may live on meanwhile; two seconds are promised (D-14). */
const LONGEST_LAG_S = 5;

/** That changes made elsewhere are heard of here. */
export const changesAreHeard = (lag: FeedLag): ReadyCheck => ({
  what: 'changes',
  remedy: 'Changes made elsewhere are not followed in time. The log of the server says more.',
  holds: async () => {
    const seconds = lag();
    if (seconds > LONGEST_LAG_S) throw new Error(`${Math.round(seconds)} s behind`);
    return true;
  },
});

/** What does not hold now; nothing where the instance is ready. All are asked side by side. */
export async function whatIsUnready({ store, signer, clock, readyChecks = [] }: ReadinessNeeds): Promise<readonly Unready[]> {
  const checks: readonly ReadyCheck[] = [
    { what: 'database', remedy: 'The store does not answer, or takes no changes. The log of the server says more.', holds: () => store.probe().then(() => true) },
    { what: 'keys', remedy: 'There is no key to sign tokens with. Restore the folder keys of the data directory from a backup.', holds: () => signer.keyId() !== '' && signer.publicKeys().keys.length > 0 },
    { what: 'clock', remedy: 'The clock of the machine stands before 2020. Set it, or let NTP set it.', holds: () => clock.now().getTime() >= EARLIEST },
    ...readyChecks,
  ];
  const found = await Promise.all(checks.map(unready));
  return found.filter((each) => each !== undefined);
}

async function unready({ what, remedy, holds }: ReadyCheck): Promise<Unready | undefined> {
  try {
    return (await inTime(Promise.resolve().then(holds))) ? undefined : { what, remedy, why: 'it does not hold' };
  } catch (error) {
    return { what, remedy, why: error instanceof Error ? error.message : String(error) };
  }
}

async function inTime<T>(promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
