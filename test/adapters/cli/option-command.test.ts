import { describe, expect, it } from '@jest/globals';
import { cliAtFakeApi } from './cli-at-fake-api.ts';

const { answering, run, asked, api } = cliAtFakeApi();

const LIFETIME = { category: 'oauth.internal', key: 'device-token.lifespan.seconds', value: '1800' };
const PATH = '/tenant/options/oauth.internal/device-token.lifespan.seconds';
const NAMED = [LIFETIME.category, LIFETIME.key];

describe.each([[['option']], [['tenant', 'option']]])('fleetgate %j', (command) => {
  it('list prints all pages as a table', async () => {
    await answering(({ what }) => ({ body: what.endsWith('currentPage=1') ? { options: [LIFETIME], next: 'x' } : { options: [{ ...LIFETIME, value: 'a\u001bb' }] } }));
    expect((await run([...command, 'list'])).out.split('\n')).toEqual([
      expect.stringMatching(/^CATEGORY +KEY +VALUE$/), expect.stringMatching(/ 1800$/), expect.stringMatching(/ a\\x1bb$/), '',
    ]);
    expect(asked()).toEqual([1, 2].map((page) => `GET /tenant/options?pageSize=2000&currentPage=${page}`));
  });

  it('list --system prints those of the instance', async () => {
    await answering(() => ({ body: { options: [{ category: 'system', key: 'version', value: '1' }] } }));
    expect(JSON.parse((await run([...command, 'list', '--system', '--json'])).out)).toEqual([{ category: 'system', key: 'version', value: '1' }]);
    expect(asked()).toEqual(['GET /tenant/system/options']);
  });

  it('get, set and remove ask for the very option', async () => {
    await answering(({ what }) => (what.startsWith('DELETE') ? { status: 204 } : { body: LIFETIME }));
    const name = NAMED.join('/');
    expect((await run([...command, 'get', ...NAMED])).out).toBe('1800\n');
    expect((await run([...command, 'set', ...NAMED, '1800'])).out).toBe(`${name} is 1800 now.\n`);
    expect((await run([...command, 'remove', ...NAMED])).out).toBe(`${name} is no longer set.\n`);
    expect((await run([...command, 'get', 'a/b', '..'])).exit).toBe(0);
    expect(asked()).toEqual([`GET ${PATH}`, [`PUT ${PATH}`, { value: '1800' }], `DELETE ${PATH}`, 'GET /tenant/options/a%2Fb/..']);
  });
});

describe('fleetgate option set', () => {
  it('takes the value from standard input, all its lines', async () => {
    await answering(() => ({ body: LIFETIME }));
    expect((await run(['option', 'set', 'c', 'k', '--value-file', '-'], { input: 'one\ntwo\n' })).exit).toBe(0);
    expect(asked()).toEqual([['PUT /tenant/options/c/k', { value: 'one\ntwo' }]]);
  });

  it('takes an empty value, which is one', async () => {
    await answering(() => ({ body: LIFETIME }));
    expect((await run(['option', 'set', 'c', 'k', ''])).out).toBe('c/k is  now.\n');
    expect(asked()).toEqual([['PUT /tenant/options/c/k', { value: '' }]]);
  });

  it.each([
    ['on the terminal', [], { typed: ['secret words'] }],
    ['on standard input', ['--value-file', '-'], { input: 'secret words\n' }],
  ])('takes a secret %s, and shows it nowhere', async (_where, options, given) => {
    await answering(() => ({ body: { category: 'mail', key: 'credentials.password', value: '<<Encrypted>>' } }));
    const { exit, out, err } = await run(['option', 'set', 'mail', 'credentials.password', ...options], given);
    expect([exit, out, err]).toEqual([0, 'mail/credentials.password is set. No command shows it.\n', '']);
    expect(asked()).toEqual([['PUT /tenant/options/mail/credentials.password', { value: 'secret words' }]]);
  });

  it.each([
    ['a secret on the command line', ['mail', 'credentials.password', 'secret words'], 'credentials.password is a secret, and others on this machine can see a command line. Nothing was sent.'],
    ['a secret nowhere, and has nobody to ask', ['mail', 'credentials.password'], 'There is no terminal on which to ask. Give the value with --value-file.'],
    ['no value', ['c', 'k'], 'There is no value. Give it after the key, or with --value-file.'],
    ['two values', ['c', 'k', 'v', '--value-file', '-'], 'not both'],
    ['an empty file', ['c', 'k', '--value-file', '-'], 'Standard input holds no value.'],
    ['a file that is not there', ['c', 'k', '--value-file', '/nowhere/x'], 'The value cannot be read: '],
  ])('asks nothing of the server when it is given %s', async (_what, words, reason) => {
    await answering(() => ({}));
    const { exit, err } = await run(['option', 'set', ...words]);
    expect([exit, err]).toEqual([2, expect.stringContaining(reason)]);
    expect(err).not.toContain('secret words');
    expect(api().asked).toEqual([]);
  });
});
