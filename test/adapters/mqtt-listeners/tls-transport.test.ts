import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { connect, type SecureVersion, type TLSSocket } from 'node:tls';
import { keyBlock } from '../../support/key-armour.ts';
import { aDevice, anIntermediate, aRoot, mint, pemChain } from '../../support/pki.ts';
import type { Minted } from '../../../src/ports/driven/certificate-mint.ts';
import { connectAndBeGreeted, connectTls, openListeners, type Listeners } from './open-listeners.ts';
import { sClient } from './openssl.ts';

const VERSIONS: readonly SecureVersion[] = ['TLSv1.2', 'TLSv1.3'];
const only = (version: SecureVersion) => ({ minVersion: version, maxVersion: version });
const hex = (chain: readonly Uint8Array[]): string[] => chain.map((der) => Buffer.from(der).toString('hex').slice(0, 120));
const serverProtocol = ({ served }: Listeners, index = 0): string | null => served[index]!.protocol;

let root: Minted;
let middle: Minted;
let device: Minted;
let stranger: Minted;
beforeAll(async () => {
  root = await aRoot();
  middle = await anIntermediate(root);
  device = await aDevice(middle);
  stranger = await aRoot({ commonName: 'A Stranger' });
});

const open: AsyncDisposable[] = [];
const listeners = async (...wish: Parameters<typeof openListeners>): Promise<Listeners> => {
  const opened = await openListeners(...wish);
  open.push(opened);
  return opened;
};
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

