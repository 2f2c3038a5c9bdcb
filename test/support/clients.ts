/** Real MQTT and HTTP clients, as devices and their makers use them: mosquitto, paho-mqtt, MQTT.js, Java's JSSE and curl. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { TLSSocket } from 'node:tls';
import mqtt, { type IConnackPacket, type IDisconnectPacket, type MqttClient } from 'mqtt';
import { NATS_SERVER } from './nats-server.ts';
import { describeUnless, itUnless } from './skips.ts';

/** One way to knock at the gate. */
export interface Call {
  readonly port: number;
  /** PEM file: whom the client trusts. */
  readonly caFile: string;
  /** PEM file: the certificates to show, the leaf first. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientId: string;
  /** Level of the protocol: 3 is MQTT 3.1, 4 is 3.1.1. */
  readonly version: 3 | 4 | 5;
  /** Neither newer nor older, where given. */
  readonly tls?: TlsVersion;
  readonly userName?: string;
}

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** What the client heard. */
export interface Heard {
  /** Return or reason code of the CONNACK. */
  readonly code: number;
  /** Reason String of MQTT 5; empty where there is none. */
  readonly reason: string;
  /** What was negotiated. */
  readonly tls: string | null;
}

export const DEBIANS_PYTHON = '/usr/bin/python3'; // the package python3-paho-mqtt belongs to it, and another may stand before it in PATH
const PAHO_SCRIPT = fileURLToPath(new URL('./paho-client.py', import.meta.url));
const LONGEST_MS = 20_000;

/** The broker, which Debian keeps where users do not look. */
export const MOSQUITTO = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/usr/bin/mosquitto', '/usr/local/bin/mosquitto'].find((path) => existsSync(path));

