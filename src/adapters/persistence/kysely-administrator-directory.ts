import { sql } from 'kysely';
import { isRole, keepsTenant, newAdministrator, type Administrator, type NewAdministrator } from '../../domain/access/administrator.ts';
import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { AdministratorDirectory } from '../../ports/driven/administrator-directory.ts';
import type { Page, PageRequest } from '../../ports/page.ts';
import { auditSteps } from './audit-steps.ts';
import type { Database } from './database.ts';
import { prepared, tables } from './query.ts';
import type { AdministratorTable } from './schema.ts';
import { guarded, holding, step, type Step } from './unit.ts';

type Outcome = 'done' | 'changed-meanwhile' | 'last-administrator';

export class KyselyAdministratorDirectory implements AdministratorDirectory {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async find(tenant: TenantId, name: string): Promise<Administrator | undefined> {
    return (await this.#db.read(FIND({ tenant, name }))).map(toAdministrator)[0];
  }

  async listOf(tenant: TenantId, prefix: string, { number, size }: PageRequest): Promise<Page<Administrator>> {
    const [rows, counted] = await Promise.all([
      this.#db.read(PAGE({ tenant, prefix, size, skipped: (number - 1) * size })),
      this.#db.read(COUNT({ tenant, prefix })),
    ]);
    return { items: rows.map(toAdministrator), total: counted[0]?.total ?? 0 };
  }

  async add(administrator: Administrator, audit?: readonly AuditEntry[]): Promise<'added' | 'already-there'> {
    const written = await this.#db.write([guarded(ADD(toRow(administrator)), 1, 'already-there'), ...auditSteps(audit)]);
    return written.kind === 'done' ? 'added' : 'already-there';
  }

  async put(administrator: NewAdministrator, audit?: readonly AuditEntry[]): Promise<void> {
    await this.#db.write([step(PUT(toRow(newAdministrator(administrator)))), ...auditSteps(audit)]);
  }

  async replace(former: Administrator, next: Administrator, audit?: readonly AuditEntry[]): Promise<Outcome> {
    const changes = [guarded(REMOVE(toRow(former)), 1, 'changed-meanwhile'), step(ADD(toRow(next))), ...auditSteps(audit)];
    return this.#change(former.tenant, changes, keepsTenant(former) && !keepsTenant(next));
  }

  async remove(former: Administrator, audit?: readonly AuditEntry[]): Promise<Outcome> {
    return this.#change(former.tenant, [guarded(REMOVE(toRow(former)), 1, 'changed-meanwhile'), ...auditSteps(audit)], keepsTenant(former));
  }

  /** Looks after the change, in the same unit, whether one of those who can put things right is left. */
  async #change(tenant: TenantId, changes: readonly Step[], takesOne: boolean): Promise<Outcome> {
    const oneIsLeft = takesOne ? [holding('administrators', tenant), guarded(ONE_IS_LEFT({ tenant }), 1, 'last-administrator')] : [];
    const written = await this.#db.write([...changes, ...oneIsLeft]);
    return written.kind === 'done' ? 'done' : (written.otherwise as Outcome);
  }
}

const toRow = (administrator: Administrator): AdministratorTable => ({
  tenant: administrator.tenant,
  name: administrator.name,
  password_hash: administrator.passwordHash,
  roles: JSON.stringify(administrator.roles),
  enabled: administrator.enabled ? 1 : 0,
  keeps_tenant: keepsTenant(administrator) ? 1 : 0,
  display_name: administrator.displayName,
  first_name: administrator.firstName,
  last_name: administrator.lastName,
  email: administrator.email,
  password_changed_at: administrator.passwordChangedAt?.toISOString() ?? '',
});

const toAdministrator = (row: AdministratorTable): Administrator => ({
  tenant: row.tenant as TenantId,
  name: row.name,
  passwordHash: row.password_hash,
  // A role this program does not know gives no right.
  roles: (JSON.parse(row.roles) as string[]).filter(isRole),
  // Whatever is not the one number that lets in keeps out.
  enabled: row.enabled === 1,
  displayName: row.display_name,
  firstName: row.first_name,
  lastName: row.last_name,
  email: row.email,
  ...(row.password_changed_at !== '' && { passwordChangedAt: new Date(row.password_changed_at) }),
});

const administrators = tables.selectFrom('administrator').selectAll();

const FIND = prepared((p: { tenant: string; name: string }) => administrators.where('tenant', '=', p.tenant).where('name', '=', p.name));

/** Not LIKE: `%` and `_` are letters of a name (T16). */
const begins = (prefix: string) => sql<boolean>`substr(name, 1, length(${prefix})) = ${prefix}`;

const PAGE = prepared((p: { tenant: string; prefix: string; size: number; skipped: number }) =>
  administrators.where('tenant', '=', p.tenant).where(begins(p.prefix)).orderBy('name').limit(p.size).offset(p.skipped),
);

const COUNT = prepared((p: { tenant: string; prefix: string }) =>
  tables.selectFrom('administrator').select(({ fn }) => fn.countAll<number>().as('total')).where('tenant', '=', p.tenant).where(begins(p.prefix)),
);

const ONE_IS_LEFT = prepared((p: { tenant: string }) =>
  tables.selectFrom('administrator').select('name').where('tenant', '=', p.tenant).where('keeps_tenant', '=', 1).limit(1),
);

const columnsOf = (p: AdministratorTable) => ({
  password_hash: p.password_hash,
  roles: p.roles,
  enabled: p.enabled,
  keeps_tenant: p.keeps_tenant,
  display_name: p.display_name,
  first_name: p.first_name,
  last_name: p.last_name,
  email: p.email,
  password_changed_at: p.password_changed_at,
});

const inserted = (p: AdministratorTable) => tables.insertInto('administrator').values({ tenant: p.tenant, name: p.name, ...columnsOf(p) });

const ADD = prepared((p: AdministratorTable) => inserted(p).onConflict((conflict) => conflict.columns(['tenant', 'name']).doNothing()));

const PUT = prepared((p: AdministratorTable) =>
  inserted(p).onConflict((conflict) => conflict.columns(['tenant', 'name']).doUpdateSet(columnsOf(p))),
);

/** Exactly as it was: every column is compared. */
const REMOVE = prepared((p: AdministratorTable) =>
  tables
    .deleteFrom('administrator')
    .where('tenant', '=', p.tenant)
    .where('name', '=', p.name)
    .where('password_hash', '=', p.password_hash)
    .where('roles', '=', p.roles)
    .where('enabled', '=', p.enabled)
    .where('display_name', '=', p.display_name)
    .where('first_name', '=', p.first_name)
    .where('last_name', '=', p.last_name)
    .where('email', '=', p.email)
    .where('password_changed_at', '=', p.password_changed_at),
);
