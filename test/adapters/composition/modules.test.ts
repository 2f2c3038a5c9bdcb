import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { parseSettings } from '../../../src/adapters/config/parse-settings.ts';
import type { Settings } from '../../../src/adapters/config/settings.ts';
import { prepareDataDirectory } from '../../../src/adapters/composition/data-directory.ts';
import { loadExtraModules } from '../../../src/adapters/composition/extra-modules.ts';
import { ask, compose } from '../../../src/adapters/composition/open-gate.ts';
import { tryToClaim } from '../../../src/adapters/message-sinks/webhook/queue-slot.ts';
import { Database } from '../../../src/adapters/persistence/database.ts';
import { gateModules } from '../../../src/main.ts';
import type { AuditEntry } from '../../../src/domain/audit/audit-entry.ts';
import { MANAGEMENT } from '../../../src/domain/trust/tenant.ts';
import { AuditTrail } from '../../../src/ports/driven/audit-trail.ts';
import { Clock } from '../../../src/ports/driven/clock.ts';
import { FeedLag } from '../../../src/ports/driven/feed-lag.ts';
import { Identifiers } from '../../../src/ports/driven/identifiers.ts';
import { ListSource } from '../../../src/ports/driven/list-source.ts';
import { MessageSink } from '../../../src/ports/driven/message-sink.ts';
import { RefusalStore } from '../../../src/ports/driven/refusal-store.ts';
import { ResponderSource } from '../../../src/ports/driven/responder-source.ts';
import { SinkCounts } from '../../../src/ports/driven/sink-counts.ts';
import { TokenSigner } from '../../../src/ports/driven/token-signer.ts';
import { RefusalCount } from '../../../src/ports/driving/refusal-count.ts';
import { RefusalDesk } from '../../../src/ports/driving/refusal-desk.ts';
import { BackgroundWork, HttpDoor, MqttDoor } from '../../../src/ports/service.ts';
import type { Token } from '../../../src/ports/token.ts';
import { aMessage } from '../../contracts/message-sink.contract.ts';
import { temporaryDirectory } from '../../support/pki.ts';
import { ROOT } from '../../support/running-gate.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

function someSettings(overrides: Readonly<Record<string, string>> = {}): Settings {
  const parsed = parseSettings({ FLEETGATE_DATA_DIR: directory.path, FLEETGATE_LOG_LEVEL: 'silent', ...overrides });
  if (!parsed.granted) throw new Error(JSON.stringify(parsed.refusal));
  return parsed.value.settings;
}

