/** What a device does is in the figures that Prometheus reads, and what ends soon in the audit, once, whatever restarts there are. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FIGURES } from '../../src/ports/figures/catalogue.ts';
import { describeWith, enter, itWith, knock, run, tokenOf, type Call, type Connected } from '../support/clients.ts';
import { belowRoot, OpensslPki, type Issued } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { aRunningGate, ROOT } from '../support/running-gate.ts';
import { temporaryDirectory } from '../support/pki.ts';

const pki = new OpensslPki();
afterAll(() => pki.remove());
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, '');

describeWith('openssl')('the figures of a gate', () => {
  let gate: OperatedGate;
  let root: Issued;
  let stays: Connected;
  const call = (leaf: Issued): Call => ({
    ...{ port: gate.mqtts[0]!, caFile: gate.caFile, certFile: pki.chainFile(belowRoot(leaf).chain), keyFile: leaf.keyFile },
    ...{ clientId: leaf.subject.replace('/CN=', ''), version: 5 },
  });
  beforeAll(async () => {
    gate = await anOperatedGate();
    root = pki.root('/CN=Works Root');
    await gate.main.trusts(root);
    stays = await enter(call(pki.device(root, '/CN=press-7')));
    await tokenOf(stays);
    await stays.client.publishAsync('s/us', '211,25', { qos: 1 });
    expect((await knock(call(pki.device(pki.root('/CN=Strange Root'), '/CN=press-8')))).code).toBe(0x87);
  });
  afterAll(async () => {
    await stays?.client.endAsync(true);
    await gate?.remove();
  });
  const url = (): string => `http://localhost:${gate.http}/metrics`;
  const figures = async (login?: string): Promise<Map<string, number>> => {
    const answer = await fetch(url(), { headers: login === undefined ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` } });
    const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
  };

  itWith('curl')('are there for curl on this machine: the device that came, its token, its message, and who was refused', async () => {
    const { code, out } = await run('curl', ['--silent', '--show-error', '--fail', url()]);
    expect(code).toBe(0);
    expect(out).toContain('fleetgate_connects_total{tenant="",outcome="admitted"} 1\n');
    expect(out).toContain('fleetgate_connects_total{tenant="",outcome="tenant.no-anchor-found"} 1\n');
    expect(out).toContain('fleetgate_devices_registered_total{tenant=""} 1\n');
    expect(out).toContain('fleetgate_tokens_total{tenant="",outcome="issued"} 1\n');
    expect(out).toContain('fleetgate_messages_total{tenant="",outcome="taken"} 1\n');
    expect(out).toContain('fleetgate_sessions 1\n');
    expect(out).toContain('fleetgate_sink_messages_total{outcome="delivered"} 1\n');
    expect(out).toContain('fleetgate_sink_queued_messages 0\n');
    expect(Number(/^fleetgate_change_feed_lag_seconds (.+)$/m.exec(out)![1])).toBeLessThan(5);
    expect(out).not.toContain('press-7');
  });

  it('tell the operator whose devices came, and how long everything took', async () => {
    const all = await figures(`management/admin:${gate.password}`);
    expect(all.get('fleetgate_connects_total{tenant="main",outcome="admitted"}')).toBe(1);
    expect(all.get('fleetgate_connack_seconds_count{outcome="admitted"}')).toBe(1);
    expect(all.get('fleetgate_connack_seconds_count{outcome="refused"}')).toBe(1);
    expect(all.get('fleetgate_tls_handshake_seconds_count')).toBe(2);
    expect(all.get('fleetgate_token_answer_seconds_count')).toBe(1);
    for (const operation of ['read', 'write', 'commit']) expect(all.get(`fleetgate_store_seconds_count{operation="${operation}"}`)).toBeGreaterThan(0);
    const seconds = all.get('fleetgate_connack_seconds_sum{outcome="admitted"}')!;
    expect([seconds > 0.0001, seconds < 20]).toEqual([true, true]);
  });

  it('tell when CAs and the certificate of the server end', async () => {
    const [all, now] = [await figures(`management/admin:${gate.password}`), Date.now() / 1000];
    const days = (name: string): number => (all.get(name)! - now) / 86_400;
    expect(days('fleetgate_expiry_timestamp_seconds{tenant="main",kind="anchor"}')).toBeCloseTo(30, 0);
    expect(days('fleetgate_server_certificate_expiry_timestamp_seconds')).toBeGreaterThan(30);
    expect(days('fleetgate_signing_key_created_timestamp_seconds')).toBeCloseTo(0, 1);
    expect(all.get('fleetgate_build_info{version="0.1.0",node="' + process.versions.node + '"}')).toBe(1);
  });

  it('are on the port with TLS too, for the operator alone', async () => {
    const { out } = await run('curl', ['--silent', '--cacert', gate.caFile, '--write-out', '%{http_code}', '--output', '/dev/null', `https://localhost:${gate.https}/metrics`]);
    expect(out).toBe('401');
    const known = await run('curl', ['--silent', '--cacert', gate.caFile, '--user', `management/admin:${gate.password}`, `https://localhost:${gate.https}/metrics`]);
    expect([...known.out.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name)).toEqual(Object.keys(FIGURES));
  });

  it('are for a user of management that can read and change nothing, made as deploy/README.md says', async () => {
    const env = ['FLEETGATE_USER=management/admin', `FLEETGATE_PASSWORD=${gate.password}`, `FLEETGATE_URL=http://127.0.0.1:${gate.http}`];
    const made = await run('env', [...env, process.execPath, join(ROOT, 'src/launch.mjs'), 'user', 'add', 'prometheus', '--role', 'ROLE_TENANT_MANAGEMENT_READ', '--json']);
    expect([made.code, made.err]).toEqual([0, '']);
    const password = /"password": ?"([^"]+)"/.exec(made.out)![1]!;
    const curl = (path: string, ...more: string[]) => run('curl', ['--silent', '--cacert', gate.caFile, '--user', `management/prometheus:${password}`, ...more, `https://localhost:${gate.https}${path}`]);
    expect((await curl('/metrics')).out).toContain('fleetgate_connects_total{tenant="main",outcome="admitted"} 1\n');
    expect((await curl('/tenant/tenants/main', '--request', 'PUT', '--header', 'Content-Type: application/json', '--data', '{"status":"SUSPENDED"}')).out).toContain('Access is denied');
  });

  it('have the number of sessions as it is', async () => {
    await stays.client.endAsync();
    for (let waited = 0; (await figures()).get('fleetgate_sessions') !== 0; waited += 20) {
      if (waited > 5_000) throw new Error('the session is still counted');
      await pause(20);
    }
  });
});

describeWith('openssl')('what ends soon', () => {
  const directory = temporaryDirectory();
  afterAll(() => directory.remove());

  it('is in the audit once, though the gate starts three times', async () => {
    const root = pki.root('/CN=Short Root', { validity: [inDays(-1), inDays(5)] });
    let entries: { subject: string; after: object }[] = [];
    for (let start = 0; start < 3; start += 1) {
      const gate = await anOperatedGate({ dataDir: directory.path });
      try {
        if (start === 0) await gate.main.trusts(root);
        else await gate.logged('CA certificates of tenant main end soon');
        const sees = async (): Promise<typeof entries> => ((await (await gate.main.call('/fleetgate/audit?what=expiry.near')).json()) as { entries: typeof entries }).entries;
        for (let waited = 0; start > 0 && (entries = await sees()).length === 0 && waited < 5_000; waited += 20) await pause(20);
        entries = await sees();
      } finally {
        gate.process.kill('SIGTERM');
        await gate.ended;
        await gate.remove();
      }
      expect([start, entries.map(({ subject, after }) => [subject, after])]).toEqual([start, start === 0 ? [] : [[root.fingerprint, expect.objectContaining({ kind: 'anchor', days: 7 })]]]);
    }
  });
});

describe('FLEETGATE_METRICS=off', () => {
  it('leaves no figures to be read', async () => {
    const gate = await aRunningGate({ env: { FLEETGATE_METRICS: 'off' } });
    try {
      expect((await fetch(`http://localhost:${gate.http}/metrics`)).status).toBe(404);
    } finally {
      await gate.remove();
    }
  });
});
