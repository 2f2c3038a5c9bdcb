import { addressGroup } from '../access/address-group.ts';
import { COMMON_NAME, shortNameText } from '../certificates/distinguished-name.ts';
import type { Certificate } from '../certificates/certificate.ts';
import type { Refusal } from '../refusal.ts';
import { MANAGEMENT } from '../trust/tenant.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { KeptRefusal, RefusalQuestion, RefusalStore } from '../../ports/driven/refusal-store.ts';
import type { RefusalDesk, RefusedConnect } from '../../ports/driving/refusal-desk.ts';

export interface KeepRefusalsNeeds {
  readonly store: RefusalStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** A refusal that was written since then is no news: it is counted, and written with what comes next, or by a round. */
const NEWS_AFTER_MS = 60_000;
/** Refusals that wait to be written, about a kilobyte each. One more is left out: a device that is refused comes again. */
export const MOST_WAITING = 1_000;
/** Refusals that go into one write. */
const BATCH = 200;
/** Refusals that are known to be written: without these a device that comes every second would be written every second. */
const KEPT_IN_MIND = 10_000;
/** Characters of a text from outside. */
const LONGEST = 256;

/** Keeps refusals off the way of the connection: gathered in memory, written one batch after another, never two at once. */
export class KeepRefusals implements RefusalDesk {
  readonly #needs: KeepRefusalsNeeds;
  readonly #waiting = new Map<string, KeptRefusal>();
  /** When each was written last; the one written longest ago goes first. */
  readonly #written = new Map<string, number>();
  #writing: Promise<void> | undefined;
  #isFailing = false;

  constructor(needs: KeepRefusalsNeeds) {
    this.#needs = needs;
  }

  refused(sight: RefusedConnect): void {
    const now = this.#needs.clock.now();
    const row = rowOf(sight, now);
    const key = keyOf(row);
    const before = this.#waiting.get(key);
    if (!before && this.#waiting.size >= MOST_WAITING) return;
    this.#waiting.set(key, before ? { ...row, count: before.count + 1, firstSeen: before.firstSeen } : row);
    const isNews = now.getTime() - (this.#written.get(key) ?? -Infinity) >= NEWS_AFTER_MS;
    if (isNews) void this.#write();
  }

  async list(question: RefusalQuestion): Promise<readonly KeptRefusal[]> {
    await this.#write();
    return this.#needs.store.list(question);
  }

  async round(): Promise<void> {
    await this.#write();
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined));
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting].slice(0, BATCH);
      for (const [key] of batch) this.#waiting.delete(key);
      await this.#writeBatch(batch);
    }
  }

  async #writeBatch(batch: readonly (readonly [string, KeptRefusal])[]): Promise<void> {
    const { store, clock, log } = this.#needs;
    try {
      await store.keep(batch.map(([, row]) => row));
      const at = clock.now().getTime();
      for (const [key] of batch) this.#keepInMind(key, at);
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) log.warn({ error: String(error) }, 'Which devices are refused is not written down for the moment: the store is out of order.');
      this.#isFailing = true;
    }
  }

  #keepInMind(key: string, at: number): void {
    this.#written.delete(key);
    this.#written.set(key, at);
    if (this.#written.size > KEPT_IN_MIND) this.#written.delete(this.#written.keys().next().value!);
  }
}

/** A slash is in no tenant's id, and in no code. */
const keyOf = ({ tenant, refusal, mark }: KeptRefusal): string => `${tenant}/${refusal.code}/${mark}`;

function rowOf({ refusal, wouldBe, clientId, from, sent, chain, tenant, device }: RefusedConnect, now: Date): KeptRefusal {
  const leaf = chain?.[0];
  const origin = addressGroup(from);
  return {
    tenant: tenant ?? MANAGEMENT,
    refusal: boundedRefusal(refusal),
    ...(wouldBe && { wouldBe }),
    mark: leaf?.thumbprint ?? origin,
    ...(leaf && { leaf: leafOf(leaf) }),
    sent,
    device: bounded(device ?? claimedName(leaf) ?? ''),
    clientId: bounded(clientId),
    from: bounded(from),
    origin,
    count: 1,
    firstSeen: now,
    lastSeen: now,
  };
}

const leafOf = ({ thumbprint, serialNumber, subject, issuer }: Certificate): NonNullable<KeptRefusal['leaf']> => ({
  thumbprint,
  serialNumber,
  subject: bounded(shortNameText(subject)),
  issuer: bounded(shortNameText(issuer)),
});

/** Whom a certificate that nobody vouches for calls itself: to be found by, and for nothing else. */
const claimedName = (leaf: Certificate | undefined): string | undefined =>
  leaf?.subject.rdns.flat().find(({ type }) => type === COMMON_NAME)?.value;

/** Evidence is made of what peers send; each rule cuts it, and this does where one forgot. */
function boundedRefusal({ code, depth, evidence }: Refusal): Refusal {
  const entries = Object.entries(evidence ?? {}).map(([name, value]) => [name, typeof value === 'string' ? bounded(value) : value] as const);
  return { code, ...(depth !== undefined && { depth }), ...(evidence && { evidence: Object.fromEntries(entries) }) };
}

/** Half a character at the cut, and NUL, are no text to a database. */
const bounded = (text: string): string => text.slice(0, LONGEST).toWellFormed().replaceAll('\u0000', '\uFFFD');
