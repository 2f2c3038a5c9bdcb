/** What devices say reaches its home: by the real program, real devices, a real HTTP receiver and a real nats-server, and through the death of each. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import { describeWith, enter, itWith, mosquittoOptions, run, type Call } from '../support/clients.ts';
import { aNatsServer, type NatsServer } from '../support/nats-server.ts';
import { OpensslPki, belowRoot, type Issued } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { until } from '../support/until.ts';
import { aWebhookReceiver, WEBHOOK_SECRET, type WebhookReceiver } from '../support/webhook-receiver.ts';

const DEVICES = 6;
/** Acknowledged messages, of all devices together, before something is killed. */
const BEFORE_THE_KILL = 60;
const PATIENCE_MS = 60_000;

describeWith('openssl')('messages of devices', () => {
  const pki = new OpensslPki();
  const folder = mkdtempSync(join(tmpdir(), 'fleetgate-sinks-'));
  let root: Issued;
  const leaves = new Map<string, Issued>();
  beforeAll(() => {
    root = pki.root('/CN=Works Root');
  });
  afterAll(() => {
    pki.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const callOf = (gate: OperatedGate, clientId: string, version: 4 | 5 = 4): Call => {
    const leaf = leaves.get(clientId) ?? pki.device(root, `/CN=${clientId}`);
    leaves.set(clientId, leaf);
    return { port: gate.mqtts[1]!, caFile: gate.caFile, certFile: pki.chainFile(belowRoot(leaf).chain), keyFile: leaf.keyFile, clientId, version };
  };
  const opened = async (env: Readonly<Record<string, string>>, dataDir?: string): Promise<OperatedGate> => {
    const gate = await anOperatedGate({ env, ...(dataDir !== undefined && { dataDir }) });
    if (!gate.log.some(({ msg }) => msg.startsWith('First start'))) return gate;
    await gate.main.trusts(root);
    return gate;
  };
  const dataFolder = (name: string): string => mkdtempSync(join(folder, name));

  /** Devices that say one thing after the other in QoS 1 and 2, until the gate is gone. Each acknowledged text lands in `acknowledged`. */
  const talk = async (gate: OperatedGate, prefix: string, acknowledged: Set<string>): Promise<void> => {
    const one = async (name: string, qos: 1 | 2): Promise<void> => {
      const { client, gone } = await enter(callOf(gate, name));
      let isGone = false;
      void gone.then(() => (isGone = true));
      for (let i = 0; !isGone; i += 1) {
        const said = client.publishAsync('s/us', `${prefix},${name},${i}`, { qos }).then(() => acknowledged.add(`${prefix},${name},${i}`), () => undefined);
        await Promise.race([said, gone]);
      }
      client.end(true);
    };
    await Promise.all(Array.from({ length: DEVICES }, (_, i) => one(`press-${i}`, i % 2 === 0 ? 1 : 2)));
  };

  describe('by a webhook', () => {
    let receiver: WebhookReceiver;
    let env: Record<string, string>;
    const secretFile = join(folder, 'webhook-secret');
    beforeAll(async () => {
      receiver = await aWebhookReceiver();
      writeFileSync(secretFile, WEBHOOK_SECRET, { mode: 0o600 });
      env = { FLEETGATE_SINK: receiver.url, FLEETGATE_SINK_SECRET_FILE: secretFile };
    });
    afterAll(() => receiver?.close());

    itWith('mosquitto')('D-68 come as signed CloudEvents from mosquitto_pub in QoS 0, 1 and 2', async () => {
      const gate = await opened(env);
      for (const qos of ['0', '1', '2']) {
        const { code, err } = await run('mosquitto_pub', [...mosquittoOptions(callOf(gate, 'press-7')), '-t', 's/us', '-m', `211,${qos}`, '-q', qos]);
        expect([code, err]).toEqual([0, '']);
      }
      const events = await receiver.took(3);
      expect(events.map(({ tenant, device, subject, data_base64 }) => [tenant, device, subject, Buffer.from(data_base64, 'base64').toString()])).toEqual(['0', '1', '2'].map((qos) => ['main', 'press-7', 's/us', `211,${qos}`]));
      expect(receiver.requests.every(({ isSigned }) => isSigned)).toBe(true);
      await gate.remove();
    }, 60_000);

    it('F01 that were acknowledged survive kill -9 of Fleetgate while the receiver is out of order, and come when both are back', async () => {
      const dataDir = dataFolder('webhook');
      receiver.answer = () => 500;
      const acknowledged = new Set<string>();
      for (const round of ['first', 'second']) {
        const gate = await opened(env, dataDir);
        const talking = talk(gate, round, acknowledged);
        await until('enough messages are acknowledged', () => acknowledged.size >= (round === 'first' ? 1 : 2) * BEFORE_THE_KILL, PATIENCE_MS);
        gate.process.kill('SIGKILL');
        await gate.ended;
        await talking;
      }
      const wanted = [...acknowledged];
      receiver.answer = () => 204;
      const gate = await opened(env, dataDir);
      const textOf = ({ data_base64 }: { data_base64: string }): string => Buffer.from(data_base64, 'base64').toString();
      await until('all that was acknowledged is taken', () => {
        const taken = new Set(receiver.taken.map(textOf));
        return wanted.every((text) => taken.has(text));
      }, PATIENCE_MS);
      // In the order in which each device said them.
      for (let i = 0; i < DEVICES; i += 1) {
        const mine = receiver.taken.map(textOf).filter((text) => text.startsWith('first,') && text.includes(`,press-${i},`)).map((text) => Number(text.split(',')[2]));
        expect(mine).toEqual([...mine].sort((a, b) => a - b));
      }
      await gate.remove();
    }, 120_000);

    it('D-69 for which the queue has no room are refused: MQTT 5 hears 0x97 and stays, MQTT 3.1.1 is closed, and both go on when there is room', async () => {
      receiver.answer = () => 500;
      const gate = await opened({ ...env, FLEETGATE_SINK_QUEUE_BYTES: '4096' });
      const { client } = await enter(callOf(gate, 'press-5', 5));
      const answers: number[] = [];
      for (let i = 0; i < 15; i += 1) answers.push(await client.publishAsync('s/us', `211,${i}`, { qos: 1 }).then(() => 0, (error: { code: number }) => error.code));
      expect(answers).toEqual([...Array.from({ length: answers.indexOf(0x97) }, () => 0), ...Array.from({ length: 15 - answers.indexOf(0x97) }, () => 0x97)]);
      expect(answers.indexOf(0x97)).toBeGreaterThan(3);
      const old = await enter(callOf(gate, 'press-4'));
      void old.client.publishAsync('s/us', '211,0', { qos: 1 }).catch(() => undefined);
      await old.gone;
      expect(await gate.logged('connection.no-room')).toMatchObject({ device: 'press-4' });
      receiver.answer = () => 204;
      const again = await enter(callOf(gate, 'press-4'));
      const taken = receiver.taken.length;
      await receiver.took(taken + answers.indexOf(0x97));
      await until('the client is there', () => client.connected);
      await client.publishAsync('s/us', '211,room', { qos: 1 });
      await again.client.publishAsync('s/us', '211,room', { qos: 1 });
      for (const one of [client, again.client]) await one.endAsync();
      await gate.remove();
    }, 60_000);
  });

  describeWith('nats')('by NATS', () => {
    let server: NatsServer;
    let env: Record<string, string>;
    beforeAll(async () => {
      server = await aNatsServer();
      env = { FLEETGATE_SINK: server.url, FLEETGATE_SINK_STREAM: 'devices' };
    });
    afterAll(() => server.remove());

    /** Everything in the stream, oldest first. */
    const stored = async (): Promise<readonly JsMsg[]> => {
      const client = await server.client();
      const { state } = await (await jetstreamManager(client)).streams.info('devices');
      const consumer = await jetstream(client).consumers.get('devices');
      const all: JsMsg[] = [];
      while (all.length < state.messages) for await (const one of await consumer.fetch({ max_messages: state.messages - all.length, expires: 2_000 })) all.push(one);
      return all;
    };

    itWith('mosquitto')('D-68 come into the stream from mosquitto_pub in QoS 0, 1 and 2', async () => {
      const gate = await opened(env);
      for (const qos of ['0', '1', '2']) {
        const { code, err } = await run('mosquitto_pub', [...mosquittoOptions(callOf(gate, 'press-7')), '-t', 's/us', '-m', `211,${qos}`, '-q', qos]);
        expect([code, err]).toEqual([0, '']);
      }
      // Nobody waits for QoS 0; the stream is made at the start and messages of one device go one after the other, so it is there with the rest.
      expect((await stored()).map((one) => [one.subject, one.string()])).toEqual(['0', '1', '2'].map((qos) => ['fleetgate.main.press-7.s.us', `211,${qos}`]));
      await gate.remove();
    }, 60_000);

    it('F01 that were acknowledged are in the stream after kill -9 of nats-server, twice, and of Fleetgate', async () => {
      const dataDir = dataFolder('nats');
      const acknowledged = new Set<string>();
      const gate = await opened(env, dataDir);
      const talking = talk(gate, 'first', acknowledged);
      for (const round of [1, 2]) {
        await until('enough messages are acknowledged', () => acknowledged.size >= round * BEFORE_THE_KILL, PATIENCE_MS);
        await server.restart(); // kill -9, and again from its files
      }
      const reached = acknowledged.size;
      await until('enough messages are acknowledged', () => acknowledged.size >= reached + BEFORE_THE_KILL, PATIENCE_MS);
      gate.process.kill('SIGKILL');
      await gate.ended;
      await talking;
      const texts = (await stored()).map((one) => one.string());
      expect([...acknowledged].filter((text) => !texts.includes(text))).toEqual([]);
      const again = await opened(env, dataDir);
      const { client } = await enter(callOf(again, 'press-0'));
      await client.publishAsync('s/us', 'after', { qos: 1 });
      expect((await stored()).at(-1)?.string()).toBe('after');
      await client.endAsync();
      await again.remove();
    }, 120_000);

    itWith('mosquitto', 'stdbuf')('D-70 to a device reach mosquitto_sub on whichever node it is, in QoS 0, 1 and 2, and the sender hears of it', async () => {
      const nodes = [await opened(env), await opened(env)];
      const backend = await server.client();
      const send = async (text: string): Promise<unknown> => {
        for (;;) {
          const answer = await backend.request('fleetgate-down.main.press-7.s.ds', text, { timeout: 10_000 }).then((reply) => reply.json<{ status: string }>().status, () => 'no responders');
          if (answer !== 'no responders' && answer !== 'not-subscribed') return answer;
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      };
      expect(await backend.request('fleetgate-down.main.press-7.s.ds', '510', { timeout: 5_000 }).then(() => 'somebody', (error: Error) => error.message)).toMatch(/no responders/i);
      for (const [qos, gate, how] of [['0', nodes[0]!, 'sent'], ['1', nodes[1]!, 'acknowledged'], ['2', nodes[0]!, 'acknowledged']] as const) {
        const sub = spawn('stdbuf', ['-oL', 'mosquitto_sub', ...mosquittoOptions(callOf(gate, 'press-7')), '-t', 's/ds', '-q', qos, '-v', '-C', '1'], { stdio: ['ignore', 'pipe', 'inherit'] });
        const [line, ended] = [once(createInterface({ input: sub.stdout }), 'line'), once(sub, 'close')];
        expect(await send(`510,press-7,${qos}`)).toBe(how);
        expect(await line).toEqual([`s/ds 510,press-7,${qos}`]);
        await ended;
      }
      for (const gate of nodes) await gate.remove();
    }, 60_000);
  });
});
