import { describe, expect, it } from '@jest/globals';
import { cliAtFakeApi } from './cli-at-fake-api.ts';
import type { Answer } from './fake-api.ts';
import { runCli } from './run-cli.ts';

const { answering, run, requestLines } = cliAtFakeApi();

const entry = (seq: number, more: object = {}) => ({
  ...{ tenant: 'main', seq, time: '2026-11-24T12:00:00.000Z', by: 'main/admin', what: 'anchor.changed', subject: `ca-${seq}`, former: '', hash: 'a'.repeat(64) },
  ...more,
});
const CHAIN = { tenant: 'main', rows: 9, head: { seq: 9, hash: 'f'.repeat(64) }, complete: true, problems: [] };
const SPOILT = { ...CHAIN, problems: [{ kind: 'missing', seq: 4, sentence: 'Row 4 is missing.' }] };

describe('fleetgate audit list', () => {
  it('shows the newest at the end, with what changed', async () => {
    await answering(() => ({ body: { entries: [entry(2, { before: { status: 'enabled' }, after: { status: 'disabled' } }), entry(1, { after: { name: 'Plant 7' } })] } }));
    expect(await run(['audit', 'list'])).toEqual({
      exit: 0,
      err: '',
      out: [
        'NO  TIME                      BY          WHAT            SUBJECT  CHANGE',
        '1   2026-11-24T12:00:00.000Z  main/admin  anchor.changed  ca-1     name: Plant 7',
        '2   2026-11-24T12:00:00.000Z  main/admin  anchor.changed  ca-2     status: enabled → disabled',
        '',
      ].join('\n'),
    });
    expect(requestLines()).toEqual(['GET /fleetgate/audit?limit=50']);
  });

  it('asks for what was asked for', async () => {
    await answering(() => ({ body: { entries: [entry(1)] } }));
    const ran = await run(['audit', 'list', '--tenant', 'acme', '--subject', 'a b', '--what', 'x', '--from', 'f', '--until', 'u', '--limit', '7', '--json']);
    expect([ran.exit, JSON.parse(ran.out)]).toEqual([0, { entries: [entry(1)] }]);
    expect(requestLines()[0]).toBe('GET /fleetgate/audit?limit=7&tenant=acme&subject=a+b&what=x&from=f&until=u');
  });

  it('follows from the last entry on, until the server says no', async () => {
    const answers: Answer[] = [{ body: { entries: [entry(2), entry(1)] } }, { body: { entries: [entry(3)] } }, { status: 403, body: { error: 'security/Forbidden', message: 'No longer.' } }];
    await answering(() => answers.shift()!);
    const ran = await run(['audit', 'list', '--follow', '--subject', 'x']);
    expect([ran.exit, ran.out.split('\n').map((line) => line.split(' ')[0]), ran.err]).toEqual([3, ['1', '2', '3', ''], expect.stringContaining('No longer.')]);
    expect(requestLines()).toEqual([
      'GET /fleetgate/audit?limit=50&subject=x',
      'GET /fleetgate/audit?limit=1000&after=2&subject=x',
      'GET /fleetgate/audit?limit=1000&after=3&subject=x',
    ]);
  });

  it('lets nothing from the server move the cursor', async () => {
    await answering(() => ({ body: { entries: [entry(1, { subject: 'a\u001b[2J', after: { 'b\u202e': 'c\u0007' } })] } }));
    expect((await run(['audit', 'list'])).out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe('fleetgate audit verify', () => {
  it('ends with 0 where all is as it was written, and says where the chain ends', async () => {
    await answering(() => ({ body: { intact: true, chains: [CHAIN] } }));
    expect(await run(['audit', 'verify'])).toEqual({ exit: 0, err: '', out: `main: 9 entries, as they were written; the end is 9:${'f'.repeat(64)}.\n` });
    expect((await run(['audit', 'verify', '--tenant', 'a/b', '--json'])).out).toBe(`${JSON.stringify({ intact: true, chains: [CHAIN] })}\n`);
    expect(requestLines()).toEqual(['GET /fleetgate/audit/verify', 'GET /fleetgate/audit/verify?tenant=a%2Fb']);
  });

  it('ends with 1 and names every row where not', async () => {
    await answering(() => ({ body: { intact: false, chains: [CHAIN, { ...SPOILT, tenant: 'other' }] } }));
    const ran = await run(['audit', 'verify']);
    expect([ran.exit, ran.out]).toEqual([1, expect.stringContaining('other: 1 of 9 entries are not as they were written')]);
    expect(ran.out).toContain('  ✗ Row 4 is missing.\n');
  });

  it('looks into a data directory without any server', async () => {
    const verifyAudit = async (folder: string) => (folder === '/data' ? [SPOILT, { ...CHAIN, tenant: 'other' }] : Promise.reject(new Error('There is no database.')));
    const ran = await run(['audit', 'verify', '--data-dir', '/data'], { verifyAudit });
    expect([ran.exit, ran.out]).toEqual([1, expect.stringContaining('Row 4 is missing.')]);
    expect(await run(['audit', 'verify', '--data-dir', '/data', '--tenant', 'other'], { verifyAudit })).toMatchObject({ exit: 0, out: expect.stringMatching(/^other: 9 entries/) });
    expect(await run(['audit', 'verify', '--data-dir', '/none'], { verifyAudit })).toEqual({ exit: 1, out: '', err: expect.stringContaining('There is no database.') });
  });

  it('says what is wrong where there is no server', async () => {
    const ran = await runCli(['audit', 'verify'], { env: { FLEETGATE_URL: 'http://127.0.0.1:1', FLEETGATE_USER: 'main/admin', FLEETGATE_PASSWORD: 'p' } });
    expect([ran.exit, ran.out]).toEqual([1, '']);
  });
});
