import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { auditEntry } from '../../../src/domain/audit/audit-entry.ts';
import { anApi, type Api } from './an-api.ts';

let api: Api;
beforeEach(async () => {
  api = await anApi();
});
afterEach(() => api.close());

const said = (subject: string, { tenant = 'main', what = 'device.blocked', at = new Date('2026-11-24T12:00:00Z') } = {}) =>
  auditEntry({ what, tenant, by: 'main/admin', subject }, at, { before: { block: null }, after: { block: { reason: 'stolen' } } });

interface Page {
  readonly entries: readonly { readonly seq: number; readonly subject: string }[];
  readonly next?: string;
}

describe('GET /fleetgate/audit', () => {
  const ten = async () => api.trail.append(Array.from({ length: 10 }, (_, i) => said(`press-${i + 1}`)));
  const seqs = async (query: string): Promise<readonly number[]> => ((await api.ask(`GET /fleetgate/audit${query}`, { as: 'main/admin' })).json() as Page).entries.map(({ seq }) => seq);

  it('shows who did what, when, before and after', async () => {
    await api.trail.append([said('press-7')]);
    const [row] = await api.trail.list('main', {}, 1);
    const { statusCode, body } = await api.ask('GET /fleetgate/audit', { as: 'main/reader' });
    expect([statusCode, JSON.parse(body)]).toEqual([
      200,
      {
        entries: [
          {
            ...{ tenant: 'main', seq: 1, time: '2026-11-24T12:00:00.000Z', by: 'main/admin', what: 'device.blocked', subject: 'press-7' },
            ...{ before: { block: null }, after: { block: { reason: 'stolen' } }, former: '', hash: row!.hash },
          },
        ],
      },
    ]);
  });

  it('goes back page by page, and forth from an entry on, to the end', async () => {
    await ten();
    for (const [first, expected] of [['/fleetgate/audit?limit=4&what=device.blocked', [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]], ['/fleetgate/audit?limit=4&after=2', [3, 4, 5, 6, 7, 8, 9, 10]]] as const) {
      const found: number[] = [];
      for (let next: string | undefined = first; next !== undefined; ) {
        const page = (await api.ask(`GET ${next}`, { as: 'main/admin' })).json() as Page;
        found.push(...page.entries.map(({ seq }) => seq));
        next = page.next?.replace(/^https?:\/\/[^/]+/, '');
      }
      expect(found).toEqual(expected);
    }
    expect(await seqs('?after=0&limit=2')).toEqual([1, 2]);
  });

  it('filters by subject, what and time', async () => {
    await api.trail.append([said('a'), said('b', { at: new Date('2026-11-24T13:00:00Z') }), said('a', { what: 'device.removed', at: new Date('2026-11-24T14:00:00Z') })]);
    expect([await seqs('?subject=a'), await seqs('?what=device.removed'), await seqs('?from=2026-11-24T13:00:00Z'), await seqs('?until=2026-11-24T14:00:00%2B01:00')]).toEqual([[3, 1], [3], [3, 2], [1]]);
  });

  it('T09 is of one’s own tenant; the management tenant sees all', async () => {
    await api.trail.append([said('a'), said('b', { tenant: 'other' })]);
    const asked = async (as: 'main/admin' | 'other/admin' | 'management/admin', query = '') => {
      const { statusCode, body } = await api.ask(`GET /fleetgate/audit${query}`, { as });
      return [statusCode, statusCode === 200 ? (JSON.parse(body) as Page).entries.map(({ subject }) => subject) : (JSON.parse(body) as { error: string }).error];
    };
    expect(await asked('main/admin')).toEqual([200, ['a']]);
    expect(await asked('other/admin')).toEqual([200, ['b']]);
    expect(await asked('other/admin', '?tenant=main')).toEqual([403, 'security/Forbidden']);
    expect(await asked('other/admin', '?tenant=nobody')).toEqual([403, 'security/Forbidden']);
    expect(await asked('management/admin', '?tenant=main')).toEqual([200, ['a']]);
    expect(await asked('management/admin')).toEqual([200, []]);
  });

  it.each(['main/registrar', 'main/service', 'main/nobody'] as const)('is nothing for %s', async (as) => {
    for (const path of ['/fleetgate/audit', '/fleetgate/audit/verify']) expect((await api.ask(`GET ${path}`, { as })).statusCode).toBe(403);
  });

  it.each(['limit=0', 'limit=1001', 'after=-1', 'before=0', 'after=x', 'from=today', 'until=2026-13-01T00:00:00Z', 'from=2026-02-30T00:00:00Z', 'tenant=A', `subject=${'x'.repeat(401)}`, 'what=a&what=b', 'from=2026-01-01'])('R10 says what is wrong with %s', async (query) => {
    const { statusCode, body } = await api.ask(`GET /fleetgate/audit?${query}`, { as: 'management/admin' });
    expect([statusCode, (JSON.parse(body) as { message: string }).message]).toEqual([400, expect.stringContaining(query.split('=')[0]!)]);
  });
});

