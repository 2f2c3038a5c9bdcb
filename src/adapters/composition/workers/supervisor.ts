import type { Log } from '../../../ports/driven/log.ts';
import type { FromWorker, ToWorker } from './worker-seat.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One worker, while it lives. */
export interface WorkerProcess {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  send(message: ToWorker): void;
  hear(listener: (message: FromWorker) => void): void;
  kill(signal: NodeJS.Signals): void;
}

export type Ready = Extract<FromWorker, { kind: 'ready' }>;

export interface SupervisorNeeds {
  readonly count: number;
  /** `listening` is what the first worker serves on; undefined for the first itself. */
  readonly fork: (number: number, listening: readonly string[] | undefined) => WorkerProcess;
  readonly log: Log;
  readonly times?: Partial<typeof TIMES>;
}

const TIMES = {
  /** The first restart comes after so long, each further one after twice as long. */
  againMs: 100,
  longestAgainMs: 30_000,
  /** Who lived for so long starts anew as if nothing had happened. */
  steadyMs: 60_000,
};

interface Worker {
  readonly process: WorkerProcess;
  readonly ready: Promise<Ready>;
}

/** Starts the workers, and starts again what dies. It serves nobody itself, so that little can go wrong with it. */
export class Supervisor {
  readonly #needs: SupervisorNeeds;
  readonly #times: typeof TIMES;
  readonly #live = new Map<number, WorkerProcess>();
  readonly #deaths = new Map<number, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #listening: readonly string[] | undefined;
  #isEnding = false;

  constructor(needs: SupervisorNeeds) {
    this.#needs = needs;
    this.#times = { ...TIMES, ...needs.times };
  }

  /**
   * Resolves when all serve. The first one starts alone: what is made once, schema, keys, first tenant, is there when the others come.
   * Rejects with what the one ended with that did not come up; then all others are ended.
   */
  async start(): Promise<Ready> {
    const others = Array.from({ length: this.#needs.count - 1 }, (_, i) => i + 2);
    try {
      const first = this.#fork(1);
      const ready = await first.ready;
      this.#listening = ready.listening;
      const rest = others.map((number) => [number, this.#fork(number)] as const);
      await Promise.all(rest.map(([, worker]) => worker.ready));
      for (const [number, { process }] of [[1, first] as const, ...rest]) this.#watch(number, process);
      return ready;
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** Asks all to end. Resolves when all have, with the worst of their codes; after `mostMs` they are killed. */
  async stop(mostMs: number): Promise<number> {
    this.#isEnding = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const live = [...this.#live.values()];
    for (const process of live) process.send({ kind: 'end' });
    const late = setTimeout(() => live.forEach((process) => process.kill('SIGKILL')), mostMs);
    const ended = await Promise.all(live.map((process) => process.ended));
    clearTimeout(late);
    return Math.max(0, ...ended.map(({ code }) => code ?? 1));
  }

  /** Ends all at once. */
  async kill(): Promise<void> {
    this.#isEnding = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const live = [...this.#live.values()];
    for (const process of live) process.kill('SIGKILL');
    await Promise.all(live.map((process) => process.ended));
  }

  signal(signal: NodeJS.Signals): void {
    for (const process of this.#live.values()) process.kill(signal);
  }

  #fork(number: number): Worker {
    const { fork } = this.#needs;
    const process = fork(number, this.#listening);
    this.#live.set(number, process);
    const { promise: ready, resolve, reject } = Promise.withResolvers<Ready>();
    process.hear((message) => {
      if (message.kind === 'ready') resolve(message);
      else for (const [other, neighbour] of this.#live) if (other !== number) neighbour.send(message);
    });
    void process.ended.then((ended) => {
      if (this.#live.get(number) === process) this.#live.delete(number);
      reject(new WorkerDidNotStart(number, ended));
    });
    ready.catch(() => undefined); // whoever waits hears of it
    return { process, ready };
  }

  #watch(number: number, process: WorkerProcess): void {
    const since = performance.now();
    void process.ended.then((ended) => {
      if (this.#isEnding) return;
      const { againMs, longestAgainMs, steadyMs } = this.#times;
      const deaths = performance.now() - since >= steadyMs ? 0 : (this.#deaths.get(number) ?? 0);
      this.#deaths.set(number, deaths + 1);
      const restartInMs = Math.min(longestAgainMs, againMs * 2 ** Math.min(deaths, 20));
      this.#needs.log.error({ worker: number, pid: process.pid, ...ended, restartInMs }, `A worker has ended without being asked to. Its devices come to the others; it starts again in ${restartInMs} ms.`);
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.#watch(number, this.#fork(number).process);
      }, restartInMs);
      this.#timers.add(timer);
    });
  }
}

/** The worker has said why by itself. */
export class WorkerDidNotStart extends Error {
  readonly code: number;

  constructor(number: number, { code, signal }: Ended) {
    super(`worker ${number} did not start (${signal ?? `code ${code}`})`);
    this.code = code ?? 1;
  }
}
