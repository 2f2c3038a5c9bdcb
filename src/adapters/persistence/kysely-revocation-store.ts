import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import { revocationNote } from '../../domain/changes/revocation-note.ts';
import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { NameKey } from '../../domain/certificates/distinguished-name.ts';
import { isMeant, OPERATOR_SOURCES, type Revocation, type RevocableCertificate, type RevocationReason, type RevocationSource, type ReversibleSource, type RevokedName } from '../../domain/revocation/revocation.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { Page, PageRequest } from '../../ports/page.ts';
import type { RevocationStore } from '../../ports/driven/revocation-store.ts';
import { auditSteps } from './audit-steps.ts';
import { changed } from './change-steps.ts';
import type { Database } from './database.ts';
import { compiled, prepared, tables } from './query.ts';
import type { RevocationTable } from './schema.ts';
import { guarded, step, steps } from './unit.ts';

export class KyselyRevocationStore implements RevocationStore {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async add(revocations: readonly Revocation[], audit?: readonly AuditEntry[]): Promise<readonly Revocation[]> {
    const added = await this.#add(revocations, audit);
    return added === 'too-many' ? [] : added;
  }

  async addWithin(most: number, revocations: readonly Revocation[], audit?: readonly AuditEntry[]): Promise<readonly Revocation[] | 'too-many'> {
    return this.#add(revocations, audit, most);
  }

