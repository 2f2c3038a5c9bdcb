import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer as createTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aRoot, aServer } from '../../support/pki.ts';
import { cliAtFakeApi } from './cli-at-fake-api.ts';
import { fakeApi, type Answer, type Asked } from './fake-api.ts';
import { runCli, type Ran, type RunOptions } from './run-cli.ts';

let home: string;
const { api, ...cli } = cliAtFakeApi();
/** What a test opened besides: it is closed also when the test fails. */
const opened: (() => Promise<void>)[] = [];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'fleetgate-home-'));
});
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
  await rm(home, { recursive: true });
});

const ANSWERS = { name: 'main', devices: [], effectiveRoles: [{ name: 'ROLE_A' }, { name: 'ROLE_B' }], keys: [] };
const answering = (answers: (asked: Asked) => Answer = () => ({ body: ANSWERS })): Promise<void> => cli.answering(answers);
const run = (line: readonly string[], options: RunOptions = {}): Promise<Ran> => runCli(line, { ...options, env: { HOME: home, ...options.env } });
const login = (options: RunOptions = {}, user = 'main/ada'): Promise<Ran> => run(['login', api().url, '--user', user], { typed: ['secret words'], ...options });
const profile = (): string => join(home, '.config/fleetgate/profile.json');
const kept = async (): Promise<unknown> => JSON.parse(await readFile(profile(), 'utf8'));
const authorization = (): string => atob(String(api().asked.at(-1)!.headers.authorization).replace('Basic ', ''));
const LINE = ['devices', 'list'] as const;