/** Every token that a port exports, by its file. */
async function everyPort(): Promise<readonly (readonly [string, Token<unknown>])[]> {
  const ports = join(ROOT, 'src/ports');
  const files = readdirSync(ports, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const exported = await Promise.all(files.map(async (file) => Object.values((await import(pathToFileURL(join(ports, file)).href)) as object).map((it) => [file, it] as const)));
  return exported.flat().filter((pair): pair is readonly [string, symbol] => typeof pair[1] === 'symbol');
}

describe('The modules of the gate', () => {
  it.each(['sqlite', 'memory'])('have exactly one adapter for every port, and each can be made: %s', async (kind) => {
    const settings = someSettings(kind === 'memory' ? { FLEETGATE_DATABASE_URL: 'memory:' } : {});
    const container = await compose(settings, gateModules(settings));
    const ports = await everyPort();
    expect(ports.length).toBeGreaterThan(20);
    await ask(container, TokenSigner);
    // A second binding of a port shows here: asking for one of two is an error of inversify's.
    for (const [file, port] of ports) expect([file, await ask(container, port)]).toEqual([file, expect.anything()]);
    const database = kind === 'sqlite' ? await ask(container, Database) : undefined;
    for (const door of [MqttDoor, HttpDoor]) await (await ask(container, door)).stop(0);
    await container.unbindAllAsync();
    await database?.close();
  });

  it('D-74 fetch nothing from neighbours where the setting says so, neither lists nor answers of responders', async () => {
    const settings = someSettings({ FLEETGATE_DATABASE_URL: 'memory:', FLEETGATE_FETCH_FROM_NEIGHBOURS: 'off' });
    const container = await compose(settings, gateModules(settings));
    const question = { url: 'http://127.0.0.1:1/', allowed: ['http://127.0.0.1:1/'], request: new Uint8Array() };
    const [list, answer] = [await (await ask(container, ListSource)).fetch(question), await (await ask(container, ResponderSource)).ask(question)];
    const evidence = { url: question.url, problem: 'nothing is fetched from 127.0.0.1, which has no public address' };
    expect([list, answer]).toMatchObject([{ refusal: { code: 'list.not-fetched', evidence } }, { refusal: { code: 'ocsp.not-asked', evidence } }]);
    await container.unbindAllAsync();
  });

  it.each([['a minute', 60_000], ['the end', 0]])('D-46 write by %s what was counted of a device that comes no more', async (_when, ms) => {
    const settings = someSettings({ FLEETGATE_DATABASE_URL: 'memory:' });
    const container = await compose(settings, gateModules(settings));
    const [desk, store, work] = [await ask(container, RefusalDesk), await ask(container, RefusalStore), await ask(container, BackgroundWork)];
    const sight = { refusal: { code: 'chain.absent' }, clientId: 'press-7', from: '192.0.2.7', sent: 0 } as const;
    desk.refused(sight);
    await desk.list({ tenant: MANAGEMENT, limit: 1 });
    jest.useFakeTimers();
    try {
      await work.start();
      desk.refused(sight);
      await jest.advanceTimersByTimeAsync(ms);
      if (ms === 0) await work.stop(0);
      expect(await store.list({ tenant: MANAGEMENT, limit: 1 })).toMatchObject([{ count: 2 }]);
    } finally {
      jest.useRealTimers();
    }
    await work.stop(0);
    await container.unbindAllAsync();
  });

  it('make each adapter once', async () => {
    const settings = someSettings({ FLEETGATE_DATABASE_URL: 'memory:' });
    const container = await compose(settings, gateModules(settings));
    expect(await ask(container, Clock)).toBe(await ask(container, Clock));
  });
});

it('What was counted of refusals is written down before the end is reported, however slow the store is', async () => {
  const settings = someSettings({ FLEETGATE_DATABASE_URL: 'memory:' });
  const container = await compose(settings, gateModules(settings));
  const kept: AuditEntry[] = [];
  const append: AuditTrail['append'] = async (entries) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    kept.push(...entries);
  };
  (await container.rebind<Pick<AuditTrail, 'append'>>(AuditTrail)).toConstantValue({ append });
  (await ask(container, RefusalCount)).count({ what: 'device.refused', tenant: 'main', code: 'path.outside-validity' });
  await container.unbindAllAsync();
  expect(kept).toMatchObject([{ what: 'device.refused', tenant: 'main', subject: 'path.outside-validity' }]);
});

it.each([[5, 200], [5.1, 503]])('F26 /ready hears how far behind the changes the process is: %d s, %i', async (lag, status) => {
  const settings = someSettings({ FLEETGATE_DATABASE_URL: 'memory:', FLEETGATE_BIND: '127.0.0.1', FLEETGATE_HTTP_PORT: '0', FLEETGATE_HTTPS_PORT: '0', FLEETGATE_MTLS_PORT: '0' });
  const container = await compose(settings, gateModules(settings));
  await ask(container, TokenSigner);
  (await container.rebind<FeedLag>(FeedLag)).toConstantValue(() => lag);
  const door = await ask(container, HttpDoor);
  const url = (await door.start()).find((each) => each.startsWith('http:'))!;
  const answer = await fetch(`${url}/ready`);
  expect([answer.status, (await answer.text()).includes('Changes made elsewhere are not followed in time.')]).toEqual([status, status === 503]);
  await door.stop(0);
  await container.unbindAllAsync();
});

