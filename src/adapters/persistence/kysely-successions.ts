import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { Succession } from '../../domain/impact/rollover.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { Successions } from '../../ports/driven/successions.ts';
import { auditSteps } from './audit-steps.ts';
import type { Database } from './database.ts';
import { prepared, tables } from './query.ts';
import type { SuccessorTable } from './schema.ts';
import { guarded, step } from './unit.ts';

export class KyselySuccessions implements Successions {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async set(succession: Succession, audit?: readonly AuditEntry[]): Promise<void> {
    await this.#db.write([step(SET(toRow(succession))), ...auditSteps(audit)]);
  }

  async find(tenant: TenantId, fingerprint: Fingerprint): Promise<Succession | undefined> {
    return (await this.#db.read(FIND({ tenant, fingerprint }))).map(toSuccession)[0];
  }

  async listOf(tenant: TenantId): Promise<readonly Succession[]> {
    return (await this.#db.read(LIST({ tenant }))).map(toSuccession);
  }

  async remove(tenant: TenantId, fingerprint: Fingerprint, audit?: readonly AuditEntry[]): Promise<boolean> {
    return (await this.#db.write([guarded(REMOVE({ tenant, fingerprint }), 1, 'not-there'), ...auditSteps(audit)])).kind === 'done';
  }
}

const toRow = ({ tenant, fingerprint, successor, endDate, since, by }: Succession): SuccessorTable => ({
  ...{ tenant, fingerprint, successor, by },
  end_date: endDate?.toISOString() ?? '',
  since: since.toISOString(),
});

const toSuccession = (row: SuccessorTable): Succession => ({
  tenant: row.tenant as TenantId,
  fingerprint: row.fingerprint as Fingerprint,
  successor: row.successor as Fingerprint,
  ...(row.end_date !== '' && { endDate: new Date(row.end_date) }),
  since: new Date(row.since),
  by: row.by,
});

const SET = prepared((p: SuccessorTable) =>
  tables
    .insertInto('successor')
    .values({ tenant: p.tenant, fingerprint: p.fingerprint, successor: p.successor, end_date: p.end_date, since: p.since, by: p.by })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'fingerprint']).doUpdateSet({ successor: p.successor, end_date: p.end_date, since: p.since, by: p.by }),
    ),
);

const successors = tables.selectFrom('successor').selectAll();

const FIND = prepared((p: { tenant: string; fingerprint: string }) => successors.where('tenant', '=', p.tenant).where('fingerprint', '=', p.fingerprint));

const LIST = prepared((p: { tenant: string }) => successors.where('tenant', '=', p.tenant).orderBy('since').orderBy('fingerprint'));

const REMOVE = prepared((p: { tenant: string; fingerprint: string }) =>
  tables.deleteFrom('successor').where('tenant', '=', p.tenant).where('fingerprint', '=', p.fingerprint),
);
