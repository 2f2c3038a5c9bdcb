import { ROLES, type Administrator, type Role } from '../../domain/access/administrator.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { AdministratorDirectory } from '../../ports/driven/administrator-directory.ts';
import type { Database } from './database.ts';
import { prepared, tables } from './query.ts';
import type { AdministratorTable } from './schema.ts';
import { step } from './unit.ts';

export class KyselyAdministratorDirectory implements AdministratorDirectory {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async find(tenant: TenantId, name: string): Promise<Administrator | undefined> {
    return (await this.#db.read(FIND({ tenant, name }))).map(toAdministrator)[0];
  }

  async put(administrator: Administrator): Promise<void> {
    await this.#db.write([step(PUT(toRow(administrator)))]);
  }
}

const toRow = ({ tenant, name, passwordHash, roles }: Administrator): AdministratorTable => ({
  tenant,
  name,
  password_hash: passwordHash,
  roles: JSON.stringify(roles),
});

const toAdministrator = (row: AdministratorTable): Administrator => ({
  tenant: row.tenant as TenantId,
  name: row.name,
  passwordHash: row.password_hash,
  // A role this program does not know gives no right.
  roles: (JSON.parse(row.roles) as string[]).filter((role): role is Role => (ROLES as readonly string[]).includes(role)),
});

const FIND = prepared((p: { tenant: string; name: string }) =>
  tables.selectFrom('administrator').selectAll().where('tenant', '=', p.tenant).where('name', '=', p.name),
);

const PUT = prepared((p: AdministratorTable) =>
  tables
    .insertInto('administrator')
    .values({ tenant: p.tenant, name: p.name, password_hash: p.password_hash, roles: p.roles })
    .onConflict((conflict) => conflict.columns(['tenant', 'name']).doUpdateSet({ password_hash: p.password_hash, roles: p.roles })),
);
