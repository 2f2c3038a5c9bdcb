import { createHash, createPublicKey, X509Certificate, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { KeyWish, Minted } from '../../../src/ports/driven/certificate-mint.ts';
import { aRoot } from '../../support/pki.ts';
import { cliAtFakeApi } from './cli-at-fake-api.ts';
import type { Asked } from './fake-api.ts';
import { folderForEachTest } from './folder-for-each-test.ts';
import type { Ran } from './run-cli.ts';

const { answering, requestLines, api, ...cli } = cliAtFakeApi();
const { fileOf } = folderForEachTest();
const run = (...line: readonly string[]): Promise<Ran> => cli.run(line);

const LATER = '2100-01-01T00:00:00.000Z';
const viewOf = (ca: Minted, more: object = {}) => ({
  fingerprint: createHash('sha1').update(ca.der).digest('hex'),
  ...{ name: 'ca', status: 'ENABLED', autoRegistrationEnabled: true, subject: 'CN=Works Root', notAfter: '2030-01-01T00:00:00.000Z' },
  certInPemFormat: Buffer.from(ca.der).toString('base64'),
  ...{ proofOfPossessionValid: false, proofOfPossessionUnsignedVerificationCode: 'code', proofOfPossessionVerificationCodeUsableUntil: LATER },
  ...more,
});

describe('fleetgate trust prove', () => {
  it.each<KeyWish>(['p256', 'rsa2048', 'ed25519'])('fetches the code, signs it by a %s key and sends the signature alone', async (key) => {
    const ca = await aRoot({ commonName: `Root ${key}`, key });
    const view = viewOf(ca);
    await answering(({ what }) => ({ body: what.endsWith('/pop') ? { ...view, proofOfPossessionValid: true } : view }));
    const { exit, out } = await run('trust', 'prove', view.fingerprint, '--key', await fileOf('ca.key', ca.keyPem));
    expect([exit, out]).toEqual([0, `Proven: the private key of CN=Works Root, fingerprint ${view.fingerprint}, is in the hands of its tenant.\n`]);
    const path = '/tenant/tenants/t1/trusted-certificates';
    expect(requestLines()).toEqual([`GET ${path}/${view.fingerprint}`, `POST ${path}-pop/${view.fingerprint}/pop`]);
    const sent = JSON.parse(api().asked[1]!.body) as Record<string, string>;
    expect(Object.keys(sent)).toEqual(['proofOfPossessionSignedVerificationCode']);
    const signature = Buffer.from(Object.values(sent)[0]!, 'base64');
    expect(verify(key === 'ed25519' ? null : 'sha256', Buffer.from('code'), new X509Certificate(ca.der).publicKey, signature)).toBe(true);
  });

  it.each([['ended', { proofOfPossessionVerificationCodeUsableUntil: '2020-01-01T00:00:00.000Z' }], ['was never issued', { proofOfPossessionUnsignedVerificationCode: undefined }]])('asks for a new code where the one there %s', async (_why, more) => {
    const ca = await aRoot();
    const view = viewOf(ca, more);
    await answering(({ what }) => ({ body: what.endsWith('verification-code') ? viewOf(ca, { proofOfPossessionUnsignedVerificationCode: 'fresh' }) : view }));
    expect((await run('trust', 'prove', view.fingerprint, '--key', await fileOf('ca.key', ca.keyPem))).exit).toBe(0);
    const signature = Buffer.from((JSON.parse(api().asked[2]!.body) as Record<string, string>)['proofOfPossessionSignedVerificationCode']!, 'base64');
    expect(verify('sha256', Buffer.from('fresh'), createPublicKey(ca.keyPem), signature)).toBe(true);
  });

  it('sends nothing by the key of another CA, by a file that is no key, or without one', async () => {
    const view = viewOf(await aRoot());
    await answering(() => ({ body: view }));
    const other = await fileOf('other.key', (await aRoot({ commonName: 'Other' })).keyPem);
    for (const [file, why] of [[other, 'is the key of another certificate'], [await fileOf('x', 'no key'), 'is no private key in PEM'], ['/nowhere/x', 'ENOENT']] as const) {
      const { exit, err } = await run('trust', 'prove', view.fingerprint, '--key', file);
      expect([exit, err]).toEqual([2, expect.stringContaining(why)]);
    }
    expect((await run('trust', 'prove', view.fingerprint)).exit).toBe(2);
    expect(requestLines().filter((what) => what.startsWith('POST'))).toEqual([]);
  });
});

describe('fleetgate trust confirm', () => {
  it('vouches for the certificate of a tenant', async () => {
    const view = viewOf(await aRoot());
    await answering(() => ({ body: view }));
    const { exit, out } = await run('trust', 'confirm', 'ac/me', view.fingerprint, '--json');
    expect([exit, JSON.parse(out)]).toEqual([0, view]);
    expect(requestLines()).toEqual([`POST /tenant/tenants/ac%2Fme/trusted-certificates-pop/${view.fingerprint}/confirmed`]);
  });
});

describe('fleetgate trust verify', () => {
  it('sends the chain as a file, and says whose device it would be', async () => {
    await answering(() => ({ body: { successfullyValidated: true, tenantId: 'acme', subject: 'CN=press-7', issuer: 'CN=Works Root' } }));
    const { certificatePem } = await aRoot();
    const { exit, out } = await run('trust', 'verify', await fileOf('chain.pem', certificatePem), '--tenant', 'acme');
    expect([exit, out]).toEqual([0, 'A device with this chain would be let in, as one of tenant acme: CN=press-7, issued by CN=Works Root.\n']);
    const [{ what, headers, body }] = api().asked as [Asked];
    expect([what, headers['content-type']]).toEqual(['POST /tenant/trusted-certificates/verify-cert-chain', expect.stringMatching(/^multipart\/form-data; boundary=/)]);
    expect(body).toContain('name="file"; filename="chain.pem"');
    expect(body).toContain(certificatePem);
    expect(body).toMatch(/name="tenantId"\r\n\r\nacme\r\n/);
  });

  it('says which rule was broken, where, and what to do', async () => {
    const details = { code: 'path.too-long', depth: 2, requires: 'no more CAs stand below', cites: 'RFC 5280 §6.1.4', remedy: 'Issue less.', evidence: { allowed: 0 } };
    await answering(() => ({ status: 401, body: { error: 'security/Unauthorized', message: 'Invalid certificate chain!', details } }));
    const { exit, err } = await run('trust', 'verify', await fileOf('chain.pem', 'x'));
    expect([exit, err]).toEqual([3, 'error: Invalid certificate chain! path.too-long at depth 2: required is that no more CAs stand below (RFC 5280 §6.1.4); found: allowed 0.\n  what to do: Issue less.\n']);
  });

  it('never sends a private key, and says so where a file is not there', async () => {
    await answering(() => ({}));
    const { keyPem } = await aRoot();
    expect(await run('trust', 'verify', await fileOf('chain.pem', keyPem))).toMatchObject({ exit: 2, err: expect.stringContaining('holds a private key. Nothing was sent.') });
    expect(await run('trust', 'verify', '/nowhere/x')).toMatchObject({ exit: 2, err: expect.stringContaining('ENOENT') });
    expect(api().asked).toEqual([]);
  });
});
