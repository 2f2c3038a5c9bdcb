import type { Duplex } from 'node:stream';
import type { Connection } from '../connection.ts';

/** The connections that were handed on and are not closed yet. */
export class OpenConnections {
  readonly #open = new Map<Connection, Duplex>();

  add(stream: Duplex, connection: Connection): void {
    this.#open.set(connection, stream);
    void connection.closed.then(() => this.#open.delete(connection));
  }

  get size(): number {
    return this.#open.size;
  }

  /** Asks every connection to end, waits for at most `graceMs`, and destroys what is left. */
  async shutDown(graceMs: number): Promise<void> {
    const all = [...this.#open.keys()];
    const gone = Promise.all(all.map(({ closed }) => closed));
    for (const connection of all) connection.shutDown();
    await within(graceMs, gone);
    for (const stream of this.#open.values()) stream.destroy();
    // Once its stream is gone, a connection only has its own affairs left; a stuck one must not keep the process.
    await within(graceMs, gone);
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
