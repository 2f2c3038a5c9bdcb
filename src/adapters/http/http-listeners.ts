import { createServer as createHttp, type Server } from 'node:http';
import { createServer as createHttps, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Log } from '../../ports/driven/log.ts';
import type { ServerCredential, ServerCredentials } from '../../ports/driven/server-credentials.ts';
import type { Service } from '../../ports/service.ts';
import type { ConnectionRoom } from '../tls/connection-room.ts';
import { answerBrokenRequest } from './broken-request.ts';
import { HTTP_BOUNDS } from './http-bounds.ts';
import type { MutualTlsListener } from './mutual-tls-listener.ts';

export interface HttpListenersNeeds {
  readonly app: FastifyInstance;
  readonly credentials: ServerCredentials;
  readonly log: Log;
  /** Without bounds where absent. The plain listener has none: whoever looks after a gate that is full must get in. */
  readonly room?: ConnectionRoom;
  /** Address of the HTTPS listener; the plain one is on the loopback only, whatever this says. */
  readonly bind: string;
  /** Undefined: off. 0: any free port. */
  readonly httpsPort?: number;
  readonly httpPort?: number;
  /** Other processes listen on the same ports. */
  readonly shared?: boolean;
  /** Where clients show certificates; undefined: off. */
  readonly mutualTls?: MutualTlsListener;
  /** Other bounds than usual. */
  readonly bounds?: Partial<Record<keyof typeof HTTP_BOUNDS, number>>;
}

const tlsOf = ({ cert, key }: ServerCredential) => ({ cert, key, minVersion: 'TLSv1.2' as const });

/** One app behind several sockets: HTTPS for everybody, mutual TLS for devices, plain HTTP for this machine. */
export class HttpListeners implements Service {
  readonly name = 'HTTP';
  readonly #needs: HttpListenersNeeds;
  readonly #servers = new Set<Server | TlsServer>();
  #forgetCredentials: (() => void) | undefined;
  #stopped: Promise<void> | undefined;

  constructor(needs: HttpListenersNeeds) {
    this.#needs = needs;
  }

  async start(): Promise<readonly string[]> {
    const { app, httpsPort, httpPort, mutualTls } = this.#needs;
    await app.ready();
    try {
      return [
        ...(httpsPort === undefined ? [] : [await this.#listenTls(httpsPort)]),
        ...(mutualTls === undefined ? [] : [await mutualTls.start()]),
        ...(httpPort === undefined ? [] : [await this.#listenPlain(httpPort)]),
      ];
    } catch (error) {
      await this.stop(0);
      throw error;
    }
  }

  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#end(graceMs);
    return this.#stopped;
  }

  async #listenTls(port: number): Promise<string> {
    const { app, bind, credentials, room } = this.#needs;
    const server = createHttps({ ...this.#bounds(), ...tlsOf(credentials.current()), handshakeTimeout: 10_000 }, app.routing);
    server.prependListener('connection', (socket: Socket) => void room?.enter(socket));
    this.#forgetCredentials = credentials.onChange((credential) => server.setSecureContext(tlsOf(credential)));
    const bound = await this.#listen(server, { port, host: bind, setting: 'FLEETGATE_HTTPS_PORT' });
    return `https://${bind.includes(':') ? `[${bind}]` : bind}:${bound}`;
  }

  async #listenPlain(port: number): Promise<string> {
    const { app } = this.#needs;
    const setting = 'FLEETGATE_HTTP_PORT';
    const bound = await this.#listen(createHttp(this.#bounds(), app.routing), { port, host: '127.0.0.1', setting });
    // `localhost` may mean either; a machine without IPv6 has one of them only.
    await this.#listen(createHttp(this.#bounds(), app.routing), { port: bound, host: '::1', setting }).catch((error: unknown) => {
      if (!isWithoutIpv6(error)) throw error;
    });
    return `http://127.0.0.1:${bound}`;
  }

  #bounds() {
    return { ...HTTP_BOUNDS, ...this.#needs.bounds };
  }

  async #listen(server: Server | TlsServer, where: { port: number; host: string; setting: string }): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.on('clientError', answerBrokenRequest);
    server.once('error', reject);
    server.listen({ port: where.port, host: where.host, reusePort: this.#needs.shared ?? false }, resolve);
    try {
      await promise;
    } catch (error) {
      throw new Error(whyNot(error, where), { cause: error });
    }
    server.off('error', reject);
    server.on('error', (error) => this.#needs.log.error({ error: error.message }, 'an HTTP listener has a problem'));
    this.#servers.add(server);
    return (server.address() as AddressInfo).port;
  }

  async #end(graceMs: number): Promise<void> {
    this.#forgetCredentials?.();
    const servers = [...this.#servers];
    // Idle connections end here; those in use end with their answer, for the app says `Connection: close` from now on.
    const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    const mutualClosed = this.#needs.mutualTls?.stop(graceMs);
    const appClosed = this.#needs.app.close();
    const reaper = setInterval(() => servers.forEach((server) => server.closeIdleConnections()), 100);
    const deadline = setTimeout(() => servers.forEach((server) => server.closeAllConnections()), graceMs);
    await Promise.all([...closed, mutualClosed]);
    clearInterval(reaper);
    clearTimeout(deadline);
    await appClosed;
  }
}

const codeOf = (error: unknown): string => String((error as { code?: unknown } | undefined)?.code ?? '');

const isWithoutIpv6 = (error: unknown): boolean =>
  ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(codeOf((error as Error).cause));

function whyNot(error: unknown, { port, host, setting }: { port: number; host: string; setting: string }): string {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} on ${host} is in use by another program; stop that one, or set ${setting} to a free port`,
    EACCES: `this user may not listen on port ${port}; set ${setting} to a port above 1023`,
    EADDRNOTAVAIL: `${host} is no address of this machine; set FLEETGATE_BIND to one that is`,
  };
  const code = codeOf(error);
  return `HTTP cannot listen: ${reasons[code] ?? `${code || String(error)} on ${host} port ${port}; check ${setting} and FLEETGATE_BIND`}.`;
}
