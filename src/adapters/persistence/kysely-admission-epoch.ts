import type { AdmissionEpoch } from '../../ports/driven/admission-epoch.ts';
import type { Database } from './database.ts';
import { databaseFailure } from './database-failure.ts';
import { prepared, tables } from './query.ts';
import { step, type Step } from './unit.ts';

const CURRENT = prepared((_: object) => tables.selectFrom('admission_epoch').select('value').where('id', '=', 1));

const MOVE = prepared((_: object) =>
  tables
    .updateTable('admission_epoch')
    .set((row) => ({ value: row('value', '+', 1) }))
    .where('id', '=', 1),
);

/** One unit at a time moves it. */
export const EPOCH = '"epoch"';

/** A step of every unit that grants or withdraws admission: what it stands for, it takes effect with. */
export const moveEpoch: Step = { ...step(MOVE({})), holds: EPOCH };

export class KyselyAdmissionEpoch implements AdmissionEpoch {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async current(): Promise<number> {
    const [row] = await this.#db.read(CURRENT({}));
    if (!row) throw databaseFailure('database-damaged', 'The table admission_epoch has lost its row. Restore a backup.');
    return row.value;
  }
}
