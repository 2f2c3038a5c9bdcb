import { isatty } from 'node:tty';
import pino, { type Logger } from 'pino';
import { humanLine } from './human-line.ts';
import { LineOutput } from './line-output.ts';

export interface LogOutputNeeds {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** File descriptor; 1 is standard output. */
  readonly to?: number;
  /** Text for people instead of JSON; by default where the output is a terminal. */
  readonly human?: boolean;
  /** In every line: which of several processes it is. */
  readonly worker?: number;
}

export interface LogOutput {
  readonly logger: Logger;
  /** Resolves when everything is written, or after a second. */
  flush(): Promise<void>;
}

/** Opens the one output of log and audit: JSON lines, or text for people. Writing never makes the caller wait. */
export function openLogOutput({ level, to = 1, human = isatty(to), worker }: LogOutputNeeds): LogOutput {
  const whenLost = (lost: number): void => logger.warn({ lost }, 'The output of the log took no lines for a while: these are lost. Make its reader faster, or its disk.');
  const lines = new LineOutput({ to, whenLost, isShared: worker !== undefined });
  const logger: Logger = pino(
    { level, base: worker === undefined ? null : { worker }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    human ? { write: (line: string) => lines.write(humanLine(line)) } : lines,
  );
  return { logger, flush: () => lines.flush() };
}
