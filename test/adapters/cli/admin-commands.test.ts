import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { aRoot } from '../../support/pki.ts';
import { cliAtFakeApi } from './cli-at-fake-api.ts';
import { folderForEachTest } from './folder-for-each-test.ts';

const { answering, run, asked, api } = cliAtFakeApi();
const { path: dir, fileOf } = folderForEachTest();

const TENANT = { id: 'acme', domain: 'acme.example.com', status: 'ACTIVE', creationTime: '2026-11-24T12:00:00.000Z' };
const TRUSTED = {
  fingerprint: 'ab'.repeat(20), name: 'ca', status: 'ENABLED', autoRegistrationEnabled: true, subject: 'CN=Works CA', notAfter: '2030-01-01T00:00:00.000Z',
};

describe('fleetgate tenant', () => {
  it('create makes a tenant and a password for its administrator, which it shows once', async () => {
    await answering(() => ({ status: 201, body: TENANT }));
    const { exit, out } = await run(['tenant', 'create', 'acme', '--domain', 'acme.example.com', '--admin', 'ada']);
    expect(exit).toBe(0);
    const [[what, body]] = asked() as [[string, Record<string, string>]];
    expect(what).toBe('POST /tenant/tenants');
    expect(body).toEqual({ id: 'acme', domain: 'acme.example.com', adminName: 'ada', adminPass: expect.stringMatching(/^[\w-]{20}$/) });
    expect(out).toContain(`acme/ada with the password ${body['adminPass']}`);
  });

  it('create takes the password from standard input, and does not show it', async () => {
    await answering(() => ({ status: 201, body: TENANT }));
    const { exit, out } = await run(['tenant', 'create', 'acme', '--admin', 'ada', '--admin-password-file', '-', '--json'], { input: 'secret words\n' });
    expect(exit).toBe(0);
    expect(asked()).toEqual([['POST /tenant/tenants', { id: 'acme', adminName: 'ada', adminPass: 'secret words' }]]);
    expect(JSON.parse(out)).toEqual(TENANT);
  });

  it.each([
    ['a password and no name for it', ['--admin-password-file', '-'], '--admin'],
    ['an empty password', ['--admin', 'ada', '--admin-password-file', '-'], 'no password'],
    ['a file that is not there', ['--admin', 'ada', '--admin-password-file', '/nowhere/x'], 'ENOENT'],
  ])('create asks nothing of the server when it is given %s', async (_what, options, reason) => {
    await answering(() => ({}));
    const { exit, err } = await run(['tenant', 'create', 'acme', ...options]);
    expect([exit, api().asked]).toEqual([2, []]);
    expect(err).toContain(reason);
  });

  it('list prints all pages as a table', async () => {
    await answering(({ what }) => ({ body: what.endsWith('currentPage=1') ? { tenants: [TENANT], next: 'x' } : { tenants: [{ ...TENANT, id: 'other' }] } }));
    const { out } = await run(['tenant', 'list']);
    expect(out).toBe(
      'ID     STATUS  MADE                      DOMAIN\n' +
        'acme   ACTIVE  2026-11-24T12:00:00.000Z  acme.example.com\n' +
        'other  ACTIVE  2026-11-24T12:00:00.000Z  acme.example.com\n',
    );
    expect(asked()).toEqual(['GET /tenant/tenants?pageSize=2000&currentPage=1', 'GET /tenant/tenants?pageSize=2000&currentPage=2']);
  });

  it.each([['suspend', 'SUSPENDED', 'suspended'], ['activate', 'ACTIVE', 'active']])('%s says so to the server', async (verb, status, word) => {
    await answering(() => ({ body: TENANT }));
    expect((await run(['tenant', verb, 'ac/me'])).out).toBe(`The tenant ac/me is ${word}.\n`);
    expect(asked()).toEqual([['PUT /tenant/tenants/ac%2Fme', { status }]]);
  });

  it('option gets and sets the options of one’s own tenant', async () => {
    await answering(() => ({ body: { category: 'c', key: 'k', value: 'true' } }));
    expect((await run(['tenant', 'option', 'get', 'oauth.internal', 'device-token.enabled'])).out).toBe('true\n');
    expect((await run(['tenant', 'option', 'set', 'oauth.internal', 'device-token.enabled', 'false'])).out).toBe(
      'oauth.internal/device-token.enabled is false now.\n',
    );
    const path = '/tenant/options/oauth.internal/device-token.enabled';
    expect(asked()).toEqual([`GET ${path}`, [`PUT ${path}`, { value: 'false' }]]);
  });
});

