import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Metrics } from '../../ports/driven/metrics.ts';
import type { ServerCredentials } from '../../ports/driven/server-credentials.ts';
import type { Peer } from './peer.ts';
import { AddressAllowance } from './address-allowance.ts';
import { addressGroup } from '../../domain/access/address-group.ts';
import { plainAddress } from './plain-address.ts';
import { HandshakeGate, type Arrival, type DropReason } from './handshake-gate.ts';
import type { ListenerLimits } from './listener-limits.ts';
import { readPeerChain } from './read-peer-chain.ts';
import { usableServerName } from './server-name.ts';
import { tlsOptions } from './tls-options.ts';
import type { TurnedAwayLog } from './turned-away-log.ts';
import { WholeChains } from './whole-chains.ts';

/** Beyond this the chain is not even looked at: walking 202 certificates costs 27 ms. The domain refuses on the count of bytes (D-11). */
const MOST_HANDSHAKE_BYTES = 32 * 1024;
/** A handshake may bring this much for one token of its address's allowance. */
const BYTES_OF_A_TOKEN = 8 * 1024;

const DROPPED: Readonly<Record<Exclude<DropReason, 'shutting-down'>, string>> = {
  'waiting-full': 'Too many connections wait for their TLS handshake; the one that waited longest was closed.',
  'address-waiting-full': 'Too many connections of one address wait for their TLS handshake; the newest was closed.',
  'stalled-full': 'Too many TLS handshakes lie unfinished; the oldest was closed.',
};

const LATE = 'A TLS handshake was not done in time. Slow or silent clients cause it, and so does a storm of connections.';

export interface HandshakeNeeds {
  readonly credentials: ServerCredentials;
  readonly turnedAway: TurnedAwayLog;
  readonly limits: ListenerLimits;
  readonly metrics?: Pick<Metrics, 'took' | 'watch'>;
  /** Takes over a connection whose handshake is done. */
  readonly onPeer: (stream: TLSSocket, peer: Peer) => void;
}

interface Handshake extends Arrival {
  /** The peer's address, as it was at accept: later the socket may not know it any more. */
  readonly from: string;
  readonly raw: Socket;
  readonly end: () => void;
  /** When its turn came, by `performance.now()`. */
  startedAt: number;
}

/** Takes TCP connections, lets their TLS handshakes run under the gate, and hands on who has come through. For all TLS ports together. */
export class TlsHandshakes {
  readonly #needs: HandshakeNeeds;
  readonly #tls: Server;
  readonly #gate: HandshakeGate;
  readonly #allowance: AddressAllowance;
  readonly #wholeChains: WholeChains;
  readonly #stopTelling: () => void;
  /** Those that have started, by `pairOf`: a TLSSocket has no public way back to the TCP socket under it. */
  readonly #started = new Map<string, Handshake>();

