import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FIGURES } from '../../../src/ports/figures/catalogue.ts';
import { aTenantId } from '../../support/certificate-builders.ts';
import { anApi, type Api } from './an-api.ts';

const HERE = { host: 'localhost:8080' };

describe('GET /metrics', () => {
  let api: Api;
  beforeEach(async () => {
    api = await anApi();
  });
  afterEach(() => api.close());

  it('is the text format of Prometheus, every figure of the catalogue in it', async () => {
    const answer = await api.ask('GET /metrics', { as: 'management/admin' });
    expect([answer.statusCode, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8', 'no-store']);
    expect([...answer.body.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name)).toEqual(Object.keys(FIGURES));
    for (const line of answer.body.trimEnd().split('\n')) expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [-\d.e+]+)$/);
  });

  it('names tenants to the operator, and none to whoever asks on this machine without a password', async () => {
    api.metrics.count('fleetgate_connects_total', { tenant: 'main', outcome: 'admitted' }, 2);
    api.metrics.count('fleetgate_connects_total', { tenant: 'other', outcome: 'admitted' });
    const [known, anybody] = [await api.ask('GET /metrics', { as: 'management/admin', headers: HERE }), await api.ask('GET /metrics', { headers: HERE })];
    expect(known.body).toContain('fleetgate_connects_total{tenant="main",outcome="admitted"} 2\n');
    expect(anybody.statusCode).toBe(200);
    expect(anybody.body).toContain('fleetgate_connects_total{tenant="",outcome="admitted"} 3\n');
    expect(anybody.body).not.toMatch(/tenant="[^"]/);
  });

  it.each([
    ['another Host, as with DNS rebinding', { host: 'fleet.example.com' }],
    ['a proxy: X-Forwarded-For', { ...HERE, 'x-forwarded-for': '203.0.113.9' }],
    ['a proxy: Forwarded', { ...HERE, forwarded: 'for=203.0.113.9' }],
    ['a proxy: Via', { ...HERE, via: '1.1 proxy' }],
    ['a proxy: X-Real-IP', { ...HERE, 'x-real-ip': '203.0.113.9' }],
  ])('asks for a password where there is %s', async (_what, headers) => {
    const answer = await api.ask('GET /metrics', { headers });
    expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([401, 'Basic realm="fleetgate metrics"']);
    expect(answer.body).not.toContain('fleetgate_');
  });

  it('asks for a password where the peer is elsewhere', async () => {
    expect((await api.ask('GET /metrics', { headers: HERE, remoteAddress: '203.0.113.9' })).statusCode).toBe(401);
    expect((await api.ask('GET /metrics', { headers: HERE, remoteAddress: '::1' })).statusCode).toBe(200);
  });

  it.each([
    ['an administrator of another tenant', 'main/admin', 403],
    ['a service of another tenant', 'main/service', 403],
  ] as const)('T09 is not for %s, on this machine neither', async (_who, as, status) => {
    const answer = await api.ask('GET /metrics', { as, headers: HERE });
    expect(answer.statusCode).toBe(status);
    expect(answer.body).not.toContain('fleetgate_connects');
  });

  it('is not for users of management who may not look at trusted certificates, and not for a wrong password', async () => {
    const passwordHash = await api.hasher.hash('pw');
    await api.administrators.put({ tenant: aTenantId('management'), name: 'eve', passwordHash, roles: ['ROLE_DEVICE_CONTROL_ADMIN'] });
    await api.administrators.put({ tenant: aTenantId('management'), name: 'prometheus', passwordHash, roles: ['ROLE_TENANT_MANAGEMENT_READ'] });
    const as = async (login: string): Promise<number> => (await api.ask('GET /metrics', { headers: { ...HERE, authorization: `Basic ${Buffer.from(`management/${login}`).toString('base64')}` } })).statusCode;
    expect([await as('eve:pw'), await as('prometheus:pw'), await as('prometheus:guess')]).toEqual([403, 200, 401]);
  });

  it('counts the requests by the patterns of their routes, and tells what came of each', async () => {
    await api.ask('GET /health');
    await api.ask('GET /no/such/place');
    await api.ask('GET /fleetgate/devices/press-7');
    await api.ask('BREW /coffee' as 'GET /x').catch(() => undefined);
    const { body } = await api.ask('GET /metrics', { headers: HERE });
    expect(body).toContain('fleetgate_http_requests_total{method="GET",route="/health",status="2xx"} 1\n');
    expect(body).toContain('fleetgate_http_requests_total{method="GET",route="none",status="4xx"} 1\n');
    expect(body).toContain('fleetgate_http_requests_total{method="GET",route="/fleetgate/devices/:id",status="4xx"} 1\n');
    expect(body).toMatch(/fleetgate_http_request_seconds_count [34]\n/);
    expect(body).not.toContain('press-7');
  });
});

describe('FLEETGATE_METRICS', () => {
  it.each([
    ['login', 'asks everybody for a password', 401, 200],
    ['off', 'has no figures for anybody', 404, 404],
  ] as const)('%s %s', async (metricsFor, _what, anybody, operator) => {
    const api = await anApi({ replace: { metricsFor } });
    try {
      expect((await api.ask('GET /metrics', { headers: HERE })).statusCode).toBe(anybody);
      expect((await api.ask('GET /metrics', { as: 'management/admin' })).statusCode).toBe(operator);
    } finally {
      await api.close();
    }
  });
});
