import { setTimeout as pause } from 'node:timers/promises';
import type { Written } from '../database.ts';
import { databaseFailure } from '../database-failure.ts';
import type { Unit } from '../unit.ts';
import { Lanes, type Waiting } from './lanes.ts';
import type { Links } from './links.ts';
import { explained, isCollision, isLockedOut, unknownOutcome, wasCut } from './postgres-failure.ts';
import { LostCommit, runUnits, type Answer } from './run-units.ts';
import { outcomeOf } from './stamp.ts';

interface Write extends Waiting {
  readonly unit: Unit;
  readonly tries: number;
  readonly resolve: (written: Written) => void;
  readonly refuse: (error: Error) => void;
}

export interface PostgresWriterOptions {
  readonly links: Links;
  readonly place: string;
  readonly queueLimit: number;
  readonly waitMs: number;
  /** Told of each commit: from the first statement of the transaction until PostgreSQL says that it is durable, s. */
  readonly whenCommitted?: (seconds: number) => void;
}

const BATCH_LIMIT = 64;
/** Of one unit. What PostgreSQL says against a whole batch costs its units one. */
const MOST_TRIES = 4;

/** Units of one kind run one after the other; those that come while others are under way share a transaction, and so a commit. */
export class PostgresWriter {
  readonly #options: PostgresWriterOptions;
  readonly #lanes: Lanes<Write>;

  constructor(options: PostgresWriterOptions) {
    this.#options = options;
    this.#lanes = new Lanes({ ...options, batch: BATCH_LIMIT, abreast: 1, run: (writes) => this.#run(writes) });
  }

  write(unit: Unit): Promise<Written> {
    const { promise, resolve, reject: refuse } = Promise.withResolvers<Written>();
    this.#lanes.add({ unit, lane: kindOf(unit), since: performance.now(), tries: 1, resolve, refuse });
    return promise;
  }

  idle(): Promise<void> {
    return this.#lanes.idle();
  }

  async #run(writes: readonly Write[]): Promise<void> {
    const { links, place, whenCommitted } = this.#options;
    const since = performance.now();
    try {
      const answers = await links.use((link) => runUnits(link, writes.map(({ unit }) => unit), place));
      whenCommitted?.((performance.now() - since) / 1000);
      this.#settle(writes, answers);
    } catch (error) {
      if (error instanceof LostCommit) await this.#settleLost(writes, error);
      else if (mayGoBetter(error, writes)) for (const write of writes) this.#again(write, error);
      else for (const { refuse } of writes) refuse(explained(error, place));
    }
  }

  #settle(writes: readonly Write[], answers: readonly Answer[]): void {
    for (const [i, write] of writes.entries()) {
      const answer = answers[i]!;
      if (answer.kind === 'again') this.#again(write, answer.because);
      else if (answer.kind === 'failed') write.refuse(databaseFailure(answer.code, answer.sentence));
      else write.resolve(answer);
    }
  }

  async #settleLost(writes: readonly Write[], { stamp, answers, cause }: LostCommit): Promise<void> {
    const { links, place } = this.#options;
    const outcome = await outcomeOf(stamp, links);
    if (outcome === 'committed') this.#settle(writes, answers);
    else if (outcome === 'aborted') for (const write of writes) this.#again(write, cause);
    else for (const { refuse } of writes) refuse(unknownOutcome(place, cause));
  }

  /** By itself, and after a moment that differs: those who collided would collide again. */
  #again(write: Write, because: unknown): void {
    if (write.tries >= MOST_TRIES) return write.refuse(explained(because, this.#options.place));
    void pause(Math.random() * 20 * write.tries).then(() => this.#lanes.add({ ...write, tries: write.tries + 1, alone: true }));
  }
}

/** By the statements of its steps. */
const kindOf = (unit: Unit): string => unit.map(({ runs: [first] }) => first.kind).join(' ');

/** A lock that one unit waits for is nothing to the others. */
const mayGoBetter = (error: unknown, writes: readonly Write[]): boolean =>
  isCollision(error) || (wasCut(error) && writes[0]!.tries === 1) || (isLockedOut(error) && writes.length > 1);
