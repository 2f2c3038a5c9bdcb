import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CompactSign, exportJWK } from 'jose';
import { duration } from '../../../src/adapters/cli/verify-token.ts';
import { fakeApi } from './fake-api.ts';
import { runCli, type Ran, type RunOptions } from './run-cli.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z') / 1000;
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const others = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const sign = (claims: unknown, { kid = 'k1', key = keys.privateKey, alg = 'ES256' } = {}): Promise<string> =>
  new CompactSign(new TextEncoder().encode(typeof claims === 'string' ? claims : JSON.stringify(claims))).setProtectedHeader({ alg, kid }).sign(key);

const CLAIMS = { iss: 'localhost', sub: 'device_press-7', nbf: NOW, exp: NOW + 3600 };
let dir: string;
let jwks: string;
let keySet: object;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fleetgate-token-'));
  keySet = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256' }] };
  jwks = join(dir, 'jwks.json');
  await writeFile(jwks, JSON.stringify(keySet));
});
afterAll(() => rm(dir, { recursive: true }));

const verify = (token: string, options: RunOptions = {}, ...more: readonly string[]): Promise<Ran> => runCli(['token', 'verify', '--jwks', jwks, ...more], { input: token, ...options });

describe('fleetgate token verify', () => {
  it('prints the claims of a good token, and how long it is good', async () => {
    expect(await verify(`${await sign(CLAIMS)}\n`)).toEqual({
      exit: 0,
      err: '',
      out:
        'The token is good for another 1 hour, until 2026-11-24T13:00:00Z.\nIt was signed by the key k1 with ES256, and says:\n' +
        `  iss: localhost\n  sub: device_press-7\n  nbf: ${NOW}\n  exp: ${NOW + 3600}\n` +
        'The keys alone do not tell whether it was withdrawn, its device blocked or removed, or its CA disabled since it was issued: fleetgate token introspect asks the server.\n',
    });
  });

  it('takes the token from standard input, also as -, and from a file, with the 71, before it too', async () => {
    const token = await sign(CLAIMS);
    const file = join(dir, 'token.txt');
    await writeFile(file, `71,${token}\n`);
    for (const [line, input] of [[[], token], [['-'], token], [[], `71,${token}`], [['--file', '-'], token], [['--file', file], '']] as const) {
      expect((await runCli(['token', 'verify', ...line, '--jwks', jwks, '--json'], { input })).exit).toBe(0);
    }
    expect(JSON.parse((await verify(token, {}, '--json')).out)).toMatchObject({ claims: CLAIMS, header: { kid: 'k1' } });
  });

  it.each([
    ['is not there', undefined, 'ENOENT'],
    ['is empty', ' \n', 'There is no token in'],
    ['is larger than a token can be', 'x'.repeat(20_000), 'more than 16384 bytes'],
  ])('says so when the file of the token %s', async (_why, content, sentence) => {
    const file = join(dir, 'wrong.txt');
    if (content !== undefined) await writeFile(file, content);
    expect(await runCli(['token', 'verify', '--file', file, '--jwks', jwks])).toMatchObject({ exit: 2, out: '', err: expect.stringContaining(sentence) });
  });

  it.each(['verify', 'introspect', 'revoke'])('%s refuses a token on the command line, does not repeat it, and says where it belongs', async (command) => {
    const token = await sign(CLAIMS);
    const { exit, out, err } = await runCli(['token', command, token], { env: { FLEETGATE_URL: 'http://127.0.0.1:1', FLEETGATE_USER: 'main/ada', FLEETGATE_PASSWORD: 'pw' }, input: token });
    expect([exit, out]).toEqual([2, '']);
    expect(err).toMatch(/list of processes.*history.*standard input or with --file: fleetgate token verify < token\.txt\..*fleetgate token revoke/);
    expect(err).not.toContain(token);
  });

  it('asks the server for the keys, without a password', async () => {
    const api = await fakeApi(() => ({ body: keySet }));
    const token = await sign(CLAIMS);
    expect((await runCli(['token', 'verify'], { input: token, env: { FLEETGATE_URL: api.url } })).exit).toBe(0);
    expect((await runCli(['token', 'verify', '--jwks', `${api.url}/keys.json`], { input: token })).exit).toBe(0);
    expect(api.asked.map(({ what, headers }) => [what, headers.authorization])).toEqual([
      ['GET /.well-known/jwks.json', undefined],
      ['GET /keys.json', undefined],
    ]);
    await api.close();
  });

  const changed = async (how: (parts: string[]) => void): Promise<string> => {
    const parts = (await sign(CLAIMS)).split('.');
    how(parts);
    return parts.join('.');
  };
  /** A character that differs only in bits that carry nothing: the last of 64 bytes has four of them. */
  const sameBytes = (part: string): string => `${part.slice(0, -1)}${String.fromCharCode(part.charCodeAt(part.length - 1) + 1)}`;

  it.each<[string, () => Promise<string>, RegExp]>([
    ['has expired by a second', () => sign({ ...CLAIMS, exp: NOW }), /expired 0 seconds ago, at 2026-11-24T12:00:00Z\. Ask for a new one/],
    ['expired long ago', () => sign({ ...CLAIMS, exp: NOW - 90_061 }), /expired 1 day 1 hour ago/],
    ['is not valid yet', () => sign({ ...CLAIMS, nbf: NOW + 61 }), /valid only in 1 minute 1 second, from 2026-11-24T12:01:01Z/],
    ['never expires', () => sign({ sub: 'x' }), /no expiry/],
    ['is signed by another key of the same name', () => sign(CLAIMS, { key: others.privateKey }), /signature is wrong/],
    ['is signed by a key that is not published', () => sign(CLAIMS, { kid: 'k2' }), /None of the keys is that of the token \(kid k2\)/],
    ['has another payload', () => changed((parts) => (parts[1] = Buffer.from('{"exp":9999999999}').toString('base64url'))), /signature is wrong/],
    ['differs in unused bits of its last character', () => changed((parts) => (parts[2] = sameBytes(parts[2]!))), /canonical base64url/],
    ['is not signed', () => changed((parts) => (parts[0] = Buffer.from('{"alg":"none"}').toString('base64url'))), /algorithm that is not accepted/],
    ['holds no JSON', () => sign('hello'), /payload is no JSON/],
    ['holds no object', () => sign([1]), /payload is no JSON object/],
    ['is no token', async () => 'hello', /three parts/],
  ])('ends with 3 and the reason when the token %s', async (_why, make, reason) => {
    const { exit, out, err } = await verify(await make());
    expect([exit, out]).toEqual([3, '']);
    expect(err).toMatch(reason);
    expect(err).not.toContain('    at ');
  });

  it.each([
    ['nothing', '', 'There is no token on standard input'],
    ['more than a token can be', 'x'.repeat(20_000), 'more than 16384 bytes'],
  ])('ends with 2 when standard input holds %s', async (_what, input, sentence) => {
    expect(await verify(input)).toMatchObject({ exit: 2, err: expect.stringContaining(sentence) });
  });

  it.each([
    ['is not there', undefined, 2, 'ENOENT'],
    ['is no JSON', 'x', 2, 'is no JSON'],
    ['holds no keys', '{}', 1, 'no list named keys'],
  ])('says so when the file of keys %s', async (_why, content, exit, sentence) => {
    const file = join(dir, 'other.json');
    if (content === undefined) await rm(file, { force: true });
    else await writeFile(file, content);
    expect(await runCli(['token', 'verify', '--jwks', file], { input: await sign(CLAIMS) })).toMatchObject({ exit, err: expect.stringContaining(sentence) });
  });
});

