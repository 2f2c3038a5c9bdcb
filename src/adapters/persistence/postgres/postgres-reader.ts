import type { Query, Statement } from '../query.ts';
import { Lanes, type Waiting } from './lanes.ts';
import type { Link, Outcome } from './link.ts';
import type { Links } from './links.ts';
import { explained, isLost, isStale, wasCut } from './postgres-failure.ts';

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

  /**
   * In one transaction, so that the first that waits for a lock for too long is the last (F17). Rejects where the link is lost; then none of
   * `reads` has its answer yet.
   */
  async #ask(link: Link, reads: readonly Read[]): Promise<void> {
    const asked = reads.map(({ statement }) => statement);
    const outcomes = await (asked.length === 1 ? link.askAll(asked) : between(link, asked));
    const first = outcomes.find((outcome) => outcome.status === 'rejected');
    if (first && isLost(first.reason)) throw first.reason;
    if (first && isStale(first.reason)) link.cut();
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') reads[i]!.resolve(outcome.value.rows as readonly never[]);
      else this.#failed(reads[i]!, first!.reason);
    }
  }

  /** A link that was cut, or that remembers what has changed, says nothing about the question. */
  #failed(read: Read, error: unknown): void {
    const mayGoBetter = !read.isSecond && (isStale(error) || wasCut(error));
    if (mayGoBetter) this.#lanes.add({ ...read, isSecond: true });
    else read.refuse(explained(error, this.#options.place));
  }
}

const between = async (link: Link, asked: readonly Statement[]): Promise<readonly Outcome[]> =>
  (await link.askAll([BEGIN, ...asked, END])).slice(1, -1);

const BEGIN: Statement = { sql: 'begin isolation level read committed', parameters: [], looks: true };
const END: Statement = { sql: 'rollback', parameters: [], looks: true };
