import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fingerprint, Thumbprint } from '../../../src/domain/certificates/certificate.ts';
import type { TrustAnchor } from '../../../src/domain/trust/trust-anchor.ts';
import { aDevice, aDeviceId, aSession, aTenantId, DAY } from '../../support/certificate-builders.ts';
import { aRoot } from '../../support/pki.ts';
import { anApi, type Api } from './an-api.ts';
import { documented } from './documented.ts';

const main = aTenantId();

describe('Changes that are looked at before they are made', () => {
  let api: Api;
  let root: Fingerprint;
  beforeEach(async () => {
    api = await anApi();
    root = await api.trust(await aRoot(), { name: 'Works' });
    for (const id of ['press-7', 'press-8']) await seen(id);
    api.sessions.open(aSession({ device: aDeviceId('press-7'), anchors: [root] }), () => undefined);
  });
  afterEach(() => api.close());

  const seen = async (id: string, tenant = main): Promise<void> => {
    const device = aDeviceId(id);
    await api.devices.register(aDevice({ tenant, id: device }));
    const notAfter = new Date(api.clock.now().getTime() + DAY);
    await api.paths.remember({ tenant, device, thumbprint: 'print' as Thumbprint, notAfter, ways: [{ anchor: root, intermediates: [] }], lastSeen: api.clock.now() });
  };
  const trusted = (query = '') => `/tenant/tenants/main/trusted-certificates/${root}${query}` as const;
  const DISABLED = { status: 'DISABLED' };
  const SUSPENDED = { status: 'SUSPENDED' };
  const state = async () => [
    (await api.anchors.find(main, root))?.status, (await api.tenants.find(main))?.status, await api.devices.count(main),
    (await api.devices.find(main, aDeviceId('press-7')))?.block, api.sessions.count(), await api.epoch.current(),
  ];
  const figures = (change: string, subject: string, hit: number, overrides: object = {}) => ({
    ...{ change, tenant: 'main', subject, devices: { dependOnItAlone: hit, haveAnotherWay: 0, alreadyOut: 0, notSeenYet: 0 } },
    ...{ sessionsOnline: 1, estimatedLiveTokens: hit, lastSeen: { today: hit, last7Days: 0, last30Days: 0, older: 0 }, warnings: [] },
    examples: ['press-7', 'press-8'].slice(0, hit),
    ...overrides,
  });

  const block = '/fleetgate/devices/press-7/block';
  const CASES = [
    ['disable', 'PUT', () => trusted(), DISABLED, () => figures('trust.disable', root, 2)],
    ['remove', 'DELETE', () => trusted(), undefined, () => figures('trust.remove', root, 2)],
    ['remove of a device', 'DELETE', () => '/fleetgate/devices/press-7', undefined, () => figures('device.remove', 'press-7', 1)],
    ['block', 'POST', () => block, { reason: 'stolen' }, () => figures('device.block', 'press-7', 1)],
    ['suspend', 'PUT', () => '/tenant/tenants/main', SUSPENDED, () => figures('tenant.suspend', 'main', 2, { examples: [] })],
  ] as const;

  it.each(CASES)('%s with dryRun=true says whom it would hit, changes nothing, and is no event', async (_what, method, path, payload, expected) => {
    const [before, events] = [await state(), api.events.length];
    const answer = await api.ask(`${method} ${path()}?dryRun=true`, { as: path().endsWith('/tenants/main') ? 'management/admin' : 'main/admin', ...(payload && { payload }) });
    expect([answer.statusCode, answer.json()]).toEqual([200, expected()]);
    expect([await state(), api.events.length]).toEqual([before, events]);
    const route = path().replace(root, '{fingerprint}').replace('press-7', '{id}').replace('tenants/main', 'tenants/{tenant}');
    expect(await documented(api, `${method} ${route}`, 200, answer.body)).toEqual([]);
  });

  it.each(CASES)('%s hits as many as it said', async (_what, method, path, payload, expected) => {
    const answer = await api.ask(`${method} ${path()}?dryRun=false`, { as: path().endsWith('/tenants/main') ? 'management/admin' : 'main/admin', ...(payload && { payload }) });
    expect([200, 204]).toContain(answer.statusCode);
    expect(api.events.at(-1)).toMatchObject({ sessionsEnded: expected().sessionsOnline });
  });

  it.each([
    [(): string => trusted(), { name: 'New name' }],
    [(): string => '/tenant/tenants/main', { status: 'ACTIVE' }],
  ] as const)('a dry run of what keeps nobody out says nobody, and changes nothing: %s %j', async (path, payload) => {
    const answer = await api.ask(`PUT ${path()}?dryRun=true`, { as: 'management/admin', payload });
    expect(answer.json()).toMatchObject({ change: 'none', devices: { dependOnItAlone: 0 }, sessionsOnline: 0 });
    expect((await api.anchors.find(main, root) as TrustAnchor).name).toBe('Works');
  });

  it.each(['?dryRun=yes', '?dryRun=', '?dryRun=true&dryRun=false', '?confirm=many', '?confirm=-1', '?confirm=1&confirm=2', '?confirm=1e3'])(
    'a wish that is misspelt does not become the change: %s',
    async (query) => {
      const before = await state();
      for (const [, method, path, payload] of CASES) {
        const answer = await api.ask(`${method} ${path()}${query}`, { as: path().endsWith('/tenants/main') ? 'management/admin' : 'main/admin', ...(payload && { payload }) });
        expect(answer.statusCode).toBe(400);
      }
      expect(await state()).toEqual(before);
    },
  );

  it('confirm wants the number of devices where the tenant chose so, and the figures stand in the refusal', async () => {
    expect((await api.ask('PUT /tenant/options/fleetgate/confirm.above', { as: 'main/admin', payload: { value: 'plenty' } })).statusCode).toBe(422);
    expect((await api.ask('GET /tenant/options/fleetgate/confirm.above', { as: 'main/admin' })).json()).toMatchObject({ value: 'off' });
    expect((await api.ask('PUT /tenant/options/fleetgate/confirm.above', { as: 'main/admin', payload: { value: '1' } })).statusCode).toBe(200);
    const refused = await api.ask(`PUT ${trusted()}`, { as: 'main/admin', payload: DISABLED });
    expect([refused.statusCode, refused.json()]).toEqual([409, expect.objectContaining({
      error: 'general/Conflict',
      message: '2 devices depend on this alone, and more than 1 want to be confirmed. If that is meant, send it again with confirm=2.',
      details: expect.objectContaining({ code: 'change.not-confirmed', evidence: { devices: 2, sessionsOnline: 1, estimatedLiveTokens: 2, confirmAbove: 1 } }),
    })]);
    expect((await api.ask(`DELETE ${trusted('?confirm=1')}`, { as: 'main/admin' })).statusCode).toBe(409);
    expect((await api.ask('PUT /tenant/tenants/main', { as: 'management/admin', payload: SUSPENDED })).statusCode).toBe(409);
    expect((await api.anchors.find(main, root))!.status).toBe('enabled');
    expect((await api.ask(`PUT ${trusted('?confirm=2')}`, { as: 'main/admin', payload: DISABLED })).statusCode).toBe(200);
    expect((await api.anchors.find(main, root))!.status).toBe('disabled');
  });

  it('T09 another tenant is told nothing, in the words of what is not there', async () => {
    for (const [, method, path, payload] of CASES.slice(2, 4)) {
      const answer = await api.ask(`${method} ${path()}?dryRun=true`, { as: 'other/admin', ...(payload && { payload }) });
      expect([answer.statusCode, answer.json<{ details: object }>().details]).toEqual([404, expect.objectContaining({ code: 'registration.unknown-device' })]);
    }
    for (const [, method, path, payload] of [CASES[0], CASES[1], CASES[4]]) {
      expect((await api.ask(`${method} ${path()}?dryRun=true`, { as: 'other/admin', ...(payload && { payload }) })).statusCode).toBe(403);
    }
  });

  it('T09 the management tenant, which may change, is told the figures and no ids of devices', async () => {
    const impact = (await api.ask(`PUT ${trusted('?dryRun=true')}`, { as: 'management/admin', payload: DISABLED })).json();
    expect(impact).toEqual(figures('trust.disable', root, 2, { examples: [] }));
  });

  it('whoever may not change may not try either', async () => {
    for (const [, method, path, payload] of CASES) {
      expect((await api.ask(`${method} ${path()}?dryRun=true`, { as: 'main/reader', ...(payload && { payload }) })).statusCode).toBe(403);
    }
  });
});
