import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../../support/pki.ts';

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
