import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { barText } from '../../../src/adapters/cli/progress-bar.ts';
import { program } from '../../../src/adapters/cli/program.ts';
import { runCli } from './run-cli.ts';

const everyOf = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(everyOf)];

describe('The program fleetgate', () => {
  it('prints its version and its help, and ends with 0', async () => {
    expect(await runCli(['--version'])).toEqual({ exit: 0, out: '1.2.3\n', err: '' });
    const { exit, out } = await runCli(['--help']);
    expect(exit).toBe(0);
    for (const part of ['tenant', 'trust', 'revoke', 'hold', 'release', 'revocations', 'devices', 'token', 'keys', 'user', 'option', 'audit', 'forecast', 'refusals', 'login', 'logout', 'whoami', 'FLEETGATE_PROFILE', 'FLEETGATE_URL', 'FLEETGATE_USER', 'initial-admin-password', 'Exit codes', 'Examples']) {
      expect(out).toContain(part);
    }
  });

  it('shows examples and --json in the help of every command that does something', async () => {
    const needs = { version: '1', commands: [], env: {}, write: () => undefined, writeError: () => undefined, isTerminal: false, input: (async function* () {})(), now: () => new Date() };
    const leaves = everyOf(program(needs)).filter(({ commands }) => commands.length === 0);
    expect(leaves.length).toBe(65);
    const pathOf = (command: Command): string[] => (command.parent ? [...pathOf(command.parent), command.name()] : []);
    for (const leaf of leaves) {
      const { exit, out } = await runCli([...pathOf(leaf), '--help']);
      expect([exit, out]).toEqual([0, expect.stringContaining(`Examples:\n  $ fleetgate ${pathOf(leaf).join(' ')}`)]);
      expect(out).toContain('--json');
    }
  });

  it.each([
    ['an unknown command', ['trsut'], "error: unknown command 'trsut'\n(Did you mean trust?)\nAdd --help for what the command takes, and examples.\n"],
    ['an unknown option', ['trust', 'list', '--jsno'], "error: unknown option '--jsno'\n(Did you mean --json?)\nAdd --help for what the command takes, and examples.\n"],
    ['an argument that is missing', ['devices', 'show'], "error: missing required argument 'id'\nAdd --help for what the command takes, and examples.\n"],
    ['an argument too many', ['devices', 'show', 'a', 'b'], 'too many arguments'],
    ['a number that is none', ['devices', 'list', '--limit', 'x'], 'Give a whole number from 1 to 1000.'],
  ])('ends with 2 and a hint for %s', async (_what, line, err) => {
    const ran = await runCli(line);
    expect([ran.exit, ran.out]).toEqual([2, '']);
    expect(ran.err).toContain(err);
  });

  it('shows the help and ends with 2 when no command is given', async () => {
    expect(await runCli([])).toMatchObject({ exit: 2, err: expect.stringContaining('Usage: fleetgate') });
    expect(await runCli(['trust'])).toMatchObject({ exit: 2, err: expect.stringContaining('Usage: fleetgate trust') });
  });

  it('takes in commands that were made elsewhere, first in its help, with their exit codes and their defects', async () => {
    const serve = new Command('serve').option('--port <n>').action(({ port }) => {
      if (port === '0') throw new Error('no port');
      serve.error('error: in use', { exitCode: 1 });
    });
    expect(await runCli(['serve'], { commands: [serve] })).toEqual({ exit: 1, out: '', err: 'error: in use\n' });
    expect(await runCli(['serve', '--port', '0'], { commands: [serve] })).toEqual({ exit: 1, out: '', err: 'error: no port\n' });
    expect((await runCli(['serve', '--nonsense'], { commands: [serve] })).exit).toBe(2);
    const { out } = await runCli(['--help'], { commands: [serve] });
    expect(out.indexOf('serve')).toBeLessThan(out.indexOf('tenant '));
  });
});

describe('A progress bar', () => {
  it.each([
    [0, 1000, `[${'.'.repeat(30)}]   0 %  0 B of 1.0 kB`],
    [500, 1000, `[${'#'.repeat(15)}${'.'.repeat(15)}]  50 %  500 B of 1.0 kB`],
    [12_345_678, 100_000_000, `[${'#'.repeat(4)}${'.'.repeat(26)}]  12 %  12 MB of 100 MB`],
    [1000, 1000, `[${'#'.repeat(30)}] 100 %  sent; the server finishes`],
    [2000, undefined, '2.0 kB sent'],
  ])('of %p of %p bytes is %s', (done, total, text) => {
    expect(barText(done, total)).toBe(text);
  });
});
