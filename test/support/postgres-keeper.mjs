/**
 * A PostgreSQL server of its own, for tests: `node postgres-keeper.mjs FOLDER BIN PID PORT`. It is made in FOLDER, with the programs in
 * BIN, and ends with the process PID, however that ends; then the folder goes too. `ready` or `failed` in it tells how the start went.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const [folder, bin, watched, port] = process.argv.slice(2);
const data = join(folder, 'data');
const user = unprivileged();

/** PostgreSQL refuses to run as root. */
function unprivileged() {
  if (process.getuid() !== 0) return {};
  const id = (what) => Number(execFileSync('id', [what, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString());
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return { uid: 65_534, gid: 65_534 };
  }
}

function run(program, ...args) {
  const { status, error, stdout, stderr } = spawnSync(join(bin, program), args, { ...user, cwd: folder, encoding: 'utf8', timeout: 60_000, env: { PATH: process.env.PATH, LC_ALL: 'C' } });
  if (status !== 0) throw new Error(`${program}: ${error?.message ?? ''} ${stdout ?? ''} ${stderr ?? ''}`);
}

function initialise() {
  const args = ['-D', data, '-U', 'fleetgate', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--no-instructions', '--locale=C'];
  // A locale in which a comes before B, where PostgreSQL has one: what sorts by bytes is to do so by our doing.
  try {
    run('initdb', ...args, '--locale-provider=icu', '--icu-locale=en-US');
  } catch {
    rmSync(data, { recursive: true, force: true });
    run('initdb', ...args);
  }
  writeFileSync(join(data, 'pg_hba.conf'), 'host all guarded 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\nlocal all all trust\n');
  // No test cuts the power; what kill -9 must not lose, the kernel keeps.
  const settings = { listen_addresses: "'127.0.0.1'", port, unix_socket_directories: `'${folder}'`, fsync: 'off', shared_buffers: '32MB', max_connections: 80, log_line_prefix: "'%m %a '", logging_collector: 'off' };
  writeFileSync(join(data, 'postgresql.auto.conf'), Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`).join(''));
}

const runs = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

const tell = (what, text) => {
  writeFileSync(join(folder, `${what}.part`), text);
  renameSync(join(folder, `${what}.part`), join(folder, what));
};

try {
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  initialise();
  run('pg_ctl', '-D', data, '-w', '-t', '50', '-l', join(folder, 'log'), 'start');
  tell('ready', port);
} catch (error) {
  tell('failed', error.message);
}
while (runs(Number(watched)) && !existsSync(join(folder, 'end'))) await pause(200);
try {
  if (existsSync(join(data, 'postmaster.pid'))) run('pg_ctl', '-D', data, '-m', 'immediate', '-t', '20', 'stop');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
