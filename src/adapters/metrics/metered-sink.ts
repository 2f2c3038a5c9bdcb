import type { MessageSink } from '../../ports/driven/message-sink.ts';
import type { Metrics } from '../../ports/driven/metrics.ts';

/**
 * The same sink, with what becomes of messages counted and timed. Whatever else it can do it can do behind the meter too: whoever made it
 * asks it what it counts by itself, and closes it.
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
    get(of, name) {
      if (name === 'accept') return accept;
      const member: unknown = Reflect.get(of, name, of);
      return typeof member === 'function' ? (member.bind(of) as unknown) : member; // private fields are there under their own `this` alone
    },
  });
}
