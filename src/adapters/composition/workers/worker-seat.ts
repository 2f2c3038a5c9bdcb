/** What a worker and its supervisor tell each other. Plain data: it crosses processes. */
export type FromWorker =
  | { readonly kind: 'ready'; readonly listening: readonly string[]; readonly ca?: string }
  /** For the other workers. */
  | Told;
export type ToWorker = { readonly kind: 'end' } | Told;

export interface Told {
  readonly kind: 'told';
  readonly topic: string;
  readonly word: unknown;
}

/** The place of this process among those of one supervisor. */
export interface WorkerSeat {
  /** From 1. */
  readonly number: number;
  say(message: FromWorker): void;
  hear(listener: (message: ToWorker) => void): void;
}

const NAME = 'WORKER_OF';

/** What makes the next process worker `number` of this one. */
export const seatFor = (number: number): Readonly<Record<string, string>> => ({ [NAME]: `${process.pid}/${number}` });

/** Undefined where this process is nobody's worker. A name that was inherited over two generations is none. */
export function workerSeat(): WorkerSeat | undefined {
  const [, parent, number] = /^(\d+)\/(\d+)$/.exec(process.env[NAME] ?? '') ?? [];
  if (parent !== String(process.ppid) || !process.send) return undefined;
  return {
    number: Number(number),
    // A supervisor that is gone hears nothing, and this process ends by `endWithSupervisor`.
    say: (message) => void process.send?.(message, () => undefined),
    hear: (listener) => void process.on('message', (message) => listener(message as ToWorker)),
  };
}

/** A worker without its supervisor would share the ports with whatever is started next: it ends at once, as by `kill -9`. */
export function endWithSupervisor(): void {
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
}
