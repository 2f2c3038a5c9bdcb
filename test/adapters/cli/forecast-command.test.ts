import { describe, expect, it } from '@jest/globals';
import { cliAtFakeApi } from './cli-at-fake-api.ts';

const { answering, requestLines, ...cli } = cliAtFakeApi();
const run = (...more: readonly string[]) => cli.run(['forecast', ...more]);

const none = { count: 0, named: [] };
const week = (from: string, overrides: object = {}) => ({ from: `${from}T00:00:00.000Z`, leaves: 0, intermediates: none, anchors: none, serverCertificate: false, lists: none, signingKeys: 0, ...overrides });
const ending = (subject: string) => ({ count: 1, named: [{ fingerprint: 'abcd', subject, notAfter: '2026-12-05T00:00:00.000Z', devices: 12 }] });
const FORECAST = {
  weeks: [week('2026-11-24'), week('2026-12-01', { leaves: 3, anchors: ending('CN=Works\u001b[2J'), intermediates: ending('CN=Line') }), week('2026-12-08', { serverCertificate: true, signingKeys: 1, lists: { count: 1, named: [{ id: '17', issuer: 'CN=Works\u001b[2J', nextUpdate: '2026-12-09T00:00:00.000Z' }] } })],
  ended: { leaves: 1, intermediates: 0, anchors: 0, lists: 3 },
  later: { leaves: 40, intermediates: 1, anchors: 2, lists: 0 },
  signingKeys: [{ id: 'k2', madeAt: '2026-11-01T00:00:00.000Z' }, { id: 'k1', madeAt: '2026-10-01T00:00:00.000Z', checksUntil: '2026-12-09T00:00:00.000Z' }],
  endsBeforeReturn: { devices: 1, unknown: 7, named: [{ id: 'press-7', notAfter: '2026-12-05T00:00:00.000Z', expected: '2026-12-20T00:00:00.000Z' }] },
};

describe('fleetgate forecast', () => {
  it('prints the weeks in which something ends, what it is, and who will come too late', async () => {
    await answering(() => ({ body: FORECAST }));
    const { exit, out } = await run();
    expect([exit, out.split('\n')]).toEqual([0, [
      'WEEK FROM   DEVICES  INTERMEDIATES  CAS  LISTS  KEYS  SERVER',
      'ended       1        0              0    3',
      '2026-12-01  3        1              1    0      0',
      '2026-12-08  0        0              0    1      1     ends',
      'later       40       1              2    0',
      '',
      'ENDS        WHAT          DEVICES  FINGERPRINT OR ID  SUBJECT',
      '2026-12-05  CA            12       abcd               CN=Works\\x1b[2J',
      '2026-12-05  intermediate  12       abcd               CN=Line',
      '2026-12-09  list                   17                 CN=Works\\x1b[2J',
      '',
      'Certificates that end before their devices usually return: 1. Devices away of which nobody knows when they return: 7.',
      '  press-7 until 2026-12-05, expected 2026-12-20',
      'Tokens are signed by the key k2, made 2026-11-01.',
      '',
    ]]);
    expect(JSON.parse((await run('--json')).out)).toEqual(FORECAST);
    expect(requestLines()).toEqual(['GET /fleetgate/forecast', 'GET /fleetgate/forecast']);
  });

  it('hands on what the server refuses', async () => {
    await answering(() => ({ status: 403, body: { message: 'Access is denied.' } }));
    expect(await run()).toMatchObject({ exit: 3, err: 'error: Access is denied.\n' });
  });
});
