import type { ListSource } from '../../ports/driven/list-source.ts';
import type { Metrics } from '../../ports/driven/metrics.ts';

/** The same source, with what came of each fetch counted. */
export const meteredListSource = (source: ListSource, metrics: Pick<Metrics, 'count'>): ListSource => ({
  async fetch(question) {
    const fetched = await source.fetch(question);
    metrics.count('fleetgate_list_fetches_total', { outcome: fetched.granted ? 'fetched' : fetched.refusal.code });
    return fetched;
  },
});
