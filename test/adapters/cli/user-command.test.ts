import { writeFileSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { cliAtFakeApi } from './cli-at-fake-api.ts';
import { folderForEachTest } from './folder-for-each-test.ts';

const { answering, run, asked, api } = cliAtFakeApi();
const { path: dir } = folderForEachTest();

const role = (id: string) => ({ role: { id, name: id } });
const BOB = {
  userName: 'bob', enabled: true, displayName: '', firstName: '', lastName: '', email: 'bob@example.com', lastPasswordChange: '2026-11-24T12:00:00.000Z',
  roles: { references: [role('ROLE_TENANT_ADMIN'), role('ROLE_DEVICE_CONTROL_ADMIN')] },
};
const USERS = '/user/t1/users';

describe('fleetgate user list and show', () => {
  it('list prints all pages as a table, of those whose names begin so', async () => {
    const eve = { ...BOB, userName: 'b\u001b[2Jeve', enabled: false, email: '', roles: { references: [] } };
    await answering(({ what }) => ({ body: what.includes('currentPage=1') ? { users: [BOB], next: 'x' } : { users: [eve] } }));
    const { exit, out } = await run(['user', 'list', '--prefix', 'b&']);
    expect(exit).toBe(0);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^NAME +STATE +EMAIL +ROLES$/),
      expect.stringMatching(/^bob +enabled +bob@example\.com +ROLE_TENANT_ADMIN ROLE_DEVICE_CONTROL_ADMIN$/),
      expect.stringMatching(/^b\\x1b\[2Jeve +disabled$/),
      '',
    ]);
    expect(asked()).toEqual([1, 2].map((page) => `GET ${USERS}?pageSize=2000&currentPage=${page}&username=b%26`));
  });

  it.each([
    ['that is named, though it is not one’s own', 't1/ada', ['--tenant', 'ac/me'], ['GET /user/ac%2Fme/users?pageSize=2000&currentPage=1']],
    ['that the server says, where the user name does not', 'ada', [], ['GET /tenant/currentTenant', 'GET /user/t9/users?pageSize=2000&currentPage=1']],
  ])('list asks for the tenant %s', async (_which, user, options, expected) => {
    await answering(() => ({ body: { name: 't9', users: [] } }));
    expect((await run(['user', 'list', ...options, '--json'], { env: { FLEETGATE_USER: user } })).out).toBe('[]\n');
    expect(asked()).toEqual(expected);
  });

  it('show prints what is known, and nothing where nothing is', async () => {
    await answering(() => ({ body: BOB }));
    expect((await run(['user', 'show', 'bob'])).out).toBe(
      'name         bob\nstate        enabled\nroles        ROLE_TENANT_ADMIN ROLE_DEVICE_CONTROL_ADMIN\nemail        bob@example.com\npassword of  2026-11-24T12:00:00.000Z\n',
    );
  });

  it('show prints the user of a device, of whom less is known', async () => {
    await answering(() => ({ body: { userName: 'device_press-7', enabled: true, roles: { references: [] } } }));
    expect((await run(['user', 'show', 'device_press-7'])).out).toBe('name         device_press-7\nstate        enabled\nroles        none\n');
  });

  it.each(['..', 'a?b', 'a/b'])('show and remove ask for the very name, though it looks like a part of a path: %s', async (name) => {
    await answering(({ what }) => (what.startsWith('GET') ? { body: BOB } : { status: 204 }));
    expect((await run(['user', 'show', name])).exit).toBe(0);
    expect((await run(['user', 'remove', name])).out).toBe(`The user ${name} is removed.\n`);
    expect(asked()).toEqual(['GET', 'DELETE'].map((method) => `${method} ${USERS}/${encodeURIComponent(name)}`));
  });
});

describe('fleetgate user add', () => {
  it('makes a user and a password, which it shows once', async () => {
    await answering(() => ({ status: 201, body: BOB }));
    const { exit, out } = await run(['user', 'add', 'bob', '--role', 'ROLE_A', '--role', 'ROLE_B', '--email', 'bob@example.com', '--display-name', 'Bob']);
    expect(exit).toBe(0);
    const [[what, body]] = asked() as [[string, Record<string, string>]];
    expect([what, body]).toEqual([
      `POST ${USERS}`,
      { userName: 'bob', password: expect.stringMatching(/^[\w-]{20}$/), roles: ['ROLE_A', 'ROLE_B'], email: 'bob@example.com', displayName: 'Bob' },
    ]);
    expect(out).toBe(`Made the user bob with ROLE_A ROLE_B.\nThe password is ${body['password']}\nIt is shown this once.\n`);
  });

  it('makes another password each time', async () => {
    await answering(() => ({ status: 201, body: BOB }));
    const made = [await run(['user', 'add', 'bob', '--json']), await run(['user', 'add', 'bob', '--json'])].map(({ out }) => JSON.parse(out).password);
    expect(new Set(made).size).toBe(2);
  });

  it('takes the password from a file, and does not show it', async () => {
    await answering(() => ({ status: 201, body: BOB }));
    await writeFile(join(dir(), 'password'), ' secret words \r\n');
    const { out } = await run(['user', 'add', 'bob', '--password-file', join(dir(), 'password')]);
    expect(out).toBe('Made the user bob with no role.\n');
    expect(asked()).toEqual([[`POST ${USERS}`, { userName: 'bob', password: ' secret words ', roles: [] }]]);
  });

  it('takes no password from the command line, and asks nothing of the server then', async () => {
    await answering(() => ({}));
    expect((await run(['user', 'add', 'bob', '--password', 'secret words'])).exit).toBe(2);
    expect((await run(['user', 'add', 'bob', 'secret words'])).exit).toBe(2);
    expect(api().asked).toEqual([]);
  });

  it('says which roles there are when the server does not know one', async () => {
    await answering(() => ({ status: 422, body: { message: 'access.unknown-role: known ROLE_A ROLE_B', details: { code: 'access.unknown-role' } } }));
    expect(await run(['user', 'add', 'bob', '--role', 'ROLE_C'])).toMatchObject({ exit: 3, err: 'error: access.unknown-role: known ROLE_A ROLE_B\n' });
  });
});