describe('fleetgate trust', () => {
  it.each(['pem', 'der', 'base64'])('add sends a certificate that it reads from a %s file', async (form) => {
    await answering(() => ({ status: 201, body: { ...TRUSTED, warnings: ['It expires soon.'] } }));
    const { certificatePem, der } = await aRoot();
    const base64 = Buffer.from(der).toString('base64');
    const file = await fileOf('works.crt', form === 'pem' ? certificatePem : form === 'der' ? der : base64);
    const { exit, out } = await run(['trust', 'add', file, '--auto-registration']);
    expect(exit).toBe(0);
    expect(out).toBe(
      `Trusts CN=Works CA (ca), fingerprint ${TRUSTED.fingerprint}, valid until 2030-01-01.\nIts devices register by themselves.\nwarning: abababab: It expires soon.\n`,
    );
    const certInPemFormat = form === 'pem' ? certificatePem : base64;
    expect(asked()).toEqual([
      ['POST /tenant/tenants/t1/trusted-certificates', { name: 'works', status: 'ENABLED', autoRegistrationEnabled: true, certInPemFormat }],
    ]);
  });

  it('add never sends a private key', async () => {
    await answering(() => ({}));
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
    const der = privateKey.export({ format: 'der', type: 'pkcs8' });
    for (const content of [`${(await aRoot()).certificatePem}${pem}`, der, der.toString('base64')]) {
      const { exit, err } = await run(['trust', 'add', await fileOf('ca.pem', content)]);
      expect(exit).toBe(2);
      expect(err).toContain('Nothing was sent.');
    }
    expect(api().asked).toEqual([]);
  });

  it('list prints fingerprints, and warnings below', async () => {
    await answering(() => ({ body: { certificates: [{ ...TRUSTED, name: 'a\u001b[31mb', warnings: ['It expires soon.'] }] } }));
    const { out } = await run(['trust', 'list']);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^FINGERPRINT +STATUS +AUTO +UNTIL +NAME +SUBJECT$/),
      `${TRUSTED.fingerprint}  ENABLED  yes   2030-01-01  a\\x1b[31mb  CN=Works CA`,
      'warning: abababab: It expires soon.',
      '',
    ]);
  });

  it.each([
    ['enable', ['--auto-registration'], { status: 'ENABLED', autoRegistrationEnabled: true }],
    ['enable', ['--no-auto-registration'], { status: 'ENABLED', autoRegistrationEnabled: false }],
    ['enable', [], { status: 'ENABLED' }],
    ['disable', [], { status: 'DISABLED' }],
  ])('%s %j changes just that', async (verb, options, body) => {
    await answering(() => ({ body: TRUSTED }));
    expect((await run(['trust', verb, 'AB:CD', ...options])).exit).toBe(0);
    expect(asked()).toEqual([['PUT /tenant/tenants/t1/trusted-certificates/AB%3ACD', body]]);
  });

  it('remove asks the server whose tenant it is when the user name does not say', async () => {
    await answering(({ what }) => (what.startsWith('GET') ? { body: { name: 't9' } } : { status: 204 }));
    const { exit, out } = await run(['trust', 'remove', 'abcd'], { env: { FLEETGATE_USER: 'ada' } });
    expect([exit, out]).toEqual([0, 'Removed abcd.\n']);
    expect(asked()).toEqual(['GET /tenant/currentTenant', 'DELETE /tenant/tenants/t9/trusted-certificates/abcd']);
  });
});

