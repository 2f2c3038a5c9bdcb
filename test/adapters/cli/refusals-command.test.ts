import { describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { refusalsCommand } from '../../../src/adapters/cli/refusals-command.ts';
import { cliAtFakeApi } from './cli-at-fake-api.ts';
import type { Ran } from './run-cli.ts';

const { answering, access, requestLines, ...cli } = cliAtFakeApi();
const run = (...line: string[]): Promise<Ran> => cli.run(['refusals', ...line]);

const at = (second: number): string => `2026-11-24T12:00:0${second}.000Z`;
const refusal = (id: string, second: number, overrides = {}) => ({
  ...{ id, tenant: 't1', code: 'path.outside-validity', depth: 0, evidence: { certificate: '"CN=press-7"' }, whatToDo: 'Renew it.', device: 'press-7' },
  ...{ from: '192.0.2.7', count: 1, firstSeen: at(0), lastSeen: at(second) },
  ...overrides,
});

describe('fleetgate refusals', () => {
  it('shows each with what was found and what to do', async () => {
    await answering(() => ({ body: { refusals: [refusal('b', 2, { count: 3, device: 'a\u001bb' }), { ...refusal('a', 1, { device: '', evidence: {} }), depth: undefined }], next: 'x' } }));
    expect((await run()).out).toBe(
      `${at(2)}  a\\x1bb  path.outside-validity at depth 0  from 192.0.2.7, 3 times since ${at(0)}\n  found  certificate "CN=press-7"\n  do     Renew it.\n` +
        `${at(1)}  (no name)  path.outside-validity  from 192.0.2.7\n  do     Renew it.\nThere are more: --limit shows up to 1000.\n`,
    );
    expect(requestLines()).toEqual(['GET /fleetgate/refusals?limit=20']);
  });

  it('says so when there are none', async () => {
    await answering(() => ({ body: { refusals: [] } }));
    expect(await run()).toEqual({ exit: 0, out: 'Nobody was refused.\n', err: '' });
    expect(JSON.parse((await run('--json')).out)).toEqual({ refusals: [], hasMore: false });
  });

  it('asks for what was wished', async () => {
    await answering(() => ({ body: { refusals: [] } }));
    await run('--code', 'path.too-long', '--device', 'a&b', '--since', at(1), '--tenant', 't2', '--limit', '7');
    expect(requestLines()).toEqual([`GET /fleetgate/refusals?limit=7&code=path.too-long&device=a%26b&since=${encodeURIComponent(at(1))}&tenant=t2`]);
    expect((await run('--limit', '1001')).exit).toBe(2);
  });

  it('ends with the reason where the server says no', async () => {
    await answering(() => ({ status: 403, body: { error: 'security/Forbidden', message: 'Access is denied.' } }));
    expect(await run()).toMatchObject({ exit: 3, err: expect.stringContaining('Access is denied.') });
  });
});

describe('fleetgate refusals --follow', () => {
  const follow = async (rounds: number, ...line: string[]): Promise<{ out: string; err: string }> => {
    let [out, err, left] = ['', '', rounds];
    const command = refusalsCommand({
      ...{ env: access(), write: (text) => void (out += text), writeError: (text) => void (err += text), isTerminal: false, input: Readable.from([]), now: () => new Date() },
      again: async () => (left -= 1) > 0,
    }).exitOverride().configureOutput({ outputError: () => undefined });
    await command.parseAsync(['--follow', ...line], { from: 'user' }).catch(() => undefined);
    return { out, err };
  };

  it('shows what is there, oldest first, then each that is new or comes again, once', async () => {
    const rounds = [[refusal('b', 2), refusal('a', 1)], [refusal('b', 2)], [refusal('a+', 4, { count: 2 }), refusal('c', 3), refusal('b', 2)], []];
    let round = 0;
    await answering(() => ({ body: { refusals: rounds[round++] ?? [] } }));
    const { out } = await follow(5, '--json', '--device', 'press-7');
    expect(out.trim().split('\n').map((line) => JSON.parse(line).id)).toEqual(['a', 'b', 'c', 'a+', undefined]);
    const since = (second: number) => `&since=${encodeURIComponent(at(second))}`;
    expect(requestLines()).toEqual([
      'GET /fleetgate/refusals?limit=20&device=press-7',
      ...[since(2), since(2), since(4), since(4)].map((from) => `GET /fleetgate/refusals?limit=1000&device=press-7${from}`),
    ]);
  });

  it('ends with the reason when the server is gone', async () => {
    let round = 0;
    await answering(() => (round++ === 0 ? { body: { refusals: [refusal('a', 1)] } } : { status: 503, body: { message: 'The database is closed.' } }));
    const { out, err } = await follow(5);
    expect([out.includes('press-7'), err]).toEqual([true, expect.stringContaining('The database is closed.')]);
  });
});
