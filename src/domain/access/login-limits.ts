import { addressGroup } from './address-group.ts';
import { FailureCounts, type Count } from './failure-counts.ts';

/**
 * One user from one address, one address, and one user from everywhere (D-31). The first is strict. The second stops whoever tries one
 * password on many users; the third, whoever has many addresses. Both are generous, and neither stops a user at an address from which
 * that user has logged in before: nobody is locked out by a stranger's guesses for longer than the third's longest wait.
 */
const RULES = {
  pair: { free: 5, longestWaitMs: 15 * 60_000 },
  address: { free: 30, longestWaitMs: 5 * 60_000 },
  account: { free: 100, longestWaitMs: 60_000 },
} as const;

const FAMILIAR_FOR_MS = 24 * 3_600_000;
const MOST_FAMILIAR = 10_000;
/** Attempts of one user from one address that may stand in line behind those under way. */
const MOST_WAITING = 64;

export interface Attempt {
  /** Whoever it is about, whether there is such a user or not. */
  readonly account: string;
  readonly from: string;
}

export type Checked<T> =
  | { readonly kind: 'fits'; readonly value: T }
  /** `isLimit`: from now on somebody has to wait. */
  | { readonly kind: 'wrong'; readonly isLimit: boolean; readonly waitSeconds: number }
  | { readonly kind: 'limited'; readonly waitSeconds: number };

/** How one attempt ended. Plain data. */
export interface LoginNews {
  readonly account: string;
  /** `addressGroup`. */
  readonly address: string;
  readonly fits: boolean;
}

type Kind = keyof typeof RULES;
type Keys = readonly (readonly [Kind, string])[];

/**
 * Slows down whoever guesses passwords, by counts in memory. Names that nobody has are counted like others, so that a limit tells nothing.
 * An attempt that is turned away costs no check and makes no wait longer. Guesses side by side gain nothing: more than are left wait for those under way.
 */
export class LoginLimits {
  readonly #counts = { pair: new FailureCounts(RULES.pair), address: new FailureCounts(RULES.address), account: new FailureCounts(RULES.account) };
  /** When a user last logged in from an address. */
  readonly #familiar = new Map<string, number>();
  readonly #now: () => number;
  readonly #tell: (news: LoginNews) => void;

  /** `tell` is called with what other processes should `hear`, so that guesses count wherever they are made. */
  constructor(now: () => number, tell: (news: LoginNews) => void = () => undefined) {
    this.#now = now;
    this.#tell = tell;
  }

  /** What another process found: as if it had been found here. */
  hear({ account, address, fits }: LoginNews): void {
    const { all, pair } = keysOf(account, address);
    if (fits) this.#succeeded(pair, all);
    else this.#failed(all);
  }

  /** `check` answers undefined where the password is wrong. What it throws counts as nothing. */
  async attempt<T>({ account, from }: Attempt, check: () => Promise<T | undefined>): Promise<Checked<T>> {
    const address = addressGroup(from);
    const { all, pair } = keysOf(account, address);
    // Nothing is awaited between the last look and `begin`: whoever comes next sees this one.
    for (let turn = this.#turn(all, pair); turn !== 'now'; turn = this.#turn(all, pair)) {
      if (typeof turn === 'number') return { kind: 'limited', waitSeconds: seconds(turn) };
      await standInLine(turn);
    }
    for (const [kind, key] of all) this.#counts[kind].begin(key, this.#now());
    try {
      const value = await check();
      if (value === undefined) {
        const wait = this.#failed(all);
        this.#tell({ account, address, fits: false });
        return { kind: 'wrong', isLimit: wait > 0, waitSeconds: seconds(wait) };
      }
      // Elsewhere it is news only where it is so here: a client that logs in with every request is not told of with every request.
      if (!this.#isFamiliar(pair) || this.#counts.pair.failures(pair, this.#now()) > 0) this.#tell({ account, address, fits: true });
      this.#succeeded(pair, all);
      return { kind: 'fits', value };
    } finally {
      for (const [kind, key] of all) this.#counts[kind].end(key, this.#now());
    }
  }

  /** Entries in memory, for whoever holds it to its bound. */
  get size(): number {
    return this.#familiar.size + Object.values(this.#counts).reduce((sum, { size }) => sum + size, 0);
  }

  /** Milliseconds to wait, or those under way for one of whom to wait. */
  #turn(all: Keys, pair: string): 'now' | number | Count {
    const now = this.#now();
    const keys = this.#isFamiliar(pair) ? all.slice(0, 1) : all;
    const wait = Math.max(...keys.map(([kind, key]) => this.#counts[kind].wait(key, now)));
    if (wait > 0) return wait;
    // A client that has logged in here, and makes no mistakes, asks as much at once as it likes.
    if (keys.length === 1 && this.#counts.pair.failures(pair, now) === 0) return 'now';
    const crowded = keys.map(([kind, key]) => this.#counts[kind].crowded(key, now)).find((count) => count !== undefined);
    if (!crowded) return 'now';
    return crowded.waiting < MOST_WAITING ? crowded : 1000;
  }

  #failed(all: Keys): number {
    const now = this.#now();
    return Math.max(...all.map(([kind, key]) => this.#counts[kind].failed(key, now)));
  }

  /** What this user did wrong from this address is forgiven everywhere; what others did is not. */
  #succeeded(pair: string, all: Keys): void {
    const now = this.#now();
    const failures = this.#counts.pair.failures(pair, now);
    if (failures > 0) for (const [kind, key] of all) this.#counts[kind].forgive(key, failures, now);
    this.#familiar.delete(pair);
    this.#familiar.set(pair, now);
    const [oldest] = this.#familiar.keys();
    if (this.#familiar.size > MOST_FAMILIAR && oldest !== undefined) this.#familiar.delete(oldest);
  }

  #isFamiliar(pair: string): boolean {
    const at = this.#familiar.get(pair);
    const now = this.#now();
    return at !== undefined && at <= now && now - at <= FAMILIAR_FOR_MS;
  }
}

function keysOf(account: string, address: string): { readonly all: Keys; readonly pair: string } {
  const pair = JSON.stringify([account, address]);
  return { pair, all: [['pair', pair], ['address', address], ['account', account]] };
}

async function standInLine(count: Count): Promise<void> {
  count.waiting += 1;
  await count.next.promise;
  count.waiting -= 1;
}

const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));