describe('fleetgate user change, disable, enable and roles', () => {
  it.each([
    [['disable', 'bob'], { enabled: false }, 'The user bob is disabled.\n'],
    [['enable', 'bob'], { enabled: true }, 'The user bob is enabled.\n'],
    [['change', 'bob', '--email', '', '--first-name', 'Bob'], { email: '', firstName: 'Bob' }, 'The user bob is changed.\n'],
    [['change', 'bob', '--display-name', 'B', '--last-name', 'Bee'], { displayName: 'B', lastName: 'Bee' }, 'The user bob is changed.\n'],
    [['roles', 'bob', 'ROLE_TENANT_ADMIN', 'ROLE_DEVICE_CONTROL_ADMIN'], { roles: ['ROLE_TENANT_ADMIN', 'ROLE_DEVICE_CONTROL_ADMIN'] }, 'ROLE_TENANT_ADMIN\nROLE_DEVICE_CONTROL_ADMIN\n'],
  ])('%j changes just that', async (words, body, out) => {
    await answering(() => ({ body: BOB }));
    expect(await run(['user', ...words])).toMatchObject({ exit: 0, out });
    expect(asked()).toEqual([[`PUT ${USERS}/bob`, body]]);
  });

  it('roles --none takes every role', async () => {
    await answering(() => ({ body: { ...BOB, roles: { references: [] } } }));
    expect((await run(['user', 'roles', 'bob', '--none', '--tenant', 't2'])).out).toBe('bob has no role.\n');
    expect(asked()).toEqual([['PUT /user/t2/users/bob', { roles: [] }]]);
  });

  it('roles only shows where none is given: those of the user, or those there are', async () => {
    await answering(({ what }) => ({ body: what === 'GET /user/roles' ? { roles: [{ id: 'ROLE_A' }, { id: 'ROLE_B' }] } : BOB }));
    expect(JSON.parse((await run(['user', 'roles', 'bob', '--json'])).out)).toEqual({ userName: 'bob', roles: ['ROLE_TENANT_ADMIN', 'ROLE_DEVICE_CONTROL_ADMIN'] });
    expect((await run(['user', 'roles'])).out).toBe('ROLE_A\nROLE_B\n');
    expect(asked()).toEqual([`GET ${USERS}/bob`, 'GET /user/roles']);
  });

  it.each([
    ['no change', ['change', 'bob'], 'There is nothing to change.'],
    ['roles, and none', ['roles', 'bob', 'ROLE_A', '--none'], 'not both'],
    ['nobody to take roles from', ['roles', '--none'], 'Name the user'],
    ['a password, and to make one', ['password', 'bob', '--generate', '--password-file', '-'], 'not both'],
  ])('ask nothing of the server when they are given %s', async (_what, words, reason) => {
    await answering(() => ({}));
    expect(await run(['user', ...words], { input: 'x' })).toMatchObject({ exit: 2, err: expect.stringContaining(reason) });
    expect(api().asked).toEqual([]);
  });
});

