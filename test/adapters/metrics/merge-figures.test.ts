import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InMemoryMetrics } from '../../../src/adapters/metrics/in-memory-metrics.ts';
import { FIGURES, type FigureName } from '../../../src/ports/figures/catalogue.ts';
import type { Figure } from '../../../src/ports/figures/figure.ts';
import { mergeFigures, withoutTenants } from '../../../src/ports/figures/merge-figures.ts';

const gauge = (name: FigureName, value: number, labels: Record<string, string> = {}): Figure => ({ name, samples: [{ labels, value }] });
const merged = (name: FigureName, ...values: number[]): unknown => mergeFigures(values.map((value) => [gauge(name, value)])).map(({ samples }) => samples);

describe('The figures of several processes', () => {
  it('are added up: counts, times and sessions', () => {
    const times = (count: number): Figure => ({ name: 'fleetgate_store_seconds', samples: [{ labels: { operation: 'read' }, counts: [count, 0, 1], sum: count / 2 }] });
    expect(merged('fleetgate_sessions', 3, 4)).toEqual([[{ labels: {}, value: 7 }]]);
    expect(merged('fleetgate_connects_total', 3, 4, 5)).toEqual([[{ labels: {}, value: 12 }]]);
    expect(mergeFigures([[times(1)], [times(4)]])).toEqual([{ name: 'fleetgate_store_seconds', samples: [{ labels: { operation: 'read' }, counts: [5, 0, 2], sum: 2.5 }] }]);
  });

  it('are the worst of each, where a sum would mean nothing', () => {
    expect(merged('fleetgate_event_loop_delay_seconds', 0.1, 0.5, 0.2)).toEqual([[{ labels: {}, value: 0.5 }]]);
    expect(merged('fleetgate_server_certificate_expiry_timestamp_seconds', 30, 10, 20)).toEqual([[{ labels: {}, value: 10 }]]);
    expect(merged('fleetgate_ended', 2, 1)).toEqual([[{ labels: {}, value: 2 }]]);
  });

  it('stay apart where their labels differ, in whatever order these come', () => {
    const one = gauge('fleetgate_connects_total', 1, { tenant: 'a', outcome: 'b' });
    const sets = [one, gauge('fleetgate_connects_total', 2, { outcome: 'b', tenant: 'a' }), gauge('fleetgate_connects_total', 4, { tenant: 'b', outcome: 'a' })].map((each) => [each]);
    expect(mergeFigures(sets)).toEqual([{ name: 'fleetgate_connects_total', samples: [{ labels: { tenant: 'a', outcome: 'b' }, value: 3 }, { labels: { tenant: 'b', outcome: 'a' }, value: 4 }] }]);
  });

  it('are those of the one where there is one, and nothing where there is none', async () => {
    const metrics = new InMemoryMetrics({ log: { info: () => undefined, warn: () => undefined, error: () => undefined } });
    metrics.count('fleetgate_connects_total', { tenant: 'a', outcome: 'admitted' });
    const figures = await metrics.all();
    expect([mergeFigures([figures]), mergeFigures([])]).toEqual([figures, []]);
  });

  it('are the same in whatever order they are asked, and by whatever steps they are merged', () => {
    const names = (Object.keys(FIGURES) as FigureName[]).filter((name) => FIGURES[name].kind !== 'time');
    const sample = fc.record({ labels: fc.record({ tenant: fc.constantFrom('a', 'b') }), value: fc.nat(1000) });
    const set = fc.array(fc.record({ name: fc.constantFrom(...names), samples: fc.array(sample, { maxLength: 3 }) }), { maxLength: 4 });
    const inOrder = (figures: readonly Figure[]): unknown => figures.flatMap(({ name, samples }) => samples.map((each) => JSON.stringify([name, each]))).sort();
    fc.assert(
      fc.property(set, set, set, (a, b, c) => {
        const once = inOrder(mergeFigures([a, b, c]));
        expect(inOrder(mergeFigures([c, a, b]))).toEqual(once);
        expect(inOrder(mergeFigures([a, mergeFigures([c, b])]))).toEqual(once);
      }),
    );
  });

  it('and their parts stay as they were', () => {
    const one = [gauge('fleetgate_sessions', 1)];
    mergeFigures([one, one]);
    expect(one).toEqual([gauge('fleetgate_sessions', 1)]);
  });
});

describe('Figures without the names of tenants', () => {
  it('name none, and are those of all together', () => {
    const figures = [
      { name: 'fleetgate_connects_total', samples: ['a', 'b', ''].map((tenant, i) => ({ labels: { tenant, outcome: 'admitted' }, value: i + 1 })) },
      { name: 'fleetgate_expiry_timestamp_seconds', samples: ['a', 'b'].map((tenant, i) => ({ labels: { tenant, kind: 'anchor' }, value: 10 + i })) },
      { name: 'fleetgate_ended', samples: ['a', 'b'].map((tenant, i) => ({ labels: { tenant, kind: 'leaf' }, value: 2 + i })) },
      gauge('fleetgate_sessions', 3),
    ];
    expect(withoutTenants(figures)).toEqual([
      { name: 'fleetgate_connects_total', samples: [{ labels: { tenant: '', outcome: 'admitted' }, value: 6 }] },
      { name: 'fleetgate_expiry_timestamp_seconds', samples: [{ labels: { tenant: '', kind: 'anchor' }, value: 10 }] },
      { name: 'fleetgate_ended', samples: [{ labels: { tenant: '', kind: 'leaf' }, value: 5 }] },
      gauge('fleetgate_sessions', 3),
    ]);
  });
});
