import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../../../launch.mjs', import.meta.url));
/** Longer than the program gives itself to end. */
const LONGEST_END_MS = 16_000;

export interface GateWish {
  /** The whole environment of the process. */
  readonly env: NodeJS.ProcessEnv;
  /** Its working directory: a file `.env` in it counts. */
  readonly folder: string;
  /** Takes every line of its log, without the line end. */
  readonly onLine: (line: string) => void;
}

export interface Listening {
  /** `mqtts://127.0.0.1:8883`, … */
  readonly urls: readonly string[];
  /** PEM file of whom clients trust; undefined where the operator brought a certificate. */
  readonly caFile: string | undefined;
}

/** A Fleetgate in a process of its own: what `npm start` runs, and nothing else. */
export interface GateProcess {
  /** Rejects when the process ended before it served. */
  readonly ready: Promise<Listening>;
  /** The exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>;
  /** As SIGTERM; resolves when the process is gone. */
  end(): Promise<void>;
}

export function startGate({ env, folder, onLine }: GateWish): GateProcess {
  const child = spawn(process.execPath, [LAUNCHER, 'serve'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ready = Promise.withResolvers<Listening>();
  const ended = once(child, 'close').then(([code]) => code as number | null);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { listening, ca } = factsOf(line);
    onLine(line);
    if (listening) ready.resolve({ urls: listening, caFile: ca });
  });
  ended.then(
    (code) => ready.reject(new Error(`Fleetgate ended with code ${code} before it served; what it wrote says why.`)),
    ready.reject,
  );
  ready.promise.catch(() => undefined); // whoever ends a process that is still starting need not ask
  const end = async (): Promise<void> => {
    const killer = setTimeout(() => child.kill('SIGKILL'), LONGEST_END_MS);
    child.kill();
    await ended;
    clearTimeout(killer);
  };
  return { ready: ready.promise, ended, end };
}

/** A log line is JSON; before the log is open, plain text can come. */
function factsOf(line: string): { readonly listening?: readonly string[]; readonly ca?: string } {
  return line.startsWith('{"') ? (JSON.parse(line) as object) : {};
}

/** The port of the first listener of `scheme`. */
export function portOf({ urls }: Listening, scheme: 'mqtts' | 'http'): number {
  const url = urls.find((each) => each.startsWith(`${scheme}:`));
  if (url === undefined) throw new Error(`Fleetgate does not listen for ${scheme}; it does on ${urls.join(', ')}.`);
  return Number(new URL(url).port);
}

/** The environment of this process without any setting of Fleetgate. */
export const bareEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('FLEETGATE_')));
