import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import { InMemoryMetrics } from '../../../src/adapters/metrics/in-memory-metrics.ts';
import type { FigureName } from '../../../src/ports/figures/catalogue.ts';
import type { Sample, TimeSample } from '../../../src/ports/figures/figure.ts';
import { openListeners } from './open-listeners.ts';

const inHand = () => {
  const metrics = new InMemoryMetrics({ log: { info: () => undefined, warn: () => undefined, error: () => undefined } });
  const samples = async (name: FigureName) => (await metrics.all()).find((figure) => figure.name === name)!.samples;
  return {
    metrics,
    counts: async (name: FigureName) => Object.fromEntries(((await samples(name)) as Sample[]).map(({ labels, value }) => [Object.values(labels).join(' '), value])),
    times: async (name: FigureName) => ((await samples(name)) as TimeSample[]).map(({ counts, sum }) => [counts.reduce((all, each) => all + each, 0), sum > 0])[0],
  };
};

describe('The figures of the doors', () => {
  it('tell how long handshakes took and how many connections are open', async () => {
    const { metrics, counts, times } = inHand();
    await using opened = await openListeners({ metrics });
    const clients = Array.from({ length: 3 }, () => connect({ port: opened.port, host: '127.0.0.1', rejectUnauthorized: false }));
    await opened.servedBy(3);
    expect([await times('fleetgate_tls_handshake_seconds'), await counts('fleetgate_mqtt_connections')]).toEqual([[3, true], { '': 3 }]);
    expect(await counts('fleetgate_handshakes')).toEqual({ running: 0, stalled: 0, waiting: 0 });
    for (const { peer } of opened.served) expect(performance.now() - peer.since!).toBeGreaterThanOrEqual(0);
    clients.forEach((client) => client.destroy());
  });

  it('tell of connections that came to nothing, by why', async () => {
    const { metrics, counts, times } = inHand();
    await using opened = await openListeners({ metrics, limits: { handshakeTimeoutMs: 100 } });
    const [wrong, silent] = Array.from({ length: 2 }, () => connectTcp({ port: opened.port, host: '127.0.0.1' })).map((socket) => socket.on('error', () => undefined).resume());
    wrong!.write('GET / HTTP/1.1\r\n\r\n');
    await Promise.all([once(wrong!, 'close'), once(silent!, 'close')]);
    expect(await counts('fleetgate_connections_turned_away_total')).toEqual({ 'handshake-failed': 1, 'handshake-timeout': 1 });
    expect(await times('fleetgate_tls_handshake_seconds')).toEqual([0, false]);
  });
});
