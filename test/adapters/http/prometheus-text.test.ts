import { describe, expect, it } from '@jest/globals';
import { prometheusText } from '../../../src/adapters/http/prometheus-text.ts';

describe('The text format of Prometheus', () => {
  it('has a help, a type and a line for each value', () => {
    const text = prometheusText([{ name: 'fleetgate_connects_total', samples: [{ labels: { tenant: 'a', outcome: 'admitted' }, value: 3 }, { labels: { tenant: '', outcome: 'chain.absent' }, value: 0.5 }] }]);
    expect(text.split('\n')).toEqual([
      expect.stringMatching(/^# HELP fleetgate_connects_total Devices judged/),
      '# TYPE fleetgate_connects_total counter',
      'fleetgate_connects_total{tenant="a",outcome="admitted"} 3',
      'fleetgate_connects_total{tenant="",outcome="chain.absent"} 0.5',
      '',
    ]);
  });

  it('adds up the buckets of a histogram, and ends with that of everything', () => {
    const counts = Array.from({ length: 15 }, (_, i) => (i === 0 || i === 14 ? 2 : 0));
    const lines = prometheusText([{ name: 'fleetgate_store_seconds', samples: [{ labels: { operation: 'read' }, counts, sum: 40.5 }] }]).split('\n');
    expect(lines[1]).toBe('# TYPE fleetgate_store_seconds histogram');
    expect(lines[2]).toBe('fleetgate_store_seconds_bucket{operation="read",le="0.0005"} 2');
    expect(lines.slice(15, 19)).toEqual([
      'fleetgate_store_seconds_bucket{operation="read",le="10"} 2',
      'fleetgate_store_seconds_bucket{operation="read",le="+Inf"} 4',
      'fleetgate_store_seconds_sum{operation="read"} 40.5',
      'fleetgate_store_seconds_count{operation="read"} 4',
    ]);
  });

  it('lets no value of a label end its line or begin another', () => {
    const text = prometheusText([{ name: 'fleetgate_logins_limited_total', samples: [{ labels: { tenant: 'a"} 1\nevil 2\\' }, value: 1 }] }]);
    expect(text.split('\n')[2]).toBe('fleetgate_logins_limited_total{tenant="a\\"} 1\\nevil 2\\\\"} 1');
  });

  it('has figures without values by name, and none that the catalogue does not know', () => {
    expect(prometheusText([{ name: 'fleetgate_sessions', samples: [] }])).toMatch(/^# HELP fleetgate_sessions .+\n# TYPE fleetgate_sessions gauge\n$/);
    expect(prometheusText([{ name: 'constructor', samples: [] }, { name: 'made_up', samples: [{ labels: {}, value: 1 }] }])).toBe('');
  });
});
