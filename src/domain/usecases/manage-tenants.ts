import { newAdministrator, ROLES } from '../access/administrator.ts';
import { wrongName, wrongPassword } from '../access/administrator-rules.ts';
import { auditEntry } from '../audit/audit-entry.ts';
import { tenantFacts, userFacts } from '../audit/facts.ts';
import type { Refusal } from '../refusal.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { TenantOption } from '../trust/tenant-option.ts';
import { MANAGEMENT, parseDomain, parseTenantId, type Tenant, type TenantId } from '../trust/tenant.ts';
import type { AdministratorDirectory } from '../../ports/driven/administrator-directory.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { PasswordHasher } from '../../ports/driven/password-hasher.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { TenantDesk, TenantWish } from '../../ports/driving/tenant-desk.ts';
import type { Page, PageRequest } from '../../ports/page.ts';
import { endRevokedSessions, type EndRevokedSessionsNeeds } from './end-revoked-sessions.ts';
import { endSessionsAgainstRules, type SessionsByRulesNeeds } from './meets-rules.ts';
import { TenantOptions } from './tenant-options.ts';

export interface ManageTenantsNeeds extends EndRevokedSessionsNeeds, SessionsByRulesNeeds {
  readonly tenants: TenantDirectory;
  readonly administrators: AdministratorDirectory;
  readonly hasher: PasswordHasher;
  readonly clock: Clock;
  readonly audit: AuditLog;
}

/** How often a status is set anew because another one came between. */
const ATTEMPTS = 20;

/** Where the management tenant runs the instance, and every tenant sets its options. */
export class ManageTenants implements TenantDesk {
  readonly #needs: ManageTenantsNeeds;
  readonly #options: TenantOptions;

  constructor(needs: ManageTenantsNeeds) {
    this.#needs = needs;
    this.#options = new TenantOptions({ ...needs, acts: async (tenant) => (await endRevokedSessions(needs, tenant)) + (await endSessionsAgainstRules(needs, tenant)) });
  }

  async create({ id: givenId, domain: givenDomain, administrator }: TenantWish, by: string): Promise<Decision<Tenant, Refusal>> {
    const { tenants, administrators, hasher, clock, audit } = this.#needs;
    const id = parseTenantId(givenId);
    if (!id) return refuse({ code: 'tenant.malformed-id', evidence: { id: unshown(givenId) } });
    const domain = parseDomain(givenDomain ?? `${id.replaceAll('_', '-')}.localhost`);
    if (!domain) return refuse({ code: 'tenant.malformed-domain', evidence: { domain: unshown(givenDomain ?? id) } });
    const wrong = administrator && (wrongName(administrator.name) ?? wrongPassword(administrator.password));
    if (wrong) return refuse(wrong);
    // Hashed first: a tenant must not exist without the administrator that was asked for with it any longer than one write takes.
    const passwordHash = administrator && (await hasher.hash(administrator.password));
    const tenant: Tenant = { id, domain, domainConfigured: givenDomain !== undefined, status: 'active', createdAt: clock.now() };
    const said = { what: 'tenant.created', tenant: id, by, subject: domain } as const;
    const outcome = await tenants.create(tenant, [auditEntry(said, tenant.createdAt, { after: tenantFacts(tenant) })]);
    if (outcome === 'id-taken') return refuse({ code: 'tenant.already-exists', evidence: { id } });
    if (outcome === 'domain-taken') return refuse({ code: 'tenant.domain-taken', evidence: { domain } });
    if (administrator && passwordHash) {
      const made = newAdministrator({ tenant: id, name: administrator.name, passwordHash, passwordChangedAt: clock.now(), roles: ROLES });
      const added = { what: 'user.added', tenant: id, by, subject: made.name };
      await administrators.put(made, [auditEntry(added, clock.now(), { after: userFacts(made) })]);
    }
    audit.record(said);
    return grant(tenant);
  }

  async list(): Promise<readonly Tenant[]> {
    return this.#needs.tenants.list();
  }

  async find(id: string): Promise<Decision<Tenant, Refusal>> {
    const parsed = parseTenantId(id);
    const tenant = parsed && (await this.#needs.tenants.find(parsed));
    return tenant ? grant(tenant) : unknown(id);
  }

  async findByDomain(domain: string): Promise<Tenant | undefined> {
    const parsed = parseDomain(domain);
    return parsed === undefined ? undefined : this.#needs.tenants.findByDomain(parsed);
  }

  async setStatus(id: string, status: Tenant['status'], by: string, isExpected?: (tenant: Tenant) => boolean): Promise<Decision<Tenant, Refusal>> {
    const { sessions, audit } = this.#needs;
    const parsed = parseTenantId(id);
    if (!parsed) return unknown(id);
    if (parsed === MANAGEMENT) return refuse({ code: 'tenant.management-stays' });
    const set = await this.#statusSet(parsed, status, by, isExpected);
    if (!set.granted) return set;
    const sessionsEnded = status === 'suspended' ? sessions.endByTenant(parsed) : 0;
    audit.record({ what: 'tenant.status-set', tenant: parsed, by, subject: status, sessionsEnded });
    return set;
  }

  async #statusSet(id: TenantId, status: Tenant['status'], by: string, isExpected: (tenant: Tenant) => boolean = () => true): Promise<Decision<Tenant, Refusal>> {
    const { tenants, clock } = this.#needs;
    const said = { what: 'tenant.status-set', tenant: id, by, subject: id };
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const former = await tenants.find(id);
      if (!former) return unknown(id);
      if (!isExpected(former)) return refuse({ code: 'access.changed-meanwhile' });
      const tenant = await tenants.setStatus(id, status, former.status, [auditEntry(said, clock.now(), { before: { status: former.status }, after: { status } })]);
      if (tenant) return grant(tenant);
    }
    return refuse({ code: 'registration.trust-in-motion' });
  }

  async option(id: TenantId, category: string, key: string): Promise<string | undefined> {
    return this.#options.inForce(id, { category, key });
  }

  async setOption(id: TenantId, option: TenantOption, by: string, isExpected?: (value: string) => boolean): Promise<Decision<undefined, Refusal>> {
    return isExpected ? this.#options.setExpected(id, option, by, isExpected) : this.#options.set(id, [option], by);
  }

  async setOptions(id: TenantId, options: readonly TenantOption[], by: string): Promise<Decision<undefined, Refusal>> {
    return this.#options.set(id, options, by);
  }

  async removeOption(
    id: TenantId,
    option: Pick<TenantOption, 'category' | 'key'>,
    by: string,
    isExpected?: (value: string) => boolean,
  ): Promise<Decision<undefined, Refusal>> {
    return this.#options.remove(id, option, by, isExpected);
  }

  async options(id: TenantId, page: PageRequest): Promise<Page<TenantOption>> {
    return this.#options.page(id, page);
  }

  async optionsOf(id: TenantId, category: string): Promise<readonly TenantOption[]> {
    return this.#options.ofCategory(id, category);
  }
}

/** What was sent in the place of a name is not shown again: it may be a key (R13). */
const unshown = (text: string): string => `a text of ${text.length} characters`;

const unknown = (id: string): Decision<never, Refusal> => refuse({ code: 'tenant.unknown', evidence: { id: id.slice(0, 64) } });
