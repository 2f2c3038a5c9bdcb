import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { itWith } from '../../support/clients.ts';
import { temporaryDirectory } from '../../support/pki.ts';
import { fakeApi } from './fake-api.ts';

const LAUNCHER = join(import.meta.dirname, '../../../src/launch.mjs');

describe('The program without a command', () => {
  it('shows its help and ends, and starts no server in whatever folder it was typed', () => {
    const { path, remove } = temporaryDirectory();
    const { status, stderr } = spawnSync(process.execPath, [LAUNCHER], { cwd: path, encoding: 'utf8', timeout: 25_000, env: { PATH: process.env['PATH'] } });
    expect([status, readdirSync(path)]).toEqual([2, []]);
    expect(stderr).toContain('Usage: fleetgate [options] [command]');
    remove();
  });
});

describe('Output that is longer than a pipe is wide', () => {
  it('reaches its reader whole', async () => {
    const devices = Array.from({ length: 10_000 }, (_, i) => ({ id: `press-${i}`, registeredBy: 'auto', registeredAt: '2026-11-24T05:25:10.646Z' }));
    const api = await fakeApi(() => ({ body: { devices } }));
    const env = { PATH: process.env['PATH'], FLEETGATE_URL: api.url, FLEETGATE_PASSWORD: 'pw' };
    // A pipe of the shell: what Node gives its children is another kind, which hides the fault.
    const shell = spawn('sh', ['-c', '"$0" "$1" devices list --all --json | cat', process.execPath, LAUNCHER], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const said = await text(shell.stdout).finally(() => api.close());
    expect(JSON.parse(said)).toEqual({ devices, hasMore: false });
  });
});

describe('Output that cannot be written', () => {
  const sh = (script: string) => spawnSync('sh', ['-c', script, process.execPath, LAUNCHER], { encoding: 'utf8', timeout: 25_000, env: { PATH: process.env['PATH'] } });

  it('is no failure where its reader had enough', () => {
    const { stdout, stderr } = sh('{ "$0" "$1" --help; echo "exit $?" >&2; } | true');
    expect([stdout, stderr]).toEqual(['', 'exit 0\n']);
  });

  itWith('/dev/full')('is one where the disk is full', () => {
    const { status, stderr } = sh('"$0" "$1" --help > /dev/full');
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^error: the output could not be written: ENOSPC.*\n$/)]);
  });
});

describe('An import that is interrupted by Ctrl-C', () => {
  it('says that some rows are registered and that it may be repeated, and ends with 130', async () => {
    const { path, remove } = temporaryDirectory();
    const file = join(path, 'fleet.csv');
    writeFileSync(file, 'ID,AUTH_TYPE\na,CERTIFICATES\n');
    const asked = Promise.withResolvers<void>();
    const api = await fakeApi(() => {
      asked.resolve();
      return 'hang';
    });
    const env = { PATH: process.env['PATH'], FLEETGATE_URL: api.url, FLEETGATE_PASSWORD: 'pw' };
    const child = spawn(process.execPath, [LAUNCHER, 'devices', 'import', file], { cwd: path, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await asked.promise;
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([130, null]);
    expect(said).toContain('Interrupted. Some rows are registered by now. To import the whole file again does no harm');
    await api.close();
    remove();
  });
});
