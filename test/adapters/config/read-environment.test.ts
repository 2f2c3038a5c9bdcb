import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readEnvironment } from '../../../src/adapters/config/read-environment.ts';
import { everyInterface } from '../../../src/adapters/config/value-forms.ts';

describe('the environment', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'fleetgate-env-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is that of the process where there is no .env', () => {
    expect(readEnvironment(folder, { A: '1' })).toEqual({ A: '1' });
  });

  it('takes from .env what the process does not set; the process wins', () => {
    writeFileSync(join(folder, '.env'), '# ports\nFLEETGATE_HTTP_PORT=9090\nFLEETGATE_TENANT="acme"\n');
    expect(readEnvironment(folder, { FLEETGATE_HTTP_PORT: '7070' })).toEqual({ FLEETGATE_HTTP_PORT: '7070', FLEETGATE_TENANT: 'acme' });
  });

  it('refuses a .env that is there and cannot be read, instead of starting with other settings', () => {
    mkdirSync(join(folder, '.env'));
    expect(() => readEnvironment(folder, {})).toThrow(/\.env is there but cannot be read .* Make it readable, or delete it\./);
  });
});

describe('all interfaces', () => {
  const loopback = { netmask: '', mac: '', internal: true, cidr: null };

  it('are :: where the machine has IPv6, for that takes IPv4 too', () => {
    expect(everyInterface({ lo: [{ ...loopback, address: '127.0.0.1', family: 'IPv4' }, { ...loopback, address: '::1', family: 'IPv6', scopeid: 0 }] })).toBe('::');
  });

  it('are 0.0.0.0 where it has none, for :: cannot be listened on there', () => {
    expect(everyInterface({ lo: [{ ...loopback, address: '127.0.0.1', family: 'IPv4' }], tun: undefined })).toBe('0.0.0.0');
  });
});
