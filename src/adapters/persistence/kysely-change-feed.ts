import type { Change, ChangeNote } from '../../domain/changes/change.ts';
import type { AdmissionEpoch } from '../../ports/driven/admission-epoch.ts';
import type { ChangeFeed } from '../../ports/driven/change-feed.ts';
import { changed } from './change-steps.ts';
import type { Database } from './database.ts';
import { prepared, tables } from './query.ts';
import type { ChangeNoteTable } from './schema.ts';

export interface ChangeFeedNeeds {
  readonly db: Database;
  readonly epoch: AdmissionEpoch;
  /** Calls soon after any process has committed something, and returns what ends it. */
  readonly wake: (look: () => void) => () => void;
}

/** The feed as a table. What wakes its readers depends on the database. */
export class KyselyChangeFeed implements ChangeFeed {
  readonly #needs: ChangeFeedNeeds;

  constructor(needs: ChangeFeedNeeds) {
    this.#needs = needs;
  }

  async head(): Promise<number> {
    return this.#needs.epoch.current();
  }

  async after(seq: number, limit: number): Promise<readonly Change[] | 'forgotten'> {
    // The head first: what comes between the two reads is then no gap.
    const head = await this.head();
    const rows = await this.#needs.db.read(AFTER({ seq, limit }));
    const unbroken = rows.findIndex((row, i) => Number(row.seq) !== seq + 1 + i);
    const following = (unbroken === -1 ? rows : rows.slice(0, unbroken)).map(toChange);
    return following.length === 0 && head !== seq ? 'forgotten' : following;
  }

  async note(change: ChangeNote): Promise<void> {
    await this.#needs.db.write([...changed(change)]);
  }

  watch(look: () => void): () => void {
    return this.#needs.wake(look);
  }
}

const toChange = ({ seq, tenant, kind, subject }: ChangeNoteTable): Change => ({ seq: Number(seq), tenant, kind, subject }) as Change;

const AFTER = prepared((p: { seq: number; limit: number }) =>
  tables.selectFrom('change_note').selectAll().where('seq', '>', p.seq).orderBy('seq').limit(p.limit),
);
