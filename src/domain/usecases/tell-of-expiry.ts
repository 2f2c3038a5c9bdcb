import { auditEntry } from '../audit/audit-entry.ts';
import type { AuditTrail } from '../../ports/driven/audit-trail.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Log } from '../../ports/driven/log.ts';

export interface TellOfExpiryNeeds {
  readonly trail: Pick<AuditTrail, 'append' | 'list'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Something that ends, with the threshold in days that it has reached, if any. */
export interface NearEnd {
  readonly tenant: string;
  readonly kind: 'anchor' | 'intermediate' | 'list' | 'server certificate';
  /** By which it is found again in the audit: a fingerprint, or the id of a list. */
  readonly id: string;
  readonly name: string;
  readonly ends: Date;
  readonly threshold: number | undefined;
}

/** What the audit says of it. */
export const NEAR_END = 'expiry.near';
/** Certificates named in one line of the log. */
const MOST_NAMED = 10;
/** Entries on one subject that are looked through: a certificate has three thresholds, and a server's changes now and then. */
const LOOKED_THROUGH = 20;

/**
 * Tells of what ends, once at each threshold: in the log once a process, in the audit once for all. Two processes that look in the same
 * moment may both write it.
 */
export class TellOfExpiry {
  readonly #needs: TellOfExpiryNeeds;
  /** The least threshold at which each was told of. */
  #told = new Map<string, number>();
  #seen = new Map<string, number>();

  constructor(needs: TellOfExpiryNeeds) {
    this.#needs = needs;
  }

  /** Those that are news. To be told in one line of the log, for which `line` has the words; the audit names each. */
  async tell(all: readonly NearEnd[], line: (news: readonly NearEnd[]) => readonly [object, string]): Promise<void> {
    const news = all.filter((each) => this.#isNews(each)).sort((a, b) => a.ends.getTime() - b.ends.getTime());
    if (news.length === 0) return;
    this.#needs.log.warn(...line(news));
    await this.#keep(news);
  }

  /** What was not told of since the last time, because it was removed, renewed or put off, is forgotten: call it after all was told. */
  forgetOthers(): void {
    this.#told = this.#seen;
    this.#seen = new Map();
  }

  #isNews({ tenant, id, ends, threshold }: NearEnd): boolean {
    if (threshold === undefined) return false;
    const key = `${tenant}/${id} ${ends.getTime()}`;
    this.#seen.set(key, threshold);
    return threshold < (this.#told.get(key) ?? Infinity);
  }

  async #keep(news: readonly NearEnd[]): Promise<void> {
    const { trail, clock } = this.#needs;
    const at = clock.now();
    for (const { tenant, kind, id, name, ends, threshold } of news) {
      if (await this.#isKept(tenant, id, ends, threshold!)) continue;
      await trail.append([auditEntry({ what: NEAR_END, tenant, by: 'fleetgate', subject: id }, at, { after: { kind, name, ends, days: threshold } })]);
    }
  }

  /** Another process, or this one before its restart, may have said so. */
  async #isKept(tenant: string, subject: string, ends: Date, threshold: number): Promise<boolean> {
    const rows = await this.#needs.trail.list(tenant, { what: NEAR_END, subject }, LOOKED_THROUGH);
    return rows.some(({ after }) => {
      const facts = JSON.parse(after) as { readonly ends?: unknown; readonly days?: unknown };
      return facts.ends === ends.toISOString() && Number(facts.days) <= threshold;
    });
  }
}

/** The first few for a line of the log. */
export const firstOf = (news: readonly NearEnd[], member: 'notAfter' | 'nextUpdate' = 'notAfter'): readonly object[] =>
  news.slice(0, MOST_NAMED).map(({ kind, id, name, ends }) => ({ [kind === 'list' ? 'list' : 'fingerprint']: id, name, [member]: ends.toISOString() }));
