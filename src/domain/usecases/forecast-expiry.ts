import { shortNameText } from '../certificates/distinguished-name.ts';
import { listThresholdOf, thresholdOf } from '../impact/expiry-thresholds.ts';
import { ForecastCount, type Forecast } from '../impact/forecast.ts';
import type { StoredList } from '../revocation/stored-list.ts';
import { MANAGEMENT, type TenantId } from '../trust/tenant.ts';
import { isInForce, type TrustAnchor } from '../trust/trust-anchor.ts';
import type { Metrics } from '../../ports/driven/metrics.ts';
import type { RevocationLists } from '../../ports/driven/revocation-lists.ts';
import type { SeenPaths } from '../../ports/driven/seen-paths.ts';
import type { ServerCredentials } from '../../ports/driven/server-credentials.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { TokenSigner } from '../../ports/driven/token-signer.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import type { ForecastDesk } from '../../ports/driving/forecast-desk.ts';
import { everyPath } from './every-path.ts';
import { ExpiryFigures } from './expiry-figures.ts';
import { firstOf, TellOfExpiry, type NearEnd, type TellOfExpiryNeeds } from './tell-of-expiry.ts';

export interface ForecastExpiryNeeds extends TellOfExpiryNeeds {
  readonly anchors: TrustAnchorStore;
  readonly lists: Pick<RevocationLists, 'ofTenant'>;
  readonly paths: SeenPaths;
  readonly sessions: SessionBoard;
  readonly tenants: TenantDirectory;
  readonly credentials: Pick<ServerCredentials, 'current'>;
  readonly signer: Pick<TokenSigner, 'keys'>;
  readonly metrics: Pick<Metrics, 'watch'>;
}

/** Anchors are read anew from their DER: few at once, so that no page takes long. */
const PAGE = 50;

interface Standing {
  readonly anchors: readonly TrustAnchor[];
  readonly lists: readonly StoredList[];
}

/** Says what ends when, and warns in time. */
export class ForecastExpiry implements ForecastDesk {
  readonly #needs: ForecastExpiryNeeds;
  readonly #telling: TellOfExpiry;
  readonly #figures: ExpiryFigures;

  constructor(needs: ForecastExpiryNeeds) {
    this.#needs = needs;
    this.#telling = new TellOfExpiry(needs);
    this.#figures = new ExpiryFigures({ ...needs, standing: (tenant) => this.#standing(tenant) });
  }

  async of(tenant: TenantId): Promise<Forecast> {
    return this.#forecast(tenant, await this.#standing(tenant));
  }

  async warn(): Promise<void> {
    const { tenants, log, clock } = this.#needs;
    try {
      await this.#warnOfServer();
      const forecasts = new Map<TenantId, Forecast>();
      for (const { id, status } of await tenants.list()) {
        if (status !== 'active') continue;
        const standing = await this.#standing(id);
        const forecast = await this.#forecast(id, standing);
        forecasts.set(id, forecast);
        await this.#warnOf(id, standing, forecast);
      }
      this.#telling.forgetOthers();
      this.#figures.set(forecasts, clock.now());
    } catch (error) {
      log.warn({ error: String(error) }, 'Which certificates end soon could not be found out today: the store is out of order.');
    }
  }

  async #forecast(tenant: TenantId, { anchors, lists }: Standing): Promise<Forecast> {
    const { paths, sessions, credentials, signer, clock } = this.#needs;
    const count = new ForecastCount(clock.now());
    const online = new Set((await sessions.everywhere(tenant)).map(({ device }) => device));
    for await (const path of everyPath(paths, tenant)) count.add({ ...path, isOnline: online.has(path.device) });
    return count.result({
      anchors: anchors.map(({ certificate: { fingerprint, subject, notAfter } }) => ({ fingerprint, subject: shortNameText(subject).slice(1, -1), notAfter })),
      lists: lists.map(({ id, anchor, issuerText, nextUpdate }) => ({ id, anchor, issuer: issuerText, nextUpdate })),
      server: credentials.current().notAfter,
      signingKeys: signer.keys(),
    });
  }

  async #warnOf(tenant: TenantId, { anchors, lists }: Standing, { at, weeks }: Forecast): Promise<void> {
    const near = (kind: NearEnd['kind'], id: string, name: string, ends: Date, threshold: number | undefined): NearEnd => ({ tenant, kind, id, name, ends, threshold });
    await this.#telling.tell(
      anchors.map(({ name, certificate: { fingerprint, notAfter } }) => near('anchor', fingerprint, name, notAfter, thresholdOf(notAfter, at))),
      (news) => [
        { tenant, certificates: news.length, first: firstOf(news) },
        `CA certificates of tenant ${tenant} end soon or have ended, the first on ${dayOf(news)}. Devices are refused from then on: trust the successor, and see fleetgate forecast.`,
      ],
    );
    const between = weeks.flatMap(({ intermediates }) => intermediates.named).filter(({ devices }) => devices > 0);
    await this.#telling.tell(
      between.map(({ fingerprint, subject, notAfter }) => near('intermediate', fingerprint, subject, notAfter, thresholdOf(notAfter, at))),
      (news) => [
        { tenant, certificates: news.length, first: firstOf(news) },
        `Intermediate certificates by which devices of tenant ${tenant} come end soon, the first on ${dayOf(news)}. Devices that send no other are refused from then on: give them the successor, and see fleetgate forecast.`,
      ],
    );
    await this.#telling.tell(
      lists.map((list) => near('list', list.id, list.issuerText, list.nextUpdate, listThresholdOf(list, at))),
      (news) => [
        { tenant, lists: news.length, first: firstOf(news, 'nextUpdate') },
        `Revocation lists of tenant ${tenant} are due to be replaced, the first by ${news[0]!.ends.toISOString()}. Where lists are enforced, devices are refused some time after that: see fleetgate crl.`,
      ],
    );
  }

  async #warnOfServer(): Promise<void> {
    const { credentials, clock } = this.#needs;
    const { notAfter } = credentials.current();
    const server: NearEnd = { tenant: MANAGEMENT, kind: 'server certificate', id: 'TLS certificate of the server', name: '', ends: notAfter, threshold: thresholdOf(notAfter, clock.now()) };
    await this.#telling.tell([server], (news) => [
      { notAfter: notAfter.toISOString() },
      `The server's TLS certificate ends on ${dayOf(news)}. Clients refuse it from then on: renew it; Fleetgate takes the new file without a restart.`,
    ]);
  }

  async #standing(tenant: TenantId): Promise<Standing> {
    const all: TrustAnchor[] = [];
    for (let number = 1; ; number += 1) {
      const { items, total } = await this.#needs.anchors.listOf(tenant, { number, size: PAGE });
      all.push(...items.filter(isInForce));
      if (number * PAGE >= total) return { anchors: all, lists: await this.#needs.lists.ofTenant(tenant) };
    }
  }
}

/** The day of the first end. */
const dayOf = ([first]: readonly NearEnd[]): string => first!.ends.toISOString().slice(0, 10);
