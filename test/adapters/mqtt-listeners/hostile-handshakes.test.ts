import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { connect, type SecureVersion } from 'node:tls';
import { der, derBits, derOid, partsOf, TAG } from '../../../src/adapters/pki/mint/der-writer.ts';
import type { Minted } from '../../../src/ports/driven/certificate-mint.ts';
import { aDevice, anIntermediate, aRoot, pemChain } from '../../support/pki.ts';
import { connectAndBeGreeted, connectRaw, connectTls, openListeners, type Listeners, type Wish } from './open-listeners.ts';
import { floodWithKeyUpdates, sClient } from './openssl.ts';
import { ALERT, changeMessage, HANDSHAKE, message, recordBytes, tamperingProxy, withExtension, type Tamper, type TamperingProxy } from './tampering-proxy.ts';

const CLIENT_HELLO = 1;
const CERTIFICATE = 11;
const CERTIFICATE_VERIFY = 15;
const TLS12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
const TLS13 = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } as const;

let root: Minted;
let device: Minted;
beforeAll(async () => {
  root = await aRoot();
  device = await aDevice(await anIntermediate(root));
});

const open: AsyncDisposable[] = [];
const listeners = async (wish?: Wish): Promise<Listeners> => {
  const opened = await openListeners(wish);
  open.push(opened);
  return opened;
};
const proxy = async (target: number, tamper: Tamper): Promise<TamperingProxy> => {
  const opened = await tamperingProxy(target, tamper);
  open.push(opened);
  return opened;
};
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

/** Runs a handshake that is to fail, and resolves when the client's end is closed. */
async function attempt(port: number, options: object): Promise<void> {
  const client = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  client.on('error', () => undefined);
  await closing(client);
}

/** `once(…, 'close')` would reject on the error that comes before. */
const closing = (socket: Duplex): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

/** After everything that was done to it, the listener still serves a good client. */
async function expectStillServes({ port, served }: Listeners, before = 0): Promise<void> {
  expect(served).toHaveLength(before);
  const good = await connectAndBeGreeted(port, { key: device.keyPem, cert: pemChain(device) });
  expect(served.at(-1)!.peer.chain).toHaveLength(3);
  good.destroy();
}

