import type { Log } from '../../src/ports/driven/log.ts';

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly facts: Readonly<Record<string, unknown>>;
  readonly sentence: string;
}

/** A log that keeps its lines, as they were when they were written. `heard` is called after each. */
export function recordingLog(heard: () => void = () => undefined): { readonly log: Log; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write = (level: LogLine['level']) => (facts: object, sentence: string): void => {
    lines.push({ level, facts: { ...facts }, sentence });
    heard();
  };
  return { lines, log: { info: write('info'), warn: write('warn'), error: write('error') } };
}
