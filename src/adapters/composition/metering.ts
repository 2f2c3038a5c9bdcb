import type { Container, ResolutionContext } from 'inversify';
import { CountOutcomes } from '../../domain/usecases/count-outcomes.ts';
import { AuditLog } from '../../ports/driven/audit-log.ts';
import { ListSource } from '../../ports/driven/list-source.ts';
import { MessageSink } from '../../ports/driven/message-sink.ts';
import { Metrics } from '../../ports/driven/metrics.ts';
import { SessionBoard } from '../../ports/driven/session-board.ts';
import { meteredListSource } from '../metrics/metered-list-source.ts';
import { meteredSink } from '../metrics/metered-sink.ts';
import { Database } from '../persistence/database.ts';
import { meteredDatabase } from '../persistence/metered-database.ts';

/** Puts a meter before adapters, whichever they are: one that somebody plugs in is measured like ours. Call it after all modules are loaded. */
export function meter(container: Container): void {
  const metricsOf = (context: ResolutionContext): Metrics => context.get<Metrics>(Metrics);
  container.onActivation<AuditLog>(AuditLog, (context, lines) => new CountOutcomes({ lines, metrics: metricsOf(context) }));
  container.onActivation<MessageSink>(MessageSink, (context, sink) => meteredSink(sink, metricsOf(context)));
  container.onActivation<ListSource>(ListSource, (context, source) => meteredListSource(source, metricsOf(context)));
  container.onActivation<Database>(Database, (context, db) => meteredDatabase(db, metricsOf(context)));
  container.onActivation<SessionBoard>(SessionBoard, (context, board) => {
    metricsOf(context).watch('fleetgate_sessions', () => [{ labels: {}, value: board.count() }]);
    return board;
  });
}
