import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { WithdrawnToken, WithdrawnTokens } from '../../ports/driven/withdrawn-tokens.ts';
import { auditSteps } from './audit-steps.ts';
import type { Database } from './database.ts';
import { prepared, tables } from './query.ts';
import type { WithdrawnTokenTable } from './schema.ts';
import { guarded, step } from './unit.ts';

export class KyselyWithdrawnTokens implements WithdrawnTokens {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async add({ tenant, jti, at, keepUntil }: WithdrawnToken, audit?: readonly AuditEntry[]): Promise<'added' | 'already-there'> {
    const added = guarded(INSERT({ tenant, jti, keep_until: keepUntil.toISOString() }), 1, 'already-there');
    const written = await this.#db.write([step(FORGET({ at: at.toISOString() })), added, ...auditSteps(audit)]);
    return written.kind === 'done' ? 'added' : 'already-there';
  }

  async has(tenant: TenantId, jti: string): Promise<boolean> {
    return (await this.#db.read(FIND({ tenant, jti }))).length > 0;
  }

  async count(): Promise<number> {
    return (await this.#db.read(COUNT({})))[0]?.many ?? 0;
  }
}

const FORGET = prepared((p: { at: string }) => tables.deleteFrom('withdrawn_token').where('keep_until', '<', p.at));

const INSERT = prepared((p: WithdrawnTokenTable) =>
  tables
    .insertInto('withdrawn_token')
    .values({ tenant: p.tenant, jti: p.jti, keep_until: p.keep_until })
    .onConflict((conflict) => conflict.columns(['tenant', 'jti']).doNothing()),
);

const FIND = prepared((p: { tenant: string; jti: string }) =>
  tables.selectFrom('withdrawn_token').select('jti').where('tenant', '=', p.tenant).where('jti', '=', p.jti),
);

const COUNT = prepared((_: object) => tables.selectFrom('withdrawn_token').select((all) => all.fn.countAll<number>().as('many')));
