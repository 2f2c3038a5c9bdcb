import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { REFUSALS } from '../../../src/domain/refusal.ts';
import type { Minted } from '../../../src/ports/driven/certificate-mint.ts';
import { keyBlock } from '../../support/key-armour.ts';
import { aDevice, anIntermediate, aRoot, pemChain } from '../../support/pki.ts';
import { anApi, type Api } from './an-api.ts';

const PATH = 'POST /fleetgate/explain';

describe('POST /fleetgate/explain', () => {
  let api: Api;
  let root: Minted;
  let device: Minted;
  beforeEach(async () => {
    api = await anApi();
    root = await aRoot();
    device = await aDevice(await anIntermediate());
    await api.trust(root, { name: 'Plant 7', autoRegistrationEnabled: true });
  });
  afterEach(() => api.close());
  const explain = (payload: object, as: 'main/admin' | 'main/reader' | 'main/registrar' | 'other/admin' | 'management/admin' = 'main/reader') => api.ask(PATH, { as, payload });
  const codeOf = async (payload: object, as: 'main/admin' | 'other/admin' | 'management/admin' = 'main/admin') => (await explain(payload, as)).json().refusal?.code;

  it('says that the device would be admitted, and asks every rule', async () => {
    const answer = await explain({ chain: pemChain(device) });
    expect(answer.statusCode).toBe(200);
    const { checks, path, ...rest } = answer.json();
    expect(rest).toEqual({
      ...{ admitted: true, at: api.clock.now().toISOString(), tenant: 'main', device: 'press-7', whatToDo: [] },
      anchors: [{ tenant: 'main', fingerprint: expect.stringMatching(/^[0-9a-f]{40}$/), name: 'Plant 7', status: 'ENABLED' }],
    });
    expect(path.at(-1)).toEqual({ depth: 2, subject: 'CN=Works Root', issuer: 'CN=Works Root', isAnchor: true });
    expect(new Set(checks.map(({ outcome }: { outcome: string }) => outcome))).toEqual(new Set(['holds']));
    expect(checks.find(({ code }: { code: string }) => code === 'path.too-long')).toEqual({ code: 'path.too-long', depth: 2, outcome: 'holds', requires: REFUSALS['path.too-long'].requires, cites: REFUSALS['path.too-long'].cites });
  });

  it('says why not, where, and what to do', async () => {
    const { admitted, refusal, whatToDo, checks } = (await explain({ chain: device.certificatePem })).json();
    expect(admitted).toBe(false);
    expect(refusal).toEqual({
      code: 'tenant.no-anchor-found',
      evidence: { topmost: '"CN=press-7"', issuer: '"CN=Works Intermediate"' },
      ...{ requires: REFUSALS['tenant.no-anchor-found'].requires, cites: 'REQ-3, RFC 5280 §6.1', sentence: expect.stringMatching(/^tenant\.no-anchor-found: required is that /) },
    });
    expect(whatToDo).toEqual([expect.stringMatching(/^The device sent only its own certificate, and its issuer "CN=Works Intermediate" is not uploaded: upload /)]);
    expect(checks.map(({ outcome }: { outcome: string }) => outcome).slice(0, 3)).toEqual(['holds', 'broken', 'not-asked']);
    await api.ask(`PUT /tenant/tenants/main/trusted-certificates/${(await api.ask('GET /tenant/tenants/main/trusted-certificates', { as: 'main/admin' })).json().certificates[0].fingerprint}`, { as: 'main/admin', payload: { status: 'DISABLED' } });
    expect((await explain({ chain: pemChain(device) })).json()).toMatchObject({ anchors: [{ status: 'DISABLED' }], whatToDo: [expect.stringMatching(/^CA 'Plant 7' is disabled since .+: enable it/)] });
  });

  it('judges by the time and the ids that are named', async () => {
    expect(await codeOf({ chain: pemChain(device), at: '2099-01-01T00:00:00Z' })).toBe('path.outside-validity');
    expect(await codeOf({ chain: pemChain(device), clientId: 'press-8' })).toBe('identity.client-id-differs');
    expect(await codeOf({ chain: pemChain(device), clientId: 'press-7', at: null, userName: null, serverName: 'x.example.com' })).toBeUndefined();
  });

  it('passes over what tools print around the certificates', async () => {
    const around = device.path.map(({ certificatePem }, i) => ` ${i} s:CN = x\n   i:CN = y\n${certificatePem}\n---\n`).join('');
    expect(await codeOf({ chain: `CONNECTED(00000003)\n---\nCertificate chain\n${around}` })).toBeUndefined();
  });

  it('explains a certificate that no strict reader takes', async () => {
    const broken = Buffer.from(device.der);
    broken[broken.length - 1]! ^= 0xff;
    const [, ...rest] = device.path;
    const pem = `-----BEGIN CERTIFICATE-----\n${broken.toString('base64')}\n-----END CERTIFICATE-----\n${rest.map(({ certificatePem }) => certificatePem).join('')}`;
    expect(await codeOf({ chain: pem })).toMatch(/^(path\.signature-invalid|chain\.)/);
  });

  it('registers nobody and keeps nothing', async () => {
    await explain({ chain: pemChain(device) });
    await explain({ chain: device.certificatePem });
    expect((await api.ask('GET /fleetgate/devices', { as: 'main/admin' })).json().devices).toEqual([]);
    for (const as of ['main/admin', 'management/admin'] as const) expect((await api.ask('GET /fleetgate/refusals', { as })).json().refusals).toEqual([]);
  });

  it('T09 asks of a tenant’s trust alone, and of the one that the management tenant names, or of all', async () => {
    expect(await codeOf({ chain: pemChain(device) }, 'other/admin')).toBe('tenant.no-anchor-found');
    expect((await explain({ chain: pemChain(device), tenant: 'main' }, 'other/admin')).statusCode).toBe(403);
    expect((await explain({ chain: pemChain(device), tenant: 'nobody' }, 'other/admin')).statusCode).toBe(403);
    expect(await codeOf({ chain: pemChain(device) }, 'management/admin')).toBeUndefined();
    expect(await codeOf({ chain: pemChain(device), tenant: 'main' }, 'management/admin')).toBeUndefined();
    expect(await codeOf({ chain: pemChain(device), tenant: 'other' }, 'management/admin')).toBe('tenant.no-anchor-found');
    expect((await explain({ chain: pemChain(device), tenant: 'nobody' }, 'management/admin')).statusCode).toBe(404);
  });

  it('is for those who may read the trust', async () => {
    expect((await explain({ chain: pemChain(device) }, 'main/registrar')).statusCode).toBe(403);
    expect((await api.ask(PATH, { payload: { chain: pemChain(device) } })).statusCode).toBe(401);
  });

  it('refuses a private key, and shows nothing of it', async () => {
    const answer = await explain({ chain: `${device.certificatePem}${keyBlock('c2VjcmV0')}` });
    expect([answer.statusCode, answer.json().details.code]).toEqual([422, 'anchor.private-key']);
    expect(answer.body).not.toContain('c2VjcmV0');
    expect(JSON.stringify(api.lines)).not.toContain('c2VjcmV0');
  });

  it.each<[object | string, number]>([
    [{}, 400], [{ chain: 7 }, 400], [{ chain: '' }, 400], [{ chain: 'hello' }, 400], [[], 400],
    [{ chain: 'x', at: 'today' }, 400], [{ chain: 'x', at: 5 }, 400], [{ chain: 'x', clientId: 5 }, 400], [{ chain: 'x', userName: 'x'.repeat(1025) }, 400], [{ chain: 'x', tenant: 5 }, 400],
  ])('R10 says what is wrong with %j', async (payload, status) => {
    const answer = await api.ask(PATH, { as: 'main/admin', payload: payload as object });
    expect([answer.statusCode, answer.json().message.length > 20]).toEqual([status, true]);
  });
});
