import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { PeculiarCertificateMint } from '../../../src/adapters/pki/mint/peculiar-certificate-mint.ts';
import type { KeyWish } from '../../../src/ports/driven/certificate-mint.ts';
import { after, DAY, FixedClock, NOW } from '../../support/certificate-builders.ts';
import { aDevice, anIntermediate, aRoot, aServer, mint, pemChain } from '../../support/pki.ts';
import { factsOf } from './read-back.ts';

const x509 = ({ der }: { readonly der: Uint8Array }): X509Certificate => new X509Certificate(der);
const [SKI, AKI] = ['2.5.29.14', '2.5.29.35'];

describe('A certificate from the mint', () => {
  it('carries what a device needs, and no more', async () => {
    const { [SKI!]: _own, [AKI!]: _issuer, ...extensions } = factsOf(await aDevice()).extensions;
    expect(extensions).toEqual({ '2.5.29.15': 'critical 03020780', '2.5.29.37': '300a06082b06010505070302' });
  });

  it.each([
    ['root', () => aRoot()],
    ['intermediate', () => anIntermediate()],
  ])('carries what a CA needs, and no more: %s', async (_kind, ca) => {
    const { [SKI!]: _own, [AKI!]: _issuer, ...extensions } = factsOf(await ca()).extensions;
    expect(extensions).toEqual({ '2.5.29.19': 'critical 30030101ff', '2.5.29.15': 'critical 03020106' });
  });

  it('carries the number of CAs that may stand below it, when that is wished', async () => {
    expect(factsOf(await anIntermediate(undefined, { pathLength: 3 })).extensions['2.5.29.19']).toBe('critical 30060101ff020103');
  });

  it('names a server by DNS names and IP addresses', async () => {
    const server = x509(await aServer(undefined, ['gate.example.com', '127.0.0.1', '::1']));
    expect(server.subjectAltName).toBe('DNS:gate.example.com, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
    expect(server.checkHost('gate.example.com')).toBe('gate.example.com');
    expect(server.checkIP('::1')).toBe('::1');
  });

  it('is for TLS servers alone when it is a server’s, and has a P-256 key', async () => {
    const { key, extensions } = factsOf(await aServer());
    expect([key, extensions['2.5.29.37']]).toEqual(['ec prime256v1', '300a06082b06010505070301']);
  });

  it('chains to its issuer by name, by key identifier and by signature, up to the root', async () => {
    const device = await aDevice(await anIntermediate());
    const [leaf, intermediate, root] = device.path.map(x509);
    expect([leaf!.checkIssued(intermediate!), intermediate!.checkIssued(root!), root!.checkIssued(root!)]).toEqual([true, true, true]);
    expect(device.path.map((minted) => factsOf(minted).signedByIssuer)).toEqual([true, true, true]);
    const ids = device.path.map((minted) => factsOf(minted).extensions);
    expect(ids[0]![AKI!]!.slice(-40)).toBe(ids[1]![SKI!]!.slice(-40));
  });

  it.each<[KeyWish, string, string]>([
    ['p256', 'ec prime256v1', '1.2.840.10045.4.3.2'],
    ['p384', 'ec secp384r1', '1.2.840.10045.4.3.3'],
    ['p521', 'ec secp521r1', '1.2.840.10045.4.3.4'],
    ['rsa2048', 'rsa 2048', '1.2.840.113549.1.1.11'],
    ['rsa4096', 'rsa 4096', '1.2.840.113549.1.1.11'],
    ['ed25519', 'ed25519', '1.3.101.112'],
  ])('has the key that was wished, and signs by a hash as strong: %s', async (wish, key, signature) => {
    const root = await aRoot({ key: wish });
    const facts = factsOf(root);
    expect([facts.key, facts.signature, facts.signedByIssuer]).toEqual([key, signature, true]);
    expect(factsOf(await aDevice(root))).toMatchObject({ signature, signedByIssuer: true });
    expect(createPublicKey(createPrivateKey(root.keyPem)).equals(x509(root).publicKey)).toBe(true);
  });

  it('is the same certificate in PEM and in DER, PEM lines being 64 characters', async () => {
    const { certificatePem, der } = await aDevice();
    expect(new X509Certificate(certificatePem).raw).toEqual(Buffer.from(der));
    expect(Math.max(...certificatePem.split('\n').map(({ length }) => length))).toBe(64);
  });

  it('lists itself and its issuers, leaf first', async () => {
    const [root, intermediate] = [await aRoot(), await anIntermediate()];
    const device = await aDevice(intermediate);
    expect(device.path).toEqual([device, intermediate, root]);
    expect(pemChain(device, 'below-root')).toBe(device.certificatePem + intermediate.certificatePem);
  });

  it('has a new key and a new serial number of 16 bytes, positive, each time', async () => {
    const twins = await Promise.all(Array.from({ length: 50 }, () => mint.root({ commonName: 'Twin' })));
    expect(new Set(twins.map(({ keyPem }) => keyPem)).size).toBe(50);
    expect(new Set(twins.map((twin) => x509(twin).serialNumber)).size).toBe(50);
    expect(twins.filter((twin) => !/^[4-7][0-9A-F]{31}$/.test(x509(twin).serialNumber))).toEqual([]);
  });

  it.each(['#0a', '"press"', 'a, b+c=d\\e', 'Prüfstand 日本 🛠', ' lead', 'x'.repeat(254), '\u0000nul', ''])(
    'X25 carries the common name to the letter: %j',
    async (commonName) => {
      const { der } = await mint.root({ commonName });
      const value = Buffer.from(commonName, 'utf8');
      const length = value.length < 128 ? [value.length] : [0x81, value.length];
      const encoded = Buffer.from([0x06, 3, 0x55, 4, 3, 0x0c, ...length, ...value]);
      expect(Buffer.from(der).includes(encoded)).toBe(true);
    },
  );
});

describe('The validity of a certificate from the mint', () => {
  const clocked = new PeculiarCertificateMint({ clock: new FixedClock() });
  const times = async (wish: { readonly notBefore?: Date; readonly notAfter?: Date }) => {
    const { validFrom, validTo } = x509(await clocked.root({ commonName: 'Works Root', ...wish }));
    return [new Date(validFrom), new Date(validTo)];
  };

  it('begins five minutes ago, so that a slow clock does not matter, and lasts ten years for a root', async () => {
    expect(await times({})).toEqual([after(-5 * 60_000), after(3650 * DAY)]);
  });

  it('is a year for devices and servers, and five for intermediates', async () => {
    const root = await clocked.root({ commonName: 'Works Root' });
    const ends = await Promise.all([
      clocked.intermediate(root, { commonName: 'a' }),
      clocked.device(root, { commonName: 'a' }),
      clocked.server(root, ['a'], { commonName: 'a' }),
    ]);
    expect(ends.map((minted) => new Date(x509(minted).validTo))).toEqual([after(1825 * DAY), after(365 * DAY), after(365 * DAY)]);
  });

  it('counts from a beginning that lies in the future', async () => {
    expect(await times({ notBefore: after(DAY) })).toEqual([after(DAY), after(3651 * DAY)]);
  });

  it.each([
    ['the last second of UTCTime', '2049-12-31T23:59:59Z', '170d3439313233313233353935395a'],
    ['the first of GeneralizedTime', '2050-01-01T00:00:00Z', '180f32303530303130313030303030305a'],
    ['the last of all (RFC 5280 §4.1.2.5)', '9999-12-31T23:59:59Z', '180f39393939313233313233353935395a'],
  ])('X30 ends when it was wished, in the form that RFC 5280 asks for: %s', async (_why, end, encoded) => {
    const { der } = await clocked.root({ commonName: 'Works Root', notBefore: NOW, notAfter: new Date(end) });
    expect(Buffer.from(der).includes(Buffer.from(encoded, 'hex'))).toBe(true);
    expect(await times({ notBefore: NOW, notAfter: new Date(end) })).toEqual([NOW, new Date(end)]);
  });
});