describe('GET /fleetgate/audit/verify', () => {
  const verified = async (as: 'main/admin' | 'management/admin', query = '') => (await api.ask(`GET /fleetgate/audit/verify${query}`, { as })).json() as object;

  it('says that the chain is as it was written, and where it ends', async () => {
    await api.trail.append([said('a'), said('b'), said('c', { tenant: 'other' })]);
    const [main, other] = [await api.trail.headOf('main'), await api.trail.headOf('other')];
    const ofMain = { tenant: 'main', rows: 2, head: main, problems: [], complete: true };
    const ofOther = { tenant: 'other', rows: 1, head: other, problems: [], complete: true };
    expect(await verified('main/admin')).toEqual({ intact: true, chains: [ofMain] });
    expect(await verified('management/admin')).toEqual({ intact: true, chains: [ofMain, ofOther] });
    expect(await verified('management/admin', '?tenant=other')).toEqual({ intact: true, chains: [ofOther] });
    expect((await api.ask('GET /fleetgate/audit/verify?tenant=other', { as: 'main/admin' })).statusCode).toBe(403);
  });

  it('names what was changed', async () => {
    await api.trail.append([said('a'), said('b')]);
    const rows = api.trail.rowsOf.bind(api.trail);
    api.trail.rowsOf = async function* (tenant) {
      for await (const row of rows(tenant)) yield row.seq === 1 ? { ...row, by: 'main/eve' } : row;
    };
    expect(await verified('main/admin')).toMatchObject({ intact: false, chains: [{ problems: [{ kind: 'changed', seq: 1, sentence: expect.stringContaining('Row 1') }] }] });
  });
});

describe('What is refused at the API', () => {
  it('is counted by class, with who asked: no login, no right, and rules', async () => {
    await api.ask('GET /fleetgate/audit');
    await api.ask('GET /fleetgate/audit', { as: 'main/nobody' });
    await api.ask('PUT /tenant/options/oauth.internal/device-token.enabled', { as: 'main/admin', payload: { value: 'perhaps' } });
    expect(api.counted).toEqual([
      { what: 'request.refused', tenant: undefined, code: 'access.bad-credentials', from: '127.0.0.1' },
      { what: 'request.refused', tenant: 'main', code: 'security/Forbidden', from: 'main/nobody' },
      { what: 'request.refused', tenant: 'main', code: 'tenant.unusable-option', from: 'main/admin' },
    ]);
  });

  it('is not what was found, what is not there, and what was written wrongly', async () => {
    for (const path of ['/fleetgate/audit', '/fleetgate/devices/nobody', '/no/such/path', '/fleetgate/audit?limit=x']) await api.ask(`GET ${path}`, { as: 'main/admin' });
    expect(api.counted).toEqual([]);
  });
});

describe('What is done by the API', () => {
  it('is in the audit before it is answered', async () => {
    const blocked = await api.ask('PUT /tenant/options/c', { as: 'main/admin', payload: { a: '1', 'credentials.b': 'hunter2' } });
    expect(blocked.statusCode).toBe(200);
    const rotated = await api.ask('POST /fleetgate/keys/rotate', { as: 'management/admin' });
    const { kid } = rotated.json() as { kid: string };
    const of = async (tenant: string) => (await api.trail.list(tenant, { after: 0 }, 9)).map(({ what, by, subject, after }) => [what, by, subject, after]);
    expect(await of('main')).toEqual([
      ['tenant.option-set', 'main/admin', 'c/a', '{"value":"1"}'],
      ['tenant.option-set', 'main/admin', 'c/credentials.b', '{"value":"<<Encrypted>>"}'],
    ]);
    expect(await of('management')).toEqual([
      ['keys.rotation-asked', 'management/admin', expect.any(String), ''],
      ['keys.rotated', 'management/admin', kid, JSON.stringify({ kid })],
    ]);
  });

  it('is not done where the audit of it cannot be kept', async () => {
    api.trail.append = async () => Promise.reject(new Error('no disk'));
    const before = api.signer.keyId();
    expect((await api.ask('POST /fleetgate/keys/rotate', { as: 'management/admin' })).statusCode).toBe(503);
    expect(api.signer.keyId()).toBe(before);
  });
});
