/** @c8y/client, the official client, against the running program: what the web application of a tenant does, unchanged. */
import { createHash, sign } from 'node:crypto';
import { BasicAuth, BearerAuth, Client, DeviceRegistrationBulkService, TrustedCertificateService } from '@c8y/client';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Minted } from '../../src/ports/driven/certificate-mint.ts';
import { describeWith, enter, tokenOf } from '../support/clients.ts';
import { anOperatedGate, type OperatedGate } from '../support/operated-gate.ts';
import { aRoot } from '../support/pki.ts';
import { belowRoot, OpensslPki } from '../support/openssl-pki.ts';

describeWith('openssl')('@c8y/client against the running program', () => {
  const pki = new OpensslPki();
  let gate: OperatedGate;
  let client: Client;
  let certificates: TrustedCertificateService;
  let roots: readonly Minted[];
  const fingerprintOf = ({ der }: Minted): string => createHash('sha1').update(der).digest('hex');

  beforeAll(async () => {
    gate = await anOperatedGate();
    roots = await Promise.all(['One', 'Two', 'Three'].map((commonName) => aRoot({ commonName })));
    client = new Client(new BasicAuth({ tenant: 'main', user: 'admin', password: gate.password }), `http://127.0.0.1:${gate.http}`);
  });
  afterAll(async () => {
    await gate?.remove();
    pki.remove();
  });

  it('authenticates, and learns its tenant and its user', async () => {
    const { data: tenant } = await client.tenant.current();
    client.core.tenant = tenant.name!;
    certificates = new TrustedCertificateService(client.core);
    const { data: user } = await client.user.current();
    expect([tenant.name, tenant.domainName, user.userName]).toEqual(['main', 'localhost', 'admin']);
    const stranger = new Client(new BasicAuth({ tenant: 'main', user: 'admin', password: 'wrong' }), `http://127.0.0.1:${gate.http}`);
    await expect(stranger.tenant.current()).rejects.toMatchObject({ res: { status: 401 }, data: { error: 'security/Unauthorized', message: 'Invalid credentials! : Bad credentials' } });
  });

  it('trusts three CAs, hears of each that is there already, and turns the pages of the list', async () => {
    for (const root of roots) {
      const { data, res } = await certificates.create({ name: 'Works', status: 'ENABLED', certInPemFormat: root.certificatePem, autoRegistrationEnabled: true } as never);
      expect([res.status, data.fingerprint, data.status]).toEqual([201, fingerprintOf(root), 'ENABLED']);
    }
    await expect(certificates.create({ status: 'ENABLED', certInPemFormat: roots[0]!.certificatePem } as never)).rejects.toMatchObject({ res: { status: 409 } });
    const seen: string[] = [];
    let page = await certificates.list({ pageSize: 1, withTotalPages: true });
    expect(page.paging).toMatchObject({ currentPage: 1, pageSize: 1, totalPages: 3 });
    for (;;) {
      seen.push(...page.data.map(({ fingerprint }) => fingerprint!));
      if (seen.length === 3) break;
      page = await page.paging!.next();
    }
    expect(seen.toSorted()).toEqual(roots.map(fingerprintOf).toSorted());
    expect((await page.paging!.prev()).paging).toMatchObject({ currentPage: 2 });
  });

  it('shows one, changes it, proves possession of its key by a new code, and deletes it', async () => {
    const [root] = roots as [Minted];
    const fingerprint = fingerprintOf(root);
    const { data: before } = await certificates.detail(fingerprint);
    expect(before).toMatchObject({ fingerprint, name: 'Works', version: 3, proofOfPossessionValid: false });
    expect((await certificates.update({ fingerprint, name: 'Renamed', status: 'DISABLED' } as never)).data).toMatchObject({ name: 'Renamed', status: 'DISABLED' });
    const { data: renewed } = await certificates.regeneratePoPVerificationCode(fingerprint);
    const code = renewed.proofOfPossessionUnsignedVerificationCode!;
    expect(code).not.toBe(before.proofOfPossessionUnsignedVerificationCode);
    const wrong = sign('sha256', Buffer.from(`${code}x`), root.keyPem).toString('base64');
    await expect(certificates.verifySignedVerificationCode(fingerprint, wrong)).rejects.toMatchObject({ res: { status: 400 } });
    const right = sign('sha256', Buffer.from(code), root.keyPem).toString('base64');
    expect((await certificates.verifySignedVerificationCode(fingerprint, right)).data.proofOfPossessionValid).toBe(true);
    expect((await certificates.delete(fingerprint)).res.status).toBe(204);
    await expect(certificates.detail(fingerprint)).rejects.toMatchObject({ res: { status: 404 } });
  });

  it('registers devices by a file, with their objects, and finds them by their external ids', async () => {
    const file = 'ID\tAUTH_TYPE\tCREDENTIALS\tNAME\tTYPE\tPATH\nbulk-1\tCERTIFICATES\t\tPress 1\tpress\tHalle 1/Linie 2\nbulk-2\tBASIC\tsecret-of-bulk-2\tPress 2\tpress\t\n';
    const { data, res } = await new DeviceRegistrationBulkService(client.core).create(Buffer.from(file));
    expect([res.status, data]).toMatchObject([201, { numberOfAll: 2, numberOfCreated: 1, numberOfFailed: 1, numberOfSuccessful: 1 }]);
    expect(JSON.stringify(data)).not.toContain('secret-of-bulk-2');
    const { data: external } = await client.identity.detail({ type: 'c8y_Serial', externalId: 'bulk-1' });
    const { data: object } = await client.inventory.detail(String(external.managedObject!.id));
    expect(object).toMatchObject({ name: 'Press 1', type: 'press', owner: 'device_bulk-1', c8y_IsDevice: {} });
    await expect(client.identity.detail({ type: 'c8y_Serial', externalId: 'bulk-2' })).rejects.toMatchObject({ res: { status: 404 } });
  });

  it('reads and writes managed objects and their external ids', async () => {
    const { data: made, res } = await client.inventory.create({ name: 'Line', type: 'line', c8y_Position: { lat: 51.2, lng: 6.8 } });
    const { data: changed } = await client.inventory.update({ id: made.id, name: 'Line 2' });
    expect([res.status, changed]).toMatchObject([201, { id: made.id, name: 'Line 2', c8y_Position: { lat: 51.2, lng: 6.8 } }]);
    await client.identity.create({ type: 'c8y_Line', externalId: 'l-2', managedObject: { id: made.id } } as never);
    expect((await client.identity.list(made.id)).data).toMatchObject([{ type: 'c8y_Line', externalId: 'l-2' }]);
    const { data: lines, paging } = await client.inventory.list({ type: 'line', pageSize: 5, withTotalPages: true });
    expect([lines.map(({ id }) => id), paging!.totalPages]).toEqual([[made.id], 1]);
    expect((await client.inventory.delete(made.id)).res.status).toBe(204);
    await expect(client.identity.detail({ type: 'c8y_Line', externalId: 'l-2' })).rejects.toMatchObject({ res: { status: 404 } });
  });

  it('works with the token of a device too, and sees what is that device’s alone', async () => {
    const root = pki.root('/CN=Plant Root');
    await gate.main.trusts(root);
    const { leaf, chain } = belowRoot(pki.device(root, '/CN=press-7'));
    const device = await enter({ port: gate.mqtts[0]!, caFile: gate.caFile, certFile: pki.chainFile(chain), keyFile: leaf.keyFile, clientId: 'press-7', version: 4 });
    await device.client.publishAsync('s/us', '100,Press 7,press', { qos: 1 });
    const own = new Client(new BearerAuth(await tokenOf(device)), `http://127.0.0.1:${gate.http}`);
    await device.client.endAsync();
    expect((await own.user.current()).data.userName).toBe('device_press-7');
    expect((await own.inventory.list({})).data).toMatchObject([{ name: 'Press 7', owner: 'device_press-7' }]);
    own.core.tenant = 'main';
    await expect(new TrustedCertificateService(own.core).list()).rejects.toMatchObject({ res: { status: 403 } });
  });
});
