/** Two processes on one SQLite file and the same ports are one gate. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, enter, tokenOf, type Call, type Connected } from '../support/clients.ts';
import { belowRoot, OpensslPki, type Issued } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { until } from '../support/until.ts';
import { askOnce, workerOf, workersOf } from '../support/workers.ts';

const STATED_MS = 2_000; // D-14
const pki = new OpensslPki();
let count = 0;

type Device = Connected & { readonly id: string; readonly worker: number; readonly call: Call };

describeWith('openssl', 'linux')('two workers', () => {
  let gate: OperatedGate;
  beforeAll(async () => {
    gate = await anOperatedGate({ env: { FLEETGATE_WORKERS: '2' } });
  });
  afterAll(async () => {
    await gate?.remove();
    pki.remove();
  });

  const aRoot = async (): Promise<Issued> => {
    const root = pki.root(`/CN=Root ${++count}`);
    await gate.main.trusts(root);
    return root;
  };
  const callOf = (leaf: Issued): Call => ({
    ...{ port: gate.mqtts[0]!, caFile: gate.caFile, certFile: pki.chainFile(belowRoot(leaf).chain), keyFile: leaf.keyFile },
    ...{ clientId: leaf.subject.replace('/CN=', ''), version: 5 },
  });
  const enters = async (call: Call): Promise<Device> => {
    const admitted = gate.log.filter((line) => line['audit'] === 'device.admitted' && line['device'] === call.clientId).length;
    const connected = await enter(call);
    await until('the log line', () => gate.log.filter((line) => line['audit'] === 'device.admitted' && line['device'] === call.clientId).length > admitted);
    return { ...connected, id: call.clientId, worker: workerOf(gate, call.clientId)!, call };
  };
  /** Connects by one certificate after another until both workers hold a device: the kernel chooses. */
  const devicesAtBoth = async (root: Issued): Promise<readonly Device[]> => {
    const devices: Device[] = [];
    while (new Set(devices.map(({ worker }) => worker)).size < 2) devices.push(await enters(callOf(pki.device(root, `/CN=press-${++count}`))));
    return devices;
  };
  /** What waits at the door of a process when that is killed is reset by the kernel; devices come again, and so does this one. */
  const comesBack = async (call: Call): Promise<Device> => {
    for (let tries = 1; ; tries++) {
      try {
        return await enters(call);
      } catch (error) {
        if (tries === 10 || (error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
      }
    }
  };
  /** Connects until the other worker has it. */
  const entersAtOther = async ({ call, worker }: Device): Promise<Device> => {
    for (;;) {
      const again = await enters(call);
      if (again.worker !== worker) return again;
    }
  };
  const endAll = (devices: readonly Device[]): Promise<unknown> => Promise.all(devices.map(({ client }) => client.endAsync(true)));

  it('F26 T12 J06 a CA disabled at one ends the sessions at both, and its tokens are dead at both, within 2 s', async () => {
    const root = await aRoot();
    const devices = await devicesAtBoth(root);
    const tokens = await Promise.all(devices.map((device) => tokenOf(device)));
    const statuses = async (): Promise<readonly number[]> => Promise.all(tokens.flatMap((jwt) => Array.from({ length: 6 }, () => askOnce(gate, '/user/currentUser', `Bearer ${jwt}`))));
    expect(new Set(await statuses())).toEqual(new Set([200]));
    const since = performance.now();
    await gate.main.changes(root, { status: 'DISABLED' });
    // Tokens are judged by the store, and so dead at once.
    expect(new Set(await statuses())).toEqual(new Set([401]));
    const goodbyes = await Promise.race([Promise.all(devices.map(({ gone }) => gone)), pause(STATED_MS, 'still there' as const)]);
    const tookMs = performance.now() - since;
    expect(goodbyes).toEqual(devices.map(() => expect.objectContaining({ reasonCode: 0x87 })));
    expect(tookMs).toBeLessThan(STATED_MS);
  });

  it('F26 M15 D-15 a device that comes to the other worker ends its session at the former, and stays', async () => {
    const [device] = await devicesAtBoth(await aRoot()).then(async ([first, ...others]) => (await endAll(others), [first!]));
    const again = await entersAtOther(device!);
    const goodbye = await Promise.race([device!.gone, pause(STATED_MS, 'still there' as const)]);
    expect(goodbye).toMatchObject({ reasonCode: 0x8e });
    expect((await tokenOf(again)).length).toBeGreaterThan(0);
    await again.client.endAsync();
  });

  it('has one /metrics for both, whichever is asked', async () => {
    await endAll(await devicesAtBoth(await aRoot()));
    const admitted = gate.log.filter((line) => line['audit'] === 'device.admitted').length;
    const told = async (): Promise<number> => {
      const text = await (await fetch(`http://127.0.0.1:${gate.http}/metrics`, { headers: { connection: 'close' } })).text();
      const lines = text.split('\n').filter((line) => line.startsWith('fleetgate_connects_total{') && line.includes('outcome="admitted"'));
      return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    };
    for (let asked = 0; asked < 8; asked++) expect(await told()).toBe(admitted);
  });

  it('F26 R11 wrong passwords count at both together', async () => {
    const wrong = `Basic ${Buffer.from('main/nobody:wrong').toString('base64')}`;
    const statuses: number[] = [];
    while (statuses.length < 40 && !statuses.includes(429)) statuses.push(await askOnce(gate, '/tenant/currentTenant', wrong));
    // Five are free; a word on the way between two processes may let one more through, and not as many again.
    expect(statuses.indexOf(429)).toBeGreaterThanOrEqual(5);
    expect(statuses.indexOf(429)).toBeLessThanOrEqual(7);
  });

  it('J08 a new signing key is known to both before one signs by it', async () => {
    const device = (await devicesAtBoth(await aRoot()))[0]!;
    const { kid } = (await (await managementRotates()).json()) as { kid: string };
    const kidOf = (jwt: string): string => (JSON.parse(Buffer.from(jwt.split('.')[0]!, 'base64url').toString()) as { kid: string }).kid;
    let jwt = await tokenOf(device);
    expect(kidOf(jwt)).not.toBe(kid); // it is published first
    for (let asked = 1; asked < 10 && kidOf(jwt) !== kid; asked++) {
      await pause(500); // a device may ask so often only
      jwt = await tokenOf(device);
    }
    expect(kidOf(jwt)).toBe(kid);
    const statuses = await Promise.all(Array.from({ length: 12 }, () => askOnce(gate, '/user/currentUser', `Bearer ${jwt}`)));
    expect(new Set(statuses)).toEqual(new Set([200]));
    await device.client.endAsync();
  });
  const managementRotates = (): Promise<Response> =>
    fetch(`http://127.0.0.1:${gate.http}/fleetgate/keys/rotate`, { method: 'POST', headers: { authorization: `Basic ${Buffer.from(`management/admin:${gate.password}`).toString('base64')}` } });

  it('F01 F26 a worker that is killed starts again with one line, its devices come back, and nothing is registered twice', async () => {
    const devices = await devicesAtBoth(await aRoot());
    const victim = devices[0]!.worker;
    const pid = workersOf(gate).get(victim)!;
    const deaths = (): number => gate.log.filter((line) => line.msg.startsWith('A worker has ended')).length;
    const before = deaths();
    process.kill(pid, 'SIGKILL');
    await Promise.all(devices.filter(({ worker }) => worker === victim).map(({ gone }) => gone));
    const back = await Promise.all(devices.filter(({ worker }) => worker === victim).map(({ call }) => comesBack(call)));
    await until('the worker is back', () => workersOf(gate).has(victim) && workersOf(gate).get(victim) !== pid);
    for (let again = back[0]!; again.worker !== victim; ) again = await enters(again.call);
    expect(deaths()).toBe(before + 1);
    expect(devices.filter(({ worker }) => worker !== victim).every(({ client }) => client.connected)).toBe(true);
    const ids = await gate.main.devices();
    expect(new Set(ids).size).toBe(ids.length);
    const registered = gate.log.filter((line) => line['audit'] === 'device.admitted' && line['registered'] === true).map((line) => line['device']);
    expect(new Set(registered).size).toBe(registered.length);
  });

  it('F26 a second Fleetgate on the same ports does not start, though the ports are shared', async () => {
    const env = { FLEETGATE_WORKERS: '2', FLEETGATE_MQTT_TLS_PORTS: String(gate.mqtts[0]) };
    await expect(anOperatedGate({ env })).rejects.toThrow(/another program uses it/);
  });

  it('F03 SIGTERM ends both workers with code 0, and tells their devices', async () => {
    const devices = await devicesAtBoth(await aRoot());
    gate.process.kill('SIGTERM');
    const goodbyes = await Promise.all(devices.map(({ gone }) => gone));
    expect(goodbyes).toEqual(devices.map(() => expect.objectContaining({ reasonCode: 0x8b })));
    expect(await gate.ended).toEqual({ code: 0, signal: null });
  });
});
