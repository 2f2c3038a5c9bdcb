import { describe, expect, it } from '@jest/globals';
import type { Resealed } from '../../../src/adapters/cli/cli-needs.ts';
import { fail } from '../../../src/adapters/cli/cli-failure.ts';
import { grant } from '../../../src/domain/shared/decision.ts';
import { runCli } from './run-cli.ts';

const DONE: Resealed = { sealingKey: 'bbbb', already: 0, sealed: [{ under: 'aaaa', count: 2 }], file: '/etc/keys', spare: 1, nodes: false };
const said = async (overrides: Partial<Resealed>, ...options: readonly string[]): Promise<string> => {
  const { exit, out, err } = await runCli(['keys', 'reseal', ...options], { resealKeys: async () => grant({ ...DONE, ...overrides }) });
  expect([exit, err]).toEqual([0, '']);
  return out;
};

describe('fleetgate keys reseal', () => {
  it('says how many were under which key, and that the former line can be taken out', async () => {
    const sealed = [{ under: 'aaaa', count: 1 }, { under: 'cccc', count: 2 }, { count: 1 }];
    const lines = (await said({ already: 1, sealed })).split('\n');
    expect(lines).toEqual([
      'Sealed anew under the key bbbb: 1 private key that was under the key aaaa, 2 private keys that were under the key cccc, 1 private key that lay in clear. 1 was under it already.',
      'The line below the first can be taken out of /etc/keys now.',
      expect.stringContaining('Backups of keys that were made before'),
      '',
    ]);
  });

  it('says so where nothing was to do, and speaks of no line where there is none', async () => {
    expect(await said({ already: 3, sealed: [], spare: 0 })).toBe('Nothing was to do: all 3 private keys were sealed under the key bbbb already.\n');
  });

  it('waits with the former lines for the other nodes', async () => {
    expect(await said({ spare: 2, nodes: true })).toContain('The 2 lines below the first can be taken out of /etc/keys now, once every node has run this');
  });

  it('says the same to programs as JSON', async () => {
    expect(JSON.parse(await said({}, '--json'))).toEqual(DONE);
  });

  it('ends with what kept it, and by its exit code', async () => {
    expect(await runCli(['keys', 'reseal'], { resealKeys: async () => fail(2, 'No file is named.') })).toEqual({ exit: 2, out: '', err: 'error: No file is named.\n' });
    expect(await runCli(['keys', 'reseal'], { resealKeys: () => Promise.reject(new Error('The key is lost.')) })).toMatchObject({ exit: 1, out: '', err: expect.stringContaining('The key is lost.') });
  });
});
