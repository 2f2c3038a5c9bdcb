import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Minted } from '../../../src/ports/driven/certificate-mint.ts';
import { aDevice, aRoot, derChain } from '../../support/pki.ts';
import { aTenantId } from '../../support/certificate-builders.ts';
import { anApi, type Api } from './an-api.ts';

const sha1 = ({ der }: Minted): string => createHash('sha1').update(der).digest('hex');
const RULES = '/fleetgate/ocsp-rules';
const ANSWERS = '/fleetgate/ocsp-answers';

describe('OCSP at the API', () => {
  let api: Api;
  let root: Minted;
  let device: Minted;
  let rule: `${string}/${string}`;
  beforeEach(async () => {
    api = await anApi();
    [root, device] = [await aRoot(), await aDevice()];
    rule = `${RULES}/${sha1(root)}`;
    await api.trust(root, { autoRegistrationEnabled: true });
  });
  afterEach(() => api.close());
  const put = (payload: object, as: 'main/admin' | 'main/reader' | 'other/admin' = 'main/admin') => api.ask(`PUT ${rule}`, { as, payload });
  const answers = (route: `${string} ${string}`) => api.ask(route, { as: 'main/admin' });
  const admit = () => api.needs.gate.admit({ chain: derChain(device), handshakeBytes: 3000, clientId: '', acceptsAssignedId: true, from: '127.0.0.1' });

  it('says who is asked: set, shown, listed, taken back', async () => {
    const usual = { fingerprint: sha1(root), urls: ['http://ocsp.example.com/'], hard: false, acceptHours: 1, refuseHours: 24 };
    expect((await put({ urls: usual.urls })).json()).toEqual(usual);
    expect((await put({ urls: usual.urls, hard: true, acceptHours: 0, refuseHours: 2 })).json()).toEqual({ ...usual, hard: true, acceptHours: 0, refuseHours: 2 });
    expect((await answers(`GET ${rule}`)).json()).toMatchObject({ hard: true });
    expect((await api.ask(`GET ${RULES}`, { as: 'main/reader' })).json()).toEqual({ self: `http://fleet.example.com${RULES}`, ocspRules: [{ ...usual, hard: true, acceptHours: 0, refuseHours: 2 }] });
    expect((await api.ask(`GET ${RULES}`, { as: 'other/admin' })).json<{ ocspRules: object[] }>().ocspRules).toEqual([]);
    expect([(await answers(`DELETE ${rule}`)).statusCode, (await answers(`DELETE ${rule}`)).statusCode, (await answers(`GET ${rule}`)).statusCode]).toEqual([204, 404, 404]);
  });

  it.each<[string, object, 'main/admin' | 'main/reader' | 'other/admin', number]>([
    ['without a responder', {}, 'main/admin', 422],
    ['that asks a file', { urls: ['file:///etc/passwd'] }, 'main/admin', 422],
    ['of members that are none', { urls: 'http://ocsp/' }, 'main/admin', 400],
    ['with hard as a text', { urls: ['http://ocsp/'], hard: 'yes' }, 'main/admin', 400],
    ['by whoever may only read', { urls: ['http://ocsp/'] }, 'main/reader', 403],
    ['of a CA of another tenant', { urls: ['http://ocsp/'] }, 'other/admin', 404],
  ])('X29 takes no rule %s', async (_what, payload, as, status) => {
    expect((await put(payload, as)).statusCode).toBe(status);
    expect((await answers(`GET ${rule}`)).statusCode).toBe(404);
  });

  it('shows what is known of a certificate, asks now, and does both of its own tenant’s alone', async () => {
    await api.tenants.setOption(aTenantId(), 'fleetgate', 'check.ocsp', 'report');
    await put({ urls: ['http://ocsp.example.com/'] });
    expect((await admit()).granted).toBe(true);
    const path = `${ANSWERS}/${sha1(device)}` as const;
    const known = async () => (await answers(`GET ${path}`)).json<{ ocspAnswers?: { problem?: string }[] }>().ocspAnswers;
    while ((await known())?.[0]?.problem === undefined) await new Promise((resolve) => setImmediate(resolve));
    const asked = (await answers(`POST ${path}/ask`)).json<{ ocspAnswers: object[] }>();
    expect(asked.ocspAnswers).toEqual([
      { fingerprint: sha1(root), certificate: sha1(device), serialNumber: expect.stringMatching(/^[0-9a-f]+$/), status: 'unanswered', nextQuestion: expect.stringMatching(/Z$/), problem: 'ocsp.not-asked' },
    ]);
    expect([(await api.ask(`GET ${path}`, { as: 'other/admin' })).statusCode, (await api.ask(`POST ${path}/ask`, { as: 'main/reader' })).statusCode, (await answers(`GET ${ANSWERS}/nobody`)).statusCode]).toEqual([404, 403, 404]);
  });
});
