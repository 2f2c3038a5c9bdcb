import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { ChangeNote } from '../../domain/changes/change.ts';
import type { TenantOption } from '../../domain/trust/tenant-option.ts';
import type { Tenant, TenantId } from '../../domain/trust/tenant.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { Page, PageRequest } from '../../ports/page.ts';
import { auditSteps } from './audit-steps.ts';
import { changed } from './change-steps.ts';
import type { Database } from './database.ts';
import { prepared, tables } from './query.ts';
import type { TenantOptionTable, TenantTable } from './schema.ts';
import { guarded, holding, step, type Step } from './unit.ts';

export class KyselyTenantDirectory implements TenantDirectory {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async create(tenant: Tenant, audit?: readonly AuditEntry[]): Promise<'created' | 'id-taken' | 'domain-taken'> {
    // Looking first is safe here: nobody else makes a tenant meanwhile, and the constraints stand behind it.
    const written = await this.#db.write([
      holding('tenants'),
      guarded(FIND({ id: tenant.id }), 0, 'id-taken'),
      guarded(BY_DOMAIN({ domain: tenant.domain }), 0, 'domain-taken'),
      step(INSERT(toRow(tenant))),
      ...auditSteps(audit),
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

  async setStatus(id: TenantId, status: Tenant['status'], former?: Tenant['status'], audit?: readonly AuditEntry[]): Promise<Tenant | undefined> {
    const still = former === undefined ? [] : [guarded(IN_STATUS({ id, status: former }), 1, 'not-there')];
    const written = await this.#db.write([...still, guarded(SET_STATUS({ id, status }), 1, 'not-there'), ...changed({ tenant: id, kind: 'tenant', subject: '' }), ...auditSteps(audit)]);
    return written.kind === 'done' ? (written.results[still.length]!.rows as TenantTable[]).map(toTenant)[0] : undefined;
  }

  async option(tenant: TenantId, category: string, key: string): Promise<string | undefined> {
    return (await this.#db.read(OPTION({ tenant, category, key })))[0]?.value;
  }

  async setOption(tenant: TenantId, category: string, key: string, value: string): Promise<void> {
    await this.#db.write([step(SET_OPTION({ tenant, category, key, value })), ...changed(noteOf(tenant, [{ category, key }]))]);
  }

  async setOptions(tenant: TenantId, options: readonly TenantOption[], audit?: readonly AuditEntry[], former?: readonly (string | undefined)[]): Promise<boolean> {
    // All questions before the first answer: an option that is named twice is changed twice.
    const still = former ? options.map((option, i) => stillAs(tenant, option, former[i])) : [];
    const written = await this.#db.write([...still, ...options.map((option) => step(SET_OPTION({ tenant, ...option }))), ...changed(noteOf(tenant, options)), ...auditSteps(audit)]);
    return written.kind === 'done';
  }

  async replaceOption(tenant: TenantId, option: TenantOption, former: string | undefined, audit?: readonly AuditEntry[]): Promise<boolean> {
    return this.setOptions(tenant, [option], audit, [former]);
  }

  async removeOption(tenant: TenantId, category: string, key: string, former: string, audit?: readonly AuditEntry[]): Promise<boolean> {
    const written = await this.#db.write([guarded(REMOVE_OPTION({ tenant, category, key, value: former }), 1, 'changed'), ...changed(noteOf(tenant, [{ category, key }])), ...auditSteps(audit)]);
    return written.kind === 'done';
  }

  async listOptions(tenant: TenantId, { number, size }: PageRequest): Promise<Page<TenantOption>> {
    const [rows, counted] = await Promise.all([
      this.#db.read(OPTIONS({ tenant, size, skipped: (number - 1) * size })),
      this.#db.read(COUNT_OPTIONS({ tenant })),
    ]);
    return { items: rows, total: counted[0]?.total ?? 0 };
  }

  async optionsOf(tenant: TenantId, category: string): Promise<readonly TenantOption[]> {
    return this.#db.read(OPTIONS_OF({ tenant, category }));
  }
}

const noteOf = (tenant: TenantId, options: readonly Pick<TenantOption, 'category' | 'key'>[]): ChangeNote => ({
  ...{ tenant, kind: 'option' },
  subject: options.length === 1 ? `${options[0]!.category}/${options[0]!.key}` : '',
});

const stillAs = (tenant: TenantId, { category, key }: TenantOption, former: string | undefined): Step =>
  former === undefined
    ? guarded(OPTION({ tenant, category, key }), 0, 'changed')
    : guarded(OPTION_STILL({ tenant, category, key, value: former }), 1, 'changed');

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

const IN_STATUS = prepared((p: { id: string; status: string }) => tenants.where('status', '=', p.status).where('id', '=', p.id));

const options = tables.selectFrom('tenant_option').select(['category', 'key', 'value']);

const OPTIONS = prepared((p: { tenant: string; size: number; skipped: number }) =>
  options.where('tenant', '=', p.tenant).orderBy('category').orderBy('key').limit(p.size).offset(p.skipped),
);

const COUNT_OPTIONS = prepared((p: { tenant: string }) =>
  tables.selectFrom('tenant_option').select(({ fn }) => fn.countAll<number>().as('total')).where('tenant', '=', p.tenant),
);

const OPTIONS_OF = prepared((p: { tenant: string; category: string }) =>
  options.where('tenant', '=', p.tenant).where('category', '=', p.category).orderBy('key'),
);

const OPTION_STILL = prepared((p: TenantOptionTable) =>
  options.where('tenant', '=', p.tenant).where('category', '=', p.category).where('key', '=', p.key).where('value', '=', p.value),
);

const REMOVE_OPTION = prepared((p: TenantOptionTable) =>
  tables.deleteFrom('tenant_option').where('tenant', '=', p.tenant).where('category', '=', p.category).where('key', '=', p.key).where('value', '=', p.value),
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