describe('fleetgate login', () => {
  it('asks for the password, tries it, and keeps it where only its owner can read it', async () => {
    await answering();
    const { exit, out, err, questions } = await login();
    expect([exit, out, err]).toEqual([0, `Logged in as main/ada at ${api().url}.\nThe profile is ${profile()}; fleetgate logout removes it.\n`, '']);
    expect(questions).toEqual([`Password of main/ada at ${api().url}: `]);
    expect([api().asked.map(({ what }) => what), authorization()]).toEqual([['GET /tenant/currentTenant'], 'main/ada:secret words']);
    expect(await kept()).toEqual({ url: api().url, user: 'main/ada', password: 'secret words' });
    expect([(await stat(profile())).mode & 0o777, (await stat(join(home, '.config/fleetgate'))).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(await readdir(join(home, '.config/fleetgate'))).toEqual(['profile.json']);
  });

  it('lets every other command go without address, user and password', async () => {
    await answering();
    await login();
    expect(await run(LINE)).toMatchObject({ exit: 0, err: '' });
    expect(authorization()).toBe('main/ada:secret words');
  });

  it('takes the password from a file or standard input, prints JSON, and the password nowhere', async () => {
    await answering();
    const { out } = await run(['login', `${api().url}/`, '--user', 'main/ada', '--password-file', '-', '--json'], { input: 'secret words\n' });
    expect(JSON.parse(out)).toEqual({ url: api().url, user: 'main/ada', profile: profile() });
    expect(await kept()).toEqual({ url: api().url, user: 'main/ada', password: 'secret words' });
  });

  it('takes no password from the command line', async () => {
    await answering();
    expect((await run(['login', api().url, '--user', 'main/ada', '--password', 'secret words'])).exit).toBe(2);
    const { exit, err } = await run(['login', api().url.replace('//', '//ada:secret@'), '--user', 'main/ada'], { typed: ['x'] });
    expect([exit, err]).toEqual([2, expect.not.stringContaining('secret')]);
    expect(api().asked).toEqual([]);
  });

  it('keeps the tenant that the server knows by its host name, so that nothing depends on that name later', async () => {
    await answering();
    await login({}, 'ada');
    expect(await kept()).toMatchObject({ user: 'main/ada' });
  });

  it('explains a wrong password, and keeps nothing of it', async () => {
    await answering(() => ({ status: 401, body: { message: 'Invalid credentials! : Bad credentials' } }));
    expect(await login()).toMatchObject({
      exit: 3, out: '', err: 'error: Invalid credentials! : Bad credentials. Nothing was kept. Check --user (tenant/user) and the password.\n',
    });
    expect(await readdir(home)).toEqual([]);
  });

  it('keeps the former login when the new one fails', async () => {
    await answering(({ headers }) => (atob(headers.authorization!.slice(6)).endsWith(':secret words') ? { body: ANSWERS } : { status: 401, body: { message: 'No' } }));
    await login();
    expect((await login({ typed: ['wrong words'] })).exit).toBe(3);
    expect(await kept()).toMatchObject({ password: 'secret words' });
  });

  it.each<[string, Answer]>([
    ['answers something else', { body: { hello: 'world' } }],
    ['answers nothing', { status: 204 }],
    ['has no JSON', { body: '<html>' }],
  ])('fails and keeps nothing when the server %s', async (_what, answer) => {
    await answering(() => answer);
    expect((await login()).exit).toBe(1);
    expect(await readdir(home)).toEqual([]);
  });

  it.each([
    ['nothing is typed', { typed: [''] }, 'Nothing was typed'],
    ['there is nobody to ask', { typed: undefined }, 'There is no terminal on which to ask. Give the password with --password-file.'],
  ])('asks nothing of the server when %s', async (_why, options, reason) => {
    await answering();
    const { typed, ...rest } = options;
    const ran = await run(['login', api().url, '--user', 'main/ada'], { ...rest, ...(typed && { typed }) });
    expect(ran).toMatchObject({ exit: 2, err: expect.stringContaining(reason) });
    expect(api().asked).toEqual([]);
  });

  it.each([
    ['FLEETGATE_PROFILE', () => ({ FLEETGATE_PROFILE: join(home, 'a/b.json') }), 'a/b.json'],
    ['XDG_CONFIG_HOME', () => ({ XDG_CONFIG_HOME: join(home, 'x') }), 'x/fleetgate/profile.json'],
    ['USERPROFILE, where there is no HOME', () => ({ HOME: '', USERPROFILE: join(home, 'u') }), 'u/.config/fleetgate/profile.json'],
  ])('keeps it where %s says', async (_setting, env, file) => {
    await answering();
    expect((await login({ env: env() })).exit).toBe(0);
    expect((await stat(join(home, file))).mode & 0o777).toBe(0o600);
    expect((await run(LINE, { env: env() })).exit).toBe(0);
  });

  it('says so when there is no place to keep it', async () => {
    await answering();
    expect(await login({ env: { HOME: '' } })).toMatchObject({ exit: 2, err: expect.stringContaining('neither FLEETGATE_PROFILE nor HOME is set'), questions: [] });
    expect(api().asked).toEqual([]);
    await writeFile(join(home, 'file'), '');
    expect(await login({ env: { FLEETGATE_PROFILE: join(home, 'file/profile') } })).toMatchObject({ exit: 1, err: expect.stringContaining('The profile cannot be written: ') });
  });

  it('leaves no draft with a password behind when it cannot be put in its place', async () => {
    await answering();
    await mkdir(join(home, 'folder'));
    expect(await login({ env: { FLEETGATE_PROFILE: join(home, 'folder') } })).toMatchObject({ exit: 1, err: expect.stringContaining('The profile cannot be written: ') });
    expect(await readdir(home)).toEqual(['folder']);
  });

  it('warns before the password goes unencrypted to another machine, and of settings that go before the profile', async () => {
    const { err } = await run(['login', 'http://fleetgate.invalid', '--user', 'a/b'], { typed: ['x'] });
    expect(err).toContain('warning: the password goes over the network unencrypted. Use https.');
    await answering();
    expect((await login({ env: { FLEETGATE_USER: 'main/bob', FLEETGATE_PASSWORD: 'pw' } })).err).toBe(
      'warning: FLEETGATE_USER, FLEETGATE_PASSWORD in the environment, or in .env, go before the profile.\n',
    );
  });

  it('remembers the CA of an https server', async () => {
    const root = await aRoot();
    const { path, keyPem } = await aServer(root, ['127.0.0.1']);
    const cert = path.map(({ certificatePem }) => certificatePem).join('');
    const server = createTls({ cert, key: keyPem }, (_request, response) => response.end(JSON.stringify(ANSWERS))).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    opened.push(
      () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ca = join(home, 'ca.pem');
    await writeFile(ca, root.certificatePem);
    expect((await run(['login', url, '--user', 'main/ada'], { typed: ['x'] })).err).toContain('Name the CA: --ca <file>');
    expect((await run(['login', url, '--user', 'main/ada', '--ca', ca], { typed: ['secret words'] })).exit).toBe(0);
    await rm(ca);
    expect((await run(LINE)).exit).toBe(0);
    expect((await run(['token', 'verify'], { input: 'x.y.z' })).err).not.toContain('Cannot ask');
  });
});

describe('The profile of a login', () => {
  it.each(['604', '640', '602', '660', '644'])('is refused when others can get at it: mode %s', async (mode) => {
    await answering();
    await login();
    await chmod(profile(), Number.parseInt(mode, 8));
    const { exit, err } = await run(LINE);
    expect([exit, err]).toEqual([
      2,
      `error: Others on this machine can get at the profile ${profile()} (mode ${mode}), and so at the password in it. Make it yours alone (chmod 600), and change the password.\n`,
    ]);
    expect(api().asked).toHaveLength(1);
  });

  it('is not followed by its name but judged by what is read: a link to an open file is refused too', async () => {
    await answering();
    await login();
    await writeFile(join(home, 'open.json'), await readFile(profile()));
    await chmod(join(home, 'open.json'), 0o644);
    await rm(profile());
    await symlink(join(home, 'open.json'), profile());
    expect(await run(LINE)).toMatchObject({ exit: 2, err: expect.stringContaining('mode 644') });
  });

  it('is mended by another login, and by logout', async () => {
    await answering();
    await login();
    await chmod(profile(), 0o644);
    expect((await login()).exit).toBe(0);
    expect((await stat(profile())).mode & 0o777).toBe(0o600);
    await chmod(profile(), 0o644);
    expect((await run(['logout'])).exit).toBe(0);
  });

  it.each([
    ['no JSON', '{"password":"secret words"', 'it is no JSON'],
    ['no object', 'null', 'it lacks url, user or password'],
    ['not whole', '{"url":"http://x","password":"secret words"}', 'it lacks url, user or password'],
    ['of other types', '{"url":"http://x","user":"a/b","password":"secret words","ca":1}', 'it lacks url, user or password'],
  ])('is refused, without a word of it, when it is %s', async (_what, text, reason) => {
    await answering();
    await login();
    await writeFile(profile(), text);
    const { exit, err } = await run(LINE);
    expect([exit, err]).toEqual([2, `error: The profile ${profile()} cannot be used (${reason}). Log in again: fleetgate login <url> --user <tenant/user>.\n`]);
  });

  it('is not even looked at when address, user and password are set', async () => {
    await answering();
    await login();
    await chmod(profile(), 0o644);
    const env = { FLEETGATE_URL: api().url, FLEETGATE_USER: 'main/bob', FLEETGATE_PASSWORD: 'pw' };
    expect(await run(LINE, { env })).toMatchObject({ exit: 0, err: '' });
    expect(authorization()).toBe('main/bob:pw');
    expect((await run(['token', 'verify', '--url', api().url], { input: 'x' })).err).not.toContain('chmod');
  });

  it('gives its password to no other server and to no other user', async () => {
    await answering();
    await login();
    const other = await fakeApi(() => ({ body: ANSWERS }));
    opened.push(() => other.close());
    for (const env of [{ FLEETGATE_URL: other.url }, { FLEETGATE_USER: 'main/bob' }]) {
      expect(await run(LINE, { env: { ...env, FLEETGATE_DATA_DIR: home } })).toMatchObject({ exit: 2, err: expect.stringContaining('There is no password') });
    }
    expect((await run([...LINE, '--url', other.url], { env: { FLEETGATE_DATA_DIR: home } })).exit).toBe(2);
    expect([other.asked, api().asked.length]).toEqual([[], 1]);
  });

  it('gives way to each setting: a user and a password, a password, the address as it is or with a slash', async () => {
    await answering();
    await login();
    const as: string[] = [];
    for (const env of [{ FLEETGATE_USER: 'main/bob', FLEETGATE_PASSWORD: 'pw' }, { FLEETGATE_PASSWORD: 'pw' }, { FLEETGATE_URL: `${api().url}/` }]) {
      expect((await run(LINE, { env })).exit).toBe(0);
      as.push(authorization());
    }
    expect(as).toEqual(['main/bob:pw', 'main/ada:pw', 'main/ada:secret words']);
  });

  it('goes before the password of the first start on this machine', async () => {
    await answering();
    await writeFile(join(home, 'initial-admin-password'), 'first words');
    await login();
    await run(['keys', 'rotate'], { env: { FLEETGATE_DATA_DIR: home } });
    expect(authorization()).toBe('main/ada:secret words');
  });

  it('is named when its password is no longer right', async () => {
    await answering(() => (api().asked.length === 1 ? { body: ANSWERS } : { status: 401, body: { message: 'No' } }));
    await login();
    expect(await run(LINE)).toMatchObject({
      exit: 3, err: `error: No. What ${profile()} says is no longer right. Log in again: fleetgate login ${api().url} --user main/ada.\n`,
    });
  });
});

describe('fleetgate logout', () => {
  it('removes the profile, and says so when there was none', async () => {
    await answering();
    await login();
    expect(await run(['logout'])).toMatchObject({ exit: 0, out: `Logged out: ${profile()} is removed.\n` });
    expect(await readdir(join(home, '.config/fleetgate'))).toEqual([]);
    expect(await run(['logout'])).toMatchObject({ exit: 0, out: 'Nobody was logged in.\n' });
    expect(JSON.parse((await run(['logout', '--json'])).out)).toEqual({ removed: null });
    expect((await run(LINE, { env: { FLEETGATE_DATA_DIR: home, FLEETGATE_URL: api().url } })).exit).toBe(2);
  });

  it('says so when the profile cannot be removed', async () => {
    expect(await run(['logout'], { env: { FLEETGATE_PROFILE: home } })).toMatchObject({ exit: 1, err: expect.stringContaining('The profile cannot be removed: ') });
  });
});

describe('fleetgate whoami', () => {
  it('says where commands go, as whom, by which profile, and what they may', async () => {
    await answering();
    await login();
    expect((await run(['whoami'])).out).toBe(`main/ada at ${api().url} (profile ${profile()})\nroles: ROLE_A ROLE_B\n`);
    const env = { FLEETGATE_USER: 'main/bob', FLEETGATE_PASSWORD: 'pw' };
    expect((await run(['whoami'], { env })).out).toBe(`main/bob at ${api().url} (no profile)\nroles: ROLE_A ROLE_B\n`);
    expect(JSON.parse((await run(['whoami', '--json'], { env })).out)).toEqual({ user: 'main/bob', url: api().url, roles: ['ROLE_A', 'ROLE_B'], profile: null });
  });
});
