import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { walkJourney } from '../../src/adapters/composition/demo/demo-journey.ts';
import { openStory } from '../../src/adapters/composition/demo/story.ts';
import { mint, temporaryDirectory } from '../support/pki.ts';
import { ROOT } from '../support/running-gate.ts';

/** Each test starts whole programs, which takes its time where the machine is busy. */
jest.setTimeout(90_000);

const directories: { remove(): void }[] = [];
afterAll(() => directories.forEach((each) => each.remove()));

/** `fleetgate demo`, with an empty folder in which it makes its own. */
function aDemo(temporary?: string) {
  const directory = temporaryDirectory();
  directories.push(directory);
  const folder = temporary ?? directory.path;
  const child = spawn(process.execPath, [join(ROOT, 'src/launch.mjs'), 'demo'], { env: { ...process.env, TMPDIR: folder, NODE_OPTIONS: '', FLEETGATE_HTTP_PORT: 'nonsense' } });
  const [out, err] = [text(child.stdout), text(child.stderr)];
  const ended = once(child, 'close').then(async ([code]) => ({ code: code as number | null, out: await out, err: await err }));
  return { child, folder, ended };
}

describe('fleetgate demo', () => {
  const whole = aDemo();

  it('walks a device from its birth to the end of its trust, ends with 0, and leaves nothing behind', async () => {
    const { code, out, err } = await whole.ended;
    expect([code, err]).toEqual([0, '']);
    const told = [
      'Fleetgate starts.',
      'signs a certificate for one machine',
      /uploads the CA[^]*answered 201/,
      /device connects\.[^]*TLSv1\.3[^]*CONNACK 0/,
      /register by itself\.[^]*answered 200: user device_press-7, registered by auto/,
      /asks for a token[^]*71,eyJ[^]*sub device_press-7, good for 3600 s/,
      /opens HTTP\.[^]*answered 200: userName device_press-7/,
      /disables the CA[^]*DISCONNECT 0x87: session\.anchor-withdrawn/,
      /dead here, too\.[^]*answered 401: Token is terminated/,
      /connects again[^]*CONNACK 0x87: tenant\.anchor-disabled at depth 1: required is/,
    ];
    const steps = out.split(/^ *\d+\. /m).slice(1);
    expect(steps).toHaveLength(told.length);
    told.forEach((what, i) => expect(steps[i]).toMatch(what));
    expect(out).toMatch(/^Done in \d+\.\d s; the folder is gone\./m);
    expect(readdirSync(whole.folder)).toEqual([]);
  });

  it('says at each step where the code for it is, and every one of these files is there', async () => {
    const { out } = await whole.ended;
    const paths = [...out.matchAll(/^ +code: (.*)$/gm)].flatMap(([, line]) => line!.match(/src\/[\w./-]+/g) ?? []);
    expect(paths.length).toBeGreaterThan(15);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('ends with 1 and a sentence where it cannot make its folder', async () => {
    const { code, out, err } = await aDemo(join(ROOT, 'no-such-folder')).ended;
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^error: the demonstration failed\. ENOENT.*no-such-folder/);
  });

  it('ends the gate and removes the folder when it is cut off', async () => {
    const { child, folder, ended } = aDemo();
    await Promise.race([once(child.stdout, 'data'), ended]);
    child.kill('SIGTERM');
    const { code, err } = await ended;
    expect([code, err]).toEqual([1, expect.stringContaining('error: the demonstration failed. It was ended by SIGTERM.')]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('stops at the first step that did not do what it should, and says what came instead', async () => {
    const told: string[] = [];
    const walk = walkJourney({
      ...{ story: openStory((line) => told.push(line)), mint },
      api: async () => ({ status: 409, body: { message: 'no room' } }),
      ...{ administrator: '', mqttPort: 0, serverCaFile: '' },
    });
    await expect(walk).rejects.toThrow('The CA was to be stored with status 201; the answer was 409: no room.');
    expect(told.at(-1)).toMatch(/ 2\. The administrator of the tenant main uploads the CA/);
  });
});
