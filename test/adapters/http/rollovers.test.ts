import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fingerprint, Thumbprint } from '../../../src/domain/certificates/certificate.ts';
import { aDeviceId, aTenantId } from '../../support/certificate-builders.ts';
import { aRoot } from '../../support/pki.ts';
import { anApi, type Api } from './an-api.ts';
import { documented } from './documented.ts';

describe('Rollovers over HTTP', () => {
  let api: Api;
  let old: Fingerprint;
  let next: Fingerprint;
  beforeEach(async () => {
    api = await anApi();
    [old, next] = [await trusts('Old'), await trusts('New')];
    for (const [id, anchor] of [['press-1', old], ['press-2', old], ['press-3', next]] as const) {
      const at = api.clock.now();
      await api.paths.remember({ tenant: aTenantId(), device: aDeviceId(id), thumbprint: 'print' as Thumbprint, notAfter: at, ways: [{ anchor, intermediates: [] }], lastSeen: at });
    }
  });
  afterEach(() => api.close());

  const trusts = async (name: string): Promise<Fingerprint> => api.trust(await aRoot({ commonName: name }), { name });
  const one = (fingerprint: string = old) => `/fleetgate/trust/${fingerprint}/successor`;
  const set = (payload: object = { successor: next }, as: 'main/admin' | 'other/admin' | 'main/reader' = 'main/admin') => api.ask(`PUT ${one()}`, { as, payload });

  it('are set, shown with their progress, listed and taken back', async () => {
    const until = new Date(api.clock.now().getTime() + 86_400_000).toISOString();
    const answer = await set({ successor: next.toUpperCase(), endDate: until });
    expect([answer.statusCode, answer.json()]).toEqual([200, {
      former: { fingerprint: old, status: 'ENABLED', name: 'Old', subject: 'CN=Old', notAfter: expect.any(String) },
      successor: { fingerprint: next, status: 'ENABLED', name: 'New', subject: 'CN=New', notAfter: expect.any(String) },
      ...{ endDate: until, since: api.clock.now().toISOString(), by: 'main/admin', overdue: false },
      progress: { onSuccessor: 1, stragglers: 2, percent: 33 },
    }]);
    await api.anchors.remove(aTenantId(), old);
    const shown = await api.ask(`GET ${one()}`, { as: 'main/reader' });
    expect([shown.statusCode, shown.json<{ former: object }>().former]).toEqual([200, { fingerprint: old, status: 'REMOVED' }]);
    const listed = await api.ask('GET /fleetgate/rollovers', { as: 'main/reader' });
    expect(listed.json()).toEqual({ rollovers: [shown.json()] });
    for (const [name, { body }] of [['PUT', answer], ['GET', shown]] as const) expect(await documented(api, `${name} /fleetgate/trust/{fingerprint}/successor`, 200, body)).toEqual([]);
    expect(await documented(api, 'GET /fleetgate/rollovers', 200, listed.body)).toEqual([]);
    expect((await api.ask(`DELETE ${one()}`, { as: 'main/admin' })).statusCode).toBe(204);
    expect((await api.ask(`DELETE ${one()}`, { as: 'main/admin' })).json()).toMatchObject({ details: { code: 'change.no-successor' } });
    expect(api.events.slice(-2).map(({ what }) => what)).toEqual(['rollover.set', 'rollover.removed']);
  });

  it('list their stragglers page by page', async () => {
    await set();
    const first = await api.ask(`GET ${one()}/stragglers?limit=1`, { as: 'main/reader' });
    const { stragglers, next: more } = first.json<{ stragglers: object[]; next: string }>();
    const at = api.clock.now().toISOString();
    expect(stragglers).toEqual([{ id: 'press-1', lastSeen: at, notAfter: at, online: false }]);
    const second = await api.ask(`GET ${new URL(more).pathname}${new URL(more).search}`, { as: 'main/reader' });
    expect(second.json()).toEqual({ stragglers: [expect.objectContaining({ id: 'press-2' })] });
    expect(await documented(api, 'GET /fleetgate/trust/{fingerprint}/successor/stragglers', 200, first.body)).toEqual([]);
    for (const query of ['?limit=0', '?limit=1001', '?after=a&after=b']) expect((await api.ask(`GET ${one()}/stragglers${query}`, { as: 'main/reader' })).statusCode).toBe(400);
  });

  it.each([
    [400, {}], [400, { successor: 7 }], [400, { successor: 'ab' }], [400, { successor: 'NEXT', endDate: 'soon' }], [400, { successor: 'NEXT', endDate: '2027-02-31' }],
    [400, { successor: 'NEXT', endDate: 1 }], [400, { successor: 'NEXT', endDate: '2027-01-01T25:00:00Z' }], [422, { successor: 'NEXT', endDate: '2020-01-01' }], [422, { successor: 'OLD' }],
    [404, { successor: 'ab'.repeat(20) }], [200, { successor: 'NEXT', endDate: '2099-12-31' }], [200, { successor: 'NEXT', endDate: null }],
  ])('answer %d to %j', async (status, wish: { successor?: unknown }) => {
    const successor = wish.successor === 'NEXT' ? next : wish.successor === 'OLD' ? old : wish.successor;
    expect((await set({ ...wish, successor })).statusCode).toBe(status);
  });

  it('T09 belong to one tenant, and to those who may', async () => {
    await set();
    expect((await set({ successor: next }, 'other/admin')).statusCode).toBe(404);
    for (const path of [one(), `${one()}/stragglers`]) expect((await api.ask(`GET ${path}`, { as: 'other/admin' })).statusCode).toBe(404);
    expect((await api.ask(`DELETE ${one()}`, { as: 'other/admin' })).statusCode).toBe(404);
    expect((await api.ask('GET /fleetgate/rollovers', { as: 'other/admin' })).json()).toEqual({ rollovers: [] });
    expect((await set({ successor: next }, 'main/reader')).statusCode).toBe(403);
    expect((await api.ask(`DELETE ${one()}`, { as: 'main/reader' })).statusCode).toBe(403);
    for (const path of [one(), `${one()}/stragglers`, '/fleetgate/rollovers']) {
      expect((await api.ask(`GET ${path}`, { as: 'main/registrar' })).statusCode).toBe(403);
      expect((await api.ask(`GET ${path}`)).statusCode).toBe(401);
    }
    expect((await api.ask(`GET ${one('nonsense')}`, { as: 'main/admin' })).statusCode).toBe(404);
  });
});
