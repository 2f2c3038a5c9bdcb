import type { RevokedName } from '../revocation/revocation.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { AdmissionEpoch } from '../../ports/driven/admission-epoch.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Pause } from '../../ports/driven/pause.ts';
import type { ListToSignEntry, RevocationListSigner } from '../../ports/driven/revocation-list-signer.ts';
import type { RevocationStore } from '../../ports/driven/revocation-store.ts';
import type { OperatorSource } from '../../ports/driving/revocation-desk.ts';

export interface SignedListsNeeds {
  readonly revocations: RevocationStore;
  readonly epoch: AdmissionEpoch;
  readonly listSigner: RevocationListSigner;
  readonly clock: Clock;
  readonly pause: Pause;
}

/** How long a list says that it is good. */
const GOOD_FOR_MS = 24 * 3_600_000;
/** How long the same one is handed out while nothing changes. */
const SAME_FOR_MS = 3_600_000;
/** Lists kept in mind: each has some bytes for each entry. */
const MOST_KEPT = 20;
/** Read at once: a millisecond of the event loop. */
const PART = 500;

interface Signed {
  readonly epoch: number;
  readonly at: Date;
  readonly der: Promise<Uint8Array>;
}

/** Signs a tenant's list when it is asked for, and hands out the same one again while trust stands still. */
export class SignedLists {
  readonly #needs: SignedListsNeeds;
  readonly #kept = new Map<TenantId, Signed>();
  #lastNumber = 0;

  constructor(needs: SignedListsNeeds) {
    this.#needs = needs;
  }

  async of(tenant: TenantId): Promise<Uint8Array> {
    const at = this.#needs.clock.now();
    const epoch = await this.#needs.epoch.current();
    const kept = this.#kept.get(tenant);
    const age = kept ? at.getTime() - kept.at.getTime() : Infinity;
    if (kept && kept.epoch === epoch && age >= 0 && age < SAME_FOR_MS) return kept.der;
    const signed: Signed = { epoch, at, der: this.#sign(tenant, at) };
    this.#keep(tenant, signed);
    // What failed is tried anew the next time.
    signed.der.catch(() => this.#kept.get(tenant) === signed && this.#kept.delete(tenant));
    return signed.der;
  }

  async #sign(tenant: TenantId, at: Date): Promise<Uint8Array> {
    const entries = new Map<string, ListToSignEntry>();
    // Each serial number once; what is for good comes first, and stays.
    for (const source of ['manual', 'hold'] as const) await this.#gather(tenant, source, entries);
    // The time in milliseconds: it grows over restarts without being kept, and tells nothing of other tenants as a shared count would.
    this.#lastNumber = Math.max(at.getTime(), this.#lastNumber + 1);
    return this.#needs.listSigner.sign(tenant, { number: this.#lastNumber, thisUpdate: at, nextUpdate: new Date(at.getTime() + GOOD_FOR_MS), entries: [...entries.values()] });
  }

  async #gather(tenant: TenantId, source: OperatorSource, entries: Map<string, ListToSignEntry>): Promise<void> {
    for (let after: RevokedName | undefined; ; ) {
      const part = await this.#needs.revocations.walk(tenant, source, after, PART);
      for (const { serialNumber, since, reason } of part) {
        // A fingerprint has no place in a list.
        if (serialNumber !== '' && !entries.has(serialNumber)) entries.set(serialNumber, { serialNumber, since, reason });
      }
      after = part.at(-1);
      if (part.length < PART) return;
      await this.#needs.pause(); // reads run on the event loop, where others want their turn
    }
  }

  #keep(tenant: TenantId, signed: Signed): void {
    this.#kept.delete(tenant);
    this.#kept.set(tenant, signed);
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
  }
}
