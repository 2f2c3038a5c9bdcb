import { auditEntry, type Facts } from '../audit/audit-entry.ts';
import type { Fingerprint } from '../certificates/certificate.ts';
import { parseDeviceId } from '../identity/device-id-rules.ts';
import { isCircle, placeOf, progressOf, type Rollover, type Straggler, type Succession } from '../impact/rollover.ts';
import type { Refusal } from '../refusal.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { TenantId } from '../trust/tenant.ts';
import { unknownAnchor } from '../trust/unknown-anchor.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { SeenPaths } from '../../ports/driven/seen-paths.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import type { Successions } from '../../ports/driven/successions.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import type { RolloverDesk, RolloverWish } from '../../ports/driving/rollover-desk.ts';
import { everyPath } from './every-path.ts';

export interface ManageRolloversNeeds {
  readonly anchors: TrustAnchorStore;
  readonly successions: Successions;
  readonly paths: SeenPaths;
  readonly sessions: SessionBoard;
  readonly clock: Clock;
  readonly audit: AuditLog;
}

/** Links an old CA to the one that follows it, and counts who has arrived. */
export class ManageRollovers implements RolloverDesk {
  readonly #needs: ManageRolloversNeeds;

  constructor(needs: ManageRolloversNeeds) {
    this.#needs = needs;
  }

  async set(tenant: TenantId, fingerprint: Fingerprint, { successor, endDate }: RolloverWish, by: string): Promise<Decision<Rollover, Refusal>> {
    const { anchors, successions, clock, audit } = this.#needs;
    for (const each of [fingerprint, successor]) {
      if (!(await anchors.find(tenant, each))) return unknownAnchor(each);
    }
    const at = clock.now();
    if (endDate && endDate <= at) return refuse({ code: 'change.end-date-past', evidence: { endDate: endDate.toISOString() } });
    const pair = { fingerprint, successor };
    if (isCircle(pair, await successions.listOf(tenant))) {
      return refuse({ code: 'change.successor-circle', evidence: pair });
    }
    const succession: Succession = { tenant, ...pair, ...(endDate && { endDate }), since: at, by };
    const former = await successions.find(tenant, fingerprint);
    const said = { what: 'rollover.set', tenant, by, subject: fingerprint } as const;
    await successions.set(succession, [auditEntry(said, at, { before: former && factsOf(former), after: factsOf(succession) })]);
    audit.record({ ...said, subject: `${fingerprint} to ${successor}` });
    return grant((await this.#told(tenant, [succession]))[0]!);
  }

  async find(tenant: TenantId, fingerprint: Fingerprint): Promise<Decision<Rollover, Refusal>> {
    const succession = await this.#needs.successions.find(tenant, fingerprint);
    return succession ? grant((await this.#told(tenant, [succession]))[0]!) : withoutSuccessor(fingerprint);
  }

  async list(tenant: TenantId): Promise<readonly Rollover[]> {
    return this.#told(tenant, await this.#needs.successions.listOf(tenant));
  }

  async remove(tenant: TenantId, fingerprint: Fingerprint, by: string): Promise<Decision<undefined, Refusal>> {
    const { successions, clock, audit } = this.#needs;
    const known = await successions.find(tenant, fingerprint);
    const said = { what: 'rollover.removed', tenant, by, subject: fingerprint } as const;
    const entry = auditEntry(said, clock.now(), { before: known && factsOf(known) });
    if (!(await successions.remove(tenant, fingerprint, [entry]))) return withoutSuccessor(fingerprint);
    audit.record(said);
    return grant(undefined);
  }

  async stragglers(tenant: TenantId, fingerprint: Fingerprint, after: string | undefined, limit: number): Promise<Decision<readonly Straggler[], Refusal>> {
    const { successions, paths, sessions } = this.#needs;
    const succession = await successions.find(tenant, fingerprint);
    if (!succession) return withoutSuccessor(fingerprint);
    const from = after === undefined ? undefined : parseDeviceId(after);
    // Nothing comes after an id that no device can have: to start anew would send a client round in circles.
    if (from?.granted === false) return grant([]);
    const online = new Set((await sessions.everywhere(tenant)).map(({ device }) => device));
    const found: Straggler[] = [];
    for await (const { device, lastSeen, notAfter, ways } of everyPath(paths, tenant, from?.value)) {
      if (placeOf(ways, succession) === 'straggler') found.push({ device, lastSeen, notAfter, isOnline: online.has(device) });
      if (found.length >= limit) break;
    }
    return grant(found);
  }

  /** One look at the fleet for all of them. */
  async #told(tenant: TenantId, successions: readonly Succession[]): Promise<readonly Rollover[]> {
    if (successions.length === 0) return [];
    const at = this.#needs.clock.now();
    const counted = successions.map((succession) => ({ succession, arrived: 0, straggler: 0, elsewhere: 0 }));
    for await (const { ways } of everyPath(this.#needs.paths, tenant)) {
      for (const count of counted) count[placeOf(ways, count.succession)] += 1;
    }
    return Promise.all(counted.map(({ succession, arrived, straggler }) => this.#rollover(succession, { arrived, straggler, at })));
  }

  async #rollover(succession: Succession, { arrived, straggler, at }: { arrived: number; straggler: number; at: Date }): Promise<Rollover> {
    const { tenant, fingerprint, successor, endDate } = succession;
    const [former, next] = await Promise.all([fingerprint, successor].map((each) => this.#needs.anchors.find(tenant, each)));
    const overdue = endDate !== undefined && endDate <= at && straggler > 0;
    return { ...succession, progress: progressOf(arrived, straggler), overdue, anchors: { former, successor: next } };
  }
}

const withoutSuccessor = (fingerprint: Fingerprint): Decision<never, Refusal> => refuse({ code: 'change.no-successor', evidence: { fingerprint } });

const factsOf = ({ successor, endDate }: Succession): Facts => ({ successor, endDate: endDate?.toISOString() ?? null });
