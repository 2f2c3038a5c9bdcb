import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Connection } from '../../../src/adapters/mqtt/connection.ts';
import { listenerLimits } from '../../../src/adapters/tls/listener-limits.ts';
import { TlsHandshakes } from '../../../src/adapters/tls/tls-handshakes.ts';
import { tlsOptions } from '../../../src/adapters/tls/tls-options.ts';
import { TurnedAwayLog } from '../../../src/adapters/tls/turned-away-log.ts';
import { aServer } from '../../support/pki.ts';
import { connectAndBeGreeted, connectRaw, greet, openListeners, type Listeners, type Wish } from './open-listeners.ts';

const open: AsyncDisposable[] = [];
const listeners = async (wish?: Wish): Promise<Listeners> => {
  const opened = await openListeners(wish);
  open.push(opened);
  return opened;
};
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
});

describe('the TLS options', () => {
  it('name no CA and no older TLS than 1.2, and judge no certificate', () => {
    const options = tlsOptions({ cert: 'c', key: 'k' });
    expect(options).toMatchObject({ ca: [], minVersion: 'TLSv1.2', requestCert: true, rejectUnauthorized: false });
    expect(options).not.toHaveProperty('ALPNProtocols');
  });
});

describe('a connection whose handshake waits', () => {
  it('S11 ends nothing but itself when its socket fails', async () => {
    const { certificatePem: cert, keyPem: key } = await aServer();
    const credential = { cert, key, names: [], notAfter: new Date() };
    const handshakes = new TlsHandshakes({
      credentials: { current: () => credential, onChange: () => () => undefined },
      turnedAway: new TurnedAwayLog({ log: { info: () => undefined, warn: () => undefined, error: () => undefined } }),
      limits: { ...listenerLimits({ handshakesInFlight: 1, handshakesPerAddress: 1, handshakeTimeoutMs: 5_000 }) },
      onPeer: () => undefined,
    });
    const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted: Socket[] = [];
    for (let i = 0; i < 2; i += 1) {
      connect(portOf(server), '127.0.0.1').on('error', () => undefined);
      accepted.push(((await once(server, 'connection')) as [Socket])[0]);
      handshakes.accept(accepted[i]!);
    }
    expect(handshakes.counts()).toMatchObject({ running: 1, waiting: 1 });
    const gone = new Promise((resolve) => accepted[1]!.once('close', resolve));
    accepted[1]!.emit('error', new Error('EPIPE'));
    await gone;
    expect(handshakes.counts()).toMatchObject({ running: 1, waiting: 0 });
    expect(accepted[1]!.bytesRead).toBe(0);
    handshakes.close();
    await close(server);
  });
});

