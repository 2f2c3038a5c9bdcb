import type { Principal } from '../access/administrator.ts';
import type { Thumbprint } from '../certificates/certificate.ts';
import type { Refusal } from '../refusal.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import { parseDomain, parseTenantId, type Tenant } from '../trust/tenant.ts';
import type { AdministratorDirectory } from '../../ports/driven/administrator-directory.ts';
import type { PasswordHasher } from '../../ports/driven/password-hasher.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { AccessDesk } from '../../ports/driving/access-desk.ts';
import type { TokenDesk } from '../../ports/driving/token-desk.ts';

export interface AuthenticatePrincipalsNeeds {
  readonly tenants: TenantDirectory;
  readonly administrators: AdministratorDirectory;
  readonly hasher: PasswordHasher;
  readonly tokens: TokenDesk;
}

/** Characters; beyond it nothing is hashed. */
const LONGEST_PASSWORD = 1024;

/** Finds out who speaks at the HTTP API. */
export class AuthenticatePrincipals implements AccessDesk {
  readonly #needs: AuthenticatePrincipalsNeeds;

  constructor(needs: AuthenticatePrincipalsNeeds) {
    this.#needs = needs;
  }

  async byPassword(login: string, password: string, host: string): Promise<Decision<Principal, Refusal>> {
    const { administrators, hasher } = this.#needs;
    const slash = login.indexOf('/');
    const tenant = slash === -1 ? await this.#tenantOfHost(host) : await this.#tenantNamed(login.slice(0, slash));
    const found = tenant?.status === 'active' ? await administrators.find(tenant.id, login.slice(slash + 1)) : undefined;
    // Also without a user: whoever guesses names must not see by the clock which ones exist.
    const fits = await hasher.verify(password.slice(0, LONGEST_PASSWORD), found?.passwordHash);
    if (!found || !fits || password.length > LONGEST_PASSWORD) return refuse({ code: 'access.bad-credentials' });
    return grant({ kind: 'administrator', tenant: found.tenant, name: found.name, roles: found.roles });
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