  async about(tenant: TenantId, certificates: readonly RevocableCertificate[]): Promise<readonly Revocation[]> {
    const found = await Promise.all(
      certificates.map(async (certificate) => {
        const { serialNumber, fingerprint } = certificate;
        const byPrint = fingerprint === '' ? [] : this.#db.read(BY_FINGERPRINT({ tenant, fingerprint }));
        const rows = await Promise.all([serialNumber === '' ? [] : this.#db.read(BY_SERIAL({ tenant, serialNumber })), byPrint]);
        return rows.flat().map(toRevocation).filter((revocation) => isMeant(revocation, certificate));
      }),
    );
    return [...new Map(found.flat().map((revocation) => [JSON.stringify(toRow(revocation)), revocation])).values()];
  }

  async release(tenant: TenantId, source: ReversibleSource, { serialNumber, issuer, fingerprint }: RevokedName, audit?: readonly AuditEntry[]): Promise<boolean> {
    const written = await this.#db.write([guarded(REMOVE({ tenant, source, serialNumber, issuer, fingerprint }), 1, 'not-there'), ...changed(revocationNote(tenant, [{ serialNumber, issuer, fingerprint }])), ...auditSteps(audit)]);
    return written.kind === 'done';
  }

  async forgetList(tenant: TenantId, list: Extract<RevocationSource, `crl:${string}`>, limit: number): Promise<number> {
    const written = await this.#db.write([step(FORGET({ tenant, source: list, limit }))]);
    return written.kind === 'done' ? (written.results[0]?.changes[0] ?? 0) : 0;
  }

  async walk(tenant: TenantId, source: RevocationSource, after: RevokedName | undefined, limit: number): Promise<readonly Revocation[]> {
    // No statement has all three parts of its name empty, so that all of them come after nothing.
    const { serialNumber, issuer, fingerprint } = after ?? { serialNumber: '', issuer: '', fingerprint: '' };
    return (await this.#db.read(WALK({ tenant, source, serialNumber, issuer, fingerprint, limit }))).map(toRevocation);
  }

  async listOf(tenant: TenantId, sources: readonly RevocationSource[], { number, size }: PageRequest): Promise<Page<Revocation>> {
    const rows = wanted(tenant, sources).selectAll().orderBy('since', 'desc').orderBy('serial_number').orderBy('issuer_key').orderBy('fingerprint').orderBy('source');
    const [items, total] = await Promise.all([
      this.#db.read(compiled(rows.limit(size).offset((number - 1) * size))),
      this.countOf(tenant, sources),
    ]);
    return { items: items.map(toRevocation), total };
  }

  async countOf(tenant: TenantId, sources: readonly RevocationSource[]): Promise<number> {
    const counted = await this.#db.read(compiled(wanted(tenant, sources).select(({ fn }) => fn.countAll<number>().as('total'))));
    return counted[0]?.total ?? 0;
  }

  async #add(revocations: readonly Revocation[], audit?: readonly AuditEntry[], most?: number): Promise<readonly Revocation[] | 'too-many'> {
    const [first, ...others] = revocations.map((revocation) => INSERT(toRow(revocation)));
    if (!first) return [];
    const { tenant } = revocations[0]!;
    const moving = revocations.filter(({ source }) => !source.startsWith('crl:'));
    const bounds = most === undefined ? [] : [guarded(SAID_BEYOND({ tenant, most }), 0, 'too-many')];
    const written = await this.#db.write([steps([first, ...others]), ...bounds, ...(moving[0] ? changed(revocationNote(tenant, moving)) : []), ...auditSteps(audit)]);
    if (written.kind !== 'done') return 'too-many';
    return revocations.filter((_, i) => written.results[0]?.changes[i] === 1);
  }
}

const wanted = (tenant: TenantId, sources: readonly RevocationSource[]) =>
  // PostgreSQL has no `in ()`; no source is empty.
  tables.selectFrom('revocation').where('tenant', '=', tenant).where('source', 'in', sources.length === 0 ? [''] : [...sources]);

const toRow = (revocation: Revocation): RevocationTable => ({
  tenant: revocation.tenant,
  serial_number: revocation.serialNumber,
  issuer_key: revocation.issuer,
  fingerprint: revocation.fingerprint,
  source: revocation.source,
  reason: revocation.reason,
  since: revocation.since.toISOString(),
  noted_by: revocation.by,
  note: revocation.note,
});

const toRevocation = (row: RevocationTable): Revocation => ({
  tenant: row.tenant as TenantId,
  serialNumber: row.serial_number,
  issuer: row.issuer_key as NameKey | '',
  fingerprint: row.fingerprint as Fingerprint | '',
  source: row.source as RevocationSource,
  reason: row.reason as RevocationReason,
  since: new Date(row.since),
  by: row.noted_by,
  note: row.note,
});

/** The primary key says what is there already; a look-up before could not. */
const INSERT = prepared((p: RevocationTable) =>
  tables
    .insertInto('revocation')
    .values({
      ...{ tenant: p.tenant, serial_number: p.serial_number, issuer_key: p.issuer_key, fingerprint: p.fingerprint, source: p.source },
      ...{ reason: p.reason, since: p.since, noted_by: p.noted_by, note: p.note },
    })
    .onConflict((conflict) => conflict.doNothing()), // the one key there is, which PostgreSQL has with a hash of the issuer
);

/** After the insertion. No other runs beside it, for what operators say moves the epoch, on which one unit waits for the other. */
const SAID_BEYOND = prepared((p: { tenant: string; most: number }) =>
  tables.selectFrom('revocation').select('source').where('tenant', '=', p.tenant).where('source', 'in', OPERATOR_SOURCES).limit(1).offset(p.most),
);

const revocations = tables.selectFrom('revocation').selectAll();

const BY_SERIAL = prepared((p: { tenant: string; serialNumber: string }) =>
  revocations.where('tenant', '=', p.tenant).where('serial_number', '=', p.serialNumber),
);

const BY_FINGERPRINT = prepared((p: { tenant: string; fingerprint: string }) =>
  revocations.where('tenant', '=', p.tenant).where('fingerprint', '=', p.fingerprint),
);

const WALK = prepared((p: { tenant: string; source: string; serialNumber: string; issuer: string; fingerprint: string; limit: number }) =>
  revocations
    .where('tenant', '=', p.tenant)
    .where('source', '=', p.source)
    .where(({ eb, refTuple, tuple }) => eb(refTuple('serial_number', 'issuer_key', 'fingerprint'), '>', tuple(p.serialNumber, p.issuer, p.fingerprint)))
    .orderBy('serial_number')
    .orderBy('issuer_key')
    .orderBy('fingerprint')
    .limit(p.limit),
);

const REMOVE = prepared((p: { tenant: string; source: string; serialNumber: string; issuer: string; fingerprint: string }) =>
  tables
    .deleteFrom('revocation')
    .where('tenant', '=', p.tenant)
    .where('serial_number', '=', p.serialNumber)
    .where('issuer_key', '=', p.issuer)
    .where('fingerprint', '=', p.fingerprint)
    .where('source', '=', p.source),
);

const FORGET = prepared((p: { tenant: string; source: string; limit: number }) =>
  tables
    .deleteFrom('revocation')
    .where('tenant', '=', p.tenant)
    .where('source', '=', p.source)
    .where(({ refTuple }) => refTuple('serial_number', 'issuer_key', 'fingerprint'), 'in', ({ selectFrom }) =>
      selectFrom('revocation')
        .select(['serial_number', 'issuer_key', 'fingerprint'])
        .where('tenant', '=', p.tenant)
        .where('source', '=', p.source)
        .limit(p.limit)
        .$asTuple('serial_number', 'issuer_key', 'fingerprint'),
    ),
);
