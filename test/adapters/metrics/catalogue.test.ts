import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InMemoryMetrics } from '../../../src/adapters/metrics/in-memory-metrics.ts';
import { REFUSALS, type RefusalCode } from '../../../src/domain/refusal.ts';
import { CountOutcomes } from '../../../src/domain/usecases/count-outcomes.ts';
import { FIGURES, type FigureName } from '../../../src/ports/figures/catalogue.ts';
import type { FigureRow, Sample } from '../../../src/ports/figures/figure.ts';
import { CONNECT_OUTCOMES, TOKEN_OUTCOMES, TURNED_AWAY } from '../../../src/ports/figures/outcomes.ts';
import { ROOT } from '../../support/running-gate.ts';

const rows = Object.entries(FIGURES) as readonly (readonly [FigureName, FigureRow])[];
const sources = (readdirSync(join(ROOT, 'src'), { recursive: true }) as string[]).filter((file) => file.endsWith('.ts')).map((file) => [file, readFileSync(join(ROOT, 'src', file), 'utf8')] as const);

describe('The catalogue of figures', () => {
  it.each(rows)('%s is named as Prometheus wants it, and says what it is', (name, { kind, help, labels }) => {
    expect(name).toMatch(/^(fleetgate|process)_[a-z_]+$/);
    expect([name, name.endsWith('_total')]).toEqual([name, kind === 'count']);
    if (kind === 'time') expect(name).toMatch(/_seconds$/);
    expect(help).toMatch(/^[A-Z].+\.$/s);
    for (const [label, rule] of Object.entries(labels)) {
      expect(label).toMatch(/^(?!le$)[a-z]+$/);
      if (!('most' in rule)) expect(new Set(rule).size).toBe(rule.length);
    }
  });

  it('has labels that no device, address or text from outside can fill', () => {
    const free = rows.flatMap(([, { labels }]) => Object.entries(labels).filter(([, rule]) => 'most' in rule).map(([label]) => label));
    expect([...new Set(free)].sort()).toEqual(['node', 'route', 'tenant', 'version']);
  });

  it('has no figure of which all tenants and values together make more than 10,000 series, and none of times with tenants', () => {
    for (const [name, { kind, labels }] of rows) {
      const most = Object.values(labels).reduce((product, rule) => product * (('most' in rule ? rule.most : rule.length) + 1), 1);
      expect([name, most > 10_000]).toEqual([name, false]);
      if (kind === 'time') expect(Object.keys(labels)).not.toContain('tenant');
    }
  });

  it('has no figure that nobody takes down', () => {
    const text = sources.filter(([file]) => !file.startsWith('ports/figures/')).map(([, source]) => source).join('\n');
    expect(rows.map(([name]) => name).filter((name) => !text.includes(`'${name}'`))).toEqual([]);
  });
});

describe('What can come of a connect or a token', () => {
  const counted = async (record: (outcomes: CountOutcomes) => void) => {
    const metrics = new InMemoryMetrics({ log: { info: () => undefined, warn: () => undefined, error: () => undefined } });
    const passed: unknown[] = [];
    record(new CountOutcomes({ metrics, lines: { record: (event) => void passed.push(event) } }));
    const all = await metrics.all();
    const of = (name: FigureName): Record<string, number> => Object.fromEntries((all.find((figure) => figure.name === name)!.samples as Sample[]).map(({ labels, value }) => [Object.values(labels).join(' '), value]));
    return { passed, of };
  };
  const peer = { from: '192.0.2.1', clientId: 'd:press-7' } as const;

  it('is counted once by its own name, admitted or any refusal of the gate, and passed on', async () => {
    const codes = CONNECT_OUTCOMES.filter((outcome): outcome is RefusalCode => outcome in REFUSALS);
    expect(codes.length).toBe(CONNECT_OUTCOMES.length - 2);
    const { passed, of } = await counted((outcomes) => {
      outcomes.record({ what: 'device.admitted', tenant: 'main', device: 'press-7', registered: true, from: '192.0.2.1' });
      outcomes.record({ what: 'device.admitted', tenant: 'main', device: 'press-7', registered: false, from: '192.0.2.1' });
      for (const code of codes) outcomes.record({ what: 'device.refused', refusal: { code } as never, ...peer });
      outcomes.record({ what: 'device.would-be-refused', tenant: 'main', refusal: { code: 'revocation.revoked' } as never, ...peer });
    });
    expect(of('fleetgate_connects_total')).toEqual({ 'main admitted': 2, ...Object.fromEntries(codes.map((code) => [` ${code}`, 1])) });
    expect([of('fleetgate_devices_registered_total'), of('fleetgate_connects_would_be_refused_total')]).toEqual([{ main: 1 }, { 'main revocation.revoked': 1 }]);
    expect(passed.length).toBe(codes.length + 3);
  });

  it('is counted by tenant, of tokens and of logins too', async () => {
    const codes = TOKEN_OUTCOMES.filter((outcome) => outcome in REFUSALS);
    const { of } = await counted((outcomes) => {
      outcomes.record({ what: 'token.issued', tenant: 'main', device: 'press-7' });
      for (const reason of codes) outcomes.record({ what: 'token.refused', tenant: 'main', device: 'press-7', reason });
      outcomes.record({ what: 'login.limited', tenant: 'main', by: '192.0.2.1', subject: 'admin' });
      outcomes.record({ what: 'anchor.added', tenant: 'main', by: 'admin', subject: 'aa' });
    });
    expect(of('fleetgate_tokens_total')).toEqual({ 'main issued': 1, ...Object.fromEntries(codes.map((code) => [`main ${code}`, 1])) });
    expect(of('fleetgate_logins_limited_total')).toEqual({ main: 1 });
  });

  it('has every refusal that the gate can give, for it is in an area of the gate', () => {
    const inGate = sources.filter(([file]) => /^domain\/(certificates|trust|identity|registration|revocation)\//.test(file)).flatMap(([, text]) => [...text.matchAll(/code: '([a-z-]+\.[a-z-]+)'/g)].map(([, code]) => code!));
    const areas = new Set(CONNECT_OUTCOMES.map((outcome) => outcome.split('.')[0]));
    const elsewhere = new Set(['anchor', 'bulk', 'list', 'ocsp', 'change', 'access', 'inventory']);
    expect(inGate.filter((code) => !areas.has(code.split('.')[0]!) && !elsewhere.has(code.split('.')[0]!))).toEqual([]);
    expect(inGate.length).toBeGreaterThan(50);
  });
});

it('Why connections were turned away is listed whole: what the doors say, and nothing else', () => {
  const doors = sources.filter(([file]) => /^adapters\/(tls|mqtt|http)\//.test(file)).map(([, text]) => text).join('\n');
  const said = [...doors.matchAll(/(?:turnedAway\.note|#turnAway)\((?:\w+, )?'([a-z-]+)'|drop\('([a-z-]+)'\)/g)].map(([, noted, dropped]) => noted ?? dropped!);
  expect([...new Set(said)].filter((kind) => kind !== 'shutting-down').sort()).toEqual([...TURNED_AWAY].sort());
});
