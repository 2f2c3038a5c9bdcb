/** What is on devices already, as it comes: a mosquitto bridge, thin-edge's own checks, and an agent in Python. */
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DEBIANS_PYTHON, describeWith, enter, itWith, refusalIn, run, type Call } from '../support/clients.ts';
import { belowRoot, OpensslPki, type Issued } from '../support/openssl-pki.ts';
import { aBridge, CONNECTED, DISCONNECTED, type Bridge } from '../support/mosquitto-bridge.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';

const AGENT = fileURLToPath(new URL('../support/device-agent.py', import.meta.url));
/** `npm run test:agent` makes it five minutes. */
const [ROUNDS = 2, INTERVAL = 1] = (process.env['AGENT_ROUNDS'] ?? '').split('x').filter((part) => part !== '').map(Number);
const AT_MOST_MS = 20_000 + ROUNDS * INTERVAL * 1000;

const claimsOf = (jwt: string): Record<string, unknown> => JSON.parse(Buffer.from(jwt.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;

describeWith('openssl')('what is on devices already', () => {
  const pki = new OpensslPki();
  let gate: OperatedGate;
  let root: Issued;
  beforeAll(async () => {
    gate = await anOperatedGate();
    root = pki.root('/CN=Works Root');
    await gate.main.trusts(root);
  });
  afterAll(async () => {
    await gate?.remove();
    pki.remove();
  });
  const bridges: Bridge[] = [];
  afterEach(async () => {
    for (const bridge of bridges.splice(0)) await bridge.remove();
  });

  const callOf = (leaf: Issued): Call => ({
    ...{ port: gate.mqtts[1]!, caFile: gate.caFile, certFile: pki.chainFile(belowRoot(leaf).chain), keyFile: leaf.keyFile },
    ...{ clientId: leaf.subject.replace('/CN=', ''), version: 4 },
  });
  const bridgeOf = async (leaf: Issued): Promise<Bridge> => {
    const bridge = await aBridge(callOf(leaf));
    bridges.push(bridge);
    return bridge;
  };
  /** The broker says that it is not connected when it starts, and whenever it loses the connection. */
  const stayed = ({ heard }: Bridge): boolean => heard.lastIndexOf(DISCONNECTED) < heard.indexOf(CONNECTED);
  const publish = async ({ port }: Bridge, topic: string, message: string): Promise<void> => {
    const said = message === '' ? ['-n'] : ['-m', message];
    expect(await run('mosquitto_pub', ['-h', '127.0.0.1', '-p', String(port), '-q', '1', '-t', topic, ...said])).toEqual({ code: 0, out: '', err: '' });
  };

  describe('a mosquitto bridge with the configuration of thin-edge', () => {
    itWith('bridge', 'mosquitto')('introduces its device, and gets its id and its token back on local topics', async () => {
      const bridge = await bridgeOf(pki.device(root, '/CN=bridge-1'));
      await bridge.hears(CONNECTED);
      await publish(bridge, 'c8y/s/us', '100,Bridge 1,thin-edge.io');
      await publish(bridge, 'c8y/s/us', '123');
      expect(await bridge.hears('c8y/s/ds ')).toMatch(/^c8y\/s\/ds 124,\d+$/);
      await publish(bridge, 'c8y/s/us', '100,Bridge 1,thin-edge.io');
      expect(await bridge.hears('c8y/s/e ')).toBe('c8y/s/e 41,100,Device already existing');
      await publish(bridge, 'c8y/s/uat', '');
      const token = (await bridge.hears('c8y/s/dat 71,')).slice('c8y/s/dat 71,'.length);
      expect(claimsOf(token)).toMatchObject({ iss: 'localhost', sub: 'device_bridge-1', ten: 'main' });
      expect(stayed(bridge)).toBe(true);
    });

    itWith('bridge', 'mosquitto')('has every topic that it forwards accepted in every mode, and stays', async () => {
      const bridge = await bridgeOf(pki.device(root, '/CN=bridge-2'));
      await bridge.hears(CONNECTED);
      for (const topic of ['t/us', 'q/us', 'c/us', 's/us/child-1', 's/uc/collection', 's/ut/collection', 'event/events/create', 'measurement/measurements/createBulk', 'inventory/managedObjects/update/1']) {
        await publish(bridge, `c8y/${topic}`, '400,works_Event,"all is well, so far"');
      }
      await publish(bridge, 'c8y/s/us', '123');
      expect(await bridge.hears('c8y/s/e ')).toMatch(/^c8y\/s\/e 50,123,/);
      expect(stayed(bridge)).toBe(true);
    });

    itWith('bridge', 'mosquitto')('D-2 of a device that nobody trusts hears CONNACK 5 and says so', async () => {
      const bridge = await bridgeOf(pki.device(pki.root('/CN=Unknown Root'), '/CN=bridge-3'));
      await bridge.prints('Connection Refused: not authorised');
      await gate.logged('Unknown Root');
      expect(bridge.heard).not.toContain(CONNECTED);
    });
  });

  describe('thin-edge', () => {
    itWith('curl')('uploads its CA with 201 and hears 409 the second time, its first `100` is acknowledged within 5 s, and its token is issued by the host', async () => {
      const own = pki.root('/CN=edge-2', { extensions: ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,digitalSignature'] });
      const tenant = await curl('/tenant/currentTenant');
      const { name, domainName } = JSON.parse(tenant.body) as { name: string; domainName: string };
      const upload = JSON.stringify({ autoRegistrationEnabled: true, certInPemFormat: own.pem, name: 'edge-2', status: 'ENABLED' });
      const [first, second] = [await curl(`/tenant/tenants/${name}/trusted-certificates`, upload), await curl(`/tenant/tenants/${name}/trusted-certificates`, upload)];
      expect([tenant.status, first.status, second.status]).toEqual([200, 201, 409]);
      const message = `Cannot add certificate - certificate with ${own.fingerprint} fingerprint already exists. : Certificate with ${own.fingerprint} fingerprint already exists.`;
      expect(JSON.parse(second.body)).toMatchObject({ error: expect.stringMatching(/\/Duplicate$/), message });

      const device = await enter({ ...callOf(own), certFile: own.file });
      const began = performance.now();
      await device.client.publishAsync('s/us', '100,edge-2,thin-edge.io', { qos: 1 });
      expect(performance.now() - began).toBeLessThan(5_000);
      const heard: string[] = [];
      const enough = new Promise<void>((resolve) => device.client.on('message', (topic, payload) => heard.push(`${topic} ${payload.toString()}`) === 2 && resolve()));
      await device.client.subscribeAsync(['s/ds', 's/dat', 's/e']);
      await device.client.publishAsync('s/us', '123', { qos: 1 });
      await device.client.publishAsync('s/uat', '');
      await enough;
      expect(heard).toEqual([expect.stringMatching(/^s\/ds 124,\d+$/), expect.stringMatching(/^s\/dat 71,/)]);
      expect(claimsOf(heard[1]!)).toMatchObject({ iss: domainName, aud: domainName, sub: 'device_edge-2' });
      await device.client.endAsync();
    });
  });

  describe('the device-management agent', () => {
    itWith('paho')(`introduces itself, works over HTTP with its user and with its token, and does so again: ${ROUNDS} times, every ${INTERVAL} s`, async () => {
      const { port, caFile, certFile, keyFile } = callOf(pki.device(root, '/CN=agent-1'));
      const wish = { port, caFile, certFile, keyFile, http: gate.http, deviceId: 'agent-1', basic: `main/admin:${gate.password}`, rounds: ROUNDS, interval: INTERVAL };
      const { code, out, err } = await run(DEBIANS_PYTHON, [AGENT], JSON.stringify(wish), AT_MOST_MS);
      const [start, ...rounds] = out.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);
      expect([code, err, start?.['tls']]).toEqual([0, '', 'TLSv1.2']);
      expect(start?.['introduced']).toBeLessThan(5);
      expect(rounds.map(({ round }) => round)).toEqual(Array.from({ length: ROUNDS }, (_, i) => i + 1));
      const object = (await (await gate.main.call(`/inventory/managedObjects/${String(rounds[0]!['managed'])}`)).json()) as object;
      expect(object).toMatchObject({
        name: 'Agent agent-1', type: 'c8y_dm_example_device', owner: 'device_agent-1',
        c8y_Configuration: { config: 'mqtt.url=localhost\nmqtt.ping.interval=60' },
        c8y_SupportedSoftwareTypes: ['apt', 'docker'],
        c8y_Agent: { name: 'c8y-dm-agent', version: '1.0', url: 'https://example.com/agent', maintainer: 'works' },
        c8y_SupportedConfigurations: ['agentlog', 'dockerlog'],
        c8y_SupportedLogs: ['agentlog', 'dockerlog'],
        c8y_SupportedOperations: ['c8y_Restart', 'c8y_Configuration', 'c8y_LogfileRequest', 'c8y_SoftwareUpdate'],
        c8y_RequiredAvailability: { responseInterval: 10 },
        c8y_Hardware: { serialNumber: '4711', model: 'Raspberry', revision: 'rev 3' },
        c8y_Firmware: { name: 'Debian', version: '12', url: 'https://debian.org' },
        c8y_Network: { c8y_LAN: { ip: '192.0.2.7' } },
      });
    }, AT_MOST_MS + 10_000);
  });

  /** As `tedge cert upload` does it. */
  const curl = async (path: string, body?: string): Promise<{ readonly status: number; readonly body: string }> => {
    const data = body === undefined ? [] : ['-H', 'Content-Type: application/json', '--data-binary', '@-'];
    const { out, err } = await run('curl', ['-sS', '-u', `main/admin:${gate.password}`, '-w', '\n%{http_code}', ...data, `http://127.0.0.1:${gate.http}${path}`], body);
    if (err !== '') throw new Error(err);
    const at = out.lastIndexOf('\n');
    return { status: Number(out.slice(at + 1)), body: out.slice(0, at) };
  };

  describe('a message', () => {
    const PAYLOAD = 16_184 - 3 - 2 - 's/us'.length - 2; // fixed header of 3 bytes, length of the topic, the topic, packet id

    it('M02 of 16184 bytes with its header is taken, and one byte more closes', async () => {
      const device = await enter({ ...callOf(pki.device(root, '/CN=large-1')), version: 5 });
      const text = (bytes: number): string => `400,${'x'.repeat(bytes - 4)}`;
      await device.client.publishAsync('s/us', text(PAYLOAD - 1), { qos: 1 }); // MQTT 5 has a byte for the length of its properties
      device.client.publish('s/us', text(PAYLOAD), { qos: 1 });
      const goodbye = await device.gone;
      expect([goodbye?.reasonCode, refusalIn(goodbye?.properties?.reasonString ?? '')]).toEqual([0x95, 'packet.too-large']);
    });
    it('M02 of 16184 bytes is taken in MQTT 3.1.1 too, and one byte more closes', async () => {
      const device = await enter(callOf(pki.device(root, '/CN=large-2')));
      const text = (bytes: number): string => `400,${'x'.repeat(bytes - 4)}`;
      await device.client.publishAsync('s/us', text(PAYLOAD), { qos: 1 });
      device.client.publish('s/us', text(PAYLOAD + 1), { qos: 1 });
      await device.gone;
    });
  });
});
