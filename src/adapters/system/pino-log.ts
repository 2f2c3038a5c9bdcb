import type { Logger } from 'pino';
import type { Log } from '../../ports/driven/log.ts';
import { presentable, presentableText } from './presentable.ts';

/** Writes what the operator is told. Never throws: a log that fails must not fail the work. */
export class PinoLog implements Log {
  readonly #logger: Logger;

  constructor({ logger }: { readonly logger: Logger }) {
    this.#logger = logger;
  }

  info(facts: object, sentence: string): void {
    this.#write('info', facts, sentence);
  }

  warn(facts: object, sentence: string): void {
    this.#write('warn', facts, sentence);
  }

  error(facts: object, sentence: string): void {
    this.#write('error', facts, sentence);
  }

  #write(level: 'info' | 'warn' | 'error', facts: object, sentence: string): void {
    if (!this.#logger.isLevelEnabled(level)) return;
    try {
      // An Error given bare becomes a member: its own members are not its facts.
      this.#logger[level](presentable(facts instanceof Error ? { error: facts } : facts) as object, presentableText(sentence));
    } catch {
      // Facts that throw when they are read are lost.
    }
  }
}
