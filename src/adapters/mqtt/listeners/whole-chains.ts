import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { readWholeChain } from './read-peer-chain.ts';
import type { TurnedAwayLog } from './turned-away-log.ts';

/** What reading may leave behind in the memory of the process, in bytes. */
const MOST_LEFT_BEHIND = 128 * 1024 * 1024;
/** What one certificate leaves behind: its parsed form, and a multiple of its length where it is made of many small parts. */
const leftBehindBy = (der: Uint8Array): number => 8 * 1024 + 16 * der.length;
const MOST_REMEMBERED = 500;

export interface WholeChainsNeeds {
  readonly turnedAway: TurnedAwayLog;
  readonly mostLeftBehind?: number;
}

/**
 * Whole chains for those peers whose chain, read in order, leads nowhere (D-3). What was read is remembered by what was there in order,
 * so that a device that comes again and again, let in or not, is read once.
 */
export class WholeChains {
  readonly #turnedAway: TurnedAwayLog;
  readonly #remembered = new Map<string, readonly Uint8Array[]>();
  #allowed: number;

  constructor({ turnedAway, mostLeftBehind = MOST_LEFT_BEHIND }: WholeChainsNeeds) {
    this.#turnedAway = turnedAway;
    this.#allowed = mostLeftBehind;
  }

  /** Every certificate the peer sent; undefined when those of `chain` are all, or when it may not be read any more. */
  read(stream: Pick<TLSSocket, 'getPeerX509Certificate'>, chain: readonly Uint8Array[], from: string): readonly Uint8Array[] | undefined {
    const name = nameOf(chain);
    const whole = this.#remembered.get(name) ?? this.#read(stream, from);
    this.#remembered.delete(name);
    if (whole.length > 0) this.#remembered.set(name, whole);
    if (this.#remembered.size > MOST_REMEMBERED) this.#remembered.delete(this.#remembered.keys().next().value!);
    return whole.length > chain.length ? whole : undefined;
  }

  #read(stream: Pick<TLSSocket, 'getPeerX509Certificate'>, from: string): readonly Uint8Array[] {
    if (this.#allowed <= 0) {
      this.#turnedAway.note('chain-order', { from }, 'A chain that is out of order was read in part only: reading such chains costs memory that Node does not give back, and the bound is reached. Restart Fleetgate, or let devices send each certificate before its issuer.');
      return [];
    }
    const whole = readWholeChain(stream);
    this.#allowed -= whole.slice(1).reduce((sum, der) => sum + leftBehindBy(der), 0);
    return whole;
  }
}

function nameOf(chain: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const der of chain) hash.update(der);
  return hash.digest('base64');
}
