import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { KeptRefusal } from '../../../src/ports/driven/refusal-store.ts';
import { aRefusal } from '../../support/refusal-builder.ts';
import { aCaCertificate, after, anAnchor, aTenantId, aThumbprint, DAY } from '../../support/certificate-builders.ts';
import { anApi, type Api } from './an-api.ts';

const PATH = '/fleetgate/refusals';
let api: Api;
let kept: KeptRefusal[];
beforeEach(async () => {
  api = await anApi();
  kept = [1, 2, 3].map((n) => aRefusal(n));
  await api.refusalStore.keep(kept);
});
afterEach(() => api.close());
const marksOf = (body: { refusals: { certificate: { sha256: string } }[] }): string[] => body.refusals.map(({ certificate }) => certificate.sha256);
const prints = (...numbers: number[]): string[] => numbers.map((n) => aThumbprint(`${n}`));

describe('GET /fleetgate/refusals', () => {
  it('shows each with why, with what to do and with how often', async () => {
    const answer = await api.ask(`GET ${PATH}?limit=1`, { as: 'main/reader' });
    expect([answer.statusCode, answer.json().refusals]).toEqual([
      200,
      [
        {
          id: expect.stringMatching(/^[\w-]+$/),
          ...{ tenant: 'main', code: 'path.outside-validity', depth: 0 },
          sentence: expect.stringMatching(/^path\.outside-validity at depth 0: required is that .+ \(RFC 5280 §6\.1\.3 \(a\)\(2\)\); found: certificate "CN=press-7", days 3\. Renew/),
          requires: 'the time of connection lies within notBefore..notAfter, both ends included',
          cites: 'RFC 5280 §6.1.3 (a)(2)',
          evidence: { certificate: '"CN=press-7"', days: 3 },
          whatToDo: 'Renew the certificate, or correct the clock.',
          ...{ device: 'press-7', clientId: 'd:press-7', certificatesSent: 2, from: '192.0.2.7', count: 1 },
          certificate: { sha256: aThumbprint('3'), serialNumber: '0abc', subject: '"CN=press-7"', issuer: '"CN=Works CA"' },
          ...{ firstSeen: after(3).toISOString(), lastSeen: after(3).toISOString() },
        },
      ],
    ]);
  });

  it('shows one without depth, certificate and evidence as it is', async () => {
    const { leaf: _, ...bare } = aRefusal(9, { refusal: { code: 'chain.absent' }, tenant: aTenantId('management'), device: '' });
    await api.refusalStore.keep([bare]);
    const [shown] = (await api.ask(`GET ${PATH}`, { as: 'management/admin' })).json().refusals;
    expect(shown).toMatchObject({ code: 'chain.absent', evidence: {}, device: '', tenant: 'management' });
    expect([shown.depth, shown.certificate]).toEqual([undefined, undefined]);
  });

  it('goes from page to page, and keeps the filters', async () => {
    const seen: string[] = [];
    for (let next: string | undefined = `${PATH}?limit=2&device=press-7&since=2026-11-24T12:00:00Z`; next; ) {
      const body: { refusals: { certificate: { sha256: string } }[]; next?: string } = (await api.ask(`GET ${next}`, { as: 'main/registrar' })).json();
      seen.push(...marksOf(body));
      next = body.next?.replace('http://fleet.example.com', '');
      if (next) expect(next).toContain('&device=press-7&since=2026-11-24T12%3A00%3A00Z');
    }
    expect(seen).toEqual(prints(3, 2, 1));
  });

  it('filters by code, device and time', async () => {
    await api.refusalStore.keep([aRefusal(4, { refusal: { code: 'path.too-long', depth: 1 }, device: 'press-8' })]);
    const found = async (query: string) => marksOf((await api.ask(`GET ${PATH}?${query}`, { as: 'main/admin' })).json());
    expect(await found('code=path.too-long')).toEqual(prints(4));
    expect(await found('device=press-8')).toEqual(prints(4));
    expect(await found(`since=${after(3).toISOString()}`)).toEqual(prints(4, 3));
    expect(await found('code=tenant.ambiguous')).toEqual([]);
  });

  it('T09 shows a tenant its own, and the management tenant those of nobody or of the tenant that it names', async () => {
    await api.refusalStore.keep([aRefusal(7, { tenant: aTenantId('other') }), aRefusal(8, { tenant: aTenantId('management') })]);
    const ask = async (as: 'main/admin' | 'other/admin' | 'management/admin', query = '') => {
      const answer = await api.ask(`GET ${PATH}${query}`, { as });
      return answer.statusCode === 200 ? marksOf(answer.json()) : answer.statusCode;
    };
    expect(await ask('other/admin')).toEqual(prints(7));
    expect(await ask('management/admin')).toEqual(prints(8));
    expect(await ask('management/admin', '?tenant=other')).toEqual(prints(7));
    expect(await ask('management/admin', '?tenant=nobody')).toEqual([]);
    expect(await ask('main/admin', '?tenant=main')).toEqual(prints(3, 2, 1));
    expect(await ask('main/admin', '?tenant=other')).toBe(403);
    expect(await ask('main/admin', '?tenant=nobody')).toBe(403);
  });

  it('T11 takes the cursor of another tenant for a place in its own list', async () => {
    await api.refusalStore.keep([aRefusal(2, { tenant: aTenantId('other') })]);
    const [{ id }] = (await api.ask(`GET ${PATH}`, { as: 'other/admin' })).json().refusals;
    expect(marksOf((await api.ask(`GET ${PATH}?after=${id}`, { as: 'main/admin' })).json())).toEqual(prints(1));
  });

  it.each(['main/nobody', 'main/service', 'main/viewer'] as const)('is not for %s', async (as) => {
    expect((await api.ask(`GET ${PATH}`, { as })).statusCode).toBe(403);
  });

  it('is not for devices, and not for nobody', async () => {
    const certificate = aCaCertificate({ notAfter: after(9_999 * DAY) });
    await api.anchors.add(anAnchor({ certificate }), await api.epoch.current());
    expect((await api.ask(`GET ${PATH}`, { bearer: await api.tokenBy(certificate) })).statusCode).toBe(403);
    expect((await api.ask(`GET ${PATH}`)).statusCode).toBe(401);
  });

  it.each(['limit=0', 'limit=1001', 'code=path', 'code=path.no-such', 'code=toString', 'code=a&code=b', 'since=today', 'since=2026-02-30T00:00:00Z', 'since=2026-11-24', 'after=x', `after=${Buffer.from('[1]').toString('base64url')}`, `after=${Buffer.from('[1e99,"a","b"]').toString('base64url')}`, `device=${'x'.repeat(255)}`, 'device=a&device=b', 'tenant=a&tenant=b'])(
    'R10 says what is wrong with %s',
    async (query) => {
      const answer = await api.ask(`GET ${PATH}?${query}`, { as: 'management/admin' });
      expect([answer.statusCode, answer.json().message]).toEqual([400, expect.stringMatching(/^The query parameter (limit|code|since|after|device|tenant) must be /)]);
    },
  );
});
