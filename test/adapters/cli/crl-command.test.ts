import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keyBegin } from '../../support/key-armour.ts';
import { cliAtFakeApi } from './cli-at-fake-api.ts';
import type { Answer, Asked } from './fake-api.ts';
import type { Ran } from './run-cli.ts';

const LIST = { id: 'l1', fingerprint: 'ab', issuer: 'CN=Works', nextUpdate: '2027-01-01T00:00:00.000Z', entries: 2, from: 'main/ada' };
const RULE = { fingerprint: 'ab', urls: ['http://ca/x'], acceptHours: 24, refuseHours: 72, missing: 'refuse' };
const LISTS = '/fleetgate/revocation-lists';
const RULES = '/fleetgate/revocation-list-rules/ab';

describe('fleetgate crl', () => {
  const { answering, api, ...cli } = cliAtFakeApi();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fleetgate-crl-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = async (answers: (asked: Asked) => Answer, ...line: readonly string[]): Promise<Ran> => {
    await answering(answers);
    return cli.run(['crl', ...line]);
  };
  const file = (content: string): string => {
    writeFileSync(join(folder, 'list'), content);
    return join(folder, 'list');
  };
  const asked = () => api().asked.map(({ what, body }) => (body === '' ? what : [what, body]));

  it.each([
    ['off', /check\.crl is off.*check\.crl report/],
    ['report', /the audit log tells whom it would.*check\.crl enforce/],
    ['enforce', /^List l1 of CN=Works is in force: 2 revoked, the next one is due 2027-01-01T00:00:00\.000Z\.\n$/],
  ])('add sends the list as it is, and says what is still to be done where lists are %s', async (value, text) => {
    const ran = await run(({ what }) => ({ body: what.startsWith('GET') ? { value } : LIST }), 'add', 'ab', file('a list'));
    expect([ran.exit, ran.out]).toEqual([0, expect.stringMatching(text)]);
    expect(asked()).toEqual([[`POST ${LISTS}/ab`, 'a list'], 'GET /tenant/options/fleetgate/check.crl']);
    expect(api().asked[0]!.headers).toMatchObject({ 'content-type': 'application/pkix-crl', 'content-length': '6' });
  });

  it('add sends nothing where the file holds a private key, or is not there', async () => {
    const ran = await run(() => ({}), 'add', 'ab', file(keyBegin()));
    expect([ran.exit, ran.err, api().asked]).toEqual([2, expect.stringContaining('Nothing was sent'), []]);
    expect((await run(() => ({}), 'add', 'ab', join(folder, 'none'))).exit).toBe(2);
  });

  it('list prints a table, whatever servers put into it', async () => {
    const ran = await run(() => ({ body: { revocationLists: [LIST, { ...LIST, id: 'l2', deltaOf: '1', issuer: 'CN=\u001b' }] } }), 'list');
    expect(ran.out.split('\n')).toEqual([
      expect.stringMatching(/^ID +CA +KIND +REVOKED +NEXT UPDATE +FROM +ISSUER$/),
      expect.stringMatching(/^l1 +ab +full +2 +2027-01-01T00:00 +main\/ada +CN=Works$/),
      expect.stringMatching(/^l2 +ab +delta .*CN=\\x1b$/),
      '',
    ]);
  });

  it('remove asks for the very list', async () => {
    const ran = await run(() => ({ status: 204 }), 'remove', 'l/1');
    expect([ran.out, asked()]).toEqual(['List l/1 is no longer in force.\n', [`DELETE ${LISTS}/l%2F1`]]);
  });

  it('rule shows, changes what is given and leaves the rest, and forgets', async () => {
    const answers = () => ({ body: RULE });
    expect((await run(answers, 'rule', 'ab')).out).toBe('Lists are fetched from http://ca/x.\nA list counts as new for 24 hours after its nextUpdate, and lets devices in with a warning until 72 hours after it.\nA device of whose certificate no list speaks is refused.\n');
    await run(answers, 'rule', 'ab', '--fetch-from', 'http://ca/1', 'http://ca/2', '--accept-hours', '3');
    expect(asked()).toEqual([`GET ${RULES}`, [`PUT ${RULES}`, JSON.stringify({ urls: ['http://ca/1', 'http://ca/2'], acceptHours: 3, refuseHours: 72, missing: 'refuse' })]]);
    await run(answers, 'rule', 'ab', '--usual');
    expect(asked()).toEqual([`DELETE ${RULES}`, `GET ${RULES}`]);
    expect((await run(answers, 'rule', 'ab', '--usual', '--missing', 'accept')).exit).toBe(2);
  });
});
