import { afterAll, expect, it } from '@jest/globals';
import { compose, openGate } from '../../../src/adapters/composition/open-gate.ts';
import { parseSettings } from '../../../src/adapters/config/parse-settings.ts';
import { gateModules } from '../../../src/main.ts';
import { HttpDoor, MqttDoor, type Service } from '../../../src/ports/service.ts';
import { temporaryDirectory } from '../../support/pki.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

it('F03 closes every door in the moment of the signal: one that waits for a slow peer keeps no other open', async () => {
  const parsed = parseSettings({ FLEETGATE_DATA_DIR: directory.path, FLEETGATE_LOG_LEVEL: 'silent', FLEETGATE_DATABASE_URL: 'memory:' });
  if (!parsed.granted) throw new Error(JSON.stringify(parsed.refusal));
  const { settings } = parsed.value;
  const container = await compose(settings, gateModules(settings));
  const stopped: string[] = [];
  let peerLeaves = (): void => undefined;
  const slowPeer = new Promise<void>((resolve) => (peerLeaves = resolve));
  const door = (name: string): Service => ({ name, start: async () => [name], stop: async (graceMs) => (stopped.push(`${name} ${graceMs}`), slowPeer) });
  (await container.rebind(MqttDoor)).toConstantValue(door('mqtt'));
  (await container.rebind(HttpDoor)).toConstantValue(door('http'));
  const gate = await openGate(container);
  const ended = gate.stop(5_000);
  await Promise.resolve();
  expect(new Set(stopped)).toEqual(new Set(['mqtt 5000', 'http 5000']));
  peerLeaves();
  await ended;
});
