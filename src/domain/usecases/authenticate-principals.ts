import type { Principal } from '../access/administrator.ts';
import type { Thumbprint } from '../certificates/certificate.ts';
import { LoginLimits, type LoginNews } from '../access/login-limits.ts';
import type { Refusal } from '../refusal.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import { parseDomain, parseTenantId, type Tenant } from '../trust/tenant.ts';
import type { AdministratorDirectory } from '../../ports/driven/administrator-directory.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import { NO_NEIGHBOURS, type Neighbours } from '../../ports/driven/neighbours.ts';
import type { PasswordHasher } from '../../ports/driven/password-hasher.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { AccessDesk, Knock } from '../../ports/driving/access-desk.ts';
import type { TokenDesk } from '../../ports/driving/token-desk.ts';

export interface AuthenticatePrincipalsNeeds {
  readonly tenants: TenantDirectory;
  readonly administrators: AdministratorDirectory;
  readonly hasher: PasswordHasher;
  readonly tokens: TokenDesk;
  readonly clock: Clock;
  readonly audit: AuditLog;
  /** By default nobody. */
  readonly neighbours?: Neighbours;
}

/** Characters; beyond it nothing is hashed. */
const LONGEST_PASSWORD = 1024;
/** Characters of a name by which failures are counted. */
const LONGEST_NAME = 256;

/** Finds out who speaks at the HTTP API. */
export class AuthenticatePrincipals implements AccessDesk {
  readonly #needs: AuthenticatePrincipalsNeeds;
  readonly #limits: LoginLimits;

  constructor(needs: AuthenticatePrincipalsNeeds) {
    this.#needs = needs;
    const { clock, neighbours = NO_NEIGHBOURS } = needs;
    this.#limits = new LoginLimits(() => clock.now().getTime(), (news) => neighbours.tell('login', news));
    neighbours.hear('login', (news) => this.#limits.hear(news as LoginNews));
  }

  async byPassword(login: string, password: string, { host, from }: Knock): Promise<Decision<Principal, Refusal>> {
    const slash = login.indexOf('/');
    const tenant = slash === -1 ? await this.#tenantOfHost(host) : await this.#tenantNamed(login.slice(0, slash));
    const name = login.slice(slash + 1);
    const attempt = { account: accountOf(tenant, login, name), from };
    const checked = await this.#limits.attempt(attempt, () => this.#check(tenant, name, password));
    if (checked.kind === 'fits') return grant(checked.value);
    if (checked.kind === 'limited') return refuse({ code: 'access.too-many-attempts', evidence: { seconds: checked.waitSeconds } });
    if (checked.isLimit) {
      const subject = `${name.slice(0, LONGEST_NAME)} (${checked.waitSeconds} s)`;
      this.#needs.audit.record({ what: 'login.limited', tenant: tenant?.id ?? '', by: from, subject });
    }
    return refuse({ code: 'access.bad-credentials' });
  }

  async #check(tenant: Tenant | undefined, name: string, password: string): Promise<Principal | undefined> {
    const { administrators, hasher } = this.#needs;
    const found = tenant?.status === 'active' ? await administrators.find(tenant.id, name) : undefined;
    const known = found?.enabled ? found : undefined;
    // Also without a user: whoever guesses names must not see by the clock which ones exist.
    const fits = await hasher.verify(password.slice(0, LONGEST_PASSWORD), known?.passwordHash);
    if (!known || !fits || password.length > LONGEST_PASSWORD) return undefined;
    return { kind: 'administrator', tenant: known.tenant, name: known.name, roles: known.roles };
  }

  async #tenantOfHost(host: string): Promise<Tenant | undefined> {
    const domain = parseDomain(host);
    return domain === undefined ? undefined : this.#needs.tenants.findByDomain(domain);
  }

  async #tenantNamed(name: string): Promise<Tenant | undefined> {
    const id = parseTenantId(name);
    return id && this.#needs.tenants.find(id);
  }

  async byToken(jwt: string, shown?: Thumbprint): Promise<Decision<Principal, Refusal>> {
    return this.#needs.tokens.recognise(jwt, shown);
  }
}

/** What failures are counted by. A user who does not exist, in a tenant that does not either, is counted like one who does. */
const accountOf = (tenant: Tenant | undefined, login: string, name: string): string =>
  JSON.stringify(tenant ? [tenant.id, name.slice(0, LONGEST_NAME)] : [login.slice(0, LONGEST_NAME)]);
