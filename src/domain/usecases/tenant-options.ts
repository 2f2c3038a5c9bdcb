import { auditEntry, type AuditEntry } from '../audit/audit-entry.ts';
import { optionFacts } from '../audit/facts.ts';
import type { Refusal } from '../refusal.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import { defaultOf, isAboutChecks, isSecret, MASK, nameOf, wrongOption, type TenantOption } from '../trust/tenant-option.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { Page, PageRequest } from '../../ports/page.ts';

/** How often a change is decided anew because another one came between. */
const ATTEMPTS = 20;

type Named = Pick<TenantOption, 'category' | 'key'>;
type IsExpected = (value: string) => boolean;

interface TenantOptionsNeeds {
  readonly tenants: TenantDirectory;
  readonly clock: Clock;
  readonly audit: AuditLog;
  /** Called when what checks ask was changed: ends the sessions that they would not have let in, and says how many those were. */
  readonly acts: (tenant: TenantId) => Promise<number>;
}

/** The part of `ManageTenants` about what a tenant chose for itself (D-32). */
export class TenantOptions {
  readonly #tenants: TenantDirectory;
  readonly #clock: Clock;
  readonly #audit: AuditLog;
  readonly #acts: TenantOptionsNeeds['acts'];

  constructor({ tenants, clock, audit, acts }: TenantOptionsNeeds) {
    this.#tenants = tenants;
    this.#clock = clock;
    this.#audit = audit;
    this.#acts = acts;
  }

  async inForce(tenant: TenantId, named: Named): Promise<string | undefined> {
    const set = await this.#tenants.option(tenant, named.category, named.key);
    return set === undefined ? defaultOf(named) : shown({ ...named, value: set }).value;
  }

  async page(tenant: TenantId, page: PageRequest): Promise<Page<TenantOption>> {
    const { items, total } = await this.#tenants.listOptions(tenant, page);
    return { items: items.map(shown), total };
  }

  async ofCategory(tenant: TenantId, category: string): Promise<readonly TenantOption[]> {
    return (await this.#tenants.optionsOf(tenant, category)).map(shown);
  }

  async set(tenant: TenantId, options: readonly TenantOption[], by: string): Promise<Decision<undefined, Refusal>> {
    for (const option of options) {
      const wrong = wrongOption(option);
      if (wrong) return refuse({ code: 'tenant.unusable-option', evidence: wrong });
    }
    // A secret that comes back as it was shown was not changed by whoever sends it.
    const meant = options.filter(({ key, value }) => !(isSecret(key) && value === MASK));
    if (meant.length > 0) await this.#setAll(tenant, meant, by);
    await this.#wereSet(tenant, meant, by);
    return grant(undefined);
  }

  async setExpected(tenant: TenantId, option: TenantOption, by: string, isExpected: IsExpected): Promise<Decision<undefined, Refusal>> {
    const wrong = wrongOption(option);
    if (wrong) return refuse({ code: 'tenant.unusable-option', evidence: wrong });
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const former = await this.#tenants.option(tenant, option.category, option.key);
      if (!isMet(option, former, isExpected)) return refuse({ code: 'access.changed-meanwhile' });
      if (!(await this.#tenants.replaceOption(tenant, option, former, [this.#entry(tenant, by, option, former, option.value)]))) continue;
      await this.#wereSet(tenant, [option], by);
      return grant(undefined);
    }
    return refuse({ code: 'registration.trust-in-motion' });
  }

  async remove(tenant: TenantId, named: Named, by: string, isExpected: IsExpected = () => true): Promise<Decision<undefined, Refusal>> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const former = await this.#tenants.option(tenant, named.category, named.key);
      if (former === undefined) return refuse({ code: 'tenant.unknown-option', evidence: { option: nameOf(named).slice(0, 256) } });
      if (!isMet(named, former, isExpected)) return refuse({ code: 'access.changed-meanwhile' });
      if (!(await this.#tenants.removeOption(tenant, named.category, named.key, former, [this.#entry(tenant, by, named, former, undefined)]))) continue;
      // A default may be stricter than what was chosen.
      const sessionsEnded = isAboutChecks(named) ? await this.#acts(tenant) : 0;
      this.#audit.record({ what: 'tenant.option-removed', tenant, by, subject: nameOf(named), ...(sessionsEnded > 0 && { sessionsEnded }) });
      return grant(undefined);
    }
    return refuse({ code: 'registration.trust-in-motion' });
  }

  /** Written where the audit tells the truth about what was there before; after so many attempts, all the same. */
  async #setAll(tenant: TenantId, options: readonly TenantOption[], by: string): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const former = await Promise.all(options.map(({ category, key }) => this.#tenants.option(tenant, category, key)));
      const entries = options.map((option, i) => this.#entry(tenant, by, option, former[i], option.value));
      if (await this.#tenants.setOptions(tenant, options, entries, attempt < ATTEMPTS ? former : undefined)) return;
    }
  }

  /** No `next`: the option is removed. */
  #entry(tenant: TenantId, by: string, named: Named, former: string | undefined, next: string | undefined): AuditEntry {
    const what = next === undefined ? 'tenant.option-removed' : 'tenant.option-set';
    const states = { before: optionFacts(named.key, former), after: optionFacts(named.key, next) };
    return auditEntry({ what, tenant, by, subject: nameOf(named) }, this.#clock.now(), states);
  }

  /** What was ended is told with the last of those that could have ended it. */
  async #wereSet(tenant: TenantId, options: readonly TenantOption[], by: string): Promise<void> {
    const last = options.findLast(isAboutChecks);
    const sessionsEnded = last ? await this.#acts(tenant) : 0;
    for (const option of options) {
      this.#audit.record({ what: 'tenant.option-set', tenant, by, subject: nameOf(option), ...(option === last && sessionsEnded > 0 && { sessionsEnded }) });
    }
  }
}

/** Asked about the value in force, as it is shown. */
function isMet(named: Named, former: string | undefined, isExpected: IsExpected): boolean {
  const value = former ?? defaultOf(named);
  return value !== undefined && isExpected(shown({ ...named, value }).value);
}

const shown = (option: TenantOption): TenantOption => (isSecret(option.key) ? { ...option, value: MASK } : option);