describe.each(VERSIONS)('over %s, a TLS listener', (version) => {
  it.each([
    ['the leaf alone', () => [device]],
    ['leaf and intermediate', () => [device, middle]],
    ['leaf, intermediate and root', () => [device, middle, root]],
    ['the issuers in the wrong order', () => [device, root, middle]],
    ['a stranger in between', () => [device, stranger, root, middle]],
    ['the same certificate twice', () => [device, middle, middle, root]],
    ['the leaf once more at the end', () => [device, middle, root, device]],
  ])('REQ-1 hands on the certificates exactly as sent: %s', async (_shape, certificates) => {
    const { port, served, servedBy, door } = await listeners();
    const sent = certificates();
    const client = await connectAndBeGreeted(port, { ...only(version), key: device.keyPem, cert: sent.map((c) => c.certificatePem).join('') });
    await servedBy(1);
    const { chain, wholeChain } = served[0]!.peer;
    expect(hex(wholeChain?.() ?? chain)).toEqual(hex(sent.map(({ der }) => der)));
    expect(hex(chain)[0]).toBe(hex([device.der])[0]);
    expect(served[0]!.peer).toMatchObject({ from: '127.0.0.1', transport: 'tls' });
    expect(served[0]!.peer.handshakeBytes).toBeGreaterThan(sent.reduce((sum, { der }) => sum + der.length, 0));
    expect(served[0]!.protocol).toBe(version);
    client.destroy();
    await door.stop(0);
  });

  it('S01 lets a client without a certificate through with an empty chain, for the domain to refuse', async () => {
    const opened = await listeners();
    await connectAndBeGreeted(opened.port, only(version));
    expect(opened.served.map(({ peer }) => peer.chain)).toEqual([[]]);
    expect(serverProtocol(opened)).toBe(version);
  });

  it.each([
    ['RSA of 1024 bits', { broken: 'weak-rsa' as const }],
    ['a SHA-1 signature', { broken: 'sha1' as const }],
    ['an expired certificate', { broken: 'expired' as const }],
  ])('judges no certificate, so that the domain can say why: %s', async (_fault, wish) => {
    const opened = await listeners();
    const odd = await aDevice(root, wish);
    const client = await connectAndBeGreeted(opened.port, { ...only(version), key: odd.keyPem, cert: odd.certificatePem, ciphers: 'DEFAULT@SECLEVEL=0' });
    expect(hex(opened.served[0]!.peer.chain)).toEqual(hex([odd.der]));
    expect(client.getProtocol()).toBe(version);
  });

  it.each(['p384', 'p521', 'rsa2048', 'ed25519'] as const)('takes a device with a key of kind %s', async (key) => {
    const opened = await listeners();
    const other = await aDevice(root, { key });
    await connectAndBeGreeted(opened.port, { ...only(version), key: other.keyPem, cert: other.certificatePem });
    expect(hex(opened.served[0]!.peer.chain)).toEqual(hex([other.der]));
    expect(serverProtocol(opened)).toBe(version);
  });

  it('names no issuers when it asks for the certificate, or Java clients would send none', async () => {
    const { port } = await listeners();
    const { stdout } = await sClient(port, [version === 'TLSv1.2' ? '-tls1_2' : '-tls1_3']);
    expect(stdout).toContain('No client certificate CA names sent');
    expect(stdout).toContain(`New, ${version}, Cipher`);
  });

  it.each([
    ['with tickets', {}],
    ['without tickets', { secureOptions: 0x4000 }], // SSL_OP_NO_TICKET at the client
  ])('S02 resumes no session, whatever a client has saved: %s', async (_how, options) => {
    const opened = await listeners();
    const credentials = { ...only(version), ...options, key: device.keyPem, cert: pemChain(device) };
    const saved: Buffer[] = [];
    const first = await connectTls(opened.port, credentials);
    first.on('session', (session) => saved.push(session));
    const [greeting] = (await once(first, 'data')) as [Buffer];
    expect(greeting.toString()).toBe('ok');
    const session = saved.at(-1) ?? first.getSession();
    first.destroy();
    expect(session).toBeDefined();

    for (const [again, chain] of [[credentials, 3], [{ ...only(version), ...options }, 0]] as const) {
      const second = await connectAndBeGreeted(opened.port, { ...again, session: session! });
      expect(second.isSessionReused()).toBe(false);
      const { stream, peer, protocol } = opened.served.at(-1)!;
      expect((stream as TLSSocket).isSessionReused()).toBe(false);
      expect(protocol).toBe(version);
      expect(peer.chain).toHaveLength(chain);
    }
  });

  it('S08 gives an alert to a client that signs with another key than its certificate has', async () => {
    const opened = await listeners();
    const other = await mint.device(root, { commonName: 'press-7' });
    const key = keyWithForeignScalar(device.keyPem, other.keyPem);
    const client = connect({ port: opened.port, host: '127.0.0.1', rejectUnauthorized: false, ...only(version), key, cert: pemChain(device) });
    const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/^ERR_SSL_.*ALERT_DECRYPT_ERROR$/);
    const { facts } = await opened.logged('handshake-failed');
    expect(facts['reason']).toMatch(/^ERR_SSL_(BAD|PROVIDER)_SIGNATURE/); // the name differs with the release of OpenSSL
    expect(opened.served).toEqual([]);
  });

  it('S12 ignores what a client offers by ALPN, and chooses nothing', async () => {
    const opened = await listeners();
    for (const ALPNProtocols of [['h2'], ['x'], ['mqtt', 'http/1.1']]) {
      const client = await connectAndBeGreeted(opened.port, { ...only(version), ALPNProtocols });
      expect(client.alpnProtocol).toBe(false);
    }
    expect(opened.served).toHaveLength(3);
  });

  it('hands on a server name as it was sent, and none where none was sent', async () => {
    const opened = await listeners();
    await connectAndBeGreeted(opened.port, { ...only(version), servername: 'Fleet.Example.ORG' });
    await connectAndBeGreeted(opened.port, only(version));
    expect(opened.served.map(({ peer }) => peer.serverName)).toEqual(['Fleet.Example.ORG', undefined]);
    expect('serverName' in opened.served[1]!.peer).toBe(false);
  });

  it('S14 shows a new certificate to the next connection, and leaves the open ones alone', async () => {
    const opened = await listeners();
    const before = await connectAndBeGreeted(opened.port, only(version));
    const next = await mint.server(await aRoot(), ['next.example'], { commonName: 'next.example' });
    opened.changeCredential(next);
    const after = await connectAndBeGreeted(opened.port, { ...only(version), key: device.keyPem, cert: pemChain(device) });
    expect(after.getPeerX509Certificate()!.raw.equals(next.der)).toBe(true);
    expect(before.getPeerX509Certificate()!.raw.equals(next.der)).toBe(false);
    expect(before.destroyed).toBe(false);
    expect(opened.served[1]!.peer.chain).toHaveLength(3);
    expect((await sClient(opened.port, [])).stdout).toContain('No client certificate CA names sent');
  });
});

/** A P-256 key in PKCS#8 that claims the public key of one and signs with the scalar of another. OpenSSL loads it without checking. */
function keyWithForeignScalar(claims: string, signsWith: string): string {
  const der = (pem: string): Buffer => createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
  const scalarOf = (pem: string): Buffer => Buffer.from(createPrivateKey(pem).export({ format: 'jwk' }).d!, 'base64url');
  const whole = der(claims);
  const at = whole.indexOf(scalarOf(claims));
  scalarOf(signsWith).copy(whole, at);
  const pem = keyBlock(whole.toString('base64'));
  const same = createPublicKey(pem).export({ format: 'der', type: 'spki' }).equals(createPublicKey(claims).export({ format: 'der', type: 'spki' }));
  if (!same) throw new Error('the key no longer claims the public key of the certificate');
  return pem;
}
