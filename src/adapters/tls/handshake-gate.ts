import { Tally } from './tally.ts';

export interface GateLimits {
  /** Handshakes that may run at a time. */
  readonly inFlight: number;
  /** … of one address. */
  readonly perAddress: number;
  /** Connections that may wait for their turn; one address gets at most half of the places. */
  readonly waiting: number;
  /** Handshakes that may go on beside those in flight after they have used up their lease; one address gets at most half. */
  readonly stalled: number;
  /** How long a handshake keeps its place against others that wait. */
  readonly leaseMs: number;
}

/** A connection that wants its handshake. */
export interface Arrival {
  /** What `addressGroup` made of the peer's address. */
  readonly address: string;
  /** The turn has come. Called at most once. */
  start(): void;
  /** There is no place. Called at most once, and nothing is called after it. */
  drop(why: DropReason): void;
}

export type DropReason = 'waiting-full' | 'address-waiting-full' | 'stalled-full' | 'shutting-down';

/**
 * Lets few handshakes run at a time, so that in a storm those that start also finish before their clients give up.
 *
 * - The newest arrival goes first: the oldest is the likeliest to have given up (a storm of 2,000 with impatient clients: 646 served against 121).
 * - A peer that leaves its handshake lying does not hold up others: after its lease it loses its place but not its connection (S10).
 * - No address has more than its share of any of it.
 */
export class HandshakeGate {
  readonly #limits: GateLimits;
  /** With the time of start; oldest first. */
  readonly #running = new Map<Arrival, number>();
  readonly #stalled = new Set<Arrival>();
  /** Oldest first, served from the end. */
  readonly #waiting: Arrival[] = [];
  readonly #runningOf = new Tally();
  readonly #stalledOf = new Tally();
  readonly #waitingOf = new Tally();
  #leaseTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ limits }: { limits: GateLimits }) {
    this.#limits = limits;
  }

  arrive(arrival: Arrival): void {
    if (this.#closed) return arrival.drop('shutting-down');
    if (this.#hasPlaceFor(arrival)) return this.#start(arrival);
    if (this.#waitingOf.count(arrival.address) >= Math.ceil(this.#limits.waiting / 2)) return arrival.drop('address-waiting-full');
    this.#waiting.push(arrival);
    this.#waitingOf.add(arrival.address);
    if (this.#waiting.length > this.#limits.waiting) this.#dropOldestWaiting();
    this.#watchLeases();
  }

  /** The handshake is done, has failed, or the connection is gone: in whatever stage, and safe to call again. */
  leave(arrival: Arrival): void {
    if (this.#running.delete(arrival)) this.#runningOf.remove(arrival.address);
    else if (this.#stalled.delete(arrival)) this.#stalledOf.remove(arrival.address);
    else {
      const index = this.#waiting.lastIndexOf(arrival);
      if (index === -1) return;
      this.#waiting.splice(index, 1);
      this.#waitingOf.remove(arrival.address);
    }
    this.#serveWaiting();
  }

  /** Drops everything, and from now on whatever arrives. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#leaseTimer);
    const everything = [...this.#running.keys(), ...this.#stalled, ...this.#waiting.splice(0)];
    this.#running.clear();
    this.#stalled.clear();
    for (const arrival of everything) arrival.drop('shutting-down');
  }

  counts(): { readonly running: number; readonly stalled: number; readonly waiting: number } {
    return { running: this.#running.size, stalled: this.#stalled.size, waiting: this.#waiting.length };
  }

  #hasPlaceFor({ address }: Arrival): boolean {
    return this.#running.size < this.#limits.inFlight && this.#runningOf.count(address) < this.#limits.perAddress;
  }

  #start(arrival: Arrival): void {
    this.#running.set(arrival, performance.now());
    this.#runningOf.add(arrival.address);
    arrival.start();
  }

  #serveWaiting(): void {
    for (let i = this.#waiting.length - 1; i >= 0 && !this.#closed && this.#running.size < this.#limits.inFlight; i--) {
      const arrival = this.#waiting[i];
      // `start` may fail at once and come back here by `leave`, so that the list may be shorter by now.
      if (arrival === undefined || !this.#hasPlaceFor(arrival)) continue;
      this.#waiting.splice(i, 1);
      this.#waitingOf.remove(arrival.address);
      this.#start(arrival);
    }
    this.#watchLeases();
  }

  #dropOldestWaiting(): void {
    const oldest = this.#waiting.shift()!;
    this.#waitingOf.remove(oldest.address);
    oldest.drop('waiting-full');
  }

  #watchLeases(): void {
    if (this.#leaseTimer !== undefined || this.#closed || this.#waiting.length === 0) return;
    const [oldestStart] = this.#running.values();
    if (oldestStart === undefined) return;
    const wait = Math.max(1, oldestStart + this.#limits.leaseMs - performance.now());
    this.#leaseTimer = setTimeout(() => {
      this.#leaseTimer = undefined;
      this.#endLeases(performance.now() - this.#limits.leaseMs);
      this.#serveWaiting();
    }, wait);
  }

  #endLeases(startedBefore: number): void {
    for (const [arrival, startedAt] of this.#running) {
      if (startedAt > startedBefore) return;
      this.#running.delete(arrival);
      this.#runningOf.remove(arrival.address);
      this.#makeRoomAmongStalled(arrival.address);
      this.#stalled.add(arrival);
      this.#stalledOf.add(arrival.address);
    }
  }

  #makeRoomAmongStalled(address: string): void {
    const { stalled } = this.#limits;
    const addressIsFull = this.#stalledOf.count(address) >= Math.ceil(stalled / 2);
    if (!addressIsFull && this.#stalled.size < stalled) return;
    for (const arrival of this.#stalled) {
      if (addressIsFull && arrival.address !== address) continue;
      this.#stalled.delete(arrival);
      this.#stalledOf.remove(arrival.address);
      return arrival.drop('stalled-full');
    }
  }
}