describe('fleetgate user password', () => {
  it('asks twice on the terminal, and shows the password nowhere', async () => {
    await answering(() => ({ body: BOB }));
    const { exit, out, err, questions } = await run(['user', 'password', 'bob'], { typed: ['secret words', 'secret words'] });
    expect([exit, out, err]).toEqual([0, 'The user bob has another password, from now on.\n', '']);
    expect(questions).toEqual(['New password of bob: ', 'The same again: ']);
    expect(asked()).toEqual([[`PUT ${USERS}/bob`, { password: 'secret words' }]]);
  });

  it.each([
    ['two different ones are typed', ['secret words', 'secret word'], 'two different passwords'],
    ['none is typed', [''], 'Nothing was typed'],
    ['the question is broken off', [undefined], 'Nothing was typed'],
    ['the second question is broken off', ['secret words', undefined], 'Nothing was typed'],
  ])('changes nothing when %s', async (_why, typed, reason) => {
    await answering(() => ({}));
    const { exit, err } = await run(['user', 'password', 'bob'], { typed });
    expect([exit, err]).toEqual([2, expect.stringContaining(reason)]);
    expect(err).not.toContain('secret');
    expect(api().asked).toEqual([]);
  });

  it('says how to give it where there is no terminal', async () => {
    await answering(() => ({}));
    expect(await run(['user', 'password', 'bob'])).toMatchObject({ exit: 2, err: expect.stringContaining('--password-file, or use --generate') });
    expect(api().asked).toEqual([]);
  });

  it('makes one when it is told to, and shows it once', async () => {
    await answering(() => ({ body: BOB }));
    const { out } = await run(['user', 'password', 'bob', '--generate']);
    const [[, { password }]] = asked() as [[string, { password: string }]];
    expect(password).toMatch(/^[\w-]{20}$/);
    expect(out).toBe(`The user bob has another password, from now on.\nIt is ${password}\nIt is shown this once.\n`);
  });

  it.each([
    ['by the user name', 't1/ada', [], []],
    ['by a tenant that is named besides', 't1/ada', ['--tenant', 't1'], []],
    ['by the server, where the user name has no tenant', 'ada', ['--tenant', 't1'], ['GET /tenant/currentTenant']],
  ])('changes one’s own by the present one, and knows %s that it is', async (_how, user, options, before) => {
    await answering(({ what }) => ({ body: what.startsWith('GET') ? { name: 't1' } : BOB }));
    const { out } = await run(['user', 'password', 'ada', '--password-file', '-', ...options], { input: 'secret words\n', env: { FLEETGATE_USER: user } });
    expect(out).toBe('The user ada has another password, from now on.\nCommands need it from now on: set FLEETGATE_PASSWORD, or log in: fleetgate login.\n');
    expect(asked()).toEqual([...before, ['PUT /user/currentUser/password', { currentUserPassword: 'pw', newPassword: 'secret words' }]]);
  });

  it('of a namesake in another tenant is not one’s own', async () => {
    await answering(() => ({ body: BOB }));
    await run(['user', 'password', 'ada', '--tenant', 't2', '--generate']);
    expect(asked()).toEqual([['PUT /user/t2/users/ada', { password: expect.any(String) }]]);
  });

  const loggedIn = async (): Promise<Record<string, string>> => {
    const file = join(dir(), 'profile.json');
    await writeFile(file, JSON.stringify({ url: api().url, user: 't1/ada', password: 'old words' }), { mode: 0o600 });
    return { FLEETGATE_PROFILE: file, FLEETGATE_URL: '', FLEETGATE_USER: '', FLEETGATE_PASSWORD: '' };
  };

  it('keeps whoever is logged in so: the profile has the new one, and others still cannot read it', async () => {
    await answering(() => ({ body: BOB }));
    const env = await loggedIn();
    const { exit, out } = await run(['user', 'password', 'ada'], { env, typed: ['new words', 'new words'] });
    expect([exit, out]).toEqual([0, `The user ada has another password, from now on.\nThe profile ${env['FLEETGATE_PROFILE']} has it.\n`]);
    expect(asked()).toEqual([['PUT /user/currentUser/password', { currentUserPassword: 'old words', newPassword: 'new words' }]]);
    expect(JSON.parse(await readFile(env['FLEETGATE_PROFILE']!, 'utf8'))).toEqual({ url: api().url, user: 't1/ada', password: 'new words' });
    expect((await stat(env['FLEETGATE_PROFILE']!)).mode & 0o777).toBe(0o600);
  });

  it('leaves the profile as it is when the server refuses, and when it is about somebody else', async () => {
    await answering(({ what }) => (what.includes('currentUser') ? { status: 422, body: { message: 'Too short.' } } : { body: BOB }));
    const env = await loggedIn();
    expect((await run(['user', 'password', 'ada', '--generate'], { env })).exit).toBe(3);
    expect((await run(['user', 'password', 'bob', '--generate'], { env })).exit).toBe(0);
    expect(JSON.parse(await readFile(env['FLEETGATE_PROFILE']!, 'utf8')).password).toBe('old words');
  });

  it('still shows a password that it made when the profile is of another login by then, and fails', async () => {
    const other = JSON.stringify({ url: 'https://other.example.com', user: 't1/ada', password: 'other words' });
    await answering(() => {
      writeFileSync(join(dir(), 'profile.json'), other);
      return { body: BOB };
    });
    const { exit, out } = await run(['user', 'password', 'ada', '--generate'], { env: await loggedIn() });
    const [[, { newPassword }]] = asked() as [[string, { newPassword: string }]];
    expect(exit).toBe(1);
    expect(out).toContain(`It is ${newPassword}\n`);
    expect(out).toContain('does not have the new password: it is of another login by now. Log in again');
    expect(await readFile(join(dir(), 'profile.json'), 'utf8')).toBe(other);
  });
});
