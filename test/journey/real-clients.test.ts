import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWith, enter, itWith, knock, mosquittoOptions, mosquittoRr, paho, run, tokenOf, type Call } from '../support/clients.ts';
import { belowRoot, OpensslPki, type OpensslWish } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';

const TOKEN = /^71,[\w-]+\.[\w-]+\.[\w-]+$/;
const VERSIONS = [['MQTT 3.1', 3], ['MQTT 3.1.1', 4], ['MQTT 5', 5]] as const;
const DOORS = [['the first MQTT port (1884 by default)', 0], ['the second MQTT port (8883 by default)', 1]] as const;
const KEYS = ['P-256', 'RSA-2048'] as const;

describeWith('openssl')('real clients with certificates of openssl get a token', () => {
  const pki = new OpensslPki();
  let gate: OperatedGate;
  let papersOf: Record<(typeof KEYS)[number], Pick<Call, 'certFile' | 'keyFile'>>;

  beforeAll(async () => {
    gate = await anOperatedGate();
    const make = async (key: NonNullable<OpensslWish['key']>): Promise<Pick<Call, 'certFile' | 'keyFile'>> => {
      const root = pki.root(`/CN=${key} Root`, { key });
      await gate.main.trusts(root);
      const { leaf, chain } = belowRoot(pki.device(pki.intermediate(root, `/O=Works/CN=${key} Intermediate`, { key }), `/CN=press-${key}`, { key }));
      return { certFile: pki.chainFile(chain), keyFile: leaf.keyFile };
    };
    papersOf = { 'P-256': await make('P-256'), 'RSA-2048': await make('RSA-2048') };
  });
  afterAll(async () => {
    await gate?.remove();
    pki.remove();
  });

  const call = (key: (typeof KEYS)[number], door: 0 | 1, version: 3 | 4 | 5): Call => ({ ...papersOf[key], port: gate.mqtts[door]!, caFile: gate.caFile, clientId: `press-${key}`, version });

  describe.each(DOORS)('on %s', (_door, door) => {
    describe.each(KEYS)('with %s keys', (key) => {
      for (const [named, version] of VERSIONS) {
        itWith('mosquitto')(`mosquitto_rr gets 71,<jwt> over ${named}`, async () => {
          const { code, out, err } = await mosquittoRr(call(key, door, version));
          expect([code, out.trim(), err]).toEqual([0, expect.stringMatching(TOKEN), '']);
        });
        it(`MQTT.js gets 71,<jwt> over ${named}`, async () => {
          const device = await enter(call(key, door, version));
          expect(`71,${await tokenOf(device)}`).toMatch(TOKEN);
          await device.client.endAsync();
        });
      }
      itWith('paho')('paho-mqtt gets 71,<jwt> over MQTT 3.1, 3.1.1 and 5', async () => {
        const heard = await paho(VERSIONS.map(([, version]) => ({ ...call(key, door, version), asksForToken: true })));
        expect(heard).toEqual(VERSIONS.map(() => expect.objectContaining({ code: 0, message: expect.stringMatching(TOKEN) })));
      });
    });
  });

  itWith('mosquitto')('mosquitto_sub alone is admitted and may listen', async () => {
    const { code, err } = await run('mosquitto_sub', [...mosquittoOptions(call('P-256', 0, 4)), '-t', 's/dat', '-E']);
    expect([code, err]).toEqual([0, '']);
  });

  itWith('mosquitto', 'stdbuf')('D-15 a second client of the device takes over from mosquitto_sub, which is told so', async () => {
    const first = spawn('stdbuf', ['-oL', 'mosquitto_sub', ...mosquittoOptions(call('P-256', 0, 5)), '-t', 's/dat', '-d'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(first, 'close');
    const said = createInterface({ input: first.stdout });
    const hears = (what: string): Promise<void> => new Promise((resolve) => said.on('line', (line) => line.includes(what) && resolve()));
    const [subscribed, told] = [hears('received SUBACK'), hears('Received DISCONNECT (142)')];
    await subscribed;
    const second = await enter(call('P-256', 1, 5));
    await told;
    first.kill('SIGKILL'); // or it comes again in a second, and takes over itself
    await ended;
    expect(`71,${await tokenOf(second)}`).toMatch(TOKEN);
    await second.client.endAsync();
  });

  it('D-15 the first of two clients of one device hears 0x8E and why, and the second stays', async () => {
    const first = await enter(call('RSA-2048', 0, 5));
    const second = await enter(call('RSA-2048', 1, 5));
    const goodbye = await first.gone;
    expect([goodbye?.reasonCode, goodbye?.properties?.reasonString]).toEqual([0x8e, expect.stringContaining('session.taken-over')]);
    expect(`71,${await tokenOf(second)}`).toMatch(TOKEN);
    await second.client.endAsync();
  });

  it('D-2 a refusal is told by CONNACK: 5 in MQTT 3.1 and 3.1.1, 0x87 with the reason in MQTT 5', async () => {
    const stranger = pki.device(pki.root('/CN=Unknown Root'), '/CN=stranger');
    const refused = await Promise.all(VERSIONS.map(([, version]) => knock({ ...call('P-256', 0, version), certFile: stranger.file, keyFile: stranger.keyFile, clientId: 'stranger' })));
    expect(refused.map(({ code }) => code)).toEqual([5, 5, 0x87]);
    expect(refused[2]!.reason).toMatch(/^tenant\.no-anchor-found: .*Unknown Root/);
  });

  itWith('mosquitto')('mosquitto_sub calls a refusal by its name', async () => {
    const stranger = pki.device(pki.root('/CN=Another Unknown Root'), '/CN=stranger');
    const { code, err } = await run('mosquitto_sub', [...mosquittoOptions({ ...call('P-256', 0, 4), certFile: stranger.file, keyFile: stranger.keyFile }), '-t', 's/dat', '-E']);
    expect([code, err]).toEqual([5, expect.stringContaining('Connection Refused: not authorised')]);
  });
});