/** What a preloaded clock is. */
export const FAKETIME = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`).find((path) => existsSync(path));

/** A Node older than the program needs, as a distribution brings it. */
export const oldNode = (): string | undefined =>
  [...new Set([...(process.env['PATH'] ?? '').split(':'), '/usr/bin', '/usr/local/bin'])]
    .map((folder) => join(folder, 'node'))
    .find((path) => existsSync(path) && Number(/^v(\d+)/.exec(spawnSync(path, ['-v'], { encoding: 'utf8' }).stdout)?.[1]) < 24);

const answers = (command: string, ...args: readonly string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).error === undefined;
const succeeds = (command: string, ...args: readonly string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const unless = (isThere: boolean, why: string): string | undefined => (isThere ? undefined : why);

/** What tests need of a machine, and why they are skipped where it is not there. Asked for only by those that need it: each question is a program. */
const LOOKS = {
  openssl: () => unless(answers('openssl', 'version'), 'openssl is not installed'),
  bridge: () => unless(MOSQUITTO !== undefined, 'mosquitto (the broker) is not installed'),
  mosquitto: () => unless(answers('mosquitto_rr', '--help'), 'mosquitto-clients is not installed'),
  paho: () => unless(succeeds(DEBIANS_PYTHON, '-c', 'import paho.mqtt.client'), `python3-paho-mqtt is not installed for ${DEBIANS_PYTHON}`),
  java: () => unless(succeeds('java', '-version'), 'java (JDK 17 or newer) is not installed'),
  curl: () => unless(answers('curl', '--version'), 'curl is not installed'),
  nats: () => unless(NATS_SERVER !== undefined, 'nats-server is not installed'),
  nginx: () => unless(answers('nginx', '-v'), 'nginx is not installed (Debian: nginx-light)'),
  promtool: () => unless(answers('promtool', '--version'), 'promtool is not installed (Debian: prometheus)'),
  'systemd-analyze': () => unless(answers('systemd-analyze', '--version'), 'systemd-analyze is not installed (Debian: systemd)'),
  stdbuf: () => unless(answers('stdbuf', '--version'), 'stdbuf (coreutils) is not installed'),
  prlimit: () => unless(answers('prlimit', '--version'), 'prlimit (util-linux) is not installed'),
  strace: () => unless(succeeds('strace', '-qq', '-e', 'trace=none', 'true'), 'strace is not installed, or may not trace here'),
  tmpfs: () => unless(process.getuid?.() === 0, 'mounting a file system takes root'),
  faketime: () => unless(FAKETIME !== undefined, 'libfaketime is not installed (Debian: faketime)'),
  netns: () => unless(succeeds('unshare', '-n', 'true'), 'a network namespace takes root'),
  nftables: () => unless(answers('nft', '--version'), 'nftables is not installed'),
  script: () => unless(answers('script', '--version'), 'script (util-linux) is not installed'),
  linux: () => unless(process.platform === 'linux', 'it takes Linux: shared ports and /proc'),
  '/dev/full': () => unless(existsSync('/dev/full'), 'there is no /dev/full'),
  oldNode: () => unless(oldNode() !== undefined, 'no Node below 24 is installed beside the pinned one'),
} as const;

export type Tool = keyof typeof LOOKS;
const seen = new Map<Tool, string | undefined>();

/** Why a tool cannot be used on this machine; undefined where it can. */
export function missing(tool: Tool): string | undefined {
  if (!seen.has(tool)) seen.set(tool, LOOKS[tool]());
  return seen.get(tool);
}

const anyMissing = (tools: readonly Tool[]): string | undefined => tools.map(missing).filter((why) => why !== undefined).join(', ') || undefined;

/** `it`, or a skipped one whose title says what is missing. */
export const itWith = (...tools: readonly Tool[]): ReturnType<typeof itUnless> => itUnless(anyMissing(tools));

/** `describe`, or a skipped one whose title says what is missing. */
export const describeWith = (...tools: readonly Tool[]): ReturnType<typeof describeUnless> => describeUnless(anyMissing(tools));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end, or ends it after a while. */
export async function run(command: string, args: readonly string[], input = '', longestMs = LONGEST_MS): Promise<Ended> {
  const child = spawn(command, args, { stdio: 'pipe', timeout: longestMs });
  child.stdin.on('error', () => undefined).end(input);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close') as Promise<[number | null]>]);
  return { code, out, err };
}

/** Asks for the token and listens on one connection: two programs of one device would take it over from each other (D-15). */
export function mosquittoRr(call: Call): Promise<Ended> {
  return run('mosquitto_rr', [...mosquittoOptions(call), '-t', 's/uat', '-e', 's/dat', '-n', '-W', '15']);
}

/** Host, TLS and identity, for every program of the mosquitto family. */
export const mosquittoOptions = ({ port, caFile, certFile, keyFile, clientId, version, userName }: Call): string[] => [
  ...['-h', '127.0.0.1', '-p', String(port), '-V', { 3: 'mqttv31', 4: 'mqttv311', 5: 'mqttv5' }[version], '-i', clientId],
  ...['--cafile', caFile, '--cert', certFile, '--key', keyFile],
  ...(userName === undefined ? [] : ['-u', userName]),
];

const JSSE_CLIENT = fileURLToPath(new URL('./jsse-client.java', import.meta.url));

/** Java's own TLS, without any library: `CONNACK <code>`, or why there was none. MQTT 3.1.1. */
export const jsse = ({ port, caFile, certFile, keyFile, clientId }: Omit<Call, 'version'>): Promise<Ended> =>
  run('java', ['-Xshare:auto', '-XX:TieredStopAtLevel=1', JSSE_CLIENT, String(port), caFile, certFile, keyFile, clientId]);

/** One Python for all calls, one after the other. `message` is what came on `s/dat`. */
export async function paho(calls: readonly (Call & { readonly asksForToken?: boolean })[]): Promise<readonly (Heard & { readonly message?: string; readonly error?: string })[]> {
  const { out, err } = await run(DEBIANS_PYTHON, [PAHO_SCRIPT], calls.map((call) => JSON.stringify(call)).join('\n'));
  const lines = out.split('\n').filter((line) => line !== '');
  if (lines.length !== calls.length) throw new Error(`paho answered ${lines.length} of ${calls.length} calls: ${err}`);
  return lines.map((line) => JSON.parse(line) as Heard);
}

/** A connection of MQTT.js that never comes again by itself. */
export interface Connected extends Heard {
  readonly client: MqttClient;
  /** Client id that the server chose (MQTT 5). */
  readonly assignedClientId?: string;
  /** The DISCONNECT of the server, if one came, when the connection has ended. */
  readonly gone: Promise<IDisconnectPacket | undefined>;
}

/** Connects by MQTT.js and resolves with the CONNACK, whatever it says. Rejects where none comes. */
export function mqttJs(call: Call): Promise<Connected> {
  const client = mqtt.connect({
    ...{ protocol: 'mqtts', host: '127.0.0.1', port: call.port, clientId: call.clientId, protocolVersion: call.version, clean: true },
    ...{ ca: readFileSync(call.caFile), cert: readFileSync(call.certFile), key: readFileSync(call.keyFile) },
    ...{ reconnectPeriod: 0, connectTimeout: LONGEST_MS, keepalive: 600 },
    ...(call.version === 3 && { protocolId: 'MQIsdp' }),
    ...(call.tls && { minVersion: call.tls, maxVersion: call.tls }),
    ...(call.userName !== undefined && { username: call.userName }),
  });
  let goodbye: IDisconnectPacket | undefined;
  client.on('disconnect', (packet) => (goodbye = packet));
  const gone = new Promise<IDisconnectPacket | undefined>((resolve) => client.once('close', () => resolve(goodbye)));
  return new Promise((resolve, reject) => {
    client.on('error', reject); // a refusal is one too, but its CONNACK was heard before
    client.once('close', () => reject(new Error('the server closed without a CONNACK')));
    client.on('packetreceive', (packet) => {
      if (packet.cmd !== 'connack') return;
      const { returnCode, reasonCode, properties }: IConnackPacket = packet;
      const assigned = properties?.assignedClientIdentifier;
      const tls = (client.stream as TLSSocket).getProtocol();
      const code = (call.version === 5 ? reasonCode : returnCode) ?? -1;
      resolve({ client, gone, code, tls, reason: properties?.reasonString ?? '', ...(assigned !== undefined && { assignedClientId: assigned }) });
    });
  });
}

/** What a call hears, and the connection ended afterwards. */
export async function knock(call: Call): Promise<Heard & { readonly assignedClientId?: string }> {
  const { client, gone, ...heard } = await mqttJs(call);
  client.end(true);
  await gone;
  return heard;
}

/** Connects, fails where it was refused, and leaves the connection open. */
export async function enter(call: Call): Promise<Connected> {
  const connected = await mqttJs(call);
  if (connected.code === 0) return connected;
  connected.client.end(true);
  throw new Error(`refused with ${connected.code}: ${connected.reason}`);
}

/** Everything up to the first colon of a Reason String: `path.too-long at depth 1`. */
export const refusalIn = (reason: string): string => reason.split(':')[0]!;

/** The device's JWT, asked for by MQTT. */
export async function tokenOf({ client }: Pick<Connected, 'client'>): Promise<string> {
  const message = new Promise<[string, Buffer]>((resolve) => client.once('message', (topic, payload) => resolve([topic, payload])));
  await client.subscribeAsync('s/dat');
  await client.publishAsync('s/uat', '');
  const [topic, payload] = await message;
  const answer = payload.toString();
  if (topic !== 's/dat' || !answer.startsWith('71,')) throw new Error(`${topic} ${answer} is no token`);
  return answer.slice(3);
}
