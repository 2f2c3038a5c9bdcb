/** Debian's mosquitto as thin-edge configures it: a broker for the programs of one device, with a bridge to the gate (wire-contract §5.1.3). */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { MOSQUITTO, type Call } from './clients.ts';
import { freePort } from './free-port.ts';

export interface Bridge {
  /** Port for the programs of the device. */
  readonly port: number;
  /** What was said on local topics so far, as `topic payload`. */
  readonly heard: readonly string[];
  /** The first of them, past or to come, that begins so. Rejects when it takes longer than `ms`. */
  hears(start: string, ms?: number): Promise<string>;
  /** Resolves when the broker has printed this. */
  prints(text: string, ms?: number): Promise<void>;
  remove(): Promise<void>;
}

const HEALTH = 'te/device/main/service/mosquitto-c8y-bridge/status/health';
export const CONNECTED = `${HEALTH} 1`;
export const DISCONNECTED = `${HEALTH} 0`;

const MODES = ['s', 't', 'q', 'c'];
const TOPICS = [
  ...[['s/dt', 1], ['s/ds', 1], ['s/e', 0], ['s/dc/#', 1], ['devicecontrol/notifications', 1], ['error', 1], ['s/dat', 0]].map(([topic, qos]) => `${topic} in ${qos}`),
  ...MODES.flatMap((mode) => [`${mode}/us/# out 1`, `${mode}/uc/# out 1`]),
  ...['s/ut/# out 1', 's/uat out 0', 'inventory/managedObjects/update/# out 1'],
  ...['measurement/measurements', 'event/events', 'alarm/alarms'].flatMap((area) => [`${area}/create out 1`, `${area}/createBulk out 1`]),
];

const configuration = (call: Call, port: number): string => `
listener ${port} 127.0.0.1
allow_anonymous true
user root
persistence false
log_type all
connection edge_to_c8y
address 127.0.0.1:${call.port}
bridge_protocol_version mqttv311
bridge_cafile ${call.caFile}
bridge_certfile ${call.certFile}
bridge_keyfile ${call.keyFile}
remote_clientid ${call.clientId}
local_clientid Cumulocity
try_private false
start_type automatic
cleansession true
notifications true
notifications_local_only true
notification_topic ${HEALTH}
bridge_attempt_unsubscribe false
${TOPICS.map((topic) => `topic ${topic} c8y/ ""`).join('\n')}
`;

/** Starts the broker, which connects as `call` says, and listens to all that is said on its local topics. */
export async function aBridge(call: Call): Promise<Bridge> {
  const folder = mkdtempSync(join(tmpdir(), 'fleetgate-bridge-'));
  const port = await freePort();
  writeFileSync(join(folder, 'mosquitto.conf'), configuration(call, port));
  const child = spawn(MOSQUITTO!, ['-c', join(folder, 'mosquitto.conf')], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const printed: string[] = [];
  const heard: string[] = [];
  const waiting = new Set<() => void>();
  const changed = (): void => [...waiting].forEach((look) => look());
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      printed.push(data.toString());
      changed();
    });
  }
  const output = (): string => printed.join('');
  let local: MqttClient | undefined;
  const remove = async (): Promise<void> => {
    await local?.endAsync(true);
    if (child.exitCode === null) child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    local = await whenUp(child, port, output);
  } catch (error) {
    await remove();
    throw error;
  }
  local.on('message', (topic, payload) => {
    heard.push(`${topic} ${payload.toString()}`);
    changed();
  });
  await local.subscribeAsync(['#']);
  const until = <T>(what: string, look: () => T | undefined, ms: number): Promise<T> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`never came: ${what}\n${heard.join('\n')}\n${output()}`)), ms);
      const again = (): void => {
        const found = look();
        if (found === undefined) return;
        waiting.delete(again);
        clearTimeout(timer);
        resolve(found);
      };
      waiting.add(again);
      again();
    });
  return {
    ...{ port, heard, remove },
    hears: (start, ms = 20_000) => until(start, () => heard.find((line) => line.startsWith(start)), ms),
    prints: async (text, ms = 20_000) => void (await until(text, () => output().includes(text) || undefined, ms)),
  };
}

async function whenUp(child: ChildProcess, port: number, output: () => string): Promise<MqttClient> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`mosquitto ended:\n${output()}`);
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 }).catch(() => undefined);
    if (client) return client;
    await pause(20);
  }
}
