import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { ChangeNote } from '../../domain/changes/change.ts';
import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { ListRule, StoredList } from '../../domain/revocation/stored-list.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { RevocationLists } from '../../ports/driven/revocation-lists.ts';
import { auditSteps } from './audit-steps.ts';
import { changed } from './change-steps.ts';
import type { Database } from './database.ts';
import { prepared, tables } from './query.ts';
import { toList, toListRow, toRule, toRuleRow } from './revocation-list-rows.ts';
import type { RevocationListRuleTable, RevocationListTable } from './schema.ts';
import { guarded, step } from './unit.ts';

export class KyselyRevocationLists implements RevocationLists {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async begin(list: StoredList): Promise<void> {
    await this.#db.write([step(INSERT(toListRow(list, 'filling')))]);
  }

  async install(list: StoredList, audit?: readonly AuditEntry[], most?: number): Promise<readonly StoredList[] | 'too-many' | undefined> {
    const row = toListRow(list, 'current');
    const bounds = most === undefined ? [] : [guarded(NEW_BEYOND({ ...row, most: most - 1 }), 0, 'too-many')];
    const written = await this.#db.write([...bounds, step(RETIRE_FORMER(row)), guarded(INSTALL(row), 1, 'not-newer'), ...changed(noteOf(list.tenant)), ...auditSteps(audit)]);
    if (written.kind === 'done') return (written.results[bounds.length]?.rows as RevocationListTable[]).map(toList);
    return written.otherwise === 'too-many' ? 'too-many' : undefined;
  }

  async withdraw(tenant: TenantId, id: string, audit?: readonly AuditEntry[]): Promise<StoredList | undefined> {
    const written = await this.#db.write([guarded(RETIRE({ tenant, id }), 1, 'not-there'), ...changed(noteOf(tenant)), ...auditSteps(audit)]);
    return written.kind === 'done' ? toList(written.results[0]?.rows[0] as RevocationListTable) : undefined;
  }

  async finish(tenant: TenantId, id: string): Promise<void> {
    await this.#db.write([step(FINISH({ tenant, id }))]);
  }

