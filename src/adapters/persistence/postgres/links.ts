import { databaseFailure, type DatabaseFailure } from '../database-failure.ts';
import type { Link } from './link.ts';
import { explained, isLost, isSilence } from './postgres-failure.ts';

export interface LinksOptions {
  readonly open: () => Promise<Link>;
  /** `host:port/database`, for sentences. */
  readonly place: string;
  readonly most: number;
  /** Callers that wait for a link; one more is refused. */
  readonly queueLimit: number;
  readonly waitMs: number;
  /** Told once when the database is lost, and once when it is back. */
  readonly onOutage: (failure: DatabaseFailure | undefined) => void;
}

/** While the database is away one caller tries again this often, and all others are refused at once. */
const RETRY_MS = 250;
/** After PostgreSQL had no connection left. */
const SCARCE_MS = 5_000;

interface Waiting {
  readonly give: (link: Link) => void;
  readonly refuse: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** A bounded set of connections. Nobody waits for longer than `waitMs`, and while the database is away nobody waits at all (F11, F13). */
export class Links {
  readonly #options: LinksOptions;
  readonly #idle: Link[] = [];
  readonly #all = new Set<Link>();
  readonly #queue: Waiting[] = [];
  #opening = 0;
  #mostUntil = { most: 0, until: 0 };
  #outage: { readonly failure: DatabaseFailure; nextTry: number } | undefined;
  #closing: Promise<void> | undefined;
  #whenFree: (() => void) | undefined;

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  /** Lends a link for `work`. One that breaks on the way, or that `work` left in doubt, is not lent again. */
  async use<T>(work: (link: Link) => Promise<T>): Promise<T> {
    const link = await this.#take();
    try {
      return await work(link);
    } catch (error) {
      if (isSilence(error)) this.#suspect(error);
      else if (isLost(error)) this.#retire(link);
      throw error;
    } finally {
      this.#giveBack(link);
    }
  }

  /** Lets what is under way end; `use` rejects from now on. */
  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  #take(): Promise<Link> {
    if (this.#closing) return Promise.reject(databaseFailure('database-closed', 'The database is closed: Fleetgate is shutting down.'));
    for (let link = this.#idle.pop(); link; link = this.#idle.pop()) {
      if (link.isAlive) return Promise.resolve(link);
      this.#all.delete(link);
    }
    if (this.#outage && (this.#opening > 0 || performance.now() < this.#outage.nextTry)) return Promise.reject(this.#outage.failure);
    if (this.#all.size + this.#opening < Math.max(1, this.#most)) return this.#open();
    return this.#wait();
  }

  async #open(): Promise<Link> {
    this.#opening += 1;
    const [opened] = await Promise.allSettled([this.#options.open()]);
    this.#opening -= 1;
    if (opened.status === 'fulfilled') {
      this.#all.add(opened.value);
      this.#recovered();
      return opened.value;
    }
    const failure = explained(opened.reason, this.#options.place);
    if (failure.code === 'database-overloaded' && this.#all.size > 0) return this.#makeDo();
    throw this.#lost(failure);
  }

  /** PostgreSQL has no connection left for us: those we have must do for a while (F16). */
  #makeDo(): Promise<Link> {
    this.#mostUntil = { most: this.#all.size, until: performance.now() + SCARCE_MS };
    return this.#wait();
  }

  get #most(): number {
    return performance.now() < this.#mostUntil.until ? this.#mostUntil.most : this.#options.most;
  }

  #wait(): Promise<Link> {
    const { queueLimit, waitMs, place } = this.#options;
    if (this.#queue.length >= queueLimit)
      return Promise.reject(databaseFailure('database-overloaded', `${this.#queue.length} questions wait for PostgreSQL at ${place} already. Try again in a moment.`));
    return new Promise((give, refuse) => {
      const timer = setTimeout(() => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        refuse(databaseFailure('database-overloaded', `All ${this.#options.most} connections to PostgreSQL at ${place} were busy for ${waitMs} ms. Try again in a moment.`));
      }, waitMs);
      const waiting: Waiting = { give, refuse, timer };
      this.#queue.push(waiting);
    });
  }

  #giveBack(link: Link): void {
    if (!link.isAlive) this.#all.delete(link);
    const next = this.#queue.shift();
    if (next) {
      clearTimeout(next.timer);
      if (link.isAlive) next.give(link);
      else void this.#take().then(next.give, next.refuse);
      return;
    }
    if (link.isAlive) this.#idle.push(link);
    this.#whenFree?.();
  }

  /** Whoever waits would wait for what nobody can give. */
  #lost(failure: DatabaseFailure): DatabaseFailure {
    if (!this.#outage) this.#options.onOutage(failure);
    this.#outage = { failure, nextTry: performance.now() + RETRY_MS };
    if (this.#all.size > 0) return failure;
    for (const { refuse, timer } of this.#queue.splice(0)) {
      clearTimeout(timer);
      refuse(failure);
    }
    return failure;
  }

  #recovered(): void {
    if (this.#outage) this.#options.onOutage(undefined);
    this.#outage = undefined;
  }

  /** One line that says nothing at all any more: the others lie in the same dark, and each would cost its time limit to find out. */
  #suspect(error: unknown): void {
    for (const link of this.#all) link.cut();
    this.#all.clear();
    this.#idle.length = 0;
    this.#lost(explained(error, this.#options.place));
  }

  /** What ended one connection may have ended all: those that nobody uses are not lent again. */
  #retire(link: Link): void {
    link.cut();
    for (const idle of this.#idle.splice(0)) {
      idle.cut();
      this.#all.delete(idle);
    }
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0 || this.#idle.length < this.#all.size || this.#opening > 0) {
      await new Promise<void>((resolve) => {
        this.#whenFree = resolve;
        setTimeout(resolve, 50).unref();
      });
      for (const link of this.#all) if (!link.isAlive) this.#all.delete(link);
    }
    await Promise.all([...this.#all].map((link) => link.end()));
  }
}
