import { execFile, spawn } from 'node:child_process';
import { cpSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { once } from 'node:events';
import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { itWith } from '../support/clients.ts';
import { temporaryDirectory } from '../support/pki.ts';
import { ROOT } from '../support/running-gate.ts';

/** Each test starts whole programs, which takes its time where the machine is busy. */
jest.setTimeout(90_000);

const run = promisify(execFile);
const temporary = temporaryDirectory();
afterAll(() => temporary.remove());

const children: ReturnType<typeof spawn>[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null) await Promise.all([once(child, 'close'), child.kill('SIGTERM')]);
});

/** `fleetgate dev` on free ports; `said` resolves when it has written the text so many times. */
function aDev({ root = ROOT, env = {} }: { readonly root?: string; readonly env?: Readonly<Record<string, string>> } = {}) {
  const free = { FLEETGATE_MQTT_TLS_PORTS: '0', FLEETGATE_HTTPS_PORT: 'off', FLEETGATE_MTLS_PORT: 'off', FLEETGATE_HTTP_PORT: '0' };
  const child = spawn(process.execPath, [join(root, 'src/launch.mjs'), 'dev'], { cwd: temporary.path, env: { ...process.env, ...free, TMPDIR: temporary.path, NODE_OPTIONS: '', ...env } });
  children.push(child);
  let out = '';
  let look = (): void => undefined;
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => ((out += data.toString()), look()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const said = (text: string, times = 1): Promise<string> =>
    new Promise((resolve, reject) => {
      look = () => (out.split(text).length > times ? resolve(out) : undefined);
      look();
      void ended.then(() => reject(new Error(`dev ended without saying "${text}":\n${out}`)));
    });
  return { child, said, ended, output: () => out };
}

const command = (out: string, start: string): string => out.split('\n').findLast((line) => line.trim().startsWith(start))!;
const folders = (): string[] => readdirSync(temporary.path).filter((name) => name.startsWith('fleetgate-dev-'));

describe('fleetgate dev', () => {
  it('trusts a CA of its own, prints commands, and at SIGTERM ends with 0 and leaves nothing behind', async () => {
    const dev = aDev();
    const out = await dev.said('Sources are watched');
    expect(command(out, 'mosquitto_rr')).toMatch(/-t s\/uat -e s\/dat -n$/);
    expect(folders()).toHaveLength(1);
    dev.child.kill('SIGTERM');
    expect(await dev.ended).toBe(0);
    expect(dev.output()).toContain('Fleetgate has ended.');
    expect(folders()).toEqual([]);
  });

  itWith('mosquitto', 'curl')('prints commands of mosquitto_rr and curl that work as they stand', async () => {
    const out = await aDev().said('Sources are watched');
    const shell = async (line: string): Promise<string> => (await run('/bin/sh', ['-c', line])).stdout;
    expect(await shell(command(out, 'mosquitto_rr'))).toMatch(/^71,eyJ/);
    expect(await shell(command(out, 'curl -H'))).toContain('"userName":"device_press-7"');
    expect(await shell(command(out, 'curl -u'))).toContain('"id":"press-7"');
  });

  it('starts again when a source changes, waits out a source that does not load, and trusts the CA each time', async () => {
    const root = join(temporary.path, 'checkout');
    for (const part of ['src', 'package.json']) cpSync(join(ROOT, part), join(root, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    const dev = aDev({ root });
    await dev.said('Sources are watched');
    const broken = join(root, 'src/domain/shared/decision.ts');
    cpSync(broken, `${broken}.good`);
    writeFileSync(broken, 'this is no TypeScript');
    await dev.said('src/domain/shared/decision.ts changed: starting again');
    await dev.said('It starts again when a source changes.');
    cpSync(`${broken}.good`, broken);
    await dev.said('Sources are watched', 2);
    await dev.said('anchor.added: ', 2); // the log comes a moment later
    expect(dev.output().match(/anchor\.added: /g)).toHaveLength(2);
    dev.child.kill('SIGTERM');
    expect(await dev.ended).toBe(0);
  });

  it('ends with 1 where not even the first start succeeds, and says why', async () => {
    const dev = aDev({ env: { FLEETGATE_HTTP_PORT: 'nonsense' } });
    expect(await dev.ended).toBe(1);
    expect(dev.output()).toContain('FLEETGATE_HTTP_PORT: "nonsense" is not usable');
    expect(folders()).toEqual([]);
  });
});
