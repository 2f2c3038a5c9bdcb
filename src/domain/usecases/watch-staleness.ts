import { outgrown, type ListsAtHand } from '../revocation/standing-by-lists.ts';
import type { DeviceSession } from '../sessions/device-session.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { Pause } from '../../ports/driven/pause.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { StalenessWatch } from '../../ports/driving/staleness-watch.ts';
import { listsAtHand, modeOf, type RevocationNeeds } from './ask-revocation.ts';

export interface WatchStalenessNeeds extends RevocationNeeds {
  readonly tenants: TenantDirectory;
  readonly sessions: SessionBoard;
  readonly clock: Clock;
  readonly pause: Pause;
  readonly audit: AuditLog;
  readonly log: Log;
}

/** What is enforced in one tenant, but for what is known of single certificates. */
type Enforced = Omit<ListsAtHand, 'answers'> & { readonly answers: Omit<NonNullable<ListsAtHand['answers']>, 'known'> };

const EVERY_MS = 60_000;
/** Sessions looked at between two turns of everybody else. */
const AT_ONCE = 20;

export class WatchStaleness implements StalenessWatch {
  readonly #needs: WatchStalenessNeeds;
  #looked = Number.NEGATIVE_INFINITY;

  constructor(needs: WatchStalenessNeeds) {
    this.#needs = needs;
  }

  async round(signal?: AbortSignal): Promise<void> {
    const at = this.#needs.clock.now().getTime();
    if (at - this.#looked < EVERY_MS) return;
    this.#looked = at;
    try {
      for (const { id } of await this.#needs.tenants.list()) if (!signal?.aborted) await this.#look(id, signal);
    } catch (error) {
      this.#needs.log.warn({ reason: String(error) }, 'Sessions could not be held against revocation lists and answers of responders. It is tried again.');
    }
  }

  async #look(tenant: TenantId, signal: AbortSignal | undefined): Promise<void> {
    const enforced = await this.#enforcedIn(tenant);
    if (enforced.mode !== 'enforce' && enforced.answers.mode !== 'enforce') return;
    const open = this.#needs.sessions.openOf(tenant).filter(({ rests }) => rests);
    for (let from = 0; from < open.length && !signal?.aborted; from += AT_ONCE) {
      for (const session of open.slice(from, from + AT_ONCE)) await this.#hold(session, enforced);
      await this.#needs.pause();
    }
  }

  async #enforcedIn(tenant: TenantId): Promise<Enforced> {
    const { lists, answers, clock } = this.#needs;
    const isOwn = (rule: { readonly tenant: TenantId }): boolean => rule.tenant === tenant;
    const mode = await modeOf(this.#needs, tenant, 'check.ocsp');
    return {
      ...(await listsAtHand(this.#needs, tenant)),
      rules: (await lists.rules()).filter(isOwn),
      answers: { mode, rules: mode === 'enforce' ? (await answers.rules()).filter(isOwn) : [] },
      at: clock.now(),
    };
  }

  async #hold(session: DeviceSession, enforced: Enforced): Promise<void> {
    const { answers, sessions, audit } = this.#needs;
    const { id, tenant, device, path, rests } = session;
    const isAsked = enforced.answers.rules.some(({ hard, anchor }) => hard && rests!.anchors.includes(anchor));
    const known = isAsked ? await answers.about(tenant, path) : [];
    const why = outgrown(rests!, path, { ...enforced, answers: { ...enforced.answers, known } });
    // The device may have come anew since: then its session is another one, which was let in by what is known now.
    if (!why || !sessions.isOpen(id)) return;
    audit.record({ what: 'session.outdated', tenant, by: 'fleetgate', subject: device, reason: why.code, sessionsEnded: sessions.endByDevice(tenant, device, 'standing-outdated') });
  }
}
