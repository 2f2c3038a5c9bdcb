import type { Refusal } from '../refusal.ts';
import { sentenceOf } from '../refusal.ts';
import type { ListRule } from '../revocation/stored-list.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { ListSource } from '../../ports/driven/list-source.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { RevocationLists } from '../../ports/driven/revocation-lists.ts';
import type { ListFetching } from '../../ports/driving/list-fetching.ts';
import type { RevocationListDesk } from '../../ports/driving/revocation-list-desk.ts';

export interface FetchRevocationListsNeeds {
  readonly lists: RevocationLists;
  readonly source: ListSource;
  readonly desk: Pick<RevocationListDesk, 'add' | 'tidy'>;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly log: Log;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const AGAIN = { good: 60 * MINUTE, failed: 5 * MINUTE } as const;

interface Turn {
  readonly next: number;
  readonly failures: number;
}

/** What the good and the bad of the last time mean for the next. */
const turnAfter = (at: number, isGood: boolean, { failures }: Pick<Turn, 'failures'>): Turn =>
  isGood ? { next: at + AGAIN.good, failures: 0 } : { next: at + Math.min(AGAIN.good, AGAIN.failed * 2 ** Math.min(failures, 4)), failures: failures + 1 };

export class FetchRevocationLists implements ListFetching {
  readonly #needs: FetchRevocationListsNeeds;
  /** By tenant, CA and URL; only of rules that are there. */
  #turns: ReadonlyMap<string, Turn> = new Map();
  #running: Promise<void> | undefined;
  #tidied = Number.NEGATIVE_INFINITY;

  constructor(needs: FetchRevocationListsNeeds) {
    this.#needs = needs;
  }

  round(signal?: AbortSignal): Promise<void> {
    return (this.#running ??= this.#round(signal).finally(() => (this.#running = undefined)));
  }

  async #round(signal: AbortSignal | undefined): Promise<void> {
    const { lists, clock, log } = this.#needs;
    try {
      await this.#tidy();
      const rules = await lists.rules();
      const turns = new Map<string, Turn>();
      for (const rule of rules) {
        for (const url of rule.urls) {
          const key = JSON.stringify([rule.tenant, rule.anchor, url]);
          const last = this.#turns.get(key);
          const isDue = !signal?.aborted && (!last || last.next <= clock.now().getTime());
          turns.set(key, isDue ? await this.#fetch(rule, url, last, signal) : (last ?? { next: 0, failures: 0 }));
        }
      }
      this.#turns = turns;
    } catch (error) {
      log.warn({ reason: String(error) }, 'Revocation lists could not be fetched. It is tried again.');
    }
  }

  async #tidy(): Promise<void> {
    const { desk, clock } = this.#needs;
    const at = clock.now().getTime();
    if (at - this.#tidied < DAY) return;
    this.#tidied = at;
    await desk.tidy();
  }

  async #fetch(rule: ListRule, url: string, last: Turn | undefined, signal: AbortSignal | undefined): Promise<Turn> {
    const { source, desk, clock } = this.#needs;
    const { tenant, anchor, urls } = rule;
    const failures = last?.failures ?? 0;
    const fetched = await source.fetch({ url, allowed: urls, ...(signal && { signal }) });
    const added = fetched.granted ? await desk.add(tenant, anchor, fetched.value, url) : fetched;
    // An older list than the one in force: another server behind the same name is a little late.
    const isGood = added.granted || added.refusal.code === 'list.not-newer';
    if (!isGood && !signal?.aborted) this.#tell(rule, url, added.refusal);
    return turnAfter(clock.now().getTime(), isGood, { failures });
  }

  #tell({ tenant, anchor }: ListRule, url: string, refusal: Refusal): void {
    const { audit, log } = this.#needs;
    log.warn({ tenant, anchor, url, code: refusal.code }, `A revocation list was not fetched; the last good one stays. ${sentenceOf(refusal)}`);
    if (refusal.code === 'list.not-fetched') audit.record({ what: 'list.refused', tenant, by: url, subject: anchor, reason: refusal.code });
  }
}
