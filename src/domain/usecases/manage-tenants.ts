import { ROLES } from '../access/administrator.ts';
import type { Refusal } from '../refusal.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import { isTokenOption, TOKEN_OPTIONS } from '../tokens/token-policy.ts';
import { MANAGEMENT, parseDomain, parseTenantId, type Tenant, type TenantId } from '../trust/tenant.ts';
import type { AdministratorDirectory } from '../../ports/driven/administrator-directory.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { PasswordHasher } from '../../ports/driven/password-hasher.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { TenantDesk, TenantWish } from '../../ports/driving/tenant-desk.ts';

export interface ManageTenantsNeeds {
  readonly tenants: TenantDirectory;
  readonly administrators: AdministratorDirectory;
  readonly hasher: PasswordHasher;
  readonly sessions: SessionBoard;
  readonly clock: Clock;
  readonly audit: AuditLog;
}

/** Characters of an administrator's name and password, and of a tenant option. */
const LIMITS = { name: 128, leastPassword: 8, mostPassword: 1024, optionName: 256, optionValue: 4096 } as const;

/** Where the management tenant runs the instance, and every tenant sets its options. */
export class ManageTenants implements TenantDesk {
  readonly #needs: ManageTenantsNeeds;

  constructor(needs: ManageTenantsNeeds) {
    this.#needs = needs;
  }

  async create({ id: givenId, domain: givenDomain, administrator }: TenantWish, by: string): Promise<Decision<Tenant, Refusal>> {
    const { tenants, administrators, hasher, clock, audit } = this.#needs;
    const id = parseTenantId(givenId);
    if (!id) return refuse({ code: 'tenant.malformed-id', evidence: { id: givenId.slice(0, 64) } });
    const domain = parseDomain(givenDomain ?? `${id.replaceAll('_', '-')}.localhost`);
    if (!domain) return refuse({ code: 'tenant.malformed-domain', evidence: { domain: (givenDomain ?? id).slice(0, 64) } });
    const wrong = administrator && wrongAdministrator(administrator);
    if (wrong) return refuse(wrong);
    // Hashed first: a tenant must not exist without the administrator that was asked for with it any longer than one write takes.
    const passwordHash = administrator && (await hasher.hash(administrator.password));
    const tenant: Tenant = { id, domain, domainConfigured: givenDomain !== undefined, status: 'active', createdAt: clock.now() };
    const outcome = await tenants.create(tenant);
    if (outcome === 'id-taken') return refuse({ code: 'tenant.already-exists', evidence: { id } });
    if (outcome === 'domain-taken') return refuse({ code: 'tenant.domain-taken', evidence: { domain } });
    if (administrator && passwordHash) {
      await administrators.put({ tenant: id, name: administrator.name, passwordHash, roles: ROLES });
    }
    audit.record({ what: 'tenant.created', tenant: id, by, subject: domain });
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

  async setStatus(id: string, status: Tenant['status'], by: string): Promise<Decision<Tenant, Refusal>> {
    const { tenants, sessions, audit } = this.#needs;
    const parsed = parseTenantId(id);
    if (parsed === MANAGEMENT) return refuse({ code: 'tenant.management-stays' });
    const tenant = parsed && (await tenants.setStatus(parsed, status));
    if (!tenant) return unknown(id);
    const sessionsEnded = status === 'suspended' ? sessions.endByTenant(tenant.id) : 0;
    audit.record({ what: 'tenant.status-set', tenant: tenant.id, by, subject: status, sessionsEnded });
    return grant(tenant);
  }

  async option(id: TenantId, category: string, key: string): Promise<string | undefined> {
    const name = `${category}/${key}`;
    const set = await this.#needs.tenants.option(id, category, key);
    return set ?? (isTokenOption(name) ? TOKEN_OPTIONS[name].usual : undefined);
  }

  async setOption(
    id: TenantId,
    { category, key, value }: { category: string; key: string; value: string },
    by: string,
  ): Promise<Decision<undefined, Refusal>> {
    const name = `${category}/${key}`;
    if (category === '' || key === '' || name.length > LIMITS.optionName || value.length > LIMITS.optionValue) {
      return refuse({ code: 'tenant.unusable-option', evidence: { form: `category and key together at most ${LIMITS.optionName} characters, the value ${LIMITS.optionValue}` } });
    }
    if (isTokenOption(name) && !TOKEN_OPTIONS[name].fits(value)) {
      return refuse({ code: 'tenant.unusable-option', evidence: { option: name, form: TOKEN_OPTIONS[name].form } });
    }
    await this.#needs.tenants.setOption(id, category, key, value);
    this.#needs.audit.record({ what: 'tenant.option-set', tenant: id, by, subject: name });
    return grant(undefined);
  }
}

/**
 * No administrator is named like a device's user (D-8), and none has a name that would split a login or that looks like another's. Basic
 * credentials carry no control characters (RFC 7617 §2): whoever had one in the password could never log in.
 */
function wrongAdministrator({ name, password }: { readonly name: string; readonly password: string }): Refusal | undefined {
  const isName = name.length >= 1 && name.length <= LIMITS.name && !/[/:\p{Cc}\p{Cf}\p{Cs}\p{White_Space}]/u.test(name);
  if (!isName || name.startsWith('device_')) return { code: 'access.unusable-name', evidence: { characters: name.length } };
  const isPassword = password.length >= LIMITS.leastPassword && password.length <= LIMITS.mostPassword && !/[\p{Cc}\p{Cs}]/u.test(password);
  return isPassword ? undefined : { code: 'access.unusable-password', evidence: { characters: password.length } };
}

const unknown = (id: string): Decision<never, Refusal> => refuse({ code: 'tenant.unknown', evidence: { id: id.slice(0, 64) } });
