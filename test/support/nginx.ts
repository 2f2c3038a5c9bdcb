/** A real nginx of one's own: a folder, a port and a process without rights, ended with the test. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** Nobody, where the tests run as root: nginx needs no rights for a port above 1023. */
const UNPRIVILEGED = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
const ATTEMPTS = 3;

export interface Nginx {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts nginx with one server of these `location` blocks, and waits until it listens. */
export async function anNginx(locations: string): Promise<Nginx> {
  for (let attempt = 1; ; attempt++) {
    const started = await start(locations, await freePort());
    if (typeof started !== 'string') return started;
    // Somebody else may have taken the port in between.
    if (attempt === ATTEMPTS) throw new Error(`nginx does not start: ${started}`);
  }
}

async function start(locations: string, port: number): Promise<Nginx | string> {
  const folder = mkdtempSync(join(tmpdir(), 'fleetgate-nginx-'));
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, locations, port));
  if (UNPRIVILEGED.uid !== undefined) chownSync(folder, UNPRIVILEGED.uid, UNPRIVILEGED.gid);
  const child = spawn('nginx', ['-p', folder, '-c', file, '-e', 'stderr'], { ...UNPRIVILEGED, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  const ended = once(child, 'close');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  while (child.exitCode === null) {
    if (await listens(port)) return { port, stop };
    await pause(20);
  }
  await stop();
  return said;
}

const configuration = (folder: string, locations: string, port: number): string => `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 128; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    ${locations}
  }
}
`;

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
