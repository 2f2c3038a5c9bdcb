/** What a clock that jumps, and a process that stands still, do to sessions, tokens and certificates. libfaketime moves the time of day of the real program while it runs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import mqttPacket from 'mqtt-packet';
import type { Minted, MintWish } from '../../src/ports/driven/certificate-mint.ts';
import { describeWith, enter, FAKETIME, knock, refusalIn, tokenOf, type Call, type Connected } from '../support/clients.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { aRoot, mint, temporaryDirectory, writePemFiles } from '../support/pki.ts';

jest.setTimeout(60_000);

const HOUR = 3_600;
const DAY = 24 * HOUR;
const directory = temporaryDirectory();
afterAll(() => directory.remove());

describeWith('faketime')('a clock that jumps', () => {
  const clockFile = join(directory.path, 'clock');
  const from = new Date(Date.now() - 3 * DAY * 1000);
  const until = (days: number): Date => new Date(Date.now() + days * DAY * 1000);
  const live: Connected[] = [];
  let gate: OperatedGate;
  let root: Minted;

  /** Seconds from now on, while the program runs. */
  const jump = (seconds: number): void => writeFileSync(clockFile, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  beforeAll(async () => {
    jump(0);
    const faked = { LD_PRELOAD: FAKETIME!, FAKETIME_TIMESTAMP_FILE: clockFile, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1', TZ: 'Europe/Berlin' };
    gate = await anOperatedGate({ env: faked });
    root = await aRoot({ commonName: 'Long Root', notBefore: from, notAfter: until(3650) });
    await gate.main.trusts({ pem: root.certificatePem, fingerprint: '' });
  });
  afterAll(() => gate?.remove());
  afterEach(async () => {
    jump(0);
    for (const { client } of live.splice(0)) await client.endAsync(true);
  });

  const callOf = async (id: string, wish: Partial<MintWish> = {}): Promise<Call> => {
    const { cert, key } = writePemFiles(directory.path, id, await mint.device(root, { commonName: id, notBefore: from, notAfter: until(365), ...wish }));
    return { port: gate.mqtts[0]!, caFile: gate.caFile, certFile: cert, keyFile: key, clientId: id, version: 5 };
  };
  const entered = async (call: Call): Promise<Connected> => {
    const connected = await enter(call);
    live.push(connected);
    return connected;
  };
  const tokenHolds = async (token: string): Promise<boolean> => {
    const answer = await fetch(`http://127.0.0.1:${gate.http}/user/currentUser`, { headers: { authorization: `Bearer ${token}` } });
    await answer.body?.cancel();
    return answer.status === 200;
  };

  it('F18 an hour ahead: sessions go on, a token of before has run out, and a new one holds', async () => {
    const device = await entered(await callOf('press-1'));
    const before = await tokenOf(device);
    expect(await tokenHolds(before)).toBe(true);
    jump(HOUR + 60);
    expect(await tokenHolds(before)).toBe(false);
    expect(await tokenHolds(await tokenOf(device))).toBe(true);
    expect((await knock(await callOf('press-2'))).code).toBe(0);
  });

  it('F18 an hour back: nobody is disconnected, who comes is admitted, and tokens hold', async () => {
    const devices = [await entered(await callOf('press-3')), await entered(await callOf('press-4'))];
    jump(-HOUR);
    const tokens = await Promise.all(devices.map((device) => tokenOf(device)));
    expect(await Promise.all(tokens.map(tokenHolds))).toEqual([true, true]);
    expect((await knock(await callOf('press-5'))).code).toBe(0);
    expect(devices.map(({ client }) => client.connected)).toEqual([true, true]);
  });

  it('F18 four hundred days ahead: a device whose certificate has ended gets no token and does not come in again, another one does; and all is well when the clock is', async () => {
    const [short, long] = [await callOf('press-6'), await callOf('press-7', { notAfter: until(800) })];
    const device = await entered(short);
    jump(400 * DAY);
    expect(await refusedToken(device)).toContain('token.certificate-expired');
    expect(refusalIn((await knock(short)).reason)).toBe('path.outside-validity at depth 0');
    expect(await tokenHolds(await tokenOf(await entered(long)))).toBe(true);
    jump(0);
    expect((await knock(short)).code).toBe(0);
  });

  it('F18 a leap second, and the night in which summer time begins: a session does not notice', async () => {
    const device = await entered(await callOf('press-8'));
    const token = await tokenOf(device);
    jump(-1);
    expect(await tokenHolds(token)).toBe(true);
    jump(Math.round((Date.UTC(2027, 2, 28, 0, 59, 58) - Date.now()) / 1000));
    const ofThatNight = await tokenOf(device);
    await pause(2_500);
    expect(await tokenHolds(ofThatNight)).toBe(true);
    expect((await knock(await callOf('press-9'))).code).toBe(0);
  });
});

/** What is said on `s/e` in place of a token. */
async function refusedToken({ client }: Connected): Promise<string> {
  await client.subscribeAsync(['s/dat', 's/e']);
  const said = new Promise<string>((resolve) => client.once('message', (topic, payload) => resolve(`${topic} ${payload.toString()}`)));
  await client.publishAsync('s/uat', '');
  return said;
}

describe('a process that stands still', () => {
  let gate: OperatedGate;
  beforeAll(async () => {
    gate = await anOperatedGate();
  });
  afterAll(() => gate?.remove());

  it('F21 SIGSTOP and SIGCONT: who pinged meanwhile stays, who was silent is closed, and the door is open at once', async () => {
    const root = await aRoot();
    await gate.main.trusts({ pem: root.certificatePem, fingerprint: '' });
    const [pinging, silent] = [await anOpenSession(gate, root, 'pings'), await anOpenSession(gate, root, 'is-silent')];
    gate.process.kill('SIGSTOP');
    for (let second = 0; second < 5; second++) {
      await pause(1_000);
      pinging.socket.write(mqttPacket.generate({ cmd: 'pingreq' }));
    }
    gate.process.kill('SIGCONT');
    const newcomer = await anOpenSession(gate, root, 'comes');
    await silent.closed;
    pinging.socket.write(mqttPacket.generate({ cmd: 'pingreq' }));
    const answers = pinging.answers();
    await pause(500);
    expect(pinging.socket.readyState).toBe('open');
    expect(pinging.answers()).toBeGreaterThan(answers);
    for (const { socket } of [pinging, newcomer]) socket.destroy();
  });
});

/** A session with a keep-alive of two seconds, and nobody who pings by itself. */
async function anOpenSession(gate: OperatedGate, root: Minted, clientId: string): Promise<{ readonly socket: TLSSocket; readonly closed: Promise<void>; answers(): number }> {
  const { certificatePem: cert, keyPem: key } = await mint.device(root, { commonName: clientId });
  const socket = connect({ host: '127.0.0.1', port: gate.mqtts[0]!, ca: readFileSync(gate.caFile), cert, key });
  let answers = 0;
  socket.on('data', () => (answers += 1)).on('error', () => socket.destroy());
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.once('secureConnect', () => socket.write(mqttPacket.generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId, keepalive: 2 })));
  await new Promise((resolve) => socket.once('data', resolve));
  return { socket, closed, answers: () => answers };
}