describe('fleetgate token introspect and revoke', () => {
  const ask = async (line: readonly string[], answer: object | string, options: RunOptions = {}): Promise<Ran & { readonly asked: unknown }> => {
    const api = await fakeApi(() => ({ body: answer }));
    const ran = await runCli(line, { ...options, env: { FLEETGATE_URL: api.url, FLEETGATE_USER: 'main/ada', FLEETGATE_PASSWORD: 'pw' } });
    await api.close();
    return { ...ran, asked: api.asked.map(({ what, body }) => [what, body]) };
  };
  const active = { active: true, sub: 'device_press-7', exp: NOW + 3600, cnf: { 'x5t#S256': 'AA' } };

  it.each([[[]], [['-']]])('introspect tells what the server knows, of the token on standard input: %j', async (args) => {
    expect(await ask(['token', 'introspect', ...args], active, { input: '71,a.b.c\n' })).toEqual({
      exit: 0, err: '',
      out: `The token counts now.\n  sub: device_press-7\n  exp: ${NOW + 3600} (2026-11-24T13:00:00Z)\n  cnf: {"x5t#S256":"AA"}\n`,
      asked: [['POST /auth/introspect', '{"token":"a.b.c"}']],
    });
  });

  it('introspect --json prints the answer', async () => {
    expect(JSON.parse((await ask(['token', 'introspect', '--json'], active, { input: 'a.b.c' })).out)).toEqual(active);
  });

  it('introspect ends with 3 for a token that does not count', async () => {
    expect(await ask(['token', 'introspect'], { active: false }, { input: 'a.b.c' })).toMatchObject({ exit: 3, out: '', err: expect.stringMatching(/^error: The token does not count: /) });
  });

  it('revoke withdraws, and says what it cannot do', async () => {
    expect(await ask(['token', 'revoke'], '', { input: 'a.b.c' })).toMatchObject({ exit: 0, out: expect.stringContaining('offline see its end alone'), asked: [['POST /auth/revoke', '{"token":"a.b.c"}']] });
    expect(JSON.parse((await ask(['token', 'revoke', '--json'], '', { input: 'a.b.c' })).out)).toEqual({ revoked: true });
  });

  it.each(['introspect', 'revoke'])('%s sends nothing when there is no token', async (command) => {
    expect(await ask(['token', command], '', { input: ' \n' })).toMatchObject({ exit: 2, err: expect.stringContaining('There is no token on standard input'), asked: [] });
  });
});

describe('A duration in words', () => {
  it.each([[0, '0 seconds'], [1, '1 second'], [59, '59 seconds'], [60, '1 minute'], [3599, '59 minutes 59 seconds'], [7260, '2 hours 1 minute'], [86_400, '1 day'], [200_000, '2 days 7 hours']])(
    '%d seconds are %s',
    (seconds, words) => expect(duration(seconds)).toBe(words),
  );
});