  async ofTenant(tenant: TenantId): Promise<readonly StoredList[]> {
    return (await this.#db.read(IN_FORCE({ tenant }))).map(toList);
  }

  async leftBehind(before: Date): Promise<readonly StoredList[]> {
    return (await this.#db.read(LEFT_BEHIND({ before: before.toISOString() }))).map(toList);
  }

  async ruleOf(tenant: TenantId, anchor: Fingerprint): Promise<ListRule | undefined> {
    const [row] = await this.#db.read(RULE({ tenant, anchor }));
    return row && toRule(row);
  }

  async rules(): Promise<readonly ListRule[]> {
    return (await this.#db.read(RULES({}))).map(toRule);
  }

  async setRule(rule: ListRule, audit?: readonly AuditEntry[]): Promise<void> {
    await this.#db.write([step(SET_RULE(toRuleRow(rule))), ...changed(noteOf(rule.tenant)), ...auditSteps(audit)]);
  }

  async removeRule(tenant: TenantId, anchor: Fingerprint, audit?: readonly AuditEntry[]): Promise<boolean> {
    const written = await this.#db.write([guarded(REMOVE_RULE({ tenant, anchor }), 1, 'not-there'), ...changed(noteOf(tenant)), ...auditSteps(audit)]);
    return written.kind === 'done';
  }
}

const noteOf = (tenant: TenantId): ChangeNote => ({ tenant, kind: 'list', subject: '' });

const INSERT = prepared((p: RevocationListTable) =>
  tables.insertInto('revocation_list').values({
    ...{ tenant: p.tenant, id: p.id, anchor: p.anchor, issuer_key: p.issuer_key, issuer_text: p.issuer_text, authority_key: p.authority_key },
    ...{ scope: p.scope, number: p.number, delta_of: p.delta_of, kind: p.kind, thumbprint: p.thumbprint, this_update: p.this_update, next_update: p.next_update },
    ...{ taken_from: p.taken_from, added_at: p.added_at, state: p.state, entries: p.entries },
  }),
);

type Slot = Pick<RevocationListTable, 'tenant' | 'anchor' | 'issuer_key' | 'authority_key' | 'scope' | 'kind'>;

/** What a new list of the slot takes the place of: a delta that of a delta, whatever list it is to. */
const inSlot = (p: Slot) =>
  tables
    .selectFrom('revocation_list as former')
    .select('former.id')
    .where('former.tenant', '=', p.tenant)
    .where('former.anchor', '=', p.anchor)
    .where('former.issuer_key', '=', p.issuer_key)
    .where('former.authority_key', '=', p.authority_key)
    .where('former.scope', '=', p.scope)
    .where('former.kind', '=', p.kind)
    .where('former.state', '=', 'current');

/** Nothing where this one takes the place of another, whatever there is beside it. No other runs beside it: each moves the epoch, on which one waits for the other. */
const NEW_BEYOND = prepared((p: Slot & { readonly most: number }) =>
  tables
    .selectFrom('revocation_list')
    .select('id')
    .where('tenant', '=', p.tenant)
    .where('state', '=', 'current')
    .where(({ not, exists }) => not(exists(inSlot(p))))
    .limit(1)
    .offset(p.most),
);

const RETIRE_FORMER = prepared((p: RevocationListTable) =>
  tables
    .updateTable('revocation_list')
    .set({ state: 'gone' })
    .where('tenant', '=', p.tenant)
    .where('id', 'in', inSlot(p).where('former.this_update', '<', p.this_update))
    .returningAll(),
);

/** What is still in the slot is as new as this one. */
const INSTALL = prepared((p: RevocationListTable) =>
  tables
    .updateTable('revocation_list')
    .set({ state: 'current' })
    .where('tenant', '=', p.tenant)
    .where('id', '=', p.id)
    .where('state', '=', 'filling')
    .where(({ not, exists }) => not(exists(inSlot(p)))),
);

const RETIRE = prepared((p: { tenant: string; id: string }) =>
  tables.updateTable('revocation_list').set({ state: 'gone' }).where('tenant', '=', p.tenant).where('id', '=', p.id).where('state', '=', 'current').returningAll(),
);

const FINISH = prepared((p: { tenant: string; id: string }) =>
  tables.deleteFrom('revocation_list').where('tenant', '=', p.tenant).where('id', '=', p.id).where('state', '!=', 'current'),
);

const IN_FORCE = prepared((p: { tenant: string }) =>
  tables.selectFrom('revocation_list').selectAll().where('tenant', '=', p.tenant).where('state', '=', 'current').orderBy('added_at').orderBy('id'),
);

const LEFT_BEHIND = prepared((p: { before: string }) => tables.selectFrom('revocation_list').selectAll().where('state', '!=', 'current').where('added_at', '<', p.before));

const RULE = prepared((p: { tenant: string; anchor: string }) =>
  tables.selectFrom('revocation_list_rule').selectAll().where('tenant', '=', p.tenant).where('anchor', '=', p.anchor),
);

const RULES = prepared((_: object) => tables.selectFrom('revocation_list_rule').selectAll().orderBy('tenant').orderBy('anchor'));

const SET_RULE = prepared((p: RevocationListRuleTable) =>
  tables
    .insertInto('revocation_list_rule')
    .values({ tenant: p.tenant, anchor: p.anchor, urls: p.urls, missing: p.missing, accept_hours: p.accept_hours, refuse_hours: p.refuse_hours })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'anchor']).doUpdateSet({ urls: p.urls, missing: p.missing, accept_hours: p.accept_hours, refuse_hours: p.refuse_hours }),
    ),
);

const REMOVE_RULE = prepared((p: { tenant: string; anchor: string }) =>
  tables.deleteFrom('revocation_list_rule').where('tenant', '=', p.tenant).where('anchor', '=', p.anchor),
);
