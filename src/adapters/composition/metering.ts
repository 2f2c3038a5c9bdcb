import type { Container, ResolutionContext } from 'inversify';
import { CountOutcomes } from '../../domain/usecases/count-outcomes.ts';
import { AuditLog } from '../../ports/driven/audit-log.ts';
import { FeedLag } from '../../ports/driven/feed-lag.ts';
import { ListSource } from '../../ports/driven/list-source.ts';
import { MessageSink } from '../../ports/driven/message-sink.ts';
import { Metrics } from '../../ports/driven/metrics.ts';
import { SessionBoard } from '../../ports/driven/session-board.ts';
import { SinkCounts, type SinkFigures } from '../../ports/driven/sink-counts.ts';
import { meteredListSource } from '../metrics/metered-list-source.ts';
import { meteredSink } from '../metrics/metered-sink.ts';
import { Database } from '../persistence/database.ts';
import { meteredDatabase } from '../persistence/metered-database.ts';

/** Puts a meter before adapters, whichever they are: one that somebody plugs in is measured like ours. Call it after all modules are loaded. */
export function meter(container: Container): void {
  const metricsOf = (context: ResolutionContext): Metrics => context.get<Metrics>(Metrics);
  container.onActivation<AuditLog>(AuditLog, (context, lines) => new CountOutcomes({ lines, metrics: metricsOf(context) }));
  container.onActivation<MessageSink>(MessageSink, (context, sink) => {
    const metrics = metricsOf(context);
    watchSink(metrics, async () => (await container.getAsync<SinkCounts>(SinkCounts))()); // when it is read: the counts need the sink first
    return meteredSink(sink, metrics);
  });
  container.onActivation<ListSource>(ListSource, (context, source) => meteredListSource(source, metricsOf(context)));
  container.onActivation<Database>(Database, (context, db) => meteredDatabase(db, metricsOf(context)));
  container.onActivation<SessionBoard>(SessionBoard, (context, board) => {
    metricsOf(context).watch('fleetgate_sessions', () => [{ labels: {}, value: board.count() }]);
    return board;
  });
  container.onActivation<FeedLag>(FeedLag, (context, lag) => {
    metricsOf(context).watch('fleetgate_change_feed_lag_seconds', () => [{ labels: {}, value: lag() }]);
    return lag;
  });
}

/** What the sink does with messages that it took; whether it took them, the meter tells. */
function watchSink(metrics: Metrics, counts: () => Promise<SinkFigures>): void {
  metrics.watch('fleetgate_sink_messages_total', async () => {
    const { delivered, retried, deadLettered } = await counts();
    return Object.entries({ delivered, retried, 'dead-lettered': deadLettered }).map(([outcome, value]) => ({ labels: { outcome }, value }));
  });
  metrics.watch('fleetgate_sink_queued_messages', async () => [{ labels: {}, value: (await counts()).queued }]);
  metrics.watch('fleetgate_sink_queued_bytes', async () => [{ labels: {}, value: (await counts()).queuedBytes }]);
}
