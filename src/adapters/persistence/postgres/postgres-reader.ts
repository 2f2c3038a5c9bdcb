import type { Query, Statement } from '../query.ts';
import { Lanes, type Waiting } from './lanes.ts';
import type { Link } from './link.ts';
import type { Links } from './links.ts';
import { explained, isLost, isSilence, isStale } from './postgres-failure.ts';

interface Read extends Waiting {
  readonly statement: Statement;
  readonly isSecond: boolean;
  readonly resolve: (rows: readonly never[]) => void;
  readonly refuse: (error: Error) => void;
}

export interface PostgresReaderOptions {
  readonly links: Links;
  readonly place: string;
  readonly abreast: number;
  readonly queueLimit: number;
  readonly waitMs: number;
}

const BATCH_LIMIT = 64;

/** Questions of one kind that come while others are under way go out together. */
export class PostgresReader {
  readonly #options: PostgresReaderOptions;
  readonly #lanes: Lanes<Read>;

  constructor(options: PostgresReaderOptions) {
    this.#options = options;
    this.#lanes = new Lanes({ ...options, batch: BATCH_LIMIT, run: (reads) => this.#run(reads) });
  }

  all<Row>(query: Query<Row>): Promise<readonly Row[]> {
    const statement = query.for('postgres')!;
    const { promise, resolve, reject: refuse } = Promise.withResolvers<readonly Row[]>();
    this.#lanes.add({ statement, lane: statement.name ?? statement.sql, since: performance.now(), isSecond: false, resolve, refuse });
    return promise;
  }

  idle(): Promise<void> {
    return this.#lanes.idle();
  }

  async #run(reads: readonly Read[]): Promise<void> {
    try {
      await this.#options.links.use((link) => this.#ask(link, reads));
    } catch (error) {
      for (const read of reads) this.#failed(read, error);
    }
  }

  /** Rejects where the link is lost; then none of `reads` has its answer yet. */
  async #ask(link: Link, reads: readonly Read[]): Promise<void> {
    const outcomes = await link.askAll(reads.map(({ statement }) => statement));
    const lost = outcomes.find((outcome) => outcome.status === 'rejected' && isLost(outcome.reason));
    if (lost) throw (lost as PromiseRejectedResult).reason;
    if (outcomes.some((outcome) => outcome.status === 'rejected' && isStale(outcome.reason))) link.cut();
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') reads[i]!.resolve(outcome.value.rows as readonly never[]);
      else this.#failed(reads[i]!, outcome.reason);
    }
  }

  /** A link that was found dead, or that remembers what has changed, says nothing about the question. */
  #failed(read: Read, error: unknown): void {
    const mayGoBetter = !read.isSecond && (isStale(error) || (isLost(error) && !isSilence(error)));
    if (mayGoBetter) this.#lanes.add({ ...read, isSecond: true });
    else read.refuse(explained(error, this.#options.place));
  }
}
