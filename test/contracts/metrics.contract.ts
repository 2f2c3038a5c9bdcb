import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Figures } from '../../src/ports/driven/figures.ts';
import type { Metrics } from '../../src/ports/driven/metrics.ts';
import { FIGURES, type CountName, type FigureName, type GaugeName, type TimeName } from '../../src/ports/figures/catalogue.ts';
import { TIME_BOUNDS, type FigureRow, type Sample, type TimeSample } from '../../src/ports/figures/figure.ts';
import type { Opened } from './opened.ts';

export interface MetricsUnderTest {
  readonly metrics: Metrics;
  readonly figures: Figures;
  /** Lines of warning so far. */
  readonly warned: () => number;
}

const NAMES = Object.keys(FIGURES) as FigureName[];
const ofKind = <Name extends FigureName>(kind: FigureRow['kind']): readonly Name[] => NAMES.filter((name) => FIGURES[name].kind === kind) as Name[];

/** What every pair of Metrics and Figures promises. `open` hands over one that has taken nothing down. */
export function metricsContract(name: string, open: () => Promise<Opened<MetricsUnderTest>>): void {
  describe(`${name} keeps the promises of Metrics and Figures`, () => {
    let opened: Opened<MetricsUnderTest>;
    let metrics: Metrics;
    beforeEach(async () => {
      opened = await open();
      ({ metrics } = opened.subject);
    });
    afterEach(() => opened.close());
    const all = () => opened.subject.figures.all();
    const samplesOf = async (figure: FigureName) => (await all()).find((each) => each.name === figure)!.samples;
    const valuesOf = async (figure: FigureName): Promise<Record<string, number>> =>
      Object.fromEntries((await samplesOf(figure)).map((sample) => [Object.values(sample.labels).join(' '), (sample as Sample).value]));

    it('has every figure of the catalogue in its order, and zero where nothing happened yet and there are no labels', async () => {
      expect((await all()).map((figure) => figure.name)).toEqual(NAMES);
      expect(await samplesOf('fleetgate_event_loop_stalls_total')).toEqual([{ labels: {}, value: 0 }]);
      expect(await samplesOf('fleetgate_tls_handshake_seconds')).toEqual([{ labels: {}, counts: TIME_BOUNDS.map(() => 0).concat(0), sum: 0 }]);
      expect(await samplesOf('fleetgate_sessions')).toEqual([]);
    });

    it('adds up what is counted, each with its labels', async () => {
      metrics.count('fleetgate_connects_total', { tenant: 'a', outcome: 'admitted' });
      metrics.count('fleetgate_connects_total', { outcome: 'admitted', tenant: 'a' }, 2);
      metrics.count('fleetgate_connects_total', { tenant: 'b', outcome: 'admitted' });
      metrics.count('fleetgate_connects_total', { tenant: 'a', outcome: 'chain.absent' });
      metrics.count('fleetgate_connects_total', { tenant: 'a', outcome: 'chain.absent' }, -5);
      expect(await valuesOf('fleetgate_connects_total')).toEqual({ 'a admitted': 3, 'b admitted': 1, 'a chain.absent': 1 });
    });

    it('puts times into the first bound that they do not pass', async () => {
      for (const seconds of [0, TIME_BOUNDS[0], 0.0005001, 10, 10.1, 3600]) metrics.took('fleetgate_store_seconds', { operation: 'read' }, seconds);
      const [times] = (await samplesOf('fleetgate_store_seconds')) as TimeSample[];
      expect([times!.counts, times!.sum]).toEqual([[2, 1, ...TIME_BOUNDS.slice(3).map(() => 0), 1, 2], expect.closeTo(3620.1010001, 5)]);
    });

    it('tells values of labels that nobody foresaw as _other, and takes them for what they are: texts from outside', async () => {
      metrics.count('fleetgate_connects_total', { tenant: 'a', outcome: 'made.up' });
      metrics.count('fleetgate_connects_total', { tenant: 'a', outcome: '"} evil 1\n' });
      metrics.count('fleetgate_connects_total', { tenant: 'a' } as never);
      expect(await valuesOf('fleetgate_connects_total')).toEqual({ 'a _other': 3 });
    });

    it('tells a hundred tenants apart, by who came first, and all others are one', async () => {
      for (let i = 0; i < 5_000; i += 1) metrics.count('fleetgate_devices_registered_total', { tenant: `t${i}` });
      metrics.count('fleetgate_devices_registered_total', { tenant: 't99' });
      const values = await valuesOf('fleetgate_devices_registered_total');
      expect([Object.keys(values).length, values['t0'], values['t99'], values['_other']]).toEqual([101, 1, 2, 4_900]);
    });

    it('has no more series than its rows allow, and never throws, whatever it is told', async () => {
      const text = fc.oneof(fc.string(), fc.constantFrom('admitted', 'read', '2xx', '__proto__', 'constructor', '_other'));
      fc.assert(
        fc.property(fc.constantFrom(...ofKind<CountName>('count')), fc.array(text, { minLength: 3, maxLength: 3 }), (figure, texts) => {
          metrics.count(figure, Object.fromEntries(Object.keys(FIGURES[figure].labels).map((label, i) => [label, texts[i]!])) as never);
        }),
        { numRuns: 5_000 },
      );
      for (const { name: figure, samples } of await all()) {
        const most = Object.values((FIGURES[figure as FigureName] as FigureRow).labels).map((rule) => ('most' in rule ? rule.most : rule.length) + 1);
        expect(samples.length).toBeLessThanOrEqual(most.reduce((product, each) => product * each, 1));
        for (const { labels } of samples) expect(Object.keys(labels)).toEqual(Object.keys(FIGURES[figure as FigureName].labels));
      }
    });

    it('asks who watches when somebody reads, and merges several as the row says', async () => {
      let sessions = 3;
      const delays = (value: number) => () => [{ labels: { quantile: '1' }, value }];
      metrics.watch('fleetgate_sessions', () => [{ labels: {}, value: sessions }]);
      metrics.watch('fleetgate_sessions', async () => [{ labels: {}, value: 10 }]);
      for (const value of [0.1, 0.5, 0.2]) metrics.watch('fleetgate_event_loop_delay_seconds', delays(value));
      for (const value of [30, 10, 20]) metrics.watch('fleetgate_expiry_timestamp_seconds', () => [{ labels: { tenant: 'a', kind: 'anchor' }, value }]);
      expect(await valuesOf('fleetgate_sessions')).toEqual({ '': 13 });
      sessions = 4;
      expect(await valuesOf('fleetgate_sessions')).toEqual({ '': 14 });
      expect(await valuesOf('fleetgate_event_loop_delay_seconds')).toEqual({ 1: 0.5 });
      expect(await valuesOf('fleetgate_expiry_timestamp_seconds')).toEqual({ 'a anchor': 10 });
    });

    it('bounds what is watched too: tenants beyond a hundred are merged', async () => {
      metrics.watch('fleetgate_expiry_timestamp_seconds', () => Array.from({ length: 300 }, (_, i) => ({ labels: { tenant: `t${i}`, kind: 'anchor' }, value: 1000 - i })));
      const values = await valuesOf('fleetgate_expiry_timestamp_seconds');
      expect([Object.keys(values).length, values['_other anchor']]).toEqual([101, 701]);
      for (let watch = 0; watch < 2; watch += 1) metrics.watch('fleetgate_ended', () => Array.from({ length: 300 }, (_, i) => ({ labels: { tenant: `t${i}`, kind: 'leaf' }, value: 3 })));
      expect((await valuesOf('fleetgate_ended'))['_other leaf']).toBe(600);
    });

    it('leaves out who fails, says so once, and tells the others', async () => {
      metrics.watch('fleetgate_sessions', () => {
        throw new Error('gone');
      });
      metrics.watch('fleetgate_sessions', async () => Promise.reject(new Error('gone too')));
      metrics.watch('fleetgate_sessions', () => [{ labels: {}, value: 1 }]);
      for (let i = 0; i < 3; i += 1) expect(await valuesOf('fleetgate_sessions')).toEqual({ '': 1 });
      expect(opened.subject.warned()).toBe(1);
    });

    it('hands out plain data that no longer moves', async () => {
      metrics.took('fleetgate_message_sink_seconds', {}, 1);
      metrics.count('fleetgate_logins_limited_total', { tenant: 'a' });
      const before = await all();
      const copy = structuredClone(before);
      metrics.took('fleetgate_message_sink_seconds', {}, 1);
      metrics.count('fleetgate_logins_limited_total', { tenant: 'a' });
      expect(before).toEqual(copy);
      expect(JSON.parse(JSON.stringify(before))).toEqual(before);
    });

    it('takes every figure of the catalogue', async () => {
      const labels = (figure: FigureName) => Object.fromEntries(Object.keys(FIGURES[figure].labels).map((label) => [label, 'x'])) as never;
      for (const figure of ofKind<CountName>('count')) metrics.count(figure, labels(figure));
      for (const figure of ofKind<TimeName>('time')) metrics.took(figure, labels(figure), 1);
      for (const figure of ofKind<GaugeName>('gauge')) metrics.watch(figure, () => [{ labels: labels(figure), value: 1 }] as never);
      for (const { samples } of await all()) expect(samples.length).toBe(1);
    });
  });
}
