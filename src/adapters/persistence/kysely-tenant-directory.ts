import type { Tenant, TenantId } from '../../domain/trust/tenant.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { Database } from './database.ts';
import { moveEpoch } from './kysely-admission-epoch.ts';
import { prepared, tables } from './query.ts';
import type { TenantOptionTable, TenantTable } from './schema.ts';
import { guarded, step } from './unit.ts';

export class KyselyTenantDirectory implements TenantDirectory {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async create(tenant: Tenant): Promise<'created' | 'id-taken' | 'domain-taken'> {
    // Looking first is safe here: nobody else writes while a unit runs, and the constraints stand behind it.
    const written = await this.#db.write([
      guarded(FIND({ id: tenant.id }), 0, 'id-taken'),
      guarded(BY_DOMAIN({ domain: tenant.domain }), 0, 'domain-taken'),
      step(INSERT(toRow(tenant))),
    ]);
    return written.kind === 'done' ? 'created' : (written.otherwise as 'id-taken' | 'domain-taken');
  }

  async find(id: TenantId): Promise<Tenant | undefined> {
    return (await this.#db.read(FIND({ id }))).map(toTenant)[0];
  }

  async findByDomain(domain: string): Promise<Tenant | undefined> {
    return (await this.#db.read(BY_DOMAIN({ domain }))).map(toTenant)[0];
  }

  async list(): Promise<readonly Tenant[]> {
    return (await this.#db.read(LIST({}))).map(toTenant);
  }

  async setStatus(id: TenantId, status: Tenant['status']): Promise<Tenant | undefined> {
    const written = await this.#db.write([guarded(SET_STATUS({ id, status }), 1, 'not-there'), moveEpoch]);
    return written.kind === 'done' ? (written.results[0]!.rows as TenantTable[]).map(toTenant)[0] : undefined;
  }

  async option(tenant: TenantId, category: string, key: string): Promise<string | undefined> {
    return (await this.#db.read(OPTION({ tenant, category, key })))[0]?.value;
  }

  async setOption(tenant: TenantId, category: string, key: string, value: string): Promise<void> {
    await this.#db.write([step(SET_OPTION({ tenant, category, key, value })), moveEpoch]);
  }
}

const toRow = (tenant: Tenant): TenantTable => ({
  id: tenant.id,
  domain: tenant.domain,
  domain_configured: tenant.domainConfigured ? 1 : 0,
  status: tenant.status,
  created_at: tenant.createdAt.toISOString(),
});

const toTenant = (row: TenantTable): Tenant => ({
  id: row.id as TenantId,
  domain: row.domain,
  domainConfigured: row.domain_configured === 1,
  // Whatever is not the one word that lets devices in keeps them out.
  status: row.status === 'active' ? 'active' : 'suspended',
  createdAt: new Date(row.created_at),
});

const tenants = tables.selectFrom('tenant').selectAll();

const FIND = prepared((p: { id: string }) => tenants.where('id', '=', p.id));
const BY_DOMAIN = prepared((p: { domain: string }) => tenants.where('domain', '=', p.domain));
const LIST = prepared((_: object) => tenants.orderBy('id'));

const INSERT = prepared((p: TenantTable) =>
  tables.insertInto('tenant').values({
    id: p.id,
    domain: p.domain,
    domain_configured: p.domain_configured,
    status: p.status,
    created_at: p.created_at,
  }),
);

const SET_STATUS = prepared((p: { id: string; status: string }) =>
  tables.updateTable('tenant').set({ status: p.status }).where('id', '=', p.id).returningAll(),
);

const OPTION = prepared((p: { tenant: string; category: string; key: string }) =>
  tables
    .selectFrom('tenant_option')
    .select('value')
    .where('tenant', '=', p.tenant)
    .where('category', '=', p.category)
    .where('key', '=', p.key),
);

const SET_OPTION = prepared((p: TenantOptionTable) =>
  tables
    .insertInto('tenant_option')
    .values({ tenant: p.tenant, category: p.category, key: p.key, value: p.value })
    .onConflict((conflict) => conflict.columns(['tenant', 'category', 'key']).doUpdateSet({ value: p.value })),
);
