import type { Thumbprint } from '../../domain/certificates/certificate.ts';
import type { RefusalCode } from '../../domain/refusal.ts';
import type { Evidence } from '../../domain/shared/refusal-of.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { MOST_OF_CODE, type KeptRefusal, type RefusalQuestion, type RefusalStore } from '../../ports/driven/refusal-store.ts';
import type { Database } from './database.ts';
import { compiled, prepared, tables, type Query } from './query.ts';
import type { RefusalTable } from './schema.ts';
import { step } from './unit.ts';

export class KyselyRefusalStore implements RefusalStore {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async keep(refusals: readonly KeptRefusal[]): Promise<void> {
    if (refusals.length === 0) return;
    const rows = refusals.map(toRow);
    const lists = new Map(rows.map(({ tenant, code }) => [`${tenant}/${code}`, { tenant, code }]));
    await this.#db.write([...rows.map((row) => step(PUT(row))), ...[...lists.values()].map((list) => step(TRIM(list)))]);
  }

  async list(question: RefusalQuestion): Promise<readonly KeptRefusal[]> {
    return (await this.#db.read(listing(question))).map(toKept);
  }
}

const NO_DEPTH = -1;

const toRow = ({ refusal, wouldBe, leaf, ...kept }: KeptRefusal): RefusalTable => ({
  tenant: kept.tenant,
  code: refusal.code,
  mark: kept.mark,
  depth: refusal.depth ?? NO_DEPTH,
  evidence: refusal.evidence ? JSON.stringify(refusal.evidence) : '',
  thumbprint: leaf?.thumbprint ?? '',
  serial_number: leaf?.serialNumber ?? '',
  subject: leaf?.subject ?? '',
  issuer: leaf?.issuer ?? '',
  sent: kept.sent,
  device: kept.device,
  client_id: kept.clientId,
  from_address: kept.from,
  origin: kept.origin,
  count: kept.count,
  first_seen: kept.firstSeen.toISOString(),
  last_seen: kept.lastSeen.toISOString(),
  would_be: wouldBe ? 1 : 0,
});

const toKept = (row: RefusalTable): KeptRefusal => ({
  tenant: row.tenant as TenantId,
  refusal: {
    code: row.code as RefusalCode,
    ...(row.depth !== NO_DEPTH && { depth: row.depth }),
    ...(row.evidence !== '' && { evidence: JSON.parse(row.evidence) as Evidence }),
  },
  ...(row.would_be === 1 && { wouldBe: true as const }),
  mark: row.mark,
  ...(row.thumbprint !== '' && {
    leaf: { thumbprint: row.thumbprint as Thumbprint, serialNumber: row.serial_number, subject: row.subject, issuer: row.issuer },
  }),
  sent: row.sent,
  device: row.device,
  clientId: row.client_id,
  from: row.from_address,
  origin: row.origin,
  count: row.count,
  firstSeen: new Date(row.first_seen),
  lastSeen: new Date(row.last_seen),
});

const PUT = prepared((p: RefusalTable) => {
  const told = {
    ...{ depth: p.depth, evidence: p.evidence, thumbprint: p.thumbprint, serial_number: p.serial_number, subject: p.subject, issuer: p.issuer },
    ...{ sent: p.sent, device: p.device, client_id: p.client_id, from_address: p.from_address, origin: p.origin, would_be: p.would_be },
  };
  return tables
    .insertInto('refusal')
    .values({ tenant: p.tenant, code: p.code, mark: p.mark, ...told, count: p.count, first_seen: p.first_seen, last_seen: p.last_seen })
    .onConflict((conflict) =>
      conflict.columns(['tenant', 'code', 'mark']).doUpdateSet((row) => ({
        ...told,
        count: row('refusal.count', '+', p.count),
        last_seen: row.case().when('refusal.last_seen', '<', p.last_seen).then(p.last_seen).else(row.ref('refusal.last_seen')).end(),
      })),
    );
});

/** The last one of each address, then the second last, and so on: what is beyond `MOST_OF_CODE` goes. */
const TRIM = prepared((p: { tenant: string; code: string }) => {
  const inTurn = tables
    .selectFrom('refusal')
    .select(['mark', 'last_seen'])
    .select((row) => row.fn.agg<number>('row_number').over((over) => over.partitionBy('origin').orderBy('last_seen', 'desc').orderBy('mark')).as('turn'))
    .where('tenant', '=', p.tenant)
    .where('code', '=', p.code);
  const kept = tables.selectFrom(inTurn.as('ranked')).select('mark').orderBy('turn').orderBy('last_seen', 'desc').orderBy('mark').limit(MOST_OF_CODE);
  return tables.deleteFrom('refusal').where('tenant', '=', p.tenant).where('code', '=', p.code).where('mark', 'not in', kept);
});

/** Filters come and go, so that it is compiled anew; administrators ask it, not devices. */
function listing({ tenant, code, device, since, after, limit }: RefusalQuestion): Query<RefusalTable> {
  let query = tables.selectFrom('refusal').selectAll().where('tenant', '=', tenant);
  if (code !== undefined) query = query.where('code', '=', code);
  if (device !== undefined) query = query.where('device', '=', device);
  if (since !== undefined) query = query.where('last_seen', '>=', since.toISOString());
  if (after !== undefined) {
    const { lastSeen, code: codeAfter, mark } = { ...after, lastSeen: after.lastSeen.toISOString() };
    query = query.where((row) =>
      row.or([
        row('last_seen', '<', lastSeen),
        row.and([row('last_seen', '=', lastSeen), row('code', '>', codeAfter)]),
        row.and([row('last_seen', '=', lastSeen), row('code', '=', codeAfter), row('mark', '>', mark)]),
      ]),
    );
  }
  return compiled(query.orderBy('last_seen', 'desc').orderBy('code').orderBy('mark').limit(limit));
}
