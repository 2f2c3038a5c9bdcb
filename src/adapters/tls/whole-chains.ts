import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { readWholeChain } from './read-peer-chain.ts';
import type { TurnedAwayLog } from './turned-away-log.ts';

/** What reading may leave behind in the memory of the process, in bytes. */
const MOST_LEFT_BEHIND = 128 * 1024 * 1024;
/** Of what is still allowed, this part may go in one minute: a flood of chains that nobody trusts must not use up what others need. */
const PART_OF_A_MINUTE = 1 / 8;
const MINUTE_MS = 60_000;
/** What one certificate leaves behind: its parsed form, and a multiple of its length where it is made of many small parts. */
const leftBehindBy = (der: Uint8Array): number => 8 * 1024 + 16 * der.length;
/** Bytes for what is remembered: some 10,000 devices with a chain of three. */
const MOST_REMEMBERED = 32 * 1024 * 1024;
/** What it takes to hold one certificate, beyond its bytes. */
const HOLDING = 512;

export interface WholeChainsNeeds {
  readonly turnedAway: TurnedAwayLog;
  readonly mostLeftBehind?: number;
  /** Bytes. */
  readonly mostRemembered?: number;
  /** A clock in milliseconds that never jumps. */
  readonly now?: () => number;
}

/**
 * Whole chains for those peers whose chain, read in order, leads nowhere (D-3). What was read is remembered by what was there in order,
 * so that a device that comes again and again, let in or not, is read once.
 */
export class WholeChains {
  readonly #turnedAway: TurnedAwayLog;
  readonly #mostRemembered: number;
  readonly #now: () => number;
  /** The one not seen for longest first. */
  readonly #remembered = new Map<string, readonly Uint8Array[]>();
  #rememberedBytes = 0;
  #allowed: number;
  #allowedNow = 0;
  #minuteEnds = -Infinity;

  constructor({ turnedAway, mostLeftBehind = MOST_LEFT_BEHIND, mostRemembered = MOST_REMEMBERED, now = () => performance.now() }: WholeChainsNeeds) {
    this.#turnedAway = turnedAway;
    this.#mostRemembered = mostRemembered;
    this.#now = now;
    this.#allowed = mostLeftBehind;
  }

  /** Every certificate the peer sent; undefined when those of `chain` are all, or when it may not be read any more. */
  read(stream: Pick<TLSSocket, 'getPeerX509Certificate'>, chain: readonly Uint8Array[], from: string): readonly Uint8Array[] | undefined {
    const name = nameOf(chain);
    const whole = this.#remembered.get(name) ?? this.#read(stream, from);
    this.#forget(name);
    this.#remember(name, whole);
    return whole.length > chain.length ? whole : undefined;
  }

  #read(stream: Pick<TLSSocket, 'getPeerX509Certificate'>, from: string): readonly Uint8Array[] {
    this.#beginMinute();
    if (this.#allowedNow <= 0) {
      this.#turnedAway.note('chain-order', { from }, 'A chain was read only as far as it is in order: reading such chains costs memory that Node does not give back, and the bound for this minute is reached. Let devices send each certificate before its issuer; if this goes on, restart Fleetgate.');
      return [];
    }
    const whole = readWholeChain(stream);
    const cost = whole.slice(1).reduce((sum, der) => sum + leftBehindBy(der), 0);
    this.#allowed -= cost;
    this.#allowedNow -= cost;
    return whole;
  }

  #beginMinute(): void {
    const now = this.#now();
    if (now < this.#minuteEnds) return;
    this.#minuteEnds = now + MINUTE_MS;
    this.#allowedNow = this.#allowed * PART_OF_A_MINUTE;
  }

  #remember(name: string, whole: readonly Uint8Array[]): void {
    if (whole.length === 0) return;
    this.#remembered.set(name, whole);
    this.#rememberedBytes += bytesOf(whole);
    while (this.#rememberedBytes > this.#mostRemembered) this.#forget(this.#remembered.keys().next().value!);
  }

  #forget(name: string): void {
    this.#rememberedBytes -= bytesOf(this.#remembered.get(name) ?? []);
    this.#remembered.delete(name);
  }
}

const bytesOf = (chain: readonly Uint8Array[]): number => chain.reduce((sum, { length }) => sum + HOLDING + length, 0);

function nameOf(chain: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const der of chain) hash.update(der);
  return hash.digest('base64');
}
