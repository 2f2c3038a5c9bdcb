/** What no client may get from the running program, however it connects. */
import { connect as connectTcp } from 'node:net';
import { readFileSync } from 'node:fs';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mqttPacket, { type IConnackPacket, type Packet } from 'mqtt-packet';
import { describeWith, knock, refusalIn, type Call, type TlsVersion } from '../support/clients.ts';
import { belowRoot, OpensslPki, type Issued } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';

describeWith('openssl')('hostile clients', () => {
  const pki = new OpensslPki();
  let gate: OperatedGate;
  let root: Issued;
  let papers: Pick<Call, 'certFile' | 'keyFile'>;
  beforeAll(async () => {
    gate = await anOperatedGate({ env: { FLEETGATE_MQTT_TCP_PORT: '0' } });
    root = pki.root('/CN=Works Root');
    const { leaf, chain } = belowRoot(pki.device(pki.intermediate(root, '/CN=Works Intermediate'), '/CN=press-7'));
    papers = { certFile: pki.chainFile(chain), keyFile: leaf.keyFile };
    await gate.main.trusts(root);
  });
  afterAll(async () => {
    await gate?.remove();
    pki.remove();
  });

  const call = (): Call => ({ ...papers, port: gate.mqtts[0]!, caFile: gate.caFile, clientId: 'press-7', version: 5 });
  const own = (): ConnectionOptions => ({ cert: readFileSync(papers.certFile), key: readFileSync(papers.keyFile) });

  /** A TLS connection that says CONNECT and hears CONNACK, and the sessions it was given to resume. */
  const overTls = async (options: ConnectionOptions): Promise<{ readonly connack: IConnackPacket; readonly resumed: boolean; readonly tls: string | null; readonly session?: Buffer }> => {
    const socket = connect({ host: '127.0.0.1', port: gate.mqtts[0]!, ca: readFileSync(gate.caFile), ...options });
    const sessions: Buffer[] = [];
    socket.on('session', (session: Buffer) => sessions.push(session));
    await once(socket, 'secureConnect');
    const connack = await connackOn(socket);
    const heard = { connack, resumed: socket.isSessionReused(), tls: socket.getProtocol() };
    const session = sessions.at(-1) ?? socket.getSession();
    socket.destroy();
    return { ...heard, ...(session && { session }) };
  };

  describe.each<TlsVersion>(['TLSv1.2', 'TLSv1.3'])('a saved session of %s', (version) => {
    const at = { minVersion: version, maxVersion: version } as const;
    let session: Buffer;
    beforeAll(async () => {
      await gate.main.changes(root, { status: 'ENABLED' });
      const first = await overTls({ ...own(), ...at });
      expect([first.connack.reasonCode, first.tls, first.session?.length]).toEqual([0, version, expect.any(Number)]);
      session = first.session!;
    });

    it('S02 gives its device a full handshake, and what that gives', async () => {
      const again = await overTls({ ...own(), ...at, session });
      expect([again.resumed, again.connack.reasonCode, again.tls]).toEqual([false, 0, version]);
    });
    it('S02 gives nothing to who shows no certificate with it', async () => {
      const { connack, resumed } = await overTls({ ...at, session });
      expect([resumed, connack.reasonCode, refusalIn(connack.properties!.reasonString!)]).toEqual([false, 0x87, 'chain.absent']);
    });
    it('S02 gives nothing to who shows a certificate of nobody with it', async () => {
      const stranger = pki.device(pki.root('/CN=Unknown Root'), '/CN=press-7');
      const { connack, resumed } = await overTls({ ...at, session, cert: stranger.pem, key: stranger.keyPem });
      expect([resumed, connack.reasonCode, refusalIn(connack.properties!.reasonString!)]).toEqual([false, 0x87, 'tenant.no-anchor-found']);
    });
    it('S02 gives nothing after the trust was withdrawn', async () => {
      await gate.main.changes(root, { status: 'DISABLED' });
      const { connack, resumed } = await overTls({ ...own(), ...at, session });
      await gate.main.changes(root, { status: 'ENABLED' });
      expect([resumed, connack.reasonCode, refusalIn(connack.properties!.reasonString!)]).toEqual([false, 0x87, 'tenant.anchor-disabled at depth 2']);
    });
  });

  it.each<TlsVersion>(['TLSv1.2', 'TLSv1.3'])('S01 over %s a client without a certificate is told 0x87 and why', async (version) => {
    const { connack, tls } = await overTls({ minVersion: version, maxVersion: version });
    expect([connack.reasonCode, refusalIn(connack.properties!.reasonString!), tls]).toEqual([0x87, 'chain.absent', version]);
  });

  it('D-1 the plain TCP port refuses every device, 5 in MQTT 3.1.1 and 0x87 in MQTT 5, for want of a certificate', async () => {
    const [url] = (gate.log.find(({ msg }) => msg.startsWith('Fleetgate is ready'))!['listening'] as string[]).filter((each) => each.startsWith('mqtt:'));
    const heard = [];
    for (const version of [4, 5] as const) {
      const socket = connectTcp(Number(new URL(url!).port), '127.0.0.1');
      const { returnCode, reasonCode, properties } = await connackOn(socket, version);
      heard.push([version === 5 ? reasonCode : returnCode, refusalIn(properties?.reasonString ?? '')]);
      await once(socket.resume(), 'close'); // the server closes
    }
    expect(heard).toEqual([[5, ''], [0x87, 'chain.absent']]);
  });

  it('M27 an address that connects and disconnects without end is held back, others are not, and it gets in again later', async () => {
    let heldBack = false;
    void gate.logged('An address opens connections faster than allowed').then(() => (heldBack = true), () => undefined);
    // The server counts what it accepts, which is less than what the kernel takes for it.
    while (!heldBack) await Promise.all(Array.from({ length: 100 }, () => comeAndGo('127.0.0.77', gate.mqtts[0]!)));
    expect((await knock(call())).code).toBe(0); // from 127.0.0.1
    const again = (): Promise<number | undefined> => overTls({ ...own(), localAddress: '127.0.0.77' } as ConnectionOptions).then(({ connack }) => connack.reasonCode, () => again());
    expect(await again()).toBe(0);
  }, 60_000);
});

/** Says CONNECT as press-7 and resolves with the CONNACK. */
function connackOn(socket: TLSSocket | ReturnType<typeof connectTcp>, version: 4 | 5 = 5): Promise<IConnackPacket> {
  const parser = mqttPacket.parser({ protocolVersion: version });
  const heard = new Promise<IConnackPacket>((resolve, reject) => {
    parser.on('packet', (packet: Packet) => resolve(packet as IConnackPacket));
    socket.once('error', reject).once('close', () => reject(new Error('the server closed without a CONNACK')));
  });
  socket.on('data', (bytes: Buffer) => void parser.parse(bytes));
  socket.write(mqttPacket.generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: version, clean: true, clientId: 'press-7', keepalive: 60 }));
  return heard;
}

/** A TCP connection that closes as soon as it stands. */
function comeAndGo(localAddress: string, port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host: '127.0.0.1', port, localAddress });
    socket.once('connect', () => socket.destroy()).once('error', () => socket.destroy()).once('close', () => resolve());
  });
}
