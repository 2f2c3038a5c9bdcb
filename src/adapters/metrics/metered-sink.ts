import type { MessageSink } from '../../ports/driven/message-sink.ts';
import type { Metrics } from '../../ports/driven/metrics.ts';

/**
 * The same sink, with what becomes of messages counted and timed. Whatever else the sink can do it still does, behind the meter too: whoever made it
 * reads its own counts by it, and closes it.
 */
export function meteredSink(sink: MessageSink, metrics: Pick<Metrics, 'count' | 'took'>): MessageSink {
  const accept: MessageSink['accept'] = async (message) => {
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
  };
  return new Proxy(sink, {
    get: (whole, name) => {
      if (name === 'accept') return accept;
      const part: unknown = Reflect.get(whole, name, whole);
      return typeof part === 'function' ? (part.bind(whole) as unknown) : part; // its private fields are its own
    },
  });
}
