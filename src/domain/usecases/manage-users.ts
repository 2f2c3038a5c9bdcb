import { newAdministrator, type Administrator, type Role } from '../access/administrator.ts';
import { wrongName, wrongPassword, wrongProfile } from '../access/administrator-rules.ts';
import { auditEntry, difference, type AuditEntry } from '../audit/audit-entry.ts';
import { userFacts } from '../audit/facts.ts';
import type { Refusal } from '../refusal.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import { parseTenantId, type TenantId } from '../trust/tenant.ts';
import type { AdministratorDirectory } from '../../ports/driven/administrator-directory.ts';
import type { AuditEvent, AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { PasswordHasher } from '../../ports/driven/password-hasher.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { IsExpected, NewUser, User, UserDesk, UserWish } from '../../ports/driving/user-desk.ts';
import type { Page, PageRequest } from '../../ports/page.ts';

export interface ManageUsersNeeds {
  readonly tenants: TenantDirectory;
  readonly administrators: AdministratorDirectory;
  readonly hasher: PasswordHasher;
  readonly clock: Clock;
  readonly audit: AuditLog;
}

/** How often a change is decided anew because another one came between. */
const ATTEMPTS = 20;

/** What becomes of an administrator; undefined: it is removed. */
type Next = (former: Administrator) => Promise<Decision<Administrator | undefined, Refusal>>;

/** Where a tenant says who administers it (D-30). */
export class ManageUsers implements UserDesk {
  readonly #needs: ManageUsersNeeds;

  constructor(needs: ManageUsersNeeds) {
    this.#needs = needs;
  }

  async list(tenant: string, prefix: string, page: PageRequest): Promise<Decision<Page<User>, Refusal>> {
    const id = await this.#tenant(tenant);
    if (!id.granted) return id;
    const { items, total } = await this.#needs.administrators.listOf(id.value, prefix, page);
    return grant({ items: items.map(shown), total });
  }

  async find(tenant: string, name: string): Promise<Decision<User, Refusal>> {
    const id = await this.#tenant(tenant);
    if (!id.granted) return id;
    const found = await this.#needs.administrators.find(id.value, name);
    return found ? grant(shown(found)) : unknown(name);
  }

  async add(tenant: string, { name, password, ...wish }: NewUser, by: string): Promise<Decision<User, Refusal>> {
    const { administrators, hasher, clock } = this.#needs;
    const id = await this.#tenant(tenant);
    if (!id.granted) return id;
    const wrong = wrongName(name) ?? wrongPassword(password) ?? wrongProfile(wish);
    if (wrong) return refuse(wrong);
    // Looked for before the password is hashed, which is dear; the directory decides.
    if (await administrators.find(id.value, name)) return taken(name);
    const made = newAdministrator({
      ...{ tenant: id.value, name, passwordHash: await hasher.hash(password), passwordChangedAt: clock.now(), roles: [] },
      ...given(wish),
    });
    if ((await administrators.add(made, [this.#entry(undefined, made, by)])) === 'already-there') return taken(name);
    this.#record('user.added', made, by);
    return grant(shown(made));
  }

  async change(tenant: string, name: string, wish: UserWish, by: string, isExpected?: IsExpected): Promise<Decision<User, Refusal>> {
    const { hasher, clock } = this.#needs;
    const id = await this.#tenant(tenant);
    if (!id.granted) return id;
    const { password } = wish;
    const wrong = (password === undefined ? undefined : wrongPassword(password)) ?? wrongProfile(wish);
    if (wrong) return refuse(wrong);
    if (password !== undefined && by === `${id.value}/${name}`) return refuse({ code: 'access.wrong-present-password' });
    const next = async (former: Administrator): Promise<Decision<Administrator, Refusal>> =>
      grant({
        ...former,
        ...given(wish),
        ...(password !== undefined && { passwordHash: await hasher.hash(password), passwordChangedAt: clock.now() }),
      });
    const changed = await this.#decide(id.value, name, by, next, isExpected);
    if (!changed.granted) return changed;
    this.#record('user.changed', changed.value, by, Object.keys(wish).filter((member) => wish[member as keyof UserWish] !== undefined).sort());
    return grant(shown(changed.value));
  }

  async changePassword(tenant: TenantId, name: string, { present, next }: { present: string; next: string }): Promise<Decision<User, Refusal>> {
    const { hasher, clock } = this.#needs;
    const wrong = wrongPassword(next);
    if (wrong) return refuse(wrong);
    const changed = await this.#decide(tenant, name, `${tenant}/${name}`, async (former) => {
      if (!(await hasher.verify(present, former.passwordHash))) return refuse({ code: 'access.wrong-present-password' });
      return grant({ ...former, passwordHash: await hasher.hash(next), passwordChangedAt: clock.now() });
    });
    if (!changed.granted) return changed;
    this.#record('user.changed', changed.value, `${tenant}/${name}`, ['password']);
    return grant(shown(changed.value));
  }

  async remove(tenant: string, name: string, by: string, isExpected?: IsExpected): Promise<Decision<undefined, Refusal>> {
    const id = await this.#tenant(tenant);
    if (!id.granted) return id;
    const removed = await this.#decide(id.value, name, by, async () => grant(undefined), isExpected);
    if (!removed.granted) return removed;
    this.#record('user.removed', removed.value, by);
    return grant(undefined);
  }

  /** Decides by what is there and writes only where that still is there; else anew. Answers who it is now, or who was removed. */
  async #decide(tenant: TenantId, name: string, by: string, next: Next, isExpected: IsExpected = () => true): Promise<Decision<Administrator, Refusal>> {
    const { administrators } = this.#needs;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const former = await administrators.find(tenant, name);
      if (!former) return unknown(name);
      if (!isExpected(shown(former))) return refuse({ code: 'access.changed-meanwhile' });
      const wanted = await next(former);
      if (!wanted.granted) return wanted;
      const entry = [this.#entry(former, wanted.value, by)];
      const outcome = wanted.value ? await administrators.replace(former, wanted.value, entry) : await administrators.remove(former, entry);
      if (outcome === 'last-administrator') return refuse({ code: 'access.last-administrator', evidence: { tenant } });
      if (outcome === 'done') return grant(wanted.value ?? former);
    }
    return refuse({ code: 'registration.trust-in-motion' });
  }

  async #tenant(name: string): Promise<Decision<TenantId, Refusal>> {
    const id = parseTenantId(name);
    const tenant = id && (await this.#needs.tenants.find(id));
    return tenant ? grant(tenant.id) : refuse({ code: 'tenant.unknown', evidence: { id: name.slice(0, 64) } });
  }

  #record(what: Extract<AuditEvent['what'], `user.${string}`>, { tenant, name }: Administrator, by: string, changed: readonly string[] = []): void {
    this.#needs.audit.record({ what, tenant, by, subject: changed.length === 0 ? name : `${name} (${changed.join(', ')})` });
  }

  /** Of a password it says that it was changed, and nothing else. */
  #entry(former: Administrator | undefined, next: Administrator | undefined, by: string): AuditEntry {
    const { tenant, name } = (next ?? former)!;
    const said = (what: string) => ({ what, tenant, by, subject: name });
    const at = this.#needs.clock.now();
    if (!former) return auditEntry(said('user.added'), at, { after: next && userFacts(next) });
    if (!next) return auditEntry(said('user.removed'), at, { before: userFacts(former) });
    const { before, after } = difference(userFacts(former), userFacts(next));
    return auditEntry(said('user.changed'), at, { before, after: { ...after, ...(next.passwordHash !== former.passwordHash && { password: 'changed' }) } });
  }
}

const shown = ({ passwordHash: _, ...user }: Administrator): User => user;

/** What was wished for, without the password; the roles were found to be roles, each once. */
function given({ password: _, roles, ...wish }: UserWish): Partial<Administrator> {
  const said = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined));
  return { ...said, ...(roles && { roles: [...new Set(roles as readonly Role[])] }) };
}

const unknown = (user: string): Decision<never, Refusal> => refuse({ code: 'access.unknown-user', evidence: { user: user.slice(0, 64) } });
const taken = (user: string): Decision<never, Refusal> => refuse({ code: 'access.user-exists', evidence: { user } });