describe('the MQTT listeners', () => {
  it('say where they listen, one line for a port', async () => {
    const opened = await listeners({ settings: { mqttTlsPorts: [0, 0], mqttTcpPort: 0 } });
    const { tls, tcp } = opened.door.ports();
    expect(opened.lines).toEqual([`mqtts://127.0.0.1:${tls[0]}`, `mqtts://127.0.0.1:${tls[1]}`, `mqtt://127.0.0.1:${tcp}`]);
    await connectAndBeGreeted(tls[0]!);
    await connectAndBeGreeted(tls[1]!);
    expect(opened.served).toHaveLength(2);
  });

  it('listen on all interfaces, IPv6 and IPv4, when no address is set', async () => {
    const opened = await listeners({ settings: { bind: '' } });
    expect(opened.lines[0]).toMatch(/^mqtts:\/\/(\[::\]|0\.0\.0\.0):\d+$/);
    await connectAndBeGreeted(opened.port);
    expect(opened.served[0]!.peer.from).toBe('127.0.0.1');
  });

  it('have no plain TCP unless it is asked for', async () => {
    expect((await listeners()).door.ports()).not.toHaveProperty('tcp');
  });

  it('hand on a plain TCP connection without a chain, for the domain to refuse', async () => {
    const opened = await listeners({ settings: { mqttTlsPorts: [], mqttTcpPort: 0 } });
    const socket = connect(opened.door.ports().tcp!, '127.0.0.1');
    await once(socket, 'data');
    expect(opened.served[0]!.peer).toEqual({ chain: [], handshakeBytes: 0, from: '127.0.0.1', transport: 'tcp', connection: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(opened.served[0]!.protocol).toBeNull();
    socket.destroy();
  });

  it('M27 turn away an address that connects too often by plain TCP', async () => {
    const opened = await listeners({ settings: { mqttTlsPorts: [], mqttTcpPort: 0 }, limits: { allowance: { perSecond: 0.001, burst: 1 } } });
    const { tcp } = opened.door.ports();
    const first = connect(tcp!, '127.0.0.1');
    await once(first, 'data');
    const { closed, received } = await connectRaw(tcp!);
    await closed;
    expect(received).toEqual([]);
    first.destroy();
  });

  it.each([
    ['mqttTlsPorts', 'FLEETGATE_MQTT_TLS_PORTS', (free: number, taken: number) => ({ mqttTlsPorts: [free, taken] })],
    ['mqttTcpPort', 'FLEETGATE_MQTT_TCP_PORT', (free: number, taken: number) => ({ mqttTlsPorts: [free], mqttTcpPort: taken })],
  ])('do not start when a port of %s is taken, say which setting to change, and leave none open', async (_name, setting, settings) => {
    const [free, taken] = [await listenAnywhere(), await listenAnywhere()];
    const [freePort, port] = [portOf(free), portOf(taken)];
    await close(free);
    await expect(openListeners({ settings: settings(freePort, port) })).rejects.toThrow(
      `Cannot listen on port ${port} of 127.0.0.1: another program uses it (EADDRINUSE). Stop that program, or set ${setting} to a free port.`,
    );
    await close(taken);
    await expect(connectRaw(freePort)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('do not start on an address that this machine does not have, and say so', async () => {
    await expect(openListeners({ settings: { bind: '192.0.2.1' } })).rejects.toThrow(/no such address \(EADDRNOTAVAIL\)\. Set FLEETGATE_BIND/);
  });

  it('when stopped, ask every connection to end and wait for it', async () => {
    let asked = 0;
    const opened = await listeners({
      serve: (stream): Connection => {
        const connection = greet(stream);
        return {
          closed: connection.closed,
          shutDown: () => {
            asked += 1;
            stream.end('bye');
          },
        };
      },
    });
    const client = await connectAndBeGreeted(opened.port);
    const last = once(client, 'data');
    await opened.door.stop(5_000);
    expect(String((await last)[0])).toBe('bye');
    expect(asked).toBe(1);
    await expect(connectRaw(opened.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('when stopped, cut what has not ended in the time of grace, and handshakes at once', async () => {
    const opened = await listeners({ serve: (stream) => ({ ...greet(stream), shutDown: () => undefined }) });
    const client = await connectAndBeGreeted(opened.port);
    const { closed } = await connectRaw(opened.port);
    const gone = new Promise((resolve) => client.once('close', resolve));
    await opened.door.stop(50);
    await Promise.all([gone, closed]);
    expect(opened.served[0]!.stream.destroyed).toBe(true);
  });

  it('can be stopped twice, and a connection that never says that it closed does not keep them', async () => {
    const opened = await listeners({ serve: (stream) => ({ ...greet(stream), closed: new Promise<void>(() => undefined) }) });
    await connectAndBeGreeted(opened.port);
    await Promise.all([opened.door.stop(20), opened.door.stop(20)]);
  });

  it('outlive a connection that cannot be served', async () => {
    let first = true;
    const opened = await listeners({
      serve: (stream) => {
        if (first) {
          first = false;
          throw new Error('a defect');
        }
        return greet(stream);
      },
    });
    const { socket, closed } = await connectRaw(opened.port);
    socket.destroy();
    await closed;
    await expect(connectAndBeGreeted(opened.port)).rejects.toBeDefined();
    await connectAndBeGreeted(opened.port);
    expect(opened.log.filter(({ level }) => level === 'error')).toHaveLength(1);
  });
});

async function listenAnywhere(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const close = (server: Server): Promise<unknown> => new Promise((resolve) => server.close(resolve));
