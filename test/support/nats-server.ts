/** A real nats-server of one's own: a folder, a port and a process, ended with the test. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

/** Debian keeps it where users do not look. */
export const NATS_SERVER = ['/usr/sbin/nats-server', '/usr/local/bin/nats-server', '/usr/bin/nats-server'].find((path) => existsSync(path));

export interface NatsServer {
  /** `nats://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on its port, with what it stored. */
  restart(): Promise<void>;
  /** Stops reading and writing without closing anything, until `thaw`. */
  freeze(): Promise<void>;
  thaw(): void;
  /** A connection of a back end; closed with the server. */
  client(): Promise<NatsConnection>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

/** Starts a server with JetStream, and waits until it is ready. */
export async function aNatsServer(...options: readonly string[]): Promise<NatsServer> {
  if (NATS_SERVER === undefined) throw new Error('nats-server is not installed');
  const program = NATS_SERVER;
  const folder = mkdtempSync(join(tmpdir(), 'fleetgate-nats-'));
  const port = await freePort();
  const clients: NatsConnection[] = [];
  const start = (): Promise<ChildProcess> => startServer(program, ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder, ...options]);
  let child = await start();
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    kill,
    restart: async () => {
      await kill();
      child = await start();
    },
    freeze: async () => {
      child.kill('SIGSTOP');
      await until('nats-server stands still', () => standsStill(child.pid!));
    },
    thaw: () => void child.kill('SIGCONT'),
    client: async () => {
      const connection = await connect({ servers: `127.0.0.1:${port}`, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
      clients.push(connection);
      return connection;
    },
    remove: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startServer(program: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (data: Buffer) => {
      said += data.toString();
      if (said.includes('Server is ready')) resolve();
    });
    child.once('close', () => reject(new Error(`nats-server does not start: ${said}`)));
  });
  return child;
}

/** On a busy machine a thread goes on for a while after the signal. Without /proc nobody can see it. */
function standsStill(pid: number): boolean {
  const tasks = `/proc/${pid}/task`;
  return !existsSync(tasks) || readdirSync(tasks).every((id) => / T \d+ /.test(readFileSync(join(tasks, id, 'stat'), 'utf8')));
}
