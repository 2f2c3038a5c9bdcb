import type { Clock } from '../../ports/driven/clock.ts';
import type { KeyStore } from './key-store.ts';
import { canSign, keyOf, makeSigningKey, recordOf, type KeyRecord, type RingKey, type SigningKey, type TokenAlgorithm } from './signing-key.ts';

/** The longest lifetime a tenant can give its tokens, and five minutes for clocks that disagree. */
export const OVERLAP_MS = (24 * 60 + 5) * 60_000;

interface RingNeeds {
  readonly store: KeyStore;
  readonly clock: Clock;
  readonly algorithm: TokenAlgorithm;
  /** For a ring that several processes share: how long a new key is published before it signs, so that all of them know it by then. */
  readonly settleMs?: number;
}

interface NextKey {
  readonly key: SigningKey;
  /** Milliseconds of the clock. */
  readonly from: number;
}

/**
 * The keys that tokens are signed and checked by (D-12).
 * The files are read once, at the start: what happens to them later changes nothing (F31). Of a shared ring, keys that others add are taken over. */
export class KeyRing {
  readonly #needs: RingNeeds;
  #keys: ReadonlyMap<string, RingKey>;
  #signing: SigningKey;
  /** The one that signs next, and when it begins. */
  #next: NextKey | undefined;
  #rotation: Promise<unknown> = Promise.resolve();

  /** Use `openKeyRing`. */
  constructor(needs: RingNeeds, keys: readonly RingKey[], signing: SigningKey) {
    this.#needs = needs;
    this.#keys = new Map(keys.map((key) => [key.kid, key]));
    this.#signing = signing;
  }

  signing(): SigningKey {
    if (this.#next && this.#next.from <= this.#needs.clock.now().getTime()) this.#begin(this.#next);
    return this.#signing;
  }

  /** The key of that name, if it still verifies. */
  find(kid: string): RingKey | undefined {
    const key = this.#keys.get(kid);
    return key && !isRetired(key, this.#needs.clock.now()) ? key : undefined;
  }

  /** The keys that verify now, the signing one first. */
  inUse(): readonly RingKey[] {
    const now = this.#needs.clock.now();
    const signing = this.signing();
    const others = [...this.#keys.values()].filter((key) => key.kid !== signing.kid && !isRetired(key, now));
    return [signing, ...others.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())];
  }

  /** Takes over what other processes of a shared ring added. What is missing from the files, or can no longer sign there, stays as it is here. */
  async catchUp(): Promise<void> {
    const { store, settleMs, clock } = this.#needs;
    if (settleMs === undefined) return;
    const unknown = (await store.load()).filter(({ kid }) => !this.#keys.has(kid));
    const found = await Promise.all(unknown.map(keyOf));
    const now = clock.now();
    for (const key of found.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())) {
      if (this.#keys.has(key.kid)) continue; // taken over meanwhile: the feed and an unknown key ask side by side
      const isNewest = canSign(key) && key.createdAt > (this.#next?.key ?? this.#signing).createdAt;
      this.#keys = new Map([...this.#keys, [key.kid, canSign(key) && !isNewest ? superseded(key, now) : key]]);
      if (isNewest) this.#next = { key, from: key.createdAt.getTime() + settleMs };
    }
  }

  /** Makes a new signing key; the former one verifies on for `OVERLAP_MS`. Calls that race rotate one after the other. */
  rotate(): Promise<SigningKey> {
    const turn = this.#rotation.then(() => this.#rotateNow());
    this.#rotation = turn.catch(() => undefined);
    return turn;
  }

  async #rotateNow(): Promise<SigningKey> {
    const { store, clock, algorithm, settleMs = 0 } = this.#needs;
    await this.catchUp();
    const now = clock.now();
    const fresh = await makeSigningKey(algorithm, now);
    const former = superseded(this.signing(), now);
    // The new key is safe before the former loses its private half: a crash in between leaves two that could sign, and the newer one will.
    await store.save(recordOf(fresh));
    try {
      await store.save(recordOf(former));
    } catch (error) {
      await store.remove(fresh.kid);
      throw error;
    }
    const retired = [...this.#keys.values()].filter((key) => isRetired(key, now));
    await Promise.all(retired.map(({ kid }) => store.remove(kid)));
    const kept = [...this.#keys.values()].filter((key) => key.kid !== former.kid && !retired.includes(key));
    this.#keys = new Map([...kept, former, fresh].map((key) => [key.kid, key]));
    this.#next = { key: fresh, from: now.getTime() + settleMs };
    this.signing();
    return fresh;
  }

  /** The former one verifies on. */
  #begin({ key, from }: NextKey): void {
    const former = this.#keys.get(this.#signing.kid);
    if (former && canSign(former)) this.#keys = new Map([...this.#keys, [former.kid, superseded(former, new Date(from))]]);
    this.#signing = key;
    this.#next = undefined;
  }
}

export interface OpenKeyRingNeeds extends RingNeeds {
  /** Whether Fleetgate has run on this data before; then a missing key is a loss, not a first start. */
  readonly ranBefore: boolean;
}

/** @throws a sentence that says which key is missing or broken, what to restore, and how to make a new one on purpose (J11) */
export async function openKeyRing(needs: OpenKeyRingNeeds): Promise<KeyRing> {
  const { store, clock, algorithm, ranBefore } = needs;
  const records = await store.load().catch((error: Error) => refuseToStart(error.message, store));
  const found = await Promise.all(records.map((record) => checkedKey(record, store)));
  await store.putInOrder?.();
  const now = clock.now();
  const [signing, ...rivals] = found.filter(canSign).sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  if (!signing) {
    if (found.length > 0 || ranBefore) refuseToStart(`there is no signing key in ${store.place}, although Fleetgate ran on this data before`, store);
    const first = await makeSigningKey(algorithm, now);
    await store.save(recordOf(first));
    return new KeyRing(needs, [first], first);
  }
  const former = rivals.map((key) => superseded(key, now));
  for (const key of former) await store.save(recordOf(key));
  const ring = new KeyRing(needs, [...found.filter((key) => !canSign(key)), ...former, signing], signing);
  if (signing.alg !== algorithm) await ring.rotate();
  return ring;
}

async function checkedKey(record: KeyRecord, store: KeyStore): Promise<RingKey> {
  try {
    return await keyOf(record);
  } catch (error) {
    return refuseToStart(`the key ${record.kid.slice(0, 64)} in ${store.place} cannot be used: ${(error as Error).message}`, store);
  }
}

function refuseToStart(what: string, { place }: KeyStore): never {
  throw new Error(
    `${what}. Restore the folder ${place} from a backup, readable for this user. ` +
      'To make a new key on purpose, which ends every token in use: fleetgate serve --new-signing-key',
  );
}

function superseded({ kid, alg, createdAt, publicKey, jwk }: SigningKey, now: Date): RingKey {
  return { kid, alg, createdAt, publicKey, jwk, retiredAt: new Date(now.getTime() + OVERLAP_MS) };
}

const isRetired = ({ retiredAt }: RingKey, now: Date): boolean => retiredAt !== undefined && retiredAt <= now;
