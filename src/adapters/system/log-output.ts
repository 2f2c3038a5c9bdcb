import { isatty } from 'node:tty';
import pino, { type Logger } from 'pino';
import { humanLine } from './human-line.ts';

export interface LogOutputNeeds {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** File descriptor; 1 is standard output. */
  readonly to?: number;
  /** Text for people instead of JSON; by default where the output is a terminal. */
  readonly human?: boolean;
}

export interface LogOutput {
  readonly logger: Logger;
  /** Writes out what is still held; gives up after a second on an output that takes nothing. */
  flush(): void;
}

/** Bytes held for an output that does not take them; what comes then is dropped, and the service goes on (F29). */
const MOST_HELD = 8 * 1024 * 1024;

/** Opens the one output of log and audit: JSON lines, or text for people. Writing never makes the caller wait. */
export function openLogOutput({ level, to = 1, human = isatty(to) }: LogOutputNeeds): LogOutput {
  let patience = Infinity;
  const destination = pino.destination({ fd: to, sync: false, maxLength: MOST_HELD, retryEAGAIN: () => patience-- > 0 });
  // A reader that went away must not take the gate with it.
  destination.on('error', () => undefined);
  const stream = human ? { write: (line: string) => void destination.write(humanLine(line)) } : destination;
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    stream,
  );
  return {
    logger,
    flush: () => {
      patience = 10; // a tenth of a second each
      try {
        destination.flushSync();
      } catch {
        // There is nobody left to tell.
      }
    },
  };
}
