import type { Log } from '../../../ports/driven/log.ts';
import type { Settings } from '../../config/settings.ts';
import { endingSignal } from '../signals.ts';
import { forkWorker } from './fork-worker.ts';
import { portSettings, refuseTakenPorts } from './shared-ports.ts';
import { Supervisor, WorkerDidNotStart } from './supervisor.ts';

/** Beyond the grace of the workers, which say themselves what they wait for. */
const LONGER_MS = 10_000;

/** Starts `settings.workers` processes that serve, and keeps them. Resolves with the exit code when a signal has ended them all. Rejects with a sentence. */
export async function superviseWorkers(settings: Settings, args: readonly string[], log: Log): Promise<number> {
  await refuseTakenPorts(settings);
  const supervisor: Supervisor = new Supervisor({
    count: settings.workers,
    // What was asked for the start is for the first one, once.
    fork: (number, listening) => forkWorker(number, listening ? [] : args, listening ? portSettings(listening, settings) : {}),
    log,
  });
  const signal = endingSignal(() => supervisor.signal('SIGKILL'));
  process.on('SIGHUP', () => supervisor.signal('SIGHUP'));
  try {
    const ended = signal.then(() => 'ended' as const);
    const started = await Promise.race([supervisor.start(), ended]);
    if (started === 'ended') return await supervisor.stop(settings.shutdownGraceMs + LONGER_MS);
    const { listening, ca } = started;
    log.info({ listening, workers: settings.workers, ...(ca && { ca }) }, `Fleetgate is ready on ${listening.join(', ')}.`);
  } catch (error) {
    if (!(error instanceof WorkerDidNotStart)) throw error;
    log.error({}, `Fleetgate does not start: ${error.message}.`);
    return error.code;
  }
  log.info({ signal: await signal }, `Fleetgate is ending; work under way gets ${settings.shutdownGraceMs} ms.`);
  const code = await supervisor.stop(settings.shutdownGraceMs + LONGER_MS);
  log.info({}, 'Fleetgate has ended.');
  return code;
}
