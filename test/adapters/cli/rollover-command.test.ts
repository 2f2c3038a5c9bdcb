import { describe, expect, it } from '@jest/globals';
import { cliAtFakeApi } from './cli-at-fake-api.ts';
import type { Ran } from './run-cli.ts';

const { answering, asked, ...cli } = cliAtFakeApi();
const run = (...line: readonly string[]): Promise<Ran> => cli.run(['trust', 'rollover', ...line]);

const ROLLOVER = {
  former: { fingerprint: 'aaaa', status: 'ENABLED', name: 'Old \u001b[2J' }, successor: { fingerprint: 'bbbb', status: 'REMOVED' },
  endDate: '2027-03-31T00:00:00.000Z', overdue: true, progress: { onSuccessor: 83, stragglers: 17, percent: 83 },
};
const TOLD = [
  'former     aaaa (Old \\x1b[2J), enabled',
  'successor  bbbb, removed',
  '83 % of the devices on either were last seen on the successor: 83, and 17 on the former one alone.',
  'The former one shall not be needed after 2027-03-31 (overdue).',
  'See them: fleetgate trust rollover stragglers aaaa',
  '',
].join('\n');

describe('fleetgate trust rollover', () => {
  it('start says which certificate follows, and until when', async () => {
    await answering(() => ({ body: ROLLOVER }));
    expect(await run('start', 'AA:AA', 'bbbb', '--until', '2027-03-31')).toMatchObject({ exit: 0, out: TOLD });
    await run('start', 'aaaa', 'bbbb');
    expect(asked()).toEqual([
      ['PUT /fleetgate/trust/AA%3AAA/successor', { successor: 'bbbb', endDate: '2027-03-31' }],
      ['PUT /fleetgate/trust/aaaa/successor', { successor: 'bbbb' }],
    ]);
  });

  it('status tells how far one came, or all', async () => {
    const { endDate: _, ...endless } = ROLLOVER;
    await answering(({ what }) => ({ body: what.endsWith('rollovers') ? { rollovers: [ROLLOVER, { ...endless, overdue: false }] } : { ...endless, progress: { onSuccessor: 2, stragglers: 0, percent: 100 } } }));
    expect((await run('status')).out).toBe('FORMER  SUCCESSOR  DONE  STRAGGLERS  UNTIL\naaaa    bbbb       83 %  17          2027-03-31 (overdue)\naaaa    bbbb       83 %  17          -\n');
    expect((await run('status', 'aaaa')).out.split('\n').slice(2)).toEqual(['100 % of the devices on either were last seen on the successor: 2, and 0 on the former one alone.', '']);
    expect(asked()).toEqual(['GET /fleetgate/rollovers', 'GET /fleetgate/trust/aaaa/successor']);
  });

  const straggler = (id: string, online = false) => ({ id, lastSeen: '2026-11-24T12:00:00.000Z', notAfter: '2027-01-01T00:00:00.000Z', online });

  it('stragglers prints a page and how to get the next, or all', async () => {
    await answering(({ what }) => ({ body: what.includes('after=b') ? { stragglers: [straggler('c')] } : { stragglers: [straggler('a'), straggler('b', true)], next: 'x' } }));
    expect((await run('stragglers', 'aaaa', '--limit', '2')).out).toBe(
      'ID  LAST SEEN                 CERTIFICATE UNTIL         ONLINE\na   2026-11-24T12:00:00.000Z  2027-01-01T00:00:00.000Z  no\n' +
        "b   2026-11-24T12:00:00.000Z  2027-01-01T00:00:00.000Z  yes\nThere are more: --after 'b', or --all.\n",
    );
    expect(JSON.parse((await run('stragglers', 'aaaa', '--all', '--json')).out)).toMatchObject({ stragglers: [{ id: 'a' }, { id: 'b' }, { id: 'c' }], hasMore: false });
    const path = 'GET /fleetgate/trust/aaaa/successor/stragglers';
    expect(asked()).toEqual([`${path}?limit=2`, `${path}?limit=1000`, `${path}?limit=1000&after=b`]);
    expect((await run('stragglers', 'aaaa', '--limit', '0')).exit).toBe(2);
  });

  it('rollback takes the link back', async () => {
    await answering(() => ({ status: 204 }));
    expect(await run('rollback', 'aaaa')).toMatchObject({ exit: 0, out: 'aaaa has no successor any more.\n' });
    expect(asked()).toEqual(['DELETE /fleetgate/trust/aaaa/successor']);
  });

  it('hands on what the server refuses', async () => {
    await answering(() => ({ status: 404, body: { message: 'No successor.' } }));
    for (const line of [['start', 'a', 'b'], ['status'], ['status', 'a'], ['stragglers', 'a'], ['rollback', 'a']]) expect(await run(...line)).toMatchObject({ exit: 3, err: 'error: No successor.\n' });
  });
});
