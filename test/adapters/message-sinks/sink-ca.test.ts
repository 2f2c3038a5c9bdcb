import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ConnectionOptions, PeerCertificate } from 'node:tls';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { natsTls, tlsAdvice } from '../../../src/adapters/message-sinks/nats/nats-tls.ts';
import { readSinkCa } from '../../../src/adapters/message-sinks/read-sink-ca.ts';
import { WebhookCourier } from '../../../src/adapters/message-sinks/webhook/webhook-courier.ts';
import { aRoot, aServer, pemChain, temporaryDirectory } from '../../support/pki.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());
const file = (text: string): string => {
  const path = join(directory.path, 'ca.pem');
  writeFileSync(path, text);
  return path;
};
const serverRoot = () => aRoot({ commonName: 'Server Root' });
const strangeRoot = () => aRoot({ commonName: 'Strange Root' });

describe('The CAs of a sink', () => {
  it('are all the certificates of the file, without what stands between them', async () => {
    const [one, other] = [(await serverRoot()).certificatePem, (await strangeRoot()).certificatePem];
    expect(await readSinkCa(file(`# ours\n${one}# theirs\n${other}`))).toBe(`${one.trim()}\n${other.trim()}`);
  });

  it.each([
    ['no certificate', 'hush', /holds no certificate/],
    ['nothing', '', /holds no certificate/],
    ['something else in the form of one', '-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n', /holds a certificate that cannot be read/],
  ])('stop the start with a sentence where the file holds %s', async (_what, text, sentence) => {
    await expect(readSinkCa(file(text))).rejects.toThrow(sentence);
    await expect(readSinkCa(file(text))).rejects.toThrow(/^FLEETGATE_SINK_CA_FILE: the file /);
  });

  it('stop the start with a sentence where the file is not there', async () => {
    await expect(readSinkCa(join(directory.path, 'none.pem'))).rejects.toThrow(/^FLEETGATE_SINK_CA_FILE: the file .* cannot be read \(ENOENT/);
  });

  it.each([
    ['takes messages by the CA that is named', ['localhost'], serverRoot, { kind: 'taken' }],
    ['gets nothing where another CA is named', ['localhost'], strangeRoot, { kind: 'failed', why: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }],
    ['gets nothing where none is named and the system does not know its CA', ['localhost'], undefined, { kind: 'failed', why: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }],
    ['gets nothing where its certificate is for another name', ['example.com'], serverRoot, { kind: 'failed', why: 'ERR_TLS_CERT_ALTNAME_INVALID' }],
  ])('a webhook %s', async (_what, names, ca, outcome) => {
    const leaf = await aServer(await serverRoot(), names);
    let asked = 0;
    const server = createServer({ cert: pemChain(leaf, 'below-root'), key: leaf.keyPem }, (_request, answer) => void (asked++, answer.writeHead(204).end())).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `https://localhost:${(server.address() as AddressInfo).port}/in`;
    const courier = new WebhookCourier({ url, key: Buffer.alloc(32), now: () => new Date(), timeoutMs: 5_000, ...(ca && { ca: (await ca()).certificatePem }) });
    try {
      expect(await courier.post(Buffer.from('[]'), new AbortController().signal)).toEqual(outcome);
      expect(asked).toBe(outcome.kind === 'taken' ? 1 : 0);
    } finally {
      courier.close();
      server.close();
      server.closeAllConnections();
    }
  });
});

describe('The certificate of a NATS server', () => {
  const of = (...names: readonly string[]): PeerCertificate => ({ subject: { CN: 'x' }, subjectaltname: names.join(', ') }) as never;
  const faultOf = (servers: readonly string[], name: string, certificate: PeerCertificate): string | undefined => {
    const fault = (natsTls(servers) as ConnectionOptions).checkServerIdentity!(name, certificate);
    return fault && (fault as NodeJS.ErrnoException).code;
  };
  // Node says localhost where it was told no name, which is so where the server is named by its address.
  it.each([
    ['its name', ['tls://a.example.com:4222'], 'a.example.com', 'DNS:a.example.com', true],
    ['another name', ['tls://a.example.com:4222'], 'a.example.com', 'DNS:b.example.com', false],
    ['its address', ['tls://192.0.2.1:4222'], 'localhost', 'IP Address:192.0.2.1', true],
    ['its address of IPv6', ['tls://[2001:db8::1]:4222'], 'localhost', 'IP Address:2001:DB8:0:0:0:0:0:1', true],
    ['another address', ['tls://192.0.2.1:4222'], 'localhost', 'IP Address:192.0.2.2', false],
    ['localhost, and it is named by its address', ['tls://192.0.2.1:4222'], 'localhost', 'DNS:localhost', false],
    ['the address, beside one with a name', ['tls://a.example.com:4222', 'tls://192.0.2.1:4222'], 'localhost', 'IP Address:192.0.2.1', true],
    ['localhost, beside one with a name', ['tls://a.example.com:4222', 'tls://192.0.2.1:4222'], 'localhost', 'DNS:localhost', false],
    ['localhost, which is its name', ['tls://localhost:4222'], 'localhost', 'DNS:localhost', true],
  ])('is for %s', (_what, servers, name, certificate, isGood) => {
    expect(faultOf(servers, name, of(certificate))).toBe(isGood ? undefined : 'ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('is asked about in the log only where TLS is what failed', () => {
    expect(tlsAdvice(Object.assign(new Error('no'), { code: 'CERT_HAS_EXPIRED' }))).toContain('not valid now');
    expect([tlsAdvice(new Error('connection refused')), tlsAdvice('the connection was lost')]).toEqual(['', '']);
  });
});
