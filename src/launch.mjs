#!/usr/bin/env node
// Plain JavaScript that any Node can read: finds a Node that can run the rest, and runs it there.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const args = process.argv.slice(2);
// Anything beyond a plain `serve`, a call for help or a misspelt option, is the command line's.
const serves = args[0] === 'serve' && args.slice(1).every((arg) => arg === '--new-signing-key');
const pinned = fileURLToPath(new URL(`../node_modules/node-linux-${process.arch}/bin/node`, import.meta.url));
if (Number(process.versions.node.split('.')[0]) >= 24) {
  // The two are one program to whoever started it: when the launcher is killed, its server must not go on and keep the ports.
  if (process.env.LAUNCHED_BY === String(process.ppid)) process.on('disconnect', () => process.kill(process.pid, 'SIGKILL')).channel?.unref();
  const { main } = await import(serves ? './main.ts' : './adapters/composition/command-line.ts');
  process.exit(await main(args));
} else if (process.platform === 'linux' && existsSync(pinned)) {
  const env = { ...process.env, LAUNCHED_BY: String(process.pid) };
  const child = spawn(pinned, [fileURLToPath(import.meta.url), ...args], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => (signal ? (process.removeAllListeners(signal), process.kill(process.pid, signal)) : process.exit(code)));
} else {
  console.error(`Fleetgate needs Node 24 or newer; this is ${process.version}. Run npm ci in its folder (on Linux it brings one), or install it from nodejs.org.`);
  process.exit(1);
}
