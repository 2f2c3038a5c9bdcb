import type { Lease, Leases } from '../../ports/driven/leases.ts';
import type { Database } from './database.ts';
import { prepared, tables } from './query.ts';
import { guarded, step } from './unit.ts';

export class KyselyLeases implements Leases {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async keep(name: string, holder: string): Promise<'new' | 'kept' | 'of-another'> {
    const beaten = await this.#db.write([guarded(BEAT({ name, holder }), 1, 'not-there')]);
    if (beaten.kind === 'done') return 'kept';
    // The primary key settles a race.
    const taken = await this.#db.write([guarded(TAKE({ name, holder }), 1, 'of-another')]);
    return taken.kind === 'done' ? 'new' : 'of-another';
  }

  async all(): Promise<readonly Lease[]> {
    const rows = await this.#db.read(ALL({}));
    return rows.map(({ name, holder, beat }) => ({ name, holder, beat: Number(beat) }));
  }

  async end({ name, holder, beat }: Lease): Promise<boolean> {
    const ended = await this.#db.write([guarded(END({ name, holder, beat }), 1, 'beats')]);
    return ended.kind === 'done';
  }

  async release(name: string, holder: string): Promise<void> {
    await this.#db.write([step(RELEASE({ name, holder }))]);
  }
}

const BEAT = prepared((p: { name: string; holder: string }) =>
  tables
    .updateTable('lease')
    .set((row) => ({ beat: row('beat', '+', 1) }))
    .where('name', '=', p.name)
    .where('holder', '=', p.holder),
);

const TAKE = prepared((p: { name: string; holder: string }) =>
  tables
    .insertInto('lease')
    .values({ name: p.name, holder: p.holder, beat: 1 })
    .onConflict((conflict) => conflict.column('name').doNothing()),
);

const ALL = prepared((_: object) => tables.selectFrom('lease').selectAll());

const END = prepared((p: Lease) => tables.deleteFrom('lease').where('name', '=', p.name).where('holder', '=', p.holder).where('beat', '=', p.beat));

const RELEASE = prepared((p: { name: string; holder: string }) => tables.deleteFrom('lease').where('name', '=', p.name).where('holder', '=', p.holder));