describe('fleetgate devices', () => {
  const device = (id: string) => ({ id, userName: `device_${id}`, registeredBy: 'bulk', registeredAt: '2026-11-24T12:00:00.000Z', details: { NAME: 'Press' } });

  it('list prints a page and how to get the next', async () => {
    await answering(() => ({ body: { devices: [device('a'), device('b c')], next: 'x' } }));
    const { out } = await run(['devices', 'list', '--limit', '2', '--after', '0&1']);
    expect(out).toContain("b c  bulk  2026-11-24T12:00:00.000Z\nThere are more: --after 'b c', or --all.\n");
    expect(asked()).toEqual(['GET /fleetgate/devices?limit=2&after=0%261']);
  });

  it('list --all goes on to the last page', async () => {
    await answering(({ what }) => ({ body: what.includes('after') ? { devices: [device('b')] } : { devices: [device('a')], next: 'x' } }));
    expect(JSON.parse((await run(['devices', 'list', '--all', '--json'])).out)).toEqual({ devices: [device('a'), device('b')], hasMore: false });
    expect(asked()).toEqual(['GET /fleetgate/devices?limit=1000', 'GET /fleetgate/devices?limit=1000&after=a']);
  });

  it('show prints what is known', async () => {
    await answering(() => ({ body: device('a') }));
    expect((await run(['devices', 'show', 'a'])).out).toBe(
      'id          a\nuser name   device_a\nregistered  2026-11-24T12:00:00.000Z by a bulk file\nNAME        Press\n',
    );
  });

  it.each(['..', '.', 'a?b', 'press 7'])('show and remove ask for the very id, though it looks like a part of a path: %s', async (id) => {
    await answering(({ what }) => (what.startsWith('GET') ? { body: device(id) } : { status: 204 }));
    expect((await run(['devices', 'show', id])).exit).toBe(0);
    expect((await run(['devices', 'remove', id])).exit).toBe(0);
    expect(asked()).toEqual(['GET', 'DELETE'].map((method) => `${method} /fleetgate/devices/${encodeURIComponent(id)}`));
  });

  const block = { reason: 'stolen; see \u001b[2J#7', by: 'main/ada', at: '2026-11-25T08:00:00.000Z' };

  it('block sends the reason, and says what was done', async () => {
    await answering(() => ({ body: { ...device('a'), block } }));
    const { exit, out } = await run(['devices', 'block', '..', '--reason', 'stolen on 3 May']);
    expect([exit, out]).toEqual([0, 'Blocked ..: stolen on 3 May\n']);
    expect(JSON.parse((await run(['devices', 'block', 'a', '--reason', 'x', '--json'])).out)).toEqual({ ...device('a'), block });
    expect(asked()[0]).toEqual(['POST /fleetgate/devices/../block', { reason: 'stolen on 3 May' }]);
  });

  it('block wants a reason, and hands on why the server wants another', async () => {
    await answering(() => ({ status: 422, body: { message: 'Too long.', details: { code: 'registration.block-reason', remedy: 'Give a shorter one.' } } }));
    expect(await run(['devices', 'block', 'a'])).toMatchObject({ exit: 2, err: expect.stringContaining("required option '--reason <text>'") });
    expect(api().asked).toEqual([]);
    expect(await run(['devices', 'block', 'a', '--reason', 'x'])).toMatchObject({ exit: 3, err: 'error: Too long.\n  code: registration.block-reason\n  what to do: Give a shorter one.\n' });
  });

  it('unblock lets in again', async () => {
    await answering(() => ({ body: device('a') }));
    expect(await run(['devices', 'unblock', 'a/b'])).toMatchObject({ exit: 0, out: 'Unblocked a/b.\n' });
    expect(asked()).toEqual([['POST /fleetgate/devices/a%2Fb/unblock', {}]]);
  });

  it('list and show say who is blocked, and why, safe to print', async () => {
    await answering(({ what }) => ({ body: what.includes('limit') ? { devices: [{ ...device('a'), block }, device('b')] } : { ...device('a'), block } }));
    expect((await run(['devices', 'list'])).out).toBe(
      'ID  BY    REGISTERED                BLOCKED\na   bulk  2026-11-24T12:00:00.000Z  stolen; see \\x1b[2J#7\nb   bulk  2026-11-24T12:00:00.000Z\n',
    );
    expect((await run(['devices', 'show', 'a'])).out).toContain('blocked     2026-11-25T08:00:00.000Z by main/ada: stolen; see \\x1b[2J#7\n');
  });

  it('remove stops at the first refusal and says what was removed before', async () => {
    await answering(({ what }) => (what.endsWith('/c') ? { status: 404, body: { message: 'No such device.' } } : { status: 204 }));
    const { exit, err } = await run(['devices', 'remove', 'a', 'b', 'c', 'd']);
    expect([exit, err]).toEqual([3, 'error: No such device. Removed before: a, b.\n']);
    expect(api().asked).toHaveLength(3);
  });
});

