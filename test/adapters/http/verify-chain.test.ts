import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Minted } from '../../../src/ports/driven/certificate-mint.ts';
import { aDevice, anIntermediate, aRoot, pemChain } from '../../support/pki.ts';
import { aTenantId } from '../../support/certificate-builders.ts';
import { anApi, INFO, type Api } from './an-api.ts';

const VERIFY = 'POST /tenant/trusted-certificates/verify-cert-chain';
type As = 'main/admin' | 'main/reader' | 'main/registrar' | 'other/admin' | 'management/admin';

describe('verify-cert-chain', () => {
  let api: Api;
  let root: Minted;
  let device: Minted;
  beforeEach(async () => {
    api = await anApi();
    root = await aRoot();
    device = await aDevice(await anIntermediate());
    await trust(root);
  });
  afterEach(() => api.close());

  const trust = (ca: Minted, tenant: 'main' | 'other' = 'main', auto = true) => api.trust(ca, { tenant, autoRegistrationEnabled: auto });
  const upload = async (file: string | undefined, fields: Readonly<Record<string, string>> = {}, { as = 'main/admin', headers = {}, part = 'file' }: { as?: As; headers?: Record<string, string>; part?: string } = {}) => {
    const form = new FormData();
    if (file !== undefined) form.append(part, new Blob([file]), 'chain.pem');
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    const sent = new Response(form);
    return api.ask(VERIFY, { as, payload: Buffer.from(await sent.arrayBuffer()), headers: { 'content-type': sent.headers.get('content-type')!, ...headers } });
  };
  const header = (...all: readonly Minted[]) => all.map(({ certificatePem }) => certificatePem.replaceAll('\n', ' ')).join(',');
  const good = (answer: Awaited<ReturnType<typeof upload>>) => expect([answer.statusCode, answer.json()]).toEqual([200, { successfullyValidated: true, tenantId: 'main', subject: 'CN=press-7', issuer: 'CN=Works Intermediate' }]);

  it('says of a chain that its device would be let in, from a file or from headers', async () => {
    good(await upload(pemChain(device)));
    good(await upload(pemChain(device), { tenantId: 'main' }, { as: 'main/reader' }));
    good(await api.ask(VERIFY, { as: 'main/admin', headers: { 'x-cumulocity-client-cert-chain': header(...device.path) } }));
    good(await api.ask(VERIFY, { as: 'main/admin', headers: { 'X-Cumulocity-Client-Cert-Chain': header(...device.path), 'X-Cumulocity-TenantId': 'main' } }));
  });

  it('takes the file where both are there', async () => {
    const both = { headers: { 'x-cumulocity-client-cert-chain': header(await aRoot({ commonName: 'Stranger' })) } };
    good(await upload(pemChain(device), {}, both));
    good(await upload(undefined, {}, { headers: { 'x-cumulocity-client-cert-chain': header(...device.path) } }));
    good(await upload(pemChain(device), { tenantId: 'main' }, { headers: { 'x-cumulocity-tenantid': 'other' } }));
  });

  it('X29 says no to a chain in which a certificate is revoked or on hold, in the words of the platform', async () => {
    for (const [serial, act] of [[device, '/hold'], [await anIntermediate(), '']] as const) {
      expect((await api.ask(`POST /fleetgate/revocations${act}`, { as: 'main/admin', payload: { certInPemFormat: serial.certificatePem } })).statusCode).toBe(201);
      const answer = await upload(pemChain(device));
      const code = act === '' ? 'revocation.revoked' : 'revocation.on-hold';
      expect([answer.statusCode, answer.json()]).toMatchObject([401, { error: 'security/Unauthorized', message: 'Invalid certificate chain!', details: { code } }]);
    }
  });

  it('registers nobody, opens no session and audits no device', async () => {
    const events = api.events.length;
    good(await upload(pemChain(device)));
    expect((await upload(pemChain(await aDevice(root, { broken: 'expired' })))).statusCode).toBe(401);
    expect((await api.ask('GET /fleetgate/devices', { as: 'main/admin' })).json().devices).toEqual([]);
    expect([api.events.length, api.sessions.count()]).toEqual([events, 0]);
  });

  it.each<[why: string, chain: () => Promise<string>, status: number, error: string, message: string, code: string, depth: number | undefined]>([
    ['an expired device', async () => pemChain(await aDevice(root, { broken: 'expired' })), 401, 'security/Unauthorized', 'Invalid certificate chain!', 'path.outside-validity', 0],
    ['an intermediate that is no CA', async () => pemChain(await aDevice(await anIntermediate(undefined, { broken: 'no-ca' }))), 401, 'security/Unauthorized', 'Invalid certificate chain!', 'path.issuer-is-not-a-ca', 1],
    ['a chain that nobody trusts', async () => pemChain(await aDevice(await aRoot({ commonName: 'Stranger' }))), 401, 'security/Unauthorized', 'Invalid certificate chain!', 'tenant.no-anchor-found', undefined],
    ['a name that is no device id', async () => pemChain(await aDevice(root, { commonName: 'a+b' })), 422, 'Invalid Data', 'Cannot process certificate data.', 'identity.forbidden-character', 0],
    ['no certificate', async () => 'nothing', 400, 'Device Certificates/Bad Request', 'Cannot parse X509 certificate. : Incomplete data', 'anchor.unreadable', undefined],
    ['a private key', async () => device.keyPem, 400, 'Device Certificates/Bad Request', 'Cannot parse X509 certificate. : Incomplete data', 'anchor.private-key', undefined],
  ])('gives the gate’s own refusal with its code, depth and citation: %s', async (_why, chain, status, error, message, code, depth) => {
    const pem = await chain();
    const answer = await upload(pem);
    expect([answer.statusCode, answer.json()]).toEqual([status, { error, message, info: INFO, details: expect.objectContaining({ code, cites: expect.any(String), remedy: expect.any(String) }) }]);
    expect(answer.json().details.depth).toBe(depth);
    expect(answer.body).not.toContain('PRIVATE KEY');
  });

  it('says that a device is not registered where its CA registers none', async () => {
    const other = await aRoot({ commonName: 'Strict' });
    await trust(other, 'main', false);
    const answer = await upload(pemChain(await aDevice(other)));
    expect([answer.statusCode, answer.json().details.code]).toEqual([422, 'registration.not-registered']);
  });

  it('takes ten certificates in a file and five in the header, and says so beyond', async () => {
    const [leaf, middle] = device.path;
    const times = (n: number): Minted[] => [leaf!, ...Array<Minted>(n - 1).fill(middle!)];
    const inFile = (n: number) => upload(times(n).map(({ certificatePem }) => certificatePem).join(''));
    const inHeader = (n: number) => api.ask(VERIFY, { as: 'main/admin', headers: { 'x-cumulocity-client-cert-chain': header(...times(n)) } });
    good(await inFile(10));
    good(await inHeader(5));
    for (const [answer, most] of [[await inFile(11), 10], [await inHeader(6), 5]] as const) {
      expect([answer.statusCode, answer.json().error]).toEqual([400, 'Device Certificates/Bad Request']);
      expect(answer.json().message).toContain(`${most + 1} certificates were sent, and at most ${most} are taken here.`);
    }
  });

  it('T09 is about one’s own tenant, of which others learn nothing; the management tenant may ask about any', async () => {
    const theirs = await upload(pemChain(device), {}, { as: 'other/admin' });
    expect([theirs.statusCode, theirs.json().details.code]).toEqual([401, 'tenant.no-anchor-found']);
    for (const tenantId of ['main', 'nowhere', 'management']) expect((await upload(pemChain(device), { tenantId }, { as: 'other/admin' })).statusCode).toBe(403);
    good(await upload(pemChain(device), { tenantId: 'main' }, { as: 'management/admin' }));
    good(await upload(pemChain(device), {}, { as: 'management/admin' }));
    expect((await upload(pemChain(device), { tenantId: 'other' }, { as: 'management/admin' })).json().details.code).toBe('tenant.no-anchor-found');
    for (const tenantId of ['t01', 'No Tenant']) {
      const nowhere = await upload(pemChain(device), { tenantId }, { as: 'management/admin' });
      expect([nowhere.statusCode, nowhere.json()]).toEqual([404, { error: 'Device Certificates/Not Found', message: "Tenant Id doesn't exists", info: INFO }]);
    }
    expect((await upload(pemChain(device), {}, { as: 'main/registrar' })).statusCode).toBe(403);
  });

  it('is the verdict of a suspended tenant too', async () => {
    await api.tenants.setStatus(aTenantId(), 'suspended');
    expect((await upload(pemChain(device), { tenantId: 'main' }, { as: 'management/admin' })).json().details.code).toBe('tenant.suspended');
  });

  it.each<[what: string, ask: () => ReturnType<typeof upload>]>([
    ['nothing at all', () => api.ask(VERIFY, { as: 'main/admin' })],
    ['a file under another name', () => upload(pemChain(device), {}, { part: 'chain' })],
    ['a form that breaks off', () => api.ask(VERIFY, { as: 'main/admin', payload: '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc', headers: { 'content-type': 'multipart/form-data; boundary=x' } })],
    ['a form without a boundary', () => api.ask(VERIFY, { as: 'main/admin', payload: 'x', headers: { 'content-type': 'multipart/form-data' } })],
    ['a file of 300 KB', () => upload('x'.repeat(300_000))],
    ['JSON', () => api.ask(VERIFY, { as: 'main/admin', payload: { chain: 'x' } })],
  ])('answers 400 to %s', async (_what, ask) => {
    const answer = await ask();
    expect([answer.statusCode, answer.json().info]).toEqual([400, INFO]);
  });
});
