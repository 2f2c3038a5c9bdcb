/** Clients that come in numbers and do nothing useful, at the real program: what they cost is bounded while they are there, and given back when they go. */
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mqttPacket from 'mqtt-packet';
import { aDevice, aRoot, pemChain } from '../support/pki.ts';
import { aWatchedGate, type WatchedGate } from '../support/watched-gate.ts';

const MB = 1024 * 1024;
const AT_ONCE = 300;

describe('floods', () => {
  let gate: WatchedGate;
  beforeAll(async () => {
    gate = await aWatchedGate({ env: { FLEETGATE_CONNECT_TIMEOUT_MS: '60000', FLEETGATE_HANDSHAKE_TIMEOUT_MS: '60000' } });
    const root = await aRoot();
    await gate.main.trusts({ pem: root.certificatePem, fingerprint: '' }, { autoRegistration: true });
  });
  afterAll(() => gate?.remove());

  const closed = (sockets: readonly Socket[]) => Promise.all(sockets.map((socket) => socket.closed || once(socket, 'close')));
  /** Everybody of one round from an address of his own, so that no address is held back. */
  const opened = async (round: number, open: (localAddress: string) => Socket, until: string): Promise<Socket[]> => {
    const sockets = Array.from({ length: AT_ONCE }, (_, i) => open(`127.${1 + round}.${1 + (i >> 7)}.${1 + (i & 127)}`).on('error', () => undefined));
    await Promise.all(sockets.map((socket) => once(socket, until)));
    return sockets;
  };
  const port = () => gate.mqtts[0]!;
  const halfOpen = (localAddress: string): Socket => connectTcp({ host: '127.0.0.1', port: port(), localAddress });
  const silent = (localAddress: string): Socket => connectTls({ host: '127.0.0.1', port: port(), rejectUnauthorized: false, ...{ localAddress } });

  it.each([
    ['M18 clients that stay half open', 'connect', halfOpen, 10],
    ['M18 clients that say nothing after their handshake', 'secureConnect', silent, 60],
  ] as const)('%s cost what they are allowed to, and nothing when they have gone', async (_which, until, open, mostKb) => {
    const round = async (i: number): Promise<number> => {
      const sockets = await opened(i, open, until);
      const { bytes } = await gate.look();
      for (const socket of sockets) socket.destroy();
      await closed(sockets);
      return bytes;
    };
    for (let i = 0; i < 3; i += 1) await round(i); // code, caches and buckets are there now
    const before = (await gate.look()).bytes;
    const during: number[] = [];
    for (let i = 0; i < 6; i += 1) during.push(await round(i % 3));
    const after = (await gate.look()).bytes;
    expect((Math.max(...during) - before) / AT_ONCE / 1024).toBeLessThan(mostKb);
    expect(after - before).toBeLessThan(2 * MB);
  }, 120_000);

  it('M19 devices that ask without end and never read are cut, and leave nothing behind', async () => {
    const ping = Buffer.alloc(2 * 4_000, Buffer.from([0xc0, 0x00]));
    const neverRead = async (name: string): Promise<void> => {
      const device = await aDevice(undefined, { commonName: name });
      const socket = connectTls({ host: '127.0.0.1', port: port(), rejectUnauthorized: false, key: device.keyPem, cert: pemChain(device) });
      socket.on('error', () => undefined);
      await once(socket, 'secureConnect');
      socket.pause();
      socket.write(mqttPacket.generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId: name, keepalive: 60 }));
      const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      for (let sent = 0; sent < 25 && !socket.destroyed; sent += 1) socket.write(ping);
      await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
      socket.destroy();
    };
    const round = (count: number) => Promise.all(Array.from({ length: count }, (_, i) => neverRead(`mute-${i}`)));
    const after: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      await round(30);
      after.push((await gate.look()).bytes);
    }
    // What the first rounds leave is code and caches; what each leaves would grow on.
    expect((after[5]! - after[2]!) / (3 * 30) / 1024).toBeLessThan(10);
  }, 60_000);
});