describe('fleetgate devices import', () => {
  const RESULT = {
    numberOfAll: 3, numberOfCreated: 1, numberOfFailed: 1, numberOfSuccessful: 2, credentialUpdatedList: [],
    failedCreationList: [{ deviceId: 'c', failureReason: 'Line 4: bulk.auth-type: no', lineNumber: 4, code: 'bulk.auth-type' }],
  };
  const CSV = 'ID;AUTH_TYPE\na;CERTIFICATES\nb;CERTIFICATES\nc;BASIC\n';

  it('sends the file as it is, says what became of the rows, and fails when one failed', async () => {
    await answering(() => ({ status: 201, body: RESULT }));
    const { exit, out } = await run(['devices', 'import', await fileOf('f.csv', CSV)]);
    expect([exit, out]).toEqual([1, '3 rows: 1 registered, 1 updated, 1 failed.\nLine 4: bulk.auth-type: no (ID c)\n']);
    expect(api().asked[0]).toMatchObject({
      what: 'POST /devicecontrol/bulkNewDeviceRequests',
      body: CSV,
      headers: { 'content-type': 'text/csv', 'content-length': String(CSV.length), accept: 'application/json', authorization: `Basic ${btoa('t1/ada:pw')}` },
    });
  });

  it('reads standard input, and succeeds when all rows did', async () => {
    await answering(() => ({ status: 201, body: { ...RESULT, numberOfAll: 2, numberOfFailed: 0, failedCreationList: [] } }));
    const { exit, out } = await run(['devices', 'import', '-'], { input: CSV });
    expect([exit, out]).toEqual([0, '2 rows: 1 registered, 1 updated, 0 failed.\n']);
    expect(api().asked[0]!.body).toBe(CSV);
  });

  it('prints the first failed rows, all when asked, and all as JSON', async () => {
    const list = Array.from({ length: 30 }, (_, i) => ({ deviceId: '', failureReason: `Line ${i + 2}: x` }));
    await answering(() => ({ status: 201, body: { ...RESULT, failedCreationList: list } }));
    const file = await fileOf('f.csv', CSV);
    const { out } = await run(['devices', 'import', file]);
    expect(out.split('\n')).toHaveLength(1 + 20 + 2);
    expect(out).toContain('Line 21: x\n… and 10 more: --all-failures prints them, --json too.\n');
    expect((await run(['devices', 'import', file, '--all-failures'])).out).toContain('Line 31: x\n');
    const json = await run(['devices', 'import', file, '--json']);
    expect([json.exit, JSON.parse(json.out).failedCreationList.length]).toEqual([1, 30]);
  });

  it('draws a bar on a terminal only, and takes it away again', async () => {
    await answering(() => ({ status: 201, body: RESULT }));
    const file = await fileOf('f.csv', CSV);
    const { err } = await run(['devices', 'import', file], { isTerminal: true });
    expect(err).toContain(`\r[${'#'.repeat(30)}] 100 %  sent; the server finishes`);
    expect(err.endsWith('\r\u001b[K')).toBe(true);
    expect((await run(['devices', 'import', file])).err).toBe('');
  });

  it('sends all that a pipe holds, though a pipe has no size', async () => {
    await answering(() => ({ status: 201, body: RESULT }));
    const pipe = join(dir(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const [{ out }] = await Promise.all([run(['devices', 'import', pipe]), writeFile(pipe, CSV)]);
    expect(out).toContain('3 rows: 1 registered');
    expect(api().asked[0]!.body).toBe(CSV);
    expect(api().asked[0]!.headers).not.toHaveProperty('content-length');
  });

  it('says so when it is given a directory, and asks nothing', async () => {
    await answering(() => ({}));
    expect(await run(['devices', 'import', dir()])).toMatchObject({ exit: 2, err: `error: '${dir()}' is a directory. Name the CSV file in it.\n` });
    expect(api().asked).toEqual([]);
  });

  it('says so when there is no file, and asks nothing', async () => {
    await answering(() => ({}));
    const { exit, err } = await run(['devices', 'import', join(dir(), 'none.csv')]);
    expect(exit).toBe(2);
    expect(err).toMatch(/The file cannot be read: .*ENOENT/);
    expect(api().asked).toEqual([]);
  });

  it('says so when the server does not tell what became of the rows', async () => {
    await answering(() => ({ status: 201 }));
    expect(await run(['devices', 'import', await fileOf('f.csv', CSV)])).toMatchObject({ exit: 1, err: expect.stringContaining('did not say') });
  });
});

describe('fleetgate keys rotate', () => {
  it('asks for a new key and names it', async () => {
    await answering(() => ({ body: { kid: 'k2' } }));
    expect(await run(['keys', 'rotate'])).toMatchObject({ exit: 0, out: 'Tokens are signed by the key k2 from now on.\n' });
    expect(asked()).toEqual([['POST /fleetgate/keys/rotate', {}]]);
  });
});