describe('a TLS listener under a hostile peer', () => {
  it('S03 refuses to renegotiate', async () => {
    const opened = await listeners();
    const { stderr } = await sClient(opened.port, ['-tls1_2'], 'R\n');
    expect(stderr).toContain('RENEGOTIATING');
    expect(stderr).toContain('no renegotiation');
    expect(opened.served.map(({ protocol }) => protocol)).toEqual(['TLSv1.2']);
  });

  it('S05 never acts on 0-RTT data', async () => {
    const opened = await listeners();
    const early = recordBytes({ type: 23, fragment: Buffer.from('\x10\x0eearly connect!') });
    for (const announced of [true, false]) {
      const { port } = await proxy(opened.port, (record, index) => {
        if (index !== 0) return recordBytes(record);
        const hello = announced ? changeMessage(record, CLIENT_HELLO, (body) => withExtension(body, 42, Buffer.alloc(0))) : record;
        return Buffer.concat([recordBytes(hello), early]);
      });
      await attempt(port, TLS13);
    }
    await expectStillServes(opened);
  });

  it.each([
    ['the longest', 'a'.repeat(255), 'a'.repeat(255)],
    ['another tenant’s', 'other-tenant.example', 'other-tenant.example'],
    ['with a control character', 'fleet\u0001.example', undefined],
    ['with a line break', 'fleet\r\nexample', undefined],
  ])('S06 takes a server name as it is, or for none: %s', async (_kind, servername, handedOn) => {
    const opened = await listeners();
    await connectAndBeGreeted(opened.port, { servername });
    expect(opened.served[0]!.peer.serverName).toBe(handedOn);
  });

  it.each([
    ['with NUL inside', serverNameList('fleet\0.example')],
    ['of 256 bytes', serverNameList('a'.repeat(256))],
    ['of 60,000 bytes', serverNameList('a'.repeat(60_000))],
    ['empty', serverNameList('')],
    ['with a length that lies', Buffer.from([0xff, 0xff, 0, 0, 3, 0x61, 0x62, 0x63])],
    ['of an unknown kind', Buffer.from([0, 6, 9, 0, 3, 0x61, 0x62, 0x63])],
  ])('S06 survives a server name %s', async (_kind, data) => {
    const opened = await listeners();
    const { port } = await proxy(opened.port, (record, index) =>
      recordBytes(index === 0 ? changeMessage(record, CLIENT_HELLO, (body) => withExtension(body, 0, data)) : record));
    await attempt(port, TLS13);
    await expectStillServes(opened);
  });

  it.each([['TLS 1.0', '-tls1'], ['TLS 1.1', '-tls1_1']])('S07 refuses %s with an alert', async (_name, option) => {
    const opened = await listeners();
    const { stderr, code } = await sClient(opened.port, [option, '-cipher', 'ALL:@SECLEVEL=0']);
    expect(code).toBe(1);
    expect(stderr).toContain('alert protocol version');
    expect((await opened.logged('handshake-failed')).facts).toMatchObject({ from: '127.0.0.1', reason: 'ERR_SSL_UNSUPPORTED_PROTOCOL' });
    await expectStillServes(opened);
  });

  it('S07 closes on an SSLv2 hello', async () => {
    const opened = await listeners();
    const { socket, closed } = await connectRaw(opened.port);
    socket.write(Buffer.from('802e0100020015000000100100800200800300800400800500800600400700c0', 'hex'));
    socket.write(randomBytes(16));
    await closed;
    await expectStillServes(opened);
  });

  it.each([TLS12, TLS13])('S07 a ClientHello in records of one byte is served or closed, and hurts nobody ($minVersion)', async (options) => {
    const opened = await listeners({ limits: { handshakeTimeoutMs: 2_000 } });
    const { port } = await proxy(opened.port, (record, index) => recordBytes(record, index === 0 ? 1 : undefined));
    const client = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
    client.on('error', () => undefined);
    await Promise.race([new Promise((resolve) => client.once('data', resolve)), closing(client)]);
    client.destroy();
    await expectStillServes(opened, opened.served.length);
  });

  it('S07 closes on a ClientHello of more than 16 KiB', async () => {
    const opened = await listeners();
    const { port } = await proxy(opened.port, (record, index) =>
      recordBytes(index === 0 ? changeMessage(record, CLIENT_HELLO, (body) => withExtension(body, 0x7a7a, Buffer.alloc(60_000))) : record));
    await attempt(port, TLS13);
    await expectStillServes(opened);
  });

  it('S08 gives an alert on a CertificateVerify that was changed on its way', async () => {
    const opened = await listeners();
    const { port, fromServer } = await proxy(opened.port, (record, index) =>
      recordBytes(record.type === HANDSHAKE && index > 0 ? changeMessage(record, CERTIFICATE_VERIFY, flipLast) : record));
    await attempt(port, { ...TLS12, key: device.keyPem, cert: pemChain(device) });
    expect(fromServer.filter(({ type }) => type === ALERT).map(({ fragment }) => [...fragment])).toEqual([[2, 51]]); // fatal, decrypt_error
    await expectStillServes(opened);
  });

  it.each([
    ['a point that is not on the curve', () => Buffer.from(device.der), (certificate: Buffer) => spoilPoint(certificate)],
    ['an RSA key of 16,384 bits', () => rsaCertificate(2048, 65537), (certificate: Buffer) => certificate],
    ['an RSA key with exponent 1', () => rsaCertificate(256, 1), (certificate: Buffer) => certificate],
  ])('S09 refuses in the handshake, and fast, a certificate with %s', async (_fault, base, spoil) => {
    const opened = await listeners();
    const { port, fromServer } = await proxy(opened.port, (record, index) =>
      recordBytes(record.type === HANDSHAKE && index > 0 ? changeMessage(record, CERTIFICATE, () => certificateList([spoil(base())])) : record));
    const cpu = process.cpuUsage();
    await attempt(port, { ...TLS12, key: device.keyPem, cert: pemChain(device) });
    const { user, system } = process.cpuUsage(cpu);
    expect(fromServer.some(({ type, fragment }) => type === ALERT && fragment[0] === 2)).toBe(true);
    expect((user + system) / 1000).toBeLessThan(500); // ms, client, proxy and server together
    await expectStillServes(opened);
  });

  it('S04 serves others beside a client that asks for new keys without end, gathers nothing, and asks no client for a certificate later', async () => {
    const opened = await listeners();
    const [flood] = await Promise.all([floodWithKeyUpdates(opened.port, 1_000), (async () => {
      for (let i = 0; i < 20; i += 1) (await connectAndBeGreeted(opened.port)).destroy();
    })()]);
    const stream = opened.served.find(({ protocol, stream }) => protocol === 'TLSv1.3' && !stream.destroyed)!.stream;
    expect([stream.readableLength, stream.writableLength]).toEqual([0, 0]);
    await flood.end();
    await expectStillServes(opened, 21);
  });

  it('S13 refuses a client that has only cipher suites without authenticated encryption or fresh keys', async () => {
    const opened = await listeners();
    for (const ciphers of ['ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES256-SHA', 'AES128-GCM-SHA256:@SECLEVEL=0', 'eNULL:@SECLEVEL=0']) {
      await attempt(opened.port, { ...TLS12, ciphers });
    }
    await expectStillServes(opened);
  });

  it('S13 uses neither compression nor a heartbeat', async () => {
    const opened = await listeners();
    const { stdout } = await sClient(opened.port, ['-tls1_2', '-comp', '-tlsextdebug']);
    expect(stdout).toContain('Compression: NONE');
    expect(stdout).not.toContain('heartbeat');
  });

  it.each<SecureVersion>(['TLSv1.2', 'TLSv1.3'])('S15 gives an alert on a Certificate message of more than 100 KiB over %s', async (version) => {
    const opened = await listeners();
    await attempt(opened.port, { minVersion: version, maxVersion: version, key: device.keyPem, cert: bag(device, 102 * 1024) });
    expect((await opened.logged('handshake-failed')).facts['reason']).toMatch(/EXCESSIVE_MESSAGE_SIZE/);
    await expectStillServes(opened);
  });

  it.each<SecureVersion>(['TLSv1.2', 'TLSv1.3'])('X17 does not look at a chain of 90 KiB, and lets the domain refuse it by its bytes, over %s', async (version) => {
    const opened = await listeners();
    await connectAndBeGreeted(opened.port, { minVersion: version, maxVersion: version, key: device.keyPem, cert: bag(device, 90 * 1024) });
    const { peer, protocol } = opened.served[0]!;
    expect(peer.chain).toEqual([]);
    expect(peer.handshakeBytes).toBeGreaterThan(90 * 1024);
    expect(protocol).toBe(version);
  });

  it('X17 reads no more than 21 certificates of a long chain', async () => {
    const opened = await listeners();
    const short = await aDevice(root, { commonName: 'x' });
    await connectAndBeGreeted(opened.port, { key: short.keyPem, cert: Array(60).fill(short.certificatePem).join('') });
    expect(opened.served[0]!.peer.handshakeBytes).toBeLessThan(32 * 1024);
    expect(opened.served[0]!.peer.chain.length).toBeLessThanOrEqual(21);
    expect(opened.served[0]!.peer.wholeChain!()).toHaveLength(21);
  });

  it.each([
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['a WebSocket upgrade', Buffer.from('GET /mqtt HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')],
    ['a PROXY header, version 1', Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 1 1884\r\n')],
    ['a PROXY header, version 2', Buffer.from('0d0a0d0a000d0a515549540a2111000cc0000201c00002020001075c', 'hex')],
    ['MQTT without TLS', Buffer.from('101000044d5154540402003c000470726573'.concat('73'), 'hex')],
    ['chance', randomBytes(64).fill(0xff, 0, 1)],
  ])('M26 closes on %s at the TLS port', async (_what, bytes) => {
    const opened = await listeners();
    const { socket, closed } = await connectRaw(opened.port);
    socket.write(bytes);
    await closed;
    await expectStillServes(opened);
  });

  it('M26 takes TLS inside of TLS for what it is: bytes that the MQTT connection refuses', async () => {
    const opened = await listeners();
    const outer = await connectTls(opened.port);
    await once(outer, 'data');
    const inner = connect({ socket: outer, rejectUnauthorized: false });
    inner.on('error', () => undefined);
    const [first] = (await once(opened.served[0]!.stream, 'data')) as [Buffer];
    expect(first[0]).toBe(HANDSHAKE);
    inner.destroy();
  });
});

function serverNameList(name: string): Buffer {
  const bytes = Buffer.from(name, 'latin1');
  const head = Buffer.alloc(5);
  head.writeUInt16BE(bytes.length + 3, 0);
  head.writeUInt16BE(bytes.length, 3);
  return Buffer.concat([head, bytes]);
}

/** The device, and then its certificate again and again until the list has more than `bytes`. */
const bag = ({ certificatePem, der: { length } }: Minted, bytes: number): string => certificatePem.repeat(Math.ceil(bytes / length));

function flipLast(body: Buffer): Buffer {
  body[body.length - 1]! ^= 1;
  return body;
}

/** The body of a TLS 1.2 Certificate message (RFC 5246 §7.4.2). */
function certificateList(certificates: readonly Buffer[]): Buffer {
  const withoutType = (bytes: Buffer): Buffer => message(0, bytes).subarray(1);
  return withoutType(Buffer.concat(certificates.map(withoutType)));
}

/** Changes one bit of the y of the public point: of all y, only two belong to an x. */
function spoilPoint(certificate: Buffer): Buffer {
  const at = certificate.indexOf(Buffer.from('03420004', 'hex'));
  certificate[at + 4 + 63]! ^= 1;
  return certificate;
}

/** A certificate whose public key nobody has; its signature is the device's. */
function rsaCertificate(bytes: number, exponent: number): Buffer {
  const modulus = randomBytes(bytes);
  modulus[0]! |= 0x80;
  modulus[bytes - 1]! |= 1;
  const e = Buffer.from(exponent === 1 ? '01' : '010001', 'hex');
  const key = der(TAG.sequence, der(TAG.integer, Buffer.from([0]), modulus), der(TAG.integer, e));
  const spki = der(TAG.sequence, der(TAG.sequence, derOid('1.2.840.113549.1.1.1'), Buffer.from('0500', 'hex')), derBits(key));
  const [tbs, algorithm, signature] = partsOf(Buffer.from(device.der));
  const fields = partsOf(tbs!);
  return der(TAG.sequence, der(TAG.sequence, ...fields.slice(0, 6), spki, ...fields.slice(7)), algorithm!, signature!);
}
