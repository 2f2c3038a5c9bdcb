/** The command line against a server that is told once where it is, and as whom: users, options and passwords, as people type them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { itWith } from '../support/clients.ts';
import type { Ran } from '../support/operated-gate.ts';
import { temporaryDirectory } from '../support/pki.ts';
import { aRunningGate, ROOT, type RunningGate } from '../support/running-gate.ts';

// Each command is a process of its own.
jest.setTimeout(90_000);

const LAUNCHER = join(ROOT, 'src/launch.mjs');
const WRONG = 'these are the wrong words';
const secrets = [WRONG, 'the next words', 'hidden words'];

describe('an administrator on another machine', () => {
  const directory = temporaryDirectory();
  let gate: RunningGate;
  let home: string;
  let url: string;

  beforeAll(async () => {
    gate = await aRunningGate({ env: { FLEETGATE_LOG_LEVEL: 'debug' } });
    url = `https://127.0.0.1:${gate.https}`;
  });
  afterAll(async () => {
    await gate?.remove();
    directory.remove();
  });
  let homes = 0;
  beforeEach(() => {
    home = join(directory.path, `home-${++homes}`);
    mkdirSync(home);
  });

  /** Nothing but a home and where programs are: no setting says anything of the server. */
  const env = (): Record<string, string> => ({ PATH: process.env['PATH']!, HOME: home });
  const profile = (): string => join(home, '.config/fleetgate/profile.json');
  const start = (args: readonly string[], input = ''): ReturnType<typeof spawn> => {
    const child = spawn(process.execPath, [LAUNCHER, ...args], { cwd: home, env: env(), stdio: 'pipe' });
    child.stdin.on('error', () => undefined).end(input);
    return child;
  };
  const type = async (args: readonly string[], input = ''): Promise<Ran> => {
    const child = start(args, input);
    const [out, err, [exit]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close') as Promise<[number | null]>]);
    return { exit, out, err };
  };
  const login = (user: string, password: string): Promise<Ran> => type(['login', url, '--user', user, '--ca', gate.caFile, '--password-file', '-'], `${password}\n`);

  it('logs in once, and no command after it needs an address, a CA, a user or a password', async () => {
    expect(await login('main/admin', gate.password)).toEqual({
      exit: 0, out: `Logged in as main/admin at ${url}.\nThe profile is ${profile()}; fleetgate logout removes it.\n`, err: '',
    });
    expect((statSync(profile()).mode & 0o777).toString(8)).toBe('600');
    const listed = await type(['user', 'list', '--json']);
    expect([listed.exit, JSON.parse(listed.out)]).toEqual([0, [expect.objectContaining({ userName: 'admin', enabled: true })]]);
    expect((await type(['whoami'])).out).toContain(`main/admin at ${url} (profile ${profile()})\nroles: ROLE_TENANT_MANAGEMENT_ADMIN`);
    expect(await type(['logout'])).toMatchObject({ exit: 0, out: `Logged out: ${profile()} is removed.\n` });
    expect(await type(['user', 'list'])).toMatchObject({ exit: 2, err: expect.stringContaining('or log in: fleetgate login.') });
  });

  it('is told of a wrong password what to check, and nothing of it is kept', async () => {
    expect(await login('main/admin', WRONG)).toEqual({
      exit: 3, out: '', err: expect.stringMatching(/^error: Invalid credentials! : Bad credentials\. Nothing was kept\. Check --user \(tenant\/user\) and the password\.\n/),
    });
    expect(existsSync(profile())).toBe(false);
  });

  it('is not served by a profile that others can read', async () => {
    await login('main/admin', gate.password);
    chmodSync(profile(), 0o644);
    const { exit, out, err } = await type(['user', 'list']);
    expect([exit, out, err]).toEqual([2, '', expect.stringMatching(/^error: Others on this machine can get at the profile .* \(mode 644\).*chmod 600.*change the password\.\n$/)]);
  });

  it('makes a user, who logs in, changes the own password and stays logged in, until the user is disabled', async () => {
    await login('main/admin', gate.password);
    const made = JSON.parse((await type(['user', 'add', 'bob', '--role', 'ROLE_TENANT_ADMIN', '--json'])).out) as { password: string };
    secrets.push(made.password);
    const admins = profile();
    const adminsText = readFileSync(admins, 'utf8');
    expect((await login('main/bob', made.password)).exit).toBe(0);
    expect((await type(['user', 'password', 'bob', '--password-file', '-'], 'the next words\n')).out).toContain(`The profile ${profile()} has it.`);
    expect((await type(['whoami'])).out).toContain('main/bob at ');
    expect(await login('main/bob', made.password)).toMatchObject({ exit: 3 });

    expect((await type(['user', 'roles', 'bob', 'ROLE_TENANT_MANAGEMENT_READ'])).out).toBe('ROLE_TENANT_MANAGEMENT_READ\n');
    expect((await type(['user', 'disable', 'admin'])).err).toContain('error: ');
    writeFileSync(admins, adminsText, { mode: 0o600 });
    expect((await type(['user', 'change', 'bob', '--email', 'bob@example.com'])).exit).toBe(0);
    expect((await type(['user', 'show', 'bob'])).out).toMatch(/^state +enabled\nroles +ROLE_TENANT_MANAGEMENT_READ\nemail +bob@example\.com$/m);
    expect((await type(['user', 'disable', 'bob'])).out).toBe('The user bob is disabled.\n');
    expect((await login('main/bob', 'the next words')).exit).toBe(3);
    expect((await type(['user', 'enable', 'bob'])).exit).toBe(0);
    expect((await type(['user', 'remove', 'bob'])).out).toBe('The user bob is removed.\n');
    expect(await type(['user', 'remove', 'admin'])).toMatchObject({ exit: 3, err: expect.stringContaining('Give another user of the tenant ROLE_TENANT_ADMIN first.') });
  });

  it('sets options, and reads all but the secrets', async () => {
    await login('main/admin', gate.password);
    const [category, key] = ['oauth.internal', 'device-token.lifespan.seconds'];
    expect((await type(['option', 'set', category, key, '1800'])).exit).toBe(0);
    expect((await type(['option', 'set', 'mail', 'credentials.password', '--value-file', '-'], 'hidden words\n')).exit).toBe(0);
    expect(JSON.parse((await type(['option', 'list', '--json'])).out)).toEqual([
      expect.objectContaining({ category: 'mail', key: 'credentials.password', value: '<<Encrypted>>' }),
      expect.objectContaining({ category, key, value: '1800' }),
    ]);
    expect((await type(['option', 'remove', category, key])).exit).toBe(0);
    expect((await type(['option', 'get', category, key])).out).toBe('3600\n');
    expect((await type(['option', 'list', '--system'])).out).toContain('shared-truststore.enabled');
  });

  itWith('script')('is asked for the password on a terminal, which shows nothing of it', async () => {
    writeFileSync(join(home, 'login.sh'), `exec '${process.execPath}' '${LAUNCHER}' login '${url}' --user main/admin --ca '${gate.caFile}'\n`);
    const child = spawn('script', ['--quiet', '--return', '--command', 'sh login.sh', '/dev/null'], { cwd: home, env: env(), stdio: 'pipe' });
    let shown = '';
    const asked = Promise.withResolvers<void>();
    child.stdout.on('data', (data: Buffer) => {
      shown += data.toString();
      if (shown.includes('Password of ')) asked.resolve();
    });
    const ended = once(child, 'close');
    void ended.then(() => asked.reject(new Error(`it ended without a question: ${shown}`)));
    await asked.promise;
    child.stdin.write(`${gate.password}\r`);
    expect((await ended)[0]).toBe(0);
    expect(shown).toContain(`Password of main/admin at ${url}: \r\nLogged in as main/admin at ${url}.`);
    expect(shown).not.toContain(gate.password);
    expect((await type(['user', 'list'])).exit).toBe(0);
  });

  it('leaves no password in the log of the server', () => {
    for (const secret of [...secrets, gate.password]) {
      expect(gate.log.filter((line) => JSON.stringify(line).includes(secret))).toEqual([]);
    }
    expect(gate.log.filter((line) => JSON.stringify(line).includes('user.added'))).toHaveLength(1);
  });
});
