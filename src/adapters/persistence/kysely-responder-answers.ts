import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { ChangeNote } from '../../domain/changes/change.ts';
import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { AskedCertificate, KnownCertificate, NotedCertificate, ResponderRule } from '../../domain/revocation/responder-answer.ts';
import type { RevocableCertificate } from '../../domain/revocation/revocation.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { ResponderAnswers } from '../../ports/driven/responder-answers.ts';
import { auditSteps } from './audit-steps.ts';
import { changed } from './change-steps.ts';
import type { Database } from './database.ts';
import { toKnown, toKnownRow, toResponderRule, toResponderRuleRow, type OcspCertificateTable, type OcspIssuerTable, type OcspRuleTable } from './ocsp-rows.ts';
import { prepared, tables } from './query.ts';
import { guarded, step, steps } from './unit.ts';

export class KyselyResponderAnswers implements ResponderAnswers {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async about(tenant: TenantId, certificates: readonly Pick<RevocableCertificate, 'serialNumber'>[]): Promise<readonly KnownCertificate[]> {
    const serials = [...new Set(certificates.map(({ serialNumber }) => serialNumber))];
    return (await Promise.all(serials.map((serialNumber) => this.#db.read(BY_SERIAL({ tenant, serialNumber }))))).flat().map(toKnown);
  }

  async named(tenant: TenantId, name: string): Promise<readonly KnownCertificate[]> {
    return (await this.#db.read(NAMED({ tenant, name, limit: 100 }))).map(toKnown);
  }

  async note(certificates: readonly NotedCertificate[], askAt: Date): Promise<void> {
    const [first, ...others] = certificates.map((certificate) => NOTE(toKnownRow({ ...certificate, askAt, failures: 0 })));
    if (first) await this.#db.write([steps([first, ...others])]);
  }

  async due({ tenant, anchor }: Pick<AskedCertificate, 'tenant' | 'anchor'>, at: Date, limit: number): Promise<readonly KnownCertificate[]> {
    return (await this.#db.read(DUE({ tenant, anchor, at: at.toISOString(), limit }))).map(toKnown);
  }

  async keep(known: KnownCertificate, audit?: readonly AuditEntry[]): Promise<boolean> {
    const written = await this.#db.write([guarded(KEEP(toKnownRow(known)), 1, 'not-newer'), ...(audit ? changed(noteOf(known.tenant)) : []), ...auditSteps(audit)]);
    return written.kind === 'done';
  }

  async forget(before: Date): Promise<void> {
    await this.#db.write([step(FORGET({ before: before.toISOString() })), step(FORGET_ISSUERS({}))]);
  }

  async issuerOf(tenant: TenantId, fingerprint: Fingerprint): Promise<Uint8Array | undefined> {
    const [row] = await this.#db.read(ISSUER({ tenant, fingerprint }));
    return row && new Uint8Array(Buffer.from(row.der_base64, 'base64'));
  }

  async keepIssuer(tenant: TenantId, fingerprint: Fingerprint, der: Uint8Array): Promise<void> {
    if (await this.issuerOf(tenant, fingerprint)) return;
    await this.#db.write([step(KEEP_ISSUER({ tenant, fingerprint, der_base64: Buffer.from(der).toString('base64') }))]);
  }

  async ruleOf(tenant: TenantId, anchor: Fingerprint): Promise<ResponderRule | undefined> {
    const [row] = await this.#db.read(RULE({ tenant, anchor }));
    return row && toResponderRule(row);
  }

  async rules(): Promise<readonly ResponderRule[]> {
    return (await this.#db.read(RULES({}))).map(toResponderRule);
  }

  async setRule(rule: ResponderRule, audit?: readonly AuditEntry[]): Promise<void> {
    await this.#db.write([step(SET_RULE(toResponderRuleRow(rule))), ...changed(noteOf(rule.tenant)), ...auditSteps(audit)]);
  }

  async removeRule(tenant: TenantId, anchor: Fingerprint, audit?: readonly AuditEntry[]): Promise<boolean> {
    const written = await this.#db.write([guarded(REMOVE_RULE({ tenant, anchor }), 1, 'not-there'), step(FORGET_ALL({ tenant, anchor })), ...changed(noteOf(tenant)), ...auditSteps(audit)]);
    return written.kind === 'done';
  }
}

/** Answers of responders speak as lists do. */
const noteOf = (tenant: TenantId): ChangeNote => ({ tenant, kind: 'list', subject: '' });

const certificates = tables.selectFrom('ocsp_certificate').selectAll();

const BY_SERIAL = prepared((p: { tenant: string; serialNumber: string }) => certificates.where('tenant', '=', p.tenant).where('serial_number', '=', p.serialNumber));

const NAMED = prepared((p: { tenant: string; name: string; limit: number }) =>
  certificates
    .where('tenant', '=', p.tenant)
    .where(({ or, eb }) => or([eb('serial_number', '=', p.name), eb('fingerprint', '=', p.name)]))
    .limit(p.limit),
);

const DUE = prepared((p: { tenant: string; anchor: string; at: string; limit: number }) =>
  certificates
    .where('tenant', '=', p.tenant)
    .where('anchor', '=', p.anchor)
    .where('ask_at', '<=', p.at)
    .where('wanted_until', '>', p.at)
    .where('not_after', '>', p.at)
    .orderBy('ask_at')
    .orderBy('fingerprint')
    .limit(p.limit),
);

/** Of what is there only `wanted_until` moves, and only forward. */
const NOTE = prepared((p: OcspCertificateTable) =>
  tables
    .insertInto('ocsp_certificate')
    .values({
      ...{ tenant: p.tenant, anchor: p.anchor, fingerprint: p.fingerprint, serial_number: p.serial_number, issuer_key: p.issuer_key, issued_by: p.issued_by },
      ...{ not_after: p.not_after, ask_at: p.ask_at, wanted_until: p.wanted_until, problem: p.problem, failures: p.failures },
      ...{ status: p.status, this_update: p.this_update, fresh_until: p.fresh_until, reason: p.reason, revoked_since: p.revoked_since, answered_by: p.answered_by, received_at: p.received_at },
    })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'anchor', 'fingerprint']).doUpdateSet({ wanted_until: p.wanted_until }).where('ocsp_certificate.wanted_until', '<', p.wanted_until),
    ),
);

/** What was noted meanwhile stays; an answer that is newer too. Times sort as they read, and none is the least. */
const KEEP = prepared((p: OcspCertificateTable) =>
  tables
    .updateTable('ocsp_certificate')
    .set({
      ...{ ask_at: p.ask_at, problem: p.problem, failures: p.failures },
      ...{ status: p.status, this_update: p.this_update, fresh_until: p.fresh_until, reason: p.reason, revoked_since: p.revoked_since, answered_by: p.answered_by, received_at: p.received_at },
    })
    .where('tenant', '=', p.tenant)
    .where('anchor', '=', p.anchor)
    .where('fingerprint', '=', p.fingerprint)
    .where('this_update', '<=', p.this_update),
);

const RULES = prepared((_: object) => tables.selectFrom('ocsp_rule').selectAll().orderBy('tenant').orderBy('anchor'));

const FORGET = prepared((p: { before: string }) =>
  tables.deleteFrom('ocsp_certificate').where(({ or, eb }) => or([eb('wanted_until', '<', p.before), eb('not_after', '<', p.before)])),
);

const FORGET_ISSUERS = prepared((_: object) =>
  tables.deleteFrom('ocsp_issuer').where(({ not, exists, selectFrom }) =>
    not(
      exists(
        selectFrom('ocsp_certificate')
          .select('ocsp_certificate.fingerprint')
          .whereRef('ocsp_certificate.tenant', '=', 'ocsp_issuer.tenant')
          .whereRef('ocsp_certificate.issued_by', '=', 'ocsp_issuer.fingerprint'),
      ),
    ),
  ),
);

const FORGET_ALL = prepared((p: { tenant: string; anchor: string }) => tables.deleteFrom('ocsp_certificate').where('tenant', '=', p.tenant).where('anchor', '=', p.anchor));

const ISSUER = prepared((p: { tenant: string; fingerprint: string }) =>
  tables.selectFrom('ocsp_issuer').selectAll().where('tenant', '=', p.tenant).where('fingerprint', '=', p.fingerprint),
);

const KEEP_ISSUER = prepared((p: OcspIssuerTable) =>
  tables
    .insertInto('ocsp_issuer')
    .values({ tenant: p.tenant, fingerprint: p.fingerprint, der_base64: p.der_base64 })
    .onConflict((conflict) => conflict.columns(['tenant', 'fingerprint']).doNothing()),
);

const RULE = prepared((p: { tenant: string; anchor: string }) => tables.selectFrom('ocsp_rule').selectAll().where('tenant', '=', p.tenant).where('anchor', '=', p.anchor));

const SET_RULE = prepared((p: OcspRuleTable) =>
  tables
    .insertInto('ocsp_rule')
    .values({ tenant: p.tenant, anchor: p.anchor, urls: p.urls, hard: p.hard, accept_hours: p.accept_hours, refuse_hours: p.refuse_hours })
    .onConflict((conflict) => conflict.columns(['tenant', 'anchor']).doUpdateSet({ urls: p.urls, hard: p.hard, accept_hours: p.accept_hours, refuse_hours: p.refuse_hours })),
);

const REMOVE_RULE = prepared((p: { tenant: string; anchor: string }) => tables.deleteFrom('ocsp_rule').where('tenant', '=', p.tenant).where('anchor', '=', p.anchor));
