import { randomInt } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { newAdministrator, ROLES } from '../../domain/access/administrator.ts';
import { auditEntry } from '../../domain/audit/audit-entry.ts';
import { tenantFacts, userFacts } from '../../domain/audit/facts.ts';
import { MANAGEMENT, type Tenant, type TenantId } from '../../domain/trust/tenant.ts';
import type { AdministratorDirectory } from '../../ports/driven/administrator-directory.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { PasswordHasher } from '../../ports/driven/password-hasher.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { Settings } from '../config/settings.ts';

export interface FirstStartNeeds {
  readonly settings: Pick<Settings, 'dataDir' | 'firstTenant'>;
  readonly tenants: TenantDirectory;
  readonly administrators: AdministratorDirectory;
  readonly hasher: PasswordHasher;
  readonly clock: Clock;
  readonly audit: AuditLog;
}

export interface FirstStart {
  readonly tenant: string;
  readonly domain: string;
  readonly adminUser: string;
  /** Where one was generated. Never to be logged. */
  readonly generated?: { readonly password: string; readonly file: string };
}

/**
 * Makes the first tenant and the management tenant, each with the administrator. Resolves with undefined where that was done before.
 * The management tenant comes last and is the sign that all is done: a start that was cut off is done again as a whole.
 */
export async function firstStart(needs: FirstStartNeeds): Promise<FirstStart | undefined> {
  const { settings, tenants, administrators, hasher, clock, audit } = needs;
  if (await tenants.find(MANAGEMENT)) return undefined;
  const { tenant, domain, adminUser, adminPassword } = settings.firstTenant;
  const generated = adminPassword === undefined ? await keptPassword(settings.dataDir) : undefined;
  const passwordHash = await hasher.hash(adminPassword ?? generated!.password);
  const by = 'first start';
  for (const id of [tenant as TenantId, MANAGEMENT]) {
    const itsDomain = id === MANAGEMENT ? 'management.localhost' : domain;
    const user = newAdministrator({ tenant: id, name: adminUser, passwordHash, passwordChangedAt: clock.now(), roles: ROLES });
    await administrators.put(user, [auditEntry({ what: 'user.added', tenant: id, by, subject: adminUser }, clock.now(), { after: userFacts(user) })]);
    // localhost is what nobody chose: it never decides by server name (D-5).
    const domainConfigured = !/(^|\.)localhost$/.test(itsDomain);
    const made: Tenant = { id, domain: itsDomain, domainConfigured, status: 'active', createdAt: clock.now() };
    const said = { what: 'tenant.created', tenant: id, by, subject: itsDomain } as const;
    const outcome = await tenants.create(made, [auditEntry(said, made.createdAt, { after: tenantFacts(made) })]);
    if (outcome === 'domain-taken') {
      throw new Error(`The domain ${itsDomain} belongs to another tenant already. Name another one in FLEETGATE_TENANT_DOMAIN.`);
    }
    audit.record(said);
  }
  return { tenant, domain, adminUser, ...(generated && { generated }) };
}

/** A new password, safe in a file that only the owner can read before anybody has it. */
async function keptPassword(dataDir: string): Promise<{ readonly password: string; readonly file: string }> {
  const password = newPassword();
  const file = join(dataDir, 'initial-admin-password');
  const draft = await open(`${file}.draft`, 'w', 0o600);
  try {
    await draft.chmod(0o600);
    await draft.writeFile(`${password}\n`);
    await draft.sync();
  } finally {
    await draft.close();
  }
  await rename(`${file}.draft`, file);
  return { password, file };
}

/** Letters and digits that nobody takes for each other; five groups of five are 123 bits. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';
const newPassword = (): string =>
  Array.from({ length: 5 }, () => Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join('')).join('-');
