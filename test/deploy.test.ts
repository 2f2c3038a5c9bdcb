/** What is under deploy/ names nothing that is not there: figures, settings, files, each other. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { settingsTable } from '../src/adapters/config/settings-table.ts';
import { FIGURES } from '../src/ports/figures/catalogue.ts';
import { itWith } from './support/clients.ts';
import { faultsOf, figuresIn } from './support/promql.ts';
import { ROOT } from './support/running-gate.ts';
import { temporaryDirectory } from './support/pki.ts';

const read = (file: string): string => readFileSync(join(ROOT, 'deploy', file), 'utf8');
const settings = new Set<string>(settingsTable.map(({ name }) => name));
const unknownSettings = (text: string): readonly string[] => [...text.matchAll(/\bFLEETGATE_[A-Z_]+/g)].map(([name]) => name).filter((name) => !settings.has(name));

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string; readonly datasource: { readonly uid: string } }[];
}
interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly action: string };
}

const dashboard = JSON.parse(read('grafana/fleetgate.json')) as { panels: Panel[]; templating: { list: { name: string; query: string | { query: string } }[] }; annotations: { list: { expr: string }[] } };
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const rules = (parse(read('prometheus/fleetgate-rules.yml')) as { groups: { name: string; rules: Rule[] }[] }).groups.flatMap((group) => group.rules);

describe('The dashboard', () => {
  it.each(panels.map((panel) => [panel.title, panel] as const))('asks in "%s" for what the catalogue has', (_title, { targets = [], description }) => {
    expect(targets.length).toBeGreaterThan(0);
    expect(description).toMatch(/[.?]$/);
    for (const { expr, datasource } of targets) expect([expr, faultsOf(expr), datasource.uid]).toEqual([expr, [], '${datasource}']);
    for (const { expr } of targets) expect([expr, figuresIn(expr).length > 0]).toEqual([expr, true]);
    expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });

  it('tells lines apart by labels that their expressions keep', () => {
    for (const { targets = [] } of panels) {
      for (const { expr, legendFormat } of targets) {
        const grouped = /\bby \(/.test(expr) ? [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(/, ?/)) : ['instance'];
        for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect([expr, label, grouped.includes(label!)]).toEqual([expr, label, true]);
      }
    }
  });

  it('has its variables, and asks for what the catalogue has in them too', () => {
    const variables = new Set(dashboard.templating.list.map(({ name }) => name));
    const text = JSON.stringify(dashboard);
    for (const [, name] of text.matchAll(/\$\{?(\w+)\}?/g)) expect([name, variables.has(name!) || name!.startsWith('__')]).toEqual([name, true]);
    for (const { query } of dashboard.templating.list) expect(faultsOf(typeof query === 'string' ? query : query.query)).toEqual([]);
    for (const { expr } of dashboard.annotations.list) expect(faultsOf(expr)).toEqual([]);
  });

  it('has every panel once, and none over another', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) => Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`));
    expect(new Set(cells).size).toBe(cells.length);
    expect(dashboard.panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });

  it('shows every figure there is', () => {
    const shown = new Set(panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => figuresIn(expr))));
    expect(Object.keys(FIGURES).filter((name) => !shown.has(name))).toEqual([]);
  });
});

describe('The rules for alerts', () => {
  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s asks for what the catalogue has, and says what to do', (alert, { expr, labels, annotations }) => {
    expect(faultsOf(expr)).toEqual([]);
    expect(alert).toMatch(/^Fleetgate[A-Z]\w+$/);
    expect(['page', 'ticket']).toContain(labels.severity);
    expect(annotations.summary).toMatch(/[.]$/);
    expect(annotations.action.length).toBeGreaterThan(20);
  });

  it('are each there once', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    expect(rules.length).toBeGreaterThan(20);
  });

  itWith('promtool')('are rules to Prometheus, and fire when they should', () => {
    for (const args of [['check', 'rules', 'fleetgate-rules.yml'], ['test', 'rules', 'fleetgate-rules.test.yml'], ['check', 'config', '--syntax-only', 'prometheus.yml']]) {
      const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: join(ROOT, 'deploy/prometheus'), encoding: 'utf8' });
      expect([args, status, status === 0 ? '' : stdout + stderr]).toEqual([args, 0, '']);
    }
  });
});

describe('A wrong expression is found:', () => {
  it.each([
    ['a name', 'rate(fleetgate_connect_total[5m])', ['fleetgate_connect_total is no figure']],
    ['a histogram without its part', 'rate(fleetgate_store_seconds[5m])', ['fleetgate_store_seconds is no figure']],
    ['buckets of a counter', 'fleetgate_connects_total_bucket', ['fleetgate_connects_total_bucket is no figure']],
    ['a label', 'fleetgate_connects_total{device="x"}', ['fleetgate_connects_total has no label device']],
    ['a value', 'fleetgate_connects_total{outcome=~"admitted|refused"}', ['fleetgate_connects_total: outcome is never refused']],
    ['a group', 'sum by (tenant, code) (fleetgate_connects_total)', ['no figure of it has the label code']],
  ])('%s', (_what, expression, faults) => {
    expect(faultsOf(expression)).toEqual(faults);
  });
});

describe('The unit of systemd', () => {
  const unit = read('fleetgate.service');

  it('names settings that are there, and starts what is there', () => {
    expect(unknownSettings(unit)).toEqual([]);
    const [, command] = /^ExecStart=(.+)$/m.exec(unit)!;
    expect(command!.split(' ').slice(1)).toEqual(['src/launch.mjs', 'serve']);
    const { optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { optionalDependencies: Record<string, string> };
    expect(Object.keys(optionalDependencies)).toContain(/node_modules\/([\w-]+)\//.exec(command!)![1]);
  });

  it('gives no right that a gate does not need', () => {
    const lines = unit.split('\n');
    for (const line of ['User=fleetgate', 'NoNewPrivileges=yes', 'ProtectSystem=strict', 'ProtectHome=yes', 'CapabilityBoundingSet=', 'PrivateDevices=yes', 'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX', 'SystemCallFilter=~@privileged @resources', 'UMask=0077', 'StateDirectoryMode=0700']) expect(lines).toContain(line);
    // The grace of the program must fit into that of systemd.
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)![1]) * 1000).toBeGreaterThan(Number(settingsTable.find(({ name }) => name === 'FLEETGATE_SHUTDOWN_GRACE_MS')!.default));
  });

  itWith('systemd-analyze')('is a unit to systemd', () => {
    const directory = temporaryDirectory();
    const file = join(directory.path, 'fleetgate.service');
    try {
      // The program lies elsewhere here than it will.
      writeFileSync(file, unit.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`));
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
    } finally {
      directory.remove();
    }
  });
});

describe('The image', () => {
  const lines = read('Dockerfile').split('\n').filter((line) => !line.startsWith('#'));
  const of = (word: string): readonly string[] => lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));

  it('runs as nobody who could do anything, and says so to whoever looks', () => {
    expect(of('USER')).toEqual(['10001:10001']);
    const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
    expect(last.findIndex((line) => line.startsWith('USER '))).toBeGreaterThan(last.findLastIndex((line) => line.startsWith('COPY ')));
    expect(last.join('\n')).not.toMatch(/chmod|--chown|sudo|setuid/);
  });

  it('has the Node that the program wants, and names settings and ports as they are', () => {
    for (const from of of('FROM')) expect(Number(/^node:(\d+)-/.exec(from)![1])).toBeGreaterThanOrEqual(24);
    expect(unknownSettings(read('Dockerfile'))).toEqual([]);
    const ports = ['FLEETGATE_MQTT_TLS_PORTS', 'FLEETGATE_HTTPS_PORT', 'FLEETGATE_MTLS_PORT'].flatMap((name) => settingsTable.find((row) => row.name === name)!.default.split(','));
    expect(of('EXPOSE')[0]!.split(' ')).toEqual(ports);
    expect([of('ENTRYPOINT'), of('CMD')]).toEqual([['["node", "src/launch.mjs"]'], ['["serve"]']]);
  });

  it('copies what is there, and nothing that its context leaves out', () => {
    const context = read('Dockerfile.dockerignore').split('\n').filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const copied = of('COPY').filter((line) => !line.startsWith('--from')).flatMap((line) => line.split(' ').slice(0, -1));
    expect(copied.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    expect([...context].sort()).toEqual([...copied].sort());
  });
});

interface Service {
  readonly image?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly networks: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly { readonly source: string; readonly target: string }[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
}

describe('The arrangement of two nodes', () => {
  const text = read('compose.yaml');
  const compose = parse(text, { merge: true }) as { services: Record<string, Service>; networks: Record<string, { internal?: boolean }>; volumes: Record<string, object>; secrets: Record<string, { file: string }> };
  const services = Object.entries(compose.services);
  const nodes = services.filter(([name]) => name.startsWith('node-'));
  const balancer = read('balancer/haproxy.cfg');
  /** Settings that come with the message sinks. */
  const known = new Set(settings);

  it('is two nodes, PostgreSQL, NATS and a balancer, with Prometheus on demand', () => {
    expect(services.map(([name]) => name)).toEqual(['node-a', 'node-b', 'balancer', 'postgres', 'nats', 'prometheus']);
    expect(nodes.map(([, node]) => node.environment)).toEqual([nodes[0]![1].environment, nodes[0]![1].environment]);
  });

  it('names settings that are there, with values that these take', () => {
    const given = Object.entries(nodes[0]![1].environment!).filter(([name]) => name.startsWith('FLEETGATE_'));
    expect(given.filter(([name]) => !known.has(name))).toEqual([]);
    for (const row of settingsTable) {
      const value = nodes[0]![1].environment![row.name];
      if (value !== undefined) expect([row.name, row.parse(value)]).toEqual([row.name, expect.objectContaining({ value: expect.anything() })]);
    }
  });

  it('names networks, volumes, secrets, services and files that are there, all of them and no others', () => {
    const all = services.map(([, service]) => service);
    const used = (of: (service: Service) => readonly string[]) => [...new Set(all.flatMap(of))].sort();
    expect(used(({ networks }) => networks)).toEqual(Object.keys(compose.networks).sort());
    expect(used(({ secrets = [] }) => secrets.map(({ source }) => source))).toEqual(Object.keys(compose.secrets).sort());
    const sources = used(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0]!));
    expect(sources.filter((source) => !source.startsWith('./'))).toEqual(Object.keys(compose.volumes).sort());
    expect(sources.filter((source) => source.startsWith('./') && !existsSync(join(ROOT, 'deploy', source)))).toEqual([]);
    for (const { depends_on = {} } of all) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        expect([name, condition]).toEqual([name, 'service_healthy']);
        // The image of a node has its own check.
        expect([name, name.startsWith('node-') || compose.services[name]!.healthcheck !== undefined]).toEqual([name, true]);
      }
    }
    for (const [, node] of nodes) for (const name of ['FLEETGATE_TLS_CERT', 'FLEETGATE_TLS_KEY']) expect(node.secrets!.map(({ target }) => `/run/secrets/${target}`)).toContain(node.environment![name]);
  });

  it('gives no service a right that it does not need, and opens no engine to the outside', () => {
    for (const [name, service] of services) {
      expect([name, service.security_opt]).toEqual([name, ['no-new-privileges:true']]);
      if (name !== 'postgres') expect([name, service.cap_drop]).toEqual([name, ['ALL']]);
      if (name.startsWith('node-')) expect([name, service.read_only, service.ports]).toEqual([name, true, undefined]);
    }
    expect(compose.networks['back']).toEqual({ internal: true });
    for (const engine of ['postgres', 'nats']) expect([compose.services[engine]!.networks, compose.services[engine]!.ports]).toEqual([['back'], undefined]);
    expect(services.filter(([, { image }]) => image !== 'fleetgate' && !/:[\w.-]*\d/.test(image ?? ''))).toEqual([]);
  });

  it('holds no secret, and leaves those of its users out of the repository', () => {
    expect([...text.matchAll(/PASSWORD: (.*)/g)].map(([, value]) => value)).toEqual(Array(2).fill('${POSTGRES_PASSWORD:?put it into the environment or a file .env}'));
    expect(Object.values(compose.secrets).every(({ file }) => file.startsWith('./secrets/'))).toBe(true);
    expect(readFileSync(join(ROOT, '.gitignore'), 'utf8').split('\n')).toEqual(expect.arrayContaining(['/deploy/secrets/', '.env']));
  });

  it('has a balancer that passes bytes to each node on each of its ports, and asks each whether it is ready', () => {
    expect(balancer).toMatch(/^ {4}mode tcp$/m);
    expect(balancer).not.toMatch(/bind .*ssl/);
    expect(balancer).toMatch(/^ {4}option httpchk GET \/ready$/m);
    const bound = [...balancer.matchAll(/bind :(\d+)/g)].map(([, port]) => port!);
    expect(compose.services['balancer']!.ports).toEqual(bound.map((port) => `${port}:${port}`));
    const ports = ['FLEETGATE_MQTT_TLS_PORTS', 'FLEETGATE_HTTPS_PORT', 'FLEETGATE_MTLS_PORT'].flatMap((name) => settingsTable.find((row) => row.name === name)!.default.split(','));
    expect(bound).toEqual(ports);
    for (const part of balancer.split(/^listen /m).slice(1)) {
      const servers = [...part.matchAll(/server (\S+) (\S+):(\d+)/g)].map(([, name, host, port]) => ({ name, host, port: port! }));
      expect(servers.map(({ name }) => name)).toEqual(nodes.map(([name]) => name));
      for (const { name, host, port } of servers) expect([name, host, part.includes(`bind :${port}`)]).toEqual([name, name, true]);
    }
  });

  it('is what Prometheus reads: each node, as the job that the rules speak of', () => {
    const { scrape_configs: [job] } = parse(read('prometheus/prometheus.yml')) as { scrape_configs: { job_name: string; scheme: string; basic_auth: { password_file: string }; tls_config: { ca_file: string }; static_configs: { targets: string[] }[] }[] };
    expect([job!.job_name, job!.scheme, job!.static_configs[0]!.targets]).toEqual(['fleetgate', 'https', nodes.map(([name]) => `${name}:4443`)]);
    const files = compose.services['prometheus']!.secrets!.map(({ target }) => `/run/secrets/${target}`);
    expect(files).toEqual(expect.arrayContaining([job!.basic_auth.password_file, job!.tls_config.ca_file]));
    for (const { expr } of rules) for (const [, name] of expr.matchAll(/job="([^"]+)"/g)) expect(name).toBe(job!.job_name);
  });
});
