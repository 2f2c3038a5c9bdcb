import type { AuditEvent, AuditLog } from '../../ports/driven/audit-log.ts';
import type { AuditTrail } from '../../ports/driven/audit-trail.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { RefusalCount, Refused } from '../../ports/driving/refusal-count.ts';
import { auditEntry } from '../audit/audit-entry.ts';
import { MANAGEMENT } from '../trust/tenant.ts';

interface Needs {
  readonly lines: AuditLog;
  readonly trail: AuditTrail;
  readonly clock: Clock;
  readonly log: Log;
}

interface Tally {
  readonly tenant: string;
  readonly what: string;
  readonly refused: string;
  readonly first: Date;
  last: Date;
  count: number;
  /** The first few, to have something to look for in the log. */
  readonly from: Set<string>;
}

const MOST_ADDRESSES = 5;

/**
 * Passes everything on, and counts refusals for the audit: one entry for each class of them and each interval, which is what `keep` ends.
 * An attacker who is refused a thousand times a minute writes one row. Figures of an interval that a crash ends are lost: nothing was
 * changed, and nobody was told.
 */
export class CountRefusals implements AuditLog, RefusalCount {
  readonly #needs: Needs;
  #tallies = new Map<string, Tally>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  record(event: AuditEvent): void {
    this.#needs.lines.record(event);
    const refused = refusalIn(event);
    if (refused) this.count(refused);
  }

  count({ what, tenant = MANAGEMENT, code, from }: Refused): void {
    const at = this.#needs.clock.now();
    const key = JSON.stringify([tenant, what, code]);
    const tally = this.#tallies.get(key) ?? { tenant, what, refused: code, first: at, last: at, count: 0, from: new Set() };
    this.#tallies.set(key, tally);
    tally.last = at;
    tally.count += 1;
    if (from !== undefined && tally.from.size < MOST_ADDRESSES) tally.from.add(from);
  }

  /** Writes down what was counted since the last time. Never rejects: what cannot be written is counted on. */
  async keep(): Promise<void> {
    const kept = this.#tallies;
    this.#tallies = new Map();
    const { trail, log, clock } = this.#needs;
    const entries = [...kept.values()].map(({ tenant, what, refused, count, first, last, from }) =>
      auditEntry({ what, tenant, by: 'fleetgate', subject: refused }, clock.now(), { after: { count, first, last, from: [...from] } }),
    );
    try {
      await trail.append(entries);
    } catch (error) {
      log.warn({ error: String(error) }, 'How often devices were refused is not written down for the moment: the store is out of order.');
      for (const [key, tally] of kept) this.#tallies.set(key, added(tally, this.#tallies.get(key)));
    }
  }
}

const added = (tally: Tally, later: Tally | undefined): Tally =>
  later ? { ...tally, last: later.last, count: tally.count + later.count, from: new Set([...tally.from, ...later.from].slice(0, MOST_ADDRESSES)) } : tally;

/** Of what class it is. */
function refusalIn(event: AuditEvent): Refused | undefined {
  switch (event.what) {
    case 'device.refused':
      return { what: event.what, tenant: event.tenant, code: event.refusal.code, from: event.from };
    case 'token.refused':
      return { what: event.what, tenant: event.tenant, code: event.reason ?? '' };
    case 'login.limited':
      return { what: event.what, tenant: event.tenant || undefined, code: 'access.too-many-attempts', from: event.by };
    case 'possession.refused':
      return { what: event.what, tenant: event.tenant, code: event.subject, from: event.by };
    default:
      return undefined;
  }
}