  constructor(needs: HandshakeNeeds) {
    this.#needs = needs;
    this.#gate = new HandshakeGate({ limits: needs.limits.gate });
    this.#allowance = new AddressAllowance({ limits: needs.limits.allowance });
    this.#wholeChains = new WholeChains({ turnedAway: needs.turnedAway });
    // It never listens; connections are put in by `emit`, which is what net.Server does too.
    this.#tls = createServer({ ...tlsOptions(needs.credentials.current()), handshakeTimeout: needs.limits.handshakeTimeoutMs });
    this.#tls.on('secureConnection', (stream) => this.#secured(stream));
    this.#tls.on('tlsClientError', (error: NodeJS.ErrnoException, stream) => this.#failed(error, stream));
    needs.metrics?.watch('fleetgate_handshakes', () => Object.entries(this.#gate.counts()).map(([stage, value]) => ({ labels: { stage }, value })));
    this.#stopTelling = needs.credentials.onChange((credential) => this.#tls.setSecureContext(tlsOptions(credential)));
  }

  /** `raw` must be paused: its first bytes belong to TLS. */
  accept(raw: Socket): void {
    raw.on('error', () => raw.destroy()); // for the life of the socket: an 'error' nobody hears ends the process
    const from = raw.remoteAddress;
    if (from === undefined) return void raw.destroy(); // it was gone before we came to it
    const address = addressGroup(from);
    if (!this.#allowance.take(address)) {
      this.#turnAway(raw, 'address-rate', 'An address opens connections faster than allowed; its new ones are closed at once.');
      return;
    }
    const handshake = this.#handshakeOf(raw, plainAddress(from), address);
    this.#gate.arrive(handshake);
  }

  /** How many handshakes are in which stage. */
  counts(): ReturnType<HandshakeGate['counts']> {
    return this.#gate.counts();
  }

  /** Ends every handshake that is not done. Connections that were handed on are not its own any more. */
  close(): void {
    this.#stopTelling();
    this.#gate.close();
  }

  #handshakeOf(raw: Socket, from: string, address: string): Handshake {
    const pair = pairOf(raw);
    const deadline = setTimeout(() => {
      this.#turnAway(raw, 'handshake-timeout', LATE);
      handshake.end(); // at once: the same time-out inside TLS must not count it again
    }, this.#needs.limits.handshakeTimeoutMs);
    let ended = false;
    const handshake: Handshake = {
      raw,
      from,
      address,
      startedAt: 0,
      start: () => {
        handshake.startedAt = performance.now();
        this.#started.set(pair, handshake);
        this.#tls.emit('connection', raw);
      },
      drop: (why) => (why === 'shutting-down' ? raw.destroy() : this.#turnAway(raw, why, DROPPED[why])),
      end: () => {
        if (ended) return;
        ended = true;
        clearTimeout(deadline);
        this.#allowance.charge(address, Math.floor(raw.bytesRead / BYTES_OF_A_TOKEN));
        if (this.#started.get(pair) === handshake) this.#started.delete(pair);
        this.#gate.leave(handshake);
      },
    };
    raw.once('close', handshake.end);
    return handshake;
  }

  #secured(stream: TLSSocket): void {
    stream.on('error', () => stream.destroy());
    const handshake = this.#started.get(pairOf(stream));
    if (handshake === undefined) return void stream.destroy(); // closed in the same moment
    handshake.end();
    const { raw, from, startedAt } = handshake;
    const since = performance.now();
    this.#needs.metrics?.took('fleetgate_tls_handshake_seconds', {}, (since - startedAt) / 1000);
    const handshakeBytes = raw.bytesRead; // the count of the TLSSocket is still 0 here
    const serverName = usableServerName((stream as { servername?: string | false | null }).servername);
    const chain = handshakeBytes > MOST_HANDSHAKE_BYTES ? [] : readPeerChain(stream);
    this.#needs.onPeer(stream, {
      chain,
      ...(chain.length > 0 && { wholeChain: () => this.#wholeChains.read(stream, chain, from) }),
      handshakeBytes,
      ...(serverName !== undefined && { serverName }),
      from,
      transport: 'tls',
      connection: randomUUID(),
      begun: startedAt,
      since,
    });
  }

  #failed(error: NodeJS.ErrnoException, stream: TLSSocket): void {
    const from = plainAddress(stream.remoteAddress ?? 'unknown');
    stream.on('error', () => undefined);
    stream.destroy();
    if (error.code === 'ECONNRESET') return; // it went away, as every health check of a load balancer does
    if (error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return this.#lateInTls(stream, from);
    const reason = (error.code ?? error.message).slice(0, 100);
    this.#needs.turnedAway.note('handshake-failed', { from, reason }, 'A TLS handshake failed. The client speaks no TLS 1.2 or 1.3, or does not trust our certificate.');
  }

  /** Both time-outs end in the same moment; whichever comes first has the word. */
  #lateInTls(stream: TLSSocket, from: string): void {
    const handshake = this.#started.get(pairOf(stream));
    if (handshake) this.#needs.turnedAway.note('handshake-timeout', { from }, LATE);
    handshake?.end();
  }

  #turnAway(raw: Socket, kind: string, sentence: string): void {
    this.#needs.turnedAway.note(kind, { from: plainAddress(raw.remoteAddress ?? 'unknown') }, sentence);
    raw.destroy();
  }
}

/** Names a TCP connection for as long as it is open. */
const pairOf = (socket: Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>): string =>
  `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress} ${socket.localPort}`;
