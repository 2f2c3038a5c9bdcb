import type { Forecast } from '../impact/forecast.ts';
import type { StoredList } from '../revocation/stored-list.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { TrustAnchor } from '../trust/trust-anchor.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Metrics, Reading } from '../../ports/driven/metrics.ts';
import type { ServerCredentials } from '../../ports/driven/server-credentials.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { TokenSigner } from '../../ports/driven/token-signer.ts';

export interface ExpiryFiguresNeeds {
  readonly metrics: Pick<Metrics, 'watch'>;
  readonly tenants: Pick<TenantDirectory, 'list'>;
  readonly credentials: Pick<ServerCredentials, 'current'>;
  readonly signer: Pick<TokenSigner, 'keys'>;
  readonly clock: Clock;
  /** What counts now. */
  readonly standing: (tenant: TenantId) => Promise<{ readonly anchors: readonly TrustAnchor[]; readonly lists: readonly StoredList[] }>;
}

type Ends = Reading<'fleetgate_expiry_timestamp_seconds'>;
type Ended = Reading<'fleetgate_ended'>;

/** CAs and lists are looked at anew when figures are read, at most so often: lists change by the hour, and a tenant may have many CAs. */
const FRESH_FOR_MS = 300_000;

/** What ends, as figures: of the fleet as the last round counted it, of everything else as it is. */
export class ExpiryFigures {
  readonly #needs: ExpiryFiguresNeeds;
  #forecasts: ReadonlyMap<TenantId, Forecast> = new Map();
  #at: Date | undefined;
  #standing: { readonly until: number; readonly figures: Promise<{ readonly ends: Ends; readonly ended: Ended }> } | undefined;

  constructor(needs: ExpiryFiguresNeeds) {
    this.#needs = needs;
    const { metrics, credentials, signer } = needs;
    metrics.watch('fleetgate_server_certificate_expiry_timestamp_seconds', () => one(credentials.current().notAfter));
    metrics.watch('fleetgate_signing_key_created_timestamp_seconds', () => one(signer.keys()[0]?.madeAt));
    metrics.watch('fleetgate_signing_key_retirement_timestamp_seconds', () => one(earliest(signer.keys().flatMap(({ checksUntil }) => checksUntil ?? []))));
    metrics.watch('fleetgate_forecast_timestamp_seconds', () => one(this.#at));
    metrics.watch('fleetgate_leaf_expiry_timestamp_seconds', () => this.#ofEach((tenant, { leafQuantiles }) => leafQuantiles.map(({ part, by }) => ({ labels: { tenant, quantile: String(part) }, value: seconds(by) }))));
    metrics.watch('fleetgate_ends_before_return', () => this.#ofEach((tenant, { endsBeforeReturn }) => [{ labels: { tenant }, value: endsBeforeReturn.devices }]));
    metrics.watch('fleetgate_expiry_timestamp_seconds', async () => [
      ...(await this.#fresh()).ends,
      ...this.#ofEach((tenant, { next }) => (next.intermediate ? [{ labels: { tenant, kind: 'intermediate' }, value: seconds(next.intermediate) }] : [])),
    ]);
    metrics.watch('fleetgate_ended', async () => [
      ...(await this.#fresh()).ended,
      ...this.#ofEach((tenant, { ended }) => [
        { labels: { tenant, kind: 'leaf' }, value: ended.leaves },
        { labels: { tenant, kind: 'intermediate' }, value: ended.intermediates },
      ]),
    ]);
  }

  /** What the round counted. */
  set(forecasts: ReadonlyMap<TenantId, Forecast>, at: Date): void {
    this.#forecasts = forecasts;
    this.#at = at;
  }

  #ofEach<Sample>(read: (tenant: TenantId, forecast: Forecast) => readonly Sample[]): readonly Sample[] {
    return [...this.#forecasts].flatMap(([tenant, forecast]) => read(tenant, forecast));
  }

  #fresh(): Promise<{ readonly ends: Ends; readonly ended: Ended }> {
    const now = this.#needs.clock.now().getTime();
    if (this.#standing === undefined || now >= this.#standing.until) {
      const figures = this.#look();
      this.#standing = { until: now + FRESH_FOR_MS, figures };
      // A failure is told to those who ask now; the next one asks anew.
      figures.catch(() => (this.#standing = undefined));
    }
    return this.#standing.figures;
  }

  async #look(): Promise<{ readonly ends: Ends; readonly ended: Ended }> {
    const { tenants, standing, clock } = this.#needs;
    const [ends, ended]: [Ends[number][], Ended[number][]] = [[], []];
    for (const { id: tenant, status } of await tenants.list()) {
      if (status !== 'active') continue;
      const { anchors, lists } = await standing(tenant);
      const kinds = { anchor: anchors.map(({ certificate }) => certificate.notAfter), list: lists.map(({ nextUpdate }) => nextUpdate) };
      for (const [kind, all] of Object.entries(kinds)) {
        const next = earliest(all.filter((end) => end >= clock.now()));
        if (next) ends.push({ labels: { tenant, kind }, value: seconds(next) });
        ended.push({ labels: { tenant, kind }, value: all.filter((end) => end < clock.now()).length });
      }
    }
    return { ends, ended };
  }
}

const seconds = (date: Date): number => date.getTime() / 1000;
const one = (date: Date | undefined): readonly { readonly labels: Record<never, string>; readonly value: number }[] => (date ? [{ labels: {}, value: seconds(date) }] : []);
const earliest = (dates: readonly Date[]): Date | undefined => (dates.length === 0 ? undefined : dates.reduce((a, b) => (a < b ? a : b)));