describe('The sink of messages, behind its meter,', () => {
  const secret = join(directory.path, 'webhook.secret');
  writeFileSync(secret, `whsec_${Buffer.alloc(32, 7).toString('base64')}`, { mode: 0o600 });
  const webhook = { FLEETGATE_SINK: 'https://127.0.0.1:9/in', FLEETGATE_SINK_SECRET_FILE: secret };

  it.each([['log', { FLEETGATE_SINK: 'log' }], ['off', { FLEETGATE_SINK: 'off' }], ['a webhook', webhook]])('still counts, and is closed at the end: %s', async (_kind, given) => {
    const settings = someSettings({ FLEETGATE_DATABASE_URL: 'memory:', ...given });
    const container = await compose(settings, gateModules(settings));
    const sink = await ask(container, MessageSink);
    await sink.accept(aMessage());
    expect((await ask(container, SinkCounts))()).toMatchObject({ accepted: 1 });
    await container.unbindAllAsync();
    if (given !== webhook) return;
    // The queue on disk belongs to nobody any more.
    const slot = tryToClaim(join(directory.path, 'webhook-queue/0'));
    expect(slot).toBeDefined();
    slot?.letGo();
  });
});

describe('FLEETGATE_MODULES', () => {
  const file = join(ROOT, 'test/support/modules/stopped-clock.ts');

  it('replaces ports by a plain provide, and the replacement counts for everything that needs the port', async () => {
    const settings = someSettings({ FLEETGATE_DATABASE_URL: 'memory:', FLEETGATE_MODULES: file });
    const container = await compose(settings, gateModules(settings));
    expect((await ask(container, Clock)).now()).toEqual(new Date('2030-01-01T00:00:00Z'));
    expect((await ask(container, Identifiers)).next()).toBe('made-in-2030');
  });

  const complaint = async (name: string, text: string): Promise<string> => {
    const wrong = join(directory.path, name);
    writeFileSync(wrong, text);
    const error = await loadExtraModules([wrong]).then(() => undefined, (reason: Error) => reason);
    expect(error?.message).toContain(`The file ${wrong}, which FLEETGATE_MODULES names, cannot be used: `);
    expect(error?.message).toContain('Expected is a default export that is a ContainerModule of inversify, or a list of them');
    return error!.message;
  };

  it.each([
    ['nothing.mjs', 'export const x = 1;', 'its default export is something else'],
    ['number.mjs', 'export default 7;', 'its default export is something else'],
    ['half.mjs', 'export default [{ load() {} }, {}];', 'its default export is something else'],
    ['throws.mjs', 'throw new Error("it broke");', 'it broke'],
  ])('names a file that is no module, and why: %s', async (name, text, why) => {
    expect(await complaint(name, text)).toContain(why);
  });

  it('names a file that is not there', async () => {
    await expect(loadExtraModules([join(directory.path, 'absent.ts')])).rejects.toThrow(/absent\.ts, which FLEETGATE_MODULES names, cannot be used/);
  });
});

describe('The data directory', () => {
  const log = { info: () => undefined, warn: () => { throw new Error('no warning is due'); }, error: () => undefined };
  const modeOf = (path: string): number => statSync(path).mode & 0o777;

  it('is made for its owner only, its parents too', async () => {
    const path = join(directory.path, 'a/b');
    await prepareDataDirectory(path, log);
    expect([modeOf(path), modeOf(join(path, '..'))]).toEqual([0o700, 0o700]);
  });

  it('is closed to others where it is there and empty', async () => {
    const path = join(directory.path, 'empty');
    mkdirSync(path, { mode: 0o755 });
    await prepareDataDirectory(path, log);
    expect(modeOf(path)).toBe(0o700);
  });
});
