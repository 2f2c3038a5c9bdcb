import type { SharedSecrets } from '../../ports/driven/shared-secrets.ts';
import type { Database } from './database.ts';
import { prepared, tables } from './query.ts';
import { guarded, step } from './unit.ts';

/** The signing keys of all nodes. Whoever may read the database may sign: it is guarded as the key files are. */
export class KyselySharedSecrets implements SharedSecrets {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async all(): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#db.read(ALL({}));
    return new Map(rows.map(({ kid, record }) => [kid, record]));
  }

  async put(name: string, text: string): Promise<void> {
    await this.#db.write([step(PUT({ kid: name, record: text }))]);
  }

  async replace(name: string, former: string, text: string): Promise<boolean> {
    const { kind } = await this.#db.write([guarded(REPLACE({ kid: name, former, record: text }), 1, 'changed')]);
    return kind === 'done';
  }

  async remove(name: string): Promise<void> {
    await this.#db.write([step(REMOVE({ kid: name }))]);
  }
}

const ALL = prepared((_: object) => tables.selectFrom('signing_key').selectAll());

const PUT = prepared((p: { kid: string; record: string }) =>
  tables
    .insertInto('signing_key')
    .values({ kid: p.kid, record: p.record })
    .onConflict((conflict) => conflict.column('kid').doUpdateSet((row) => ({ record: row.ref('excluded.record') }))),
);

const REPLACE = prepared((p: { kid: string; former: string; record: string }) =>
  tables.updateTable('signing_key').set({ record: p.record }).where('kid', '=', p.kid).where('record', '=', p.former),
);

const REMOVE = prepared((p: { kid: string }) => tables.deleteFrom('signing_key').where('kid', '=', p.kid));
