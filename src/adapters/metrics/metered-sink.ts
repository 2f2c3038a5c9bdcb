import type { MessageSink } from '../../ports/driven/message-sink.ts';
import type { Metrics } from '../../ports/driven/metrics.ts';

/** The same sink, with what becomes of messages counted and timed. */
export const meteredSink = (sink: MessageSink, metrics: Pick<Metrics, 'count' | 'took'>): MessageSink => ({
  async accept(message) {
    const since = performance.now();
    let outcome: 'taken' | 'full' | 'failed' = 'failed';
    try {
      const taken = await sink.accept(message);
      outcome = taken ?? 'taken';
      return taken;
    } finally {
      metrics.count('fleetgate_messages_total', { tenant: message.tenant, outcome });
      metrics.took('fleetgate_message_sink_seconds', {}, (performance.now() - since) / 1000);
    }
  },
});
