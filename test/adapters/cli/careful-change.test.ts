import { describe, expect, it } from '@jest/globals';
import { cliAtFakeApi } from './cli-at-fake-api.ts';

const { answering, run, api, requestLines } = cliAtFakeApi();

const FORESEEN = {
  ...{ change: 'trust.disable', tenant: 't1', subject: 'abcd', sessionsOnline: 12, estimatedLiveTokens: 7 },
  devices: { dependOnItAlone: 120, haveAnotherWay: 3, alreadyOut: 1, notSeenYet: 40 },
  lastSeen: { today: 100, last7Days: 15, last30Days: 4, older: 1 },
  examples: ['press-1', 'a\u001b[31mb'],
  warnings: ['It may come back.'],
};
const REFUSED = {
  message: '120 devices depend on this alone, and more than 50 want to be confirmed. If that is meant, send it again with confirm=120.',
  details: { code: 'change.not-confirmed', evidence: { devices: 120, confirmAbove: 50 } },
};
const TRUSTED = { fingerprint: 'abcd', name: 'ca', status: 'DISABLED', autoRegistrationEnabled: true, subject: 'CN=Works CA', notAfter: '2030-01-01T00:00:00.000Z', revocation: { serialNumber: '0a1f', since: '2026-11-24T12:00:00.000Z' }, sessionsEnded: 1 };
const CERTIFICATE = '/tenant/tenants/t1/trusted-certificates/abcd';
const CASES: readonly (readonly [string, readonly string[], string])[] = [
  ['trust disable', ['trust', 'disable', 'abcd'], `PUT ${CERTIFICATE}`],
  ['trust remove', ['trust', 'remove', 'abcd'], `DELETE ${CERTIFICATE}`],
  ['devices block', ['devices', 'block', 'a b', '--reason', 'x'], 'POST /fleetgate/devices/a%20b/block'],
  ['devices remove', ['devices', 'remove', 'a b'], 'DELETE /fleetgate/devices/a%20b'],
  ['tenant suspend', ['tenant', 'suspend', 't1'], 'PUT /tenant/tenants/t1'],
  ['revoke', ['revoke', '--serial', '0a1f'], 'POST /fleetgate/revocations'],
  ['hold', ['hold', '--serial', '0a1f'], 'POST /fleetgate/revocations/hold'],
  ['option set', ['option', 'set', 'fleetgate', 'check.key-sizes', 'enforce'], 'PUT /tenant/options/fleetgate/check.key-sizes'],
  ['option remove', ['option', 'remove', 'fleetgate', 'keys.rsa-bits'], 'DELETE /tenant/options/fleetgate/keys.rsa-bits'],
];

describe('A change that may keep devices out', () => {
  it('with --dry-run prints a small table of whom it would hit, safe to print', async () => {
    await answering(() => ({ body: FORESEEN }));
    const { exit, out } = await run(['trust', 'disable', 'abcd', '--dry-run']);
    expect([exit, out.split('\n')]).toEqual([0, [
      'Nothing was changed. trust.disable abcd would hit:',
      'WHAT                           COUNT',
      'devices that would be out        120',
      '  seen today                     100',
      '  in the last 7 days              15',
      '  in the last 30 days              4',
      '  longer ago                       1',
      'devices with another way in        3',
      'devices that are out already       1',
      'registered devices never seen     40',
      'sessions that would end           12',
      'live tokens (estimate)             7',
      'such as press-1, a\\x1b[31mb, …',
      'warning: It may come back.',
      '',
    ]]);
    expect(JSON.parse((await run(['trust', 'disable', 'abcd', '--dry-run', '--json'])).out)).toEqual(FORESEEN);
  });

  it('with --dry-run says why, where the change is about rules', async () => {
    await answering(() => ({ body: { ...FORESEEN, change: 'option.change', subject: 'fleetgate/check.key-sizes=enforce', reasons: { 'key.not-chosen': 119, 'x\u001b[31m': 1 } } }));
    const { out } = await run(['option', 'set', 'fleetgate', 'check.key-sizes', 'enforce', '--dry-run']);
    expect(out).toContain('\nkey.not-chosen would refuse 119\nx\\x1b[31m would refuse 1\nsuch as press-1');
    expect(api().asked.at(-1)).toMatchObject({ body: '{"value":"enforce"}' });
  });

  it.each(CASES)('asks with dryRun=true and with confirm=N, and else as it did: %s', async (_what, line, request) => {
    await answering(({ what }) => (what.includes('dryRun') ? { body: FORESEEN } : { body: TRUSTED }));
    expect((await run([...line, '--dry-run'])).out).toContain('Nothing was changed.');
    expect((await run([...line, '--confirm', '120'])).exit).toBe(0);
    expect((await run(line)).out).not.toContain('Nothing was changed.');
    expect(requestLines()).toEqual([`${request}?dryRun=true`, `${request}?confirm=120`, request]);
  });

  const wanting = (number: string) => answering(({ what }) => (what.endsWith(`?confirm=${number}`) ? { body: TRUSTED } : { status: 409, body: REFUSED }));

  it.each(CASES)('asks a person at the terminal where the server wants the number: %s', async (_what, line, request) => {
    await wanting('120');
    const ran = await run(line, { typed: [' 120 '] });
    expect([ran.exit, ran.questions]).toEqual([0, ['120 devices depend on this alone, and more than 50 want to be confirmed. Type 120 to go on: ']]);
    expect(requestLines()).toEqual([request, `${request}?confirm=120`]);
  });

  it.each([['another number', ['119']], ['nothing', ['']], ['Ctrl-C', [undefined]]])('makes no change where the person types %s', async (_what, typed) => {
    await wanting('120');
    const { exit, err } = await run(['trust', 'disable', 'abcd'], { typed });
    expect([exit, err]).toEqual([3, expect.stringContaining('Look at it with --dry-run. If it is meant, add --confirm 120.')]);
    expect(requestLines()).toHaveLength(1);
  });

  it.each([['nobody can be asked', [], {}], ['JSON is wanted', ['--json'], { typed: ['120'] }], ['a number was given', ['--confirm', '3'], { typed: ['120'] }]])(
    'makes no change, and asks nobody, where %s',
    async (_what, more, options) => {
      await wanting('120');
      const ran = await run(['trust', 'remove', 'abcd', ...more], options);
      expect([ran.exit, ran.questions ?? []]).toEqual([3, []]);
      expect(ran.err).toContain('add --confirm 120');
      expect(requestLines()).toHaveLength(1);
    },
  );

  it('wants a whole number', async () => {
    await answering(() => ({ body: TRUSTED }));
    expect(await run(['trust', 'remove', 'abcd', '--confirm', 'all'])).toMatchObject({ exit: 2, err: expect.stringContaining('Give a whole number of devices.') });
    expect(requestLines()).toEqual([]);
  });

  it('of several devices looks at all of them, and says nothing of removals', async () => {
    await answering(({ what }) => (what.includes('/c') ? { status: 404, body: { message: 'No such device.' } } : { body: FORESEEN }));
    expect(JSON.parse((await run(['devices', 'remove', 'a', 'b', '--dry-run', '--json'])).out)).toEqual({ foreseen: [FORESEEN, FORESEEN] });
    expect((await run(['devices', 'remove', 'a', 'c', '--dry-run'])).err).toBe('error: No such device.\n');
  });
});
