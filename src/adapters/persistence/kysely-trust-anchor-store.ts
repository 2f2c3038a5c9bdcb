import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { ChangeNote } from '../../domain/changes/change.ts';
import type { Fingerprint, Thumbprint } from '../../domain/certificates/certificate.ts';
import type { NameKey } from '../../domain/certificates/distinguished-name.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { TrustAnchor } from '../../domain/trust/trust-anchor.ts';
import type { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { AnchorChange, AnchorState, TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import type { Page, PageRequest } from '../../ports/page.ts';
import { AnchorRows, codeColumns, toRow } from './anchor-rows.ts';
import { auditSteps } from './audit-steps.ts';
import { changed, noted } from './change-steps.ts';
import type { Database } from './database.ts';
import { EPOCH } from './kysely-admission-epoch.ts';
import { compiled, prepared, tables } from './query.ts';
import type { TrustAnchorTable } from './schema.ts';
import { guarded, type Step } from './unit.ts';

export class KyselyTrustAnchorStore implements TrustAnchorStore {
  readonly #db: Database;
  readonly #rows: AnchorRows;

  constructor({ db, reader, log }: { db: Database; reader: CertificateReader; log: Log }) {
    this.#db = db;
    this.#rows = new AnchorRows({ reader, log });
  }

  async add(anchor: TrustAnchor, atEpoch: number, audit?: readonly AuditEntry[]): Promise<'added' | 'already-there' | 'trust-moved'> {
    const written = await this.#db.write([
      { ...guarded(MOVE_EPOCH_FROM({ epoch: atEpoch }), 1, 'trust-moved'), holds: EPOCH },
      guarded(INSERT(toRow(anchor)), 1, 'already-there'),
      ...noted(noteOf(anchor.tenant, anchor.certificate.fingerprint)),
      ...auditSteps(audit),
    ]);
    return written.kind === 'done' ? 'added' : (written.otherwise as 'already-there' | 'trust-moved');
  }

  async findNamed(names: readonly NameKey[]): Promise<readonly TrustAnchor[]> {
    const wanted = new Set(names);
    const rows = await Promise.all([...wanted].map((name) => this.#db.read(NAMED({ name }))));
    // The column is an index only: the name that decides is the one in the certificate.
    return this.#rows.toAnchors(rows.flat()).filter(({ certificate }) => wanted.has(certificate.subject.key));
  }

  async findIssuedBy(names: readonly NameKey[]): Promise<readonly TrustAnchor[]> {
    const wanted = new Set(names);
    const rows = await Promise.all([...wanted].map((name) => this.#db.read(ISSUED_BY({ name }))));
    return this.#rows.toAnchors(rows.flat()).filter(({ certificate }) => wanted.has(certificate.issuer.key));
  }

  async findSame(thumbprint: Thumbprint): Promise<readonly TrustAnchor[]> {
    return this.#rows.toAnchors(await this.#db.read(SAME({ thumbprint })));
  }

  async find(tenant: TenantId, fingerprint: Fingerprint): Promise<TrustAnchor | undefined> {
    return this.#rows.toAnchors(await this.#db.read(FIND({ tenant, fingerprint })))[0];
  }

  async listOf(tenant: TenantId, { number, size }: PageRequest): Promise<Page<TrustAnchor>> {
    const [rows, counted] = await Promise.all([
      this.#db.read(PAGE({ tenant, size, skipped: (number - 1) * size })),
      this.#db.read(COUNT({ tenant })),
    ]);
    return { items: this.#rows.toAnchors(rows), total: counted[0]?.total ?? 0 };
  }

  async change(tenant: TenantId, fingerprint: Fingerprint, change: AnchorChange, former?: AnchorState, audit?: readonly AuditEntry[]): Promise<TrustAnchor | undefined> {
    // Nothing to change: the name becomes what it is, so that `former` is asked at the same moment.
    const columns = Object.keys(toColumns(change)).length === 0 && former ? toColumns({ name: former.name }) : toColumns(change);
    if (Object.keys(columns).length === 0) return this.find(tenant, fingerprint);
    const query = tables
      .updateTable('trust_anchor')
      .set(columns)
      .where('tenant', '=', tenant)
      .where('fingerprint', '=', fingerprint)
      .returningAll();
    const still = asBefore(tenant, fingerprint, former);
    const written = await this.#db.write([...still, guarded(compiled(query), 1, 'not-there'), ...changed(noteOf(tenant, fingerprint)), ...auditSteps(audit)]);
    return written.kind === 'done' ? this.#rows.toAnchors(written.results[still.length]!.rows as TrustAnchorTable[])[0] : undefined;
  }

  async remove(tenant: TenantId, fingerprint: Fingerprint, former?: AnchorState, audit?: readonly AuditEntry[]): Promise<boolean> {
    const still = asBefore(tenant, fingerprint, former);
    const written = await this.#db.write([...still, guarded(REMOVE({ tenant, fingerprint }), 1, 'not-there'), ...changed(noteOf(tenant, fingerprint)), ...auditSteps(audit)]);
    return written.kind === 'done';
  }
}

const noteOf = (tenant: TenantId, fingerprint: Fingerprint): ChangeNote => ({ tenant, kind: 'anchor', subject: fingerprint });

/** The guard of a change that was decided by what was read before. */
const asBefore = (tenant: TenantId, fingerprint: Fingerprint, former: AnchorState | undefined): readonly Step[] =>
  former === undefined ? [] : [guarded(STILL({ ...(toColumns(former) as StateColumns), tenant, fingerprint }), 1, 'not-there')];

type StateColumns = Pick<TrustAnchorTable, 'name' | 'status' | 'auto_registration' | 'inert' | 'possession_proven'>;

const toColumns = ({ name, status, autoRegistration, inert, possessionProven, possessionCode, lastDisabledAt }: AnchorChange): Partial<TrustAnchorTable> => ({
  ...(name !== undefined && { name }),
  ...(status !== undefined && { status }),
  ...(autoRegistration !== undefined && { auto_registration: autoRegistration ? 1 : 0 }),
  ...(inert !== undefined && { inert: inert ? 1 : 0 }),
  ...(possessionProven !== undefined && { possession_proven: possessionProven ? 1 : 0 }),
  ...(possessionCode !== undefined && codeColumns(possessionCode)),
  ...(lastDisabledAt !== undefined && { last_disabled_at: lastDisabledAt.toISOString() }),
});

/** Moves nothing when somebody changed trust since `epoch` was read. */
const MOVE_EPOCH_FROM = prepared((p: { epoch: number }) =>
  tables
    .updateTable('admission_epoch')
    .set((row) => ({ value: row('value', '+', 1) }))
    .where('id', '=', 1)
    .where('value', '=', p.epoch),
);

/** The primary key settles a race; a look-up before could not. */
const INSERT = prepared((p: TrustAnchorTable) =>
  tables
    .insertInto('trust_anchor')
    .values({
      tenant: p.tenant,
      fingerprint: p.fingerprint,
      thumbprint: p.thumbprint,
      subject_key: p.subject_key,
      issuer_key: p.issuer_key,
      der_base64: p.der_base64,
      name: p.name,
      status: p.status,
      auto_registration: p.auto_registration,
      inert: p.inert,
      possession_proven: p.possession_proven,
      possession_code: p.possession_code,
      possession_code_until: p.possession_code_until,
      added_at: p.added_at,
      last_disabled_at: p.last_disabled_at,
    })
    .onConflict((conflict) => conflict.columns(['tenant', 'fingerprint']).doNothing()),
);

const anchors = tables.selectFrom('trust_anchor').selectAll();

const NAMED = prepared((p: { name: string }) => anchors.where('subject_key', '=', p.name));
const ISSUED_BY = prepared((p: { name: string }) => anchors.where('issuer_key', '=', p.name));
const SAME = prepared((p: { thumbprint: string }) => anchors.where('thumbprint', '=', p.thumbprint));

const FIND = prepared((p: { tenant: string; fingerprint: string }) =>
  anchors.where('tenant', '=', p.tenant).where('fingerprint', '=', p.fingerprint),
);

const STILL = prepared((p: StateColumns & { tenant: string; fingerprint: string }) =>
  anchors
    .where('fingerprint', '=', p.fingerprint)
    .where('tenant', '=', p.tenant)
    .where('name', '=', p.name)
    .where('status', '=', p.status)
    .where('auto_registration', '=', p.auto_registration)
    .where('inert', '=', p.inert)
    .where('possession_proven', '=', p.possession_proven),
);

const PAGE = prepared((p: { tenant: string; size: number; skipped: number }) =>
  anchors.where('tenant', '=', p.tenant).orderBy('added_at').orderBy('fingerprint').limit(p.size).offset(p.skipped),
);

const COUNT = prepared((p: { tenant: string }) =>
  tables.selectFrom('trust_anchor').select(({ fn }) => fn.countAll<number>().as('total')).where('tenant', '=', p.tenant),
);

const REMOVE = prepared((p: { tenant: string; fingerprint: string }) =>
  tables.deleteFrom('trust_anchor').where('tenant', '=', p.tenant).where('fingerprint', '=', p.fingerprint),
);
