import { createHash, sign } from 'node:crypto';
import { BasicAuth, Client, TrustedCertificateService } from '@c8y/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HttpListeners } from '../../../src/adapters/http/http-listeners.ts';
import type { Minted } from '../../../src/ports/driven/certificate-mint.ts';
import { aRoot } from '../../support/pki.ts';
import { anApi, PASSWORD, type Api } from './an-api.ts';

describe('@c8y/client, the official client, manages trusted certificates unchanged', () => {
  let api: Api;
  let listeners: HttpListeners;
  let certificates: TrustedCertificateService;
  let root: Minted;
  let fingerprint: string;

  beforeAll(async () => {
    api = await anApi();
    const credentials = { current: () => ({ cert: '', key: '', names: [], notAfter: new Date() }), onChange: () => () => {} };
    listeners = new HttpListeners({ app: api.app, credentials, log: api.log, bind: '127.0.0.1', httpPort: 0 });
    const [url = ''] = await listeners.start();
    const auth = new BasicAuth({ tenant: 'main', user: 'admin', password: PASSWORD });
    const client = new Client(auth, url);
    client.core.tenant = (await client.tenant.current()).data.name!;
    certificates = new TrustedCertificateService(client.core);
    root = await aRoot();
    fingerprint = createHash('sha1').update(root.der).digest('hex');
  });
  afterAll(async () => {
    await listeners.stop(0);
    await api.close();
  });

  it('creates one', async () => {
    const { data, res } = await certificates.create({ name: 'Works', status: 'ENABLED', certInPemFormat: root.certificatePem, autoRegistrationEnabled: true } as never);
    expect([res.status, data]).toMatchObject([201, { fingerprint, name: 'Works', status: 'ENABLED', autoRegistrationEnabled: true }]);
  });

  it('lists them, and reads the paging', async () => {
    const { data, paging } = await certificates.list({ pageSize: 1000, withTotalPages: true });
    expect(data.map((each) => each.fingerprint)).toEqual([fingerprint]);
    expect(paging).toMatchObject({ currentPage: 1, pageSize: 1000, totalPages: 1 });
  });

  it('follows next to the following page', async () => {
    await certificates.create({ status: 'ENABLED', certInPemFormat: (await aRoot({ commonName: 'Second' })).certificatePem } as never);
    const first = await certificates.list({ pageSize: 1, withTotalPages: true });
    const second = await first.paging!.next();
    expect([first.data.length, second.data.length, second.data[0]!.fingerprint === first.data[0]!.fingerprint]).toEqual([1, 1, false]);
    expect(second.paging).toMatchObject({ currentPage: 2, totalPages: 2 });
  });

  it('gets a new code and proves possession of the key by it', async () => {
    const { data: renewed } = await certificates.regeneratePoPVerificationCode(fingerprint);
    const code = renewed.proofOfPossessionUnsignedVerificationCode!;
    const { data } = await certificates.verifySignedVerificationCode(fingerprint, sign('sha256', Buffer.from(code), root.keyPem).toString('base64'));
    expect([code.length, data.proofOfPossessionValid]).toEqual([160, true]);
  });

  it('shows one, changes it, and deletes it', async () => {
    expect((await certificates.detail(fingerprint)).data.fingerprint).toBe(fingerprint);
    const { data } = await certificates.update({ fingerprint, status: 'DISABLED' } as never);
    expect(data).toMatchObject({ fingerprint, name: 'Works', status: 'DISABLED' });
    expect((await certificates.delete(fingerprint)).res.status).toBe(204);
  });

  it('hands over the reason when one is unknown', async () => {
    await expect(certificates.detail(fingerprint)).rejects.toMatchObject({
      res: { status: 404 },
      data: { error: 'certificate/Not Found', message: `Cannot find certificate with fingerprint ${fingerprint}.` },
    });
  });
});
