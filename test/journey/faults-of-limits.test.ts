/** What becomes of the real program where file descriptors or the network are short, or the network is bad. */
import { readdirSync, readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, jest } from '@jest/globals';
import { enter, itWith, mosquittoOptions, run, tokenOf, type Call, type Ended } from '../support/clients.ts';
import { anOperatedGate } from '../support/operated-gate.ts';
import { aRoot, mint, temporaryDirectory, writePemFiles } from '../support/pki.ts';
import { aGateProcess, ROOT } from '../support/running-gate.ts';
import { until } from '../support/until.ts';

jest.setTimeout(60_000);

const SERVE = [process.execPath, join(ROOT, 'src/launch.mjs'), 'serve'] as const;
const directory = temporaryDirectory();
afterAll(() => directory.remove());

describe('short of something', () => {
  itWith('prlimit')('F08 file descriptors: a flood takes them all, sessions go on, nothing spins, and the door is open again when the flood is gone', async () => {
    const gate = await anOperatedGate({ command: ['prlimit', '--nofile=256', ...SERVE] });
    const flood: Socket[] = [];
    try {
      const root = await aRoot();
      await gate.main.trusts({ pem: root.certificatePem, fingerprint: '' });
      const callOf = async (id: string): Promise<Call> => {
        const { cert, key } = writePemFiles(directory.path, id, await mint.device(root, { commonName: id }));
        return { port: gate.mqtts[0]!, caFile: gate.caFile, certFile: cert, keyFile: key, clientId: id, version: 5 };
      };
      const device = await enter(await callOf('press-1'));
      // From many addresses, as the share of one is small.
      for (let i = 0; i < 600; i++) flood.push(aSilentSocket(gate.mqtts[1]!, `127.0.0.${2 + (i % 60)}`));
      await until('the flood takes all descriptors', () => descriptorsOf(gate.process.pid!) > 240);
      const before = cpuSecondsOf(gate.process.pid!);
      await pause(2_000);
      expect(cpuSecondsOf(gate.process.pid!) - before).toBeLessThan(1);
      expect(await tokenOf(device)).toMatch(/^ey/);
      for (const socket of flood) socket.destroy();
      const next = await callOf('press-2');
      await until('a device comes in again', () => enter(next).then(({ client }) => client.end(true) !== undefined, () => false));
      expect(device.client.connected).toBe(true);
      await device.client.endAsync(true);
    } finally {
      for (const socket of flood) socket.destroy();
      await gate.remove();
    }
  });

  itWith('netns', 'curl', 'mosquitto')('F30 a network: with the loopback interface alone it starts, says that it is ready, and admits a device', async () => {
    await using gate = await anIsolatedGate();
    expect(await gate.asksForToken('press-3')).toMatch(/^71,ey/);
    expect(await gate.curl('/ready')).toContain('UP');
  });

  itWith('netns', 'nftables', 'curl', 'mosquitto')('F24 every twentieth packet: all new devices get in, each is registered once', async () => {
    await using gate = await anIsolatedGate();
    await gate.runs('nft', 'add table inet lossy; add chain inet lossy packets { type filter hook input priority 0; }; add rule inet lossy packets tcp dport != 0 numgen random mod 100 < 5 drop');
    const ids = Array.from({ length: 12 }, (_, i) => `press-2${String(i).padStart(2, '0')}`);
    const answers = await Promise.all(ids.map((id) => gate.asksForToken(id)));
    expect(answers.filter((answer) => !answer.startsWith('71,ey'))).toEqual([]);
    const { devices } = JSON.parse(await gate.curl('/fleetgate/devices?limit=100')) as { devices: { id: string }[] };
    expect(devices.map(({ id }) => id).sort()).toEqual(ids);
  });
});

/** A gate in a network of its own, with a trusted CA. What speaks to it runs in there too. */
async function anIsolatedGate(): Promise<AsyncDisposable & {
  /** Fails where the program does. */
  runs(program: string, ...args: readonly string[]): Promise<string>;
  curl(path: string, ...more: readonly string[]): Promise<string>;
  /** Connects a new device; what it hears on `s/dat`. */
  asksForToken(id: string): Promise<string>;
}> {
  const gate = aGateProcess({ command: ['unshare', '-n', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"', ...SERVE] });
  const ready = await gate.logged('Fleetgate is ready');
  const [mqtt, https] = (ready['listening'] as string[]).filter((url) => /^(mqtts|https):/.test(url)).filter((_, i) => i !== 1);
  const caFile = String(ready['ca']);
  const password = readFileSync(join(gate.dataDir, 'initial-admin-password'), 'utf8').trim();
  const inside = (...args: readonly string[]): Promise<Ended> => run('nsenter', ['-t', String(gate.process.pid), '-n', ...args], '', 30_000);
  const runs = async (...args: readonly [string, ...string[]]): Promise<string> => {
    const { code, out, err } = await inside(...args);
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${err}`);
    return out;
  };
  const curl = (path: string, ...more: readonly string[]): Promise<string> => runs('curl', '-sS', '--fail-with-body', '--cacert', caFile, '-u', `main/admin:${password}`, ...more, `${https}${path}`);
  const root = await aRoot();
  await curl('/tenant/tenants/main/trusted-certificates', '-H', 'content-type: application/json', '-d', JSON.stringify({ certInPemFormat: root.certificatePem, status: 'ENABLED', autoRegistrationEnabled: true }));
  return {
    runs,
    curl,
    asksForToken: async (id) => {
      const { cert, key } = writePemFiles(directory.path, id, await mint.device(root, { commonName: id }));
      const call = { port: Number(new URL(mqtt!).port), caFile, certFile: cert, keyFile: key, clientId: id, version: 4 } as const;
      return (await inside('mosquitto_rr', ...mosquittoOptions(call), '-t', 's/uat', '-e', 's/dat', '-n', '-W', '25')).out;
    },
    [Symbol.asyncDispose]: () => gate.remove(),
  };
}

function aSilentSocket(port: number, localAddress: string): Socket {
  const socket = connectTcp({ host: '127.0.0.1', port, localAddress });
  return socket.on('error', () => socket.destroy());
}

/** Of the process itself: `prlimit` becomes the server. */
const descriptorsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** User and system time of all threads, s. The name of a process may have spaces in it: what counts comes behind its bracket. */
function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
