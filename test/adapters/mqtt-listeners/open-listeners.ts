import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, TLSSocket, type ConnectionOptions } from 'node:tls';
import { listenerLimits, type ListenerLimits } from '../../../src/adapters/tls/listener-limits.ts';
import { ConnectionRoom, type ConnectionRoomNeeds } from '../../../src/adapters/tls/connection-room.ts';
import { TurnedAwayLog } from '../../../src/adapters/tls/turned-away-log.ts';
import { MqttListeners, type ListenerNeeds } from '../../../src/adapters/mqtt/listeners/mqtt-listeners.ts';
import type { Connection } from '../../../src/adapters/mqtt/connection.ts';
import type { Peer } from '../../../src/adapters/tls/peer.ts';
import type { ServerCredential, ServerCredentials } from '../../../src/ports/driven/server-credentials.ts';
import type { Minted } from '../../../src/ports/driven/certificate-mint.ts';
import { aServer } from '../../support/pki.ts';
import { recordingLog, type LogLine } from '../../support/recording-log.ts';

/** A connection that came through, as the listeners handed it on. */
export interface Served {
  readonly peer: Peer;
  readonly stream: Duplex;
  /** What the server negotiated; null without TLS. */
  readonly protocol: string | null;
}

export interface Listeners extends AsyncDisposable {
  readonly door: MqttListeners;
  /** The first TLS port. */
  readonly port: number;
  readonly lines: readonly string[];
  readonly served: readonly Served[];
  readonly log: readonly LogLine[];
  /** Resolves when `count` connections have been handed on. */
  servedBy(count: number): Promise<void>;
  /** Resolves with the first line of the log that tells of `kind`. */
  logged(kind: string): Promise<LogLine>;
  changeCredential(to: Minted): void;
}

export interface Wish {
  readonly limits?: Partial<Omit<ListenerLimits, 'gate' | 'allowance'>> & {
    readonly gate?: Partial<ListenerLimits['gate']>;
    readonly allowance?: Partial<ListenerLimits['allowance']>;
  };
  readonly settings?: Partial<ListenerNeeds['settings']>;
  readonly serve?: ListenerNeeds['serve'];
  readonly server?: Minted;
  readonly room?: Omit<ConnectionRoomNeeds, 'turnedAway'>;
  readonly metrics?: NonNullable<ListenerNeeds['metrics']>;
}

const DEFAULTS = listenerLimits({ handshakesInFlight: 32, handshakesPerAddress: 16, handshakeTimeoutMs: 10_000 });

/** Listeners on loopback and any free port. What comes through is greeted with `ok` and kept open. */
export async function openListeners(wish: Wish = {}): Promise<Listeners> {
  const credentials = changeable(wish.server ?? (await aServer()));
  const record = recorder();
  const door = new MqttListeners({
    settings: { bind: '127.0.0.1', mqttTlsPorts: [0], ...wish.settings },
    limits: {
      ...DEFAULTS,
      ...wish.limits,
      gate: { ...DEFAULTS.gate, ...wish.limits?.gate },
      allowance: { ...DEFAULTS.allowance, ...wish.limits?.allowance },
    },
    credentials,
    log: record.port,
    ...(wish.room && { room: new ConnectionRoom({ ...wish.room, turnedAway: new TurnedAwayLog({ log: record.port }) }) }),
    ...(wish.metrics && { metrics: wish.metrics }),
    serve: (stream, peer) => {
      record.serve({ stream, peer, protocol: stream instanceof TLSSocket ? stream.getProtocol() : null });
      return wish.serve?.(stream, peer) ?? greet(stream);
    },
  });
  const lines = await door.start();
  return {
    door,
    port: door.ports().tls[0]!,
    lines,
    served: record.served,
    log: record.log,
    servedBy: (count) => record.until(() => record.served.length >= count),
    logged: async (kind) => {
      const find = (): LogLine | undefined => record.log.find(({ facts }) => facts['kind'] === kind);
      await record.until(() => find() !== undefined);
      return find()!;
    },
    changeCredential: credentials.change,
    [Symbol.asyncDispose]: () => door.stop(0),
  };
}

export function greet(stream: Duplex): Connection {
  stream.on('data', () => undefined);
  stream.on('end', () => stream.end());
  stream.write('ok');
  return { shutDown: () => stream.destroy(), closed: new Promise((resolve) => stream.once('close', () => resolve())) };
}

function recorder() {
  const served: Served[] = [];
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const again of waiting) again();
  };
  const { log: port, lines: log } = recordingLog(wake);
  return {
    served,
    log,
    port,
    serve: (one: Served): void => {
      served.push(one);
      wake();
    },
    until: (holds: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        const again = (): void => {
          if (!holds()) return;
          waiting.delete(again);
          resolve();
        };
        waiting.add(again);
        again();
      }),
  };
}

function changeable(first: Minted): ServerCredentials & { change(to: Minted): void } {
  const credentialOf = ({ certificatePem, keyPem }: Minted): ServerCredential => ({ cert: certificatePem, key: keyPem, names: [], notAfter: new Date() });
  let current = credentialOf(first);
  const listeners = new Set<(credential: ServerCredential) => void>();
  return {
    current: () => current,
    onChange: (tell) => {
      listeners.add(tell);
      return () => void listeners.delete(tell);
    },
    change: (to) => {
      current = credentialOf(to);
      for (const tell of listeners) tell(current);
    },
  };
}

/** `localAddress` is handed on to `net.connect`; the types of tls.connect do not know it. */
type ClientOptions = ConnectionOptions & { readonly localAddress?: string };

/** A TLS client that judges nothing. Resolves when its handshake is done; with TLS 1.3 the server may still be at it. */
export async function connectTls(port: number, options: ClientOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  socket.on('error', () => undefined);
  await onceOrClosed(socket, 'secureConnect');
  return socket;
}

/** The same, and reads the greeting: then the server has served it. */
export async function connectAndBeGreeted(port: number, options: ClientOptions = {}): Promise<TLSSocket> {
  const socket = await connectTls(port, options);
  const [greeting] = (await onceOrClosed(socket, 'data')) as [Buffer];
  if (greeting.toString() !== 'ok') throw new Error(`expected the greeting, got ${JSON.stringify(greeting.toString())}`);
  return socket;
}

/** Like `once`, but rejects too when the other end closes without an error. */
async function onceOrClosed(socket: Socket, event: string): Promise<unknown[]> {
  const ends = new AbortController();
  const closed = (): void => ends.abort();
  socket.once('close', closed);
  try {
    return await once(socket, event, { signal: ends.signal });
  } finally {
    socket.off('close', closed);
  }
}

/** A TCP connection; whatever the server sends gathers in `received`. */
export async function connectRaw(port: number): Promise<{ socket: Socket; received: Buffer[]; closed: Promise<void> }> {
  const socket = connectTcp({ port, host: '127.0.0.1' });
  const received: Buffer[] = [];
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  return { socket, received, closed };
}
