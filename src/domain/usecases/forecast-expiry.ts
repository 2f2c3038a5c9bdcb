import { shortNameText } from '../certificates/distinguished-name.ts';
import { ForecastCount, thresholdOf, type Forecast } from '../impact/forecast.ts';
import type { TenantId } from '../trust/tenant.ts';
import { isInForce, type TrustAnchor } from '../trust/trust-anchor.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { SeenPaths } from '../../ports/driven/seen-paths.ts';
import type { ServerCredentials } from '../../ports/driven/server-credentials.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import type { ForecastDesk } from '../../ports/driving/forecast-desk.ts';
import { everyPath } from './every-path.ts';

export interface ForecastExpiryNeeds {
  readonly anchors: TrustAnchorStore;
  readonly paths: SeenPaths;
  readonly sessions: SessionBoard;
  readonly tenants: TenantDirectory;
  readonly credentials: Pick<ServerCredentials, 'current'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Anchors are read anew from their DER: few at once, so that no page takes long. */
const PAGE = 50;
/** Certificates named in one line of the log. */
const MOST_NAMED = 10;

/** Says what ends when, and warns in time. */
export class ForecastExpiry implements ForecastDesk {
  readonly #needs: ForecastExpiryNeeds;
  /** The least threshold at which each certificate was warned of. */
  #warned = new Map<string, number>();

  constructor(needs: ForecastExpiryNeeds) {
    this.#needs = needs;
  }

  async of(tenant: TenantId): Promise<Forecast> {
    const { paths, sessions, credentials, clock } = this.#needs;
    const count = new ForecastCount(clock.now());
    const online = new Set((await sessions.everywhere(tenant)).map(({ device }) => device));
    for await (const path of everyPath(paths, tenant)) count.add({ ...path, isOnline: online.has(path.device) });
    const anchors = (await this.#inForce(tenant)).map(({ certificate: { fingerprint, subject, notAfter } }) => ({ fingerprint, subject: shortNameText(subject).slice(1, -1), notAfter }));
    return count.result(anchors, credentials.current().notAfter);
  }

  async warn(): Promise<void> {
    const { tenants, log } = this.#needs;
    try {
      const known = new Map<string, number>();
      this.#warnOfServer(known);
      for (const { id, status } of await tenants.list()) if (status === 'active') this.#warnOf(id, await this.#inForce(id), known);
      // What was removed, renewed or put further off is forgotten.
      this.#warned = known;
    } catch (error) {
      log.warn({ error: String(error) }, 'Which certificates end soon could not be found out today: the store is out of order.');
    }
  }

  #warnOf(tenant: TenantId, anchors: readonly TrustAnchor[], known: Map<string, number>): void {
    const due = anchors.filter(({ certificate: { fingerprint, notAfter } }) => this.#isNews(`${tenant}/${fingerprint}`, notAfter, known));
    if (due.length === 0) return;
    const ends = due.map(({ name, certificate: { fingerprint, notAfter } }) => ({ fingerprint, name, notAfter: notAfter.toISOString() })).sort((a, b) => (a.notAfter < b.notAfter ? -1 : 1));
    this.#needs.log.warn(
      { tenant, certificates: ends.length, first: ends.slice(0, MOST_NAMED) },
      `CA certificates of tenant ${tenant} end soon or have ended, the first on ${ends[0]!.notAfter.slice(0, 10)}. Devices are refused from then on: trust the successor, and see fleetgate forecast.`,
    );
  }

  #warnOfServer(known: Map<string, number>): void {
    const { notAfter } = this.#needs.credentials.current();
    if (!this.#isNews('', notAfter, known)) return;
    const ends = notAfter.toISOString();
    this.#needs.log.warn({ notAfter: ends }, `The server's TLS certificate ends on ${ends.slice(0, 10)}. Clients refuse it from then on: renew it; Fleetgate takes the new file without a restart.`);
  }

  /** Once at each threshold; a certificate in another's place begins anew. */
  #isNews(name: string, notAfter: Date, known: Map<string, number>): boolean {
    const threshold = thresholdOf(notAfter, this.#needs.clock.now());
    if (threshold === undefined) return false;
    const key = `${name} ${notAfter.getTime()}`;
    known.set(key, threshold);
    return threshold < (this.#warned.get(key) ?? Infinity);
  }

  async #inForce(tenant: TenantId): Promise<readonly TrustAnchor[]> {
    const all: TrustAnchor[] = [];
    for (let number = 1; ; number += 1) {
      const { items, total } = await this.#needs.anchors.listOf(tenant, { number, size: PAGE });
      all.push(...items.filter(isInForce));
      if (number * PAGE >= total) return all;
    }
  }
}
