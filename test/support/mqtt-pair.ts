import { duplexPair, type Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { generate, parser, type IConnectPacket, type Packet } from 'mqtt-packet';
import { InMemoryDeviceInboxes } from '../../src/adapters/in-memory/in-memory-device-inboxes.ts';
import { CONNECTION_LIMITS, type ConnectionLimits } from '../../src/adapters/mqtt/connection-limits.ts';
import { InMemoryMetrics } from '../../src/adapters/metrics/in-memory-metrics.ts';
import { serveConnection, type Connection } from '../../src/adapters/mqtt/connection.ts';
import type { Peer } from '../../src/adapters/tls/peer.ts';
import type { Fingerprint, Thumbprint } from '../../src/domain/certificates/certificate.ts';
import type { DeviceId } from '../../src/domain/identity/device-identity.ts';
import type { Refusal } from '../../src/domain/refusal.ts';
import type { DeviceSession } from '../../src/domain/sessions/device-session.ts';
import { grant, type Decision } from '../../src/domain/shared/decision.ts';
import type { TenantId } from '../../src/domain/trust/tenant.ts';
import type { DeviceMessage } from '../../src/ports/driven/message-sink.ts';
import type { Admission, ConnectQuestion } from '../../src/ports/driving/device-gate.ts';
import type { SmartrestDesk, SmartrestMessage } from '../../src/ports/driving/smartrest-desk.ts';
import { HandTimers } from './hand-timers.ts';
import { recordingLog } from './recording-log.ts';

export type Version = 3 | 4 | 5;
type Verdict = Decision<Admission, Refusal>;

export const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJqdGkiOiIxIn0.c2lnbmF0dXJl';

export const aSession = (wish: Partial<DeviceSession> = {}): DeviceSession => ({
  id: 'session-1',
  tenant: 'main' as TenantId,
  device: 'dev01' as DeviceId,
  leaf: 'aa' as Thumbprint,
  notAfter: new Date('2030-01-01'),
  anchors: ['bb' as Fingerprint],
  path: [],
  ...wish,
});

export const admitted = (wish: Partial<Admission> = {}): Verdict => grant({ session: aSession(), registered: false, ...wish });

export interface PairWishes {
  readonly version?: Version;
  readonly judge?: (question: ConnectQuestion) => Promise<Verdict>;
  readonly issue?: () => Promise<Decision<string, Refusal>>;
  readonly smartrest?: SmartrestDesk['answer'];
  readonly accept?: (message: DeviceMessage) => Promise<void | 'full'>;
  readonly limits?: Partial<ConnectionLimits>;
  readonly peer?: Partial<Peer>;
  /** Whether the client closes its side when the server has closed its own. */
  readonly closesToo?: boolean;
  readonly reads?: boolean;
}

/** A client and the server at the two ends of a stream pair: no network, no clock. */
export class MqttPair {
  readonly client: Duplex;
  readonly server: Duplex;
  readonly connection: Connection;
  readonly timers = new HandTimers();
  readonly version: Version;

  /** What the ports were asked. */
  readonly questions: ConnectQuestion[] = [];
  readonly disconnected: string[] = [];
  readonly messages: DeviceMessage[] = [];
  readonly #log = recordingLog();
  readonly logged = this.#log.lines;
  readonly asked: SmartrestMessage[] = [];
  /** Where others send to the device. */
  readonly inboxes: InMemoryDeviceInboxes;
  issued = 0;
  readonly metrics = new InMemoryMetrics({ log: { info: () => undefined, warn: () => undefined, error: () => undefined } });
  /** Sizes of the chunks that the server wrote. */
  readonly writes: number[] = [];
  bytes = Buffer.alloc(0);
  readonly packets: Packet[] = [];
  #arrived = (): void => undefined;
  #read = 0;

  constructor(wishes: PairWishes = {}) {
    const { version = 4, peer, limits, closesToo = true, reads = true } = wishes;
    this.version = version;
    [this.client, this.server] = duplexPair();
    const reading = parser({ protocolVersion: version }).on('packet', (packet) => this.packets.push(packet));
    reading.on('error', (error) => this.packets.push({ cmd: 'auth', reasonCode: 0, properties: { reasonString: String(error) } }));
    if (reads) {
      this.client.on('data', (chunk: Buffer) => {
        this.writes.push(chunk.length);
        this.bytes = Buffer.concat([this.bytes, chunk]);
        reading.parse(chunk);
        this.#arrived();
      });
      this.client.on('end', () => closesToo && this.client.end());
    }
    this.client.on('error', () => undefined);
    const logs = this.#log.log;
    this.inboxes = new InMemoryDeviceInboxes({ log: logs });
    this.connection = serveConnection(
      this.server,
      { chain: [Buffer.from('leaf')], handshakeBytes: 1234, from: '192.0.2.1', transport: 'tls', ...peer },
      {
        gate: {
          connect: (question) => {
            this.questions.push(question);
            return (wishes.judge ?? (async () => admitted()))(question);
          },
          admit: () => Promise.reject(new Error('not asked here')),
          examine: () => Promise.reject(new Error('not asked here')),
          disconnect: ({ id }) => void this.disconnected.push(id),
        },
        tokens: {
          issue: () => {
            this.issued += 1;
            return (wishes.issue ?? (async () => grant(JWT)))();
          },
          issueTo: () => Promise.reject(new Error('not asked here')),
          recognise: () => Promise.reject(new Error('not asked here')),
          inspect: () => Promise.reject(new Error('not asked here')),
          withdraw: () => Promise.reject(new Error('not asked here')),
        },
        smartrest: {
          answer: async (message) => {
            this.asked.push(message);
            return (wishes.smartrest ?? (async () => ({ replies: [], dropped: 0 })))(message);
          },
        },
        sink: {
          accept: async (message) => {
            const taken = await wishes.accept?.(message);
            if (taken !== 'full') this.messages.push(message);
            return taken;
          },
        },
        inboxes: this.inboxes,
        log: logs,
        metrics: this.metrics,
        limits: { ...CONNECTION_LIMITS, ...limits },
        timers: this.timers,
      },
    );
    void this.connection.closed.then(() => this.#arrived());
  }

  /** Sends packets or raw bytes, all in one chunk. */
  send(...what: readonly (Packet | Buffer)[]): void {
    this.client.write(Buffer.concat(what.map((one) => (Buffer.isBuffer(one) ? one : generate(one, { protocolVersion: this.version })))));
  }

  /** The next packet that was not taken yet; fails when the connection closes instead. */
  async next(): Promise<Packet> {
    let isClosed = false;
    void this.connection.closed.then(() => (isClosed = true));
    while (this.packets.length <= this.#read) {
      if (isClosed) throw new Error(`closed instead of a packet, by ${this.ending ?? 'nobody knows what'}`);
      await new Promise<void>((resolve) => (this.#arrived = resolve));
      await setImmediate();
    }
    return this.packets[this.#read++]!;
  }

  /** Gets in, and takes the CONNACK. */
  async open(wish: Partial<IConnectPacket> = {}): Promise<this> {
    this.send(this.connectPacket(wish));
    const connack = await this.next();
    if (connack.cmd !== 'connack' || (connack.returnCode ?? connack.reasonCode) !== 0) throw new Error(`not let in: ${JSON.stringify(connack)}`);
    return this;
  }

  connectPacket(wish: Partial<IConnectPacket> = {}): IConnectPacket {
    const protocolId = this.version === 3 ? 'MQIsdp' : 'MQTT';
    return { cmd: 'connect', protocolId, protocolVersion: this.version, clientId: 'dev01', clean: true, keepalive: 60, ...wish };
  }

  /** All that came, in order, once the connection is over. */
  async over(): Promise<readonly Packet[]> {
    await this.connection.closed;
    await setImmediate();
    return this.packets;
  }

  /** Lets everything that is under way happen. */
  async settled(): Promise<void> {
    for (let i = 0; i < 5; i += 1) await setImmediate();
  }

  /** The code under which the end of the connection was logged. */
  get ending(): string | undefined {
    return this.logged.map(({ facts }) => facts.ending).find((ending) => ending !== undefined) as string | undefined;
  }

  /** The peer is gone without a word: what a socket shows after a reset. */
  vanish(): void {
    this.server.destroy();
  }
}

/** A promise and its end, for tests that decide when something happens. */
export function later<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void; readonly reject: (error: Error) => void } {
  return Promise.withResolvers<T>();
}
