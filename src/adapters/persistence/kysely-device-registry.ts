import { sql } from 'kysely';
import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { NewDeviceQuota } from '../../domain/overload/new-device-quota.ts';
import type { Block } from '../../domain/registration/block.ts';
import type { Device } from '../../domain/registration/device.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import { auditSteps } from './audit-steps.ts';
import { changed } from './change-steps.ts';
import type { Database } from './database.ts';
import { prepared, tables, type Query } from './query.ts';
import type { DeviceTable } from './schema.ts';
import { guarded, steps } from './unit.ts';

export class KyselyDeviceRegistry implements DeviceRegistry {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async register(device: Device, audit?: readonly AuditEntry[], quotas: readonly NewDeviceQuota[] = []): Promise<'registered' | 'already-there' | { readonly over: NewDeviceQuota }> {
    // The guard that does not hold names the quota by its place; the device comes first, so that one that is there is never counted.
    const counted = quotas.map(({ of, hour, most }, i) => guarded(COUNT_NEW({ tenant: device.tenant, counted_of: of, hour, most }), 1, String(i)));
    const written = await this.#db.write([guarded(INSERT(toRow(device)), 1, 'already-there'), ...counted, ...auditSteps(audit)]);
    if (written.kind === 'done') return 'registered';
    const over = quotas[Number(written.otherwise)];
    return over ? { over } : 'already-there';
  }

  async newDevices(tenant: TenantId, { of, hour }: Pick<NewDeviceQuota, 'of' | 'hour'>): Promise<number> {
    return (await this.#db.read(COUNTED_NEW({ tenant, counted_of: of, hour })))[0]?.count ?? 0;
  }

  async registerAll(devices: readonly Device[], audit?: readonly AuditEntry[]): Promise<readonly ('registered' | 'updated')[]> {
    const [first, ...others] = devices.map(toRow);
    if (!first) return [];
    const rows = [first, ...others] as const;
    // Two statements, each run for every row: the first tells who is new, the second gives the others their details.
    const written = await this.#db.write([steps(mapped(rows, INSERT)), steps(mapped(rows, SET_DETAILS)), ...auditSteps(audit)]);
    const changes = written.kind === 'done' ? (written.results[0]?.changes ?? []) : [];
    return changes.map((changed) => (changed === 1 ? 'registered' : 'updated'));
  }

  async find(tenant: TenantId, id: DeviceId): Promise<Device | undefined> {
    return (await this.#db.read(FIND({ tenant, id }))).map(toDevice)[0];
  }

  async listOf(tenant: TenantId, after: DeviceId | undefined, limit: number): Promise<readonly Device[]> {
    // No id is empty, so that all of them come after ''.
    return (await this.#db.read(PAGE({ tenant, after: after ?? '', limit }))).map(toDevice);
  }

  async count(tenant: TenantId): Promise<number> {
    return Number((await this.#db.read(COUNT({ tenant })))[0]!.total);
  }

  async setBlock(tenant: TenantId, id: DeviceId, block: Block | undefined, audit?: readonly AuditEntry[]): Promise<Device | undefined> {
    const written = await this.#db.write([guarded(SET_BLOCK({ tenant, id, ...blockColumns(block) }), 1, 'not-there'), ...changed({ tenant, kind: 'device', subject: id }), ...auditSteps(audit)]);
    return written.kind === 'done' ? (written.results[0]!.rows as DeviceTable[]).map(toDevice)[0] : undefined;
  }

  async remove(tenant: TenantId, id: DeviceId, audit?: readonly AuditEntry[]): Promise<boolean> {
    const written = await this.#db.write([guarded(REMOVE({ tenant, id }), 1, 'not-there'), ...changed({ tenant, kind: 'device', subject: id }), ...auditSteps(audit)]);
    return written.kind === 'done';
  }
}

const mapped = (rows: readonly [DeviceTable, ...DeviceTable[]], query: (row: DeviceTable) => Query): [Query, ...Query[]] => {
  const [first, ...others] = rows;
  return [query(first), ...others.map(query)];
};

const blockColumns = (block: Block | undefined): Pick<DeviceTable, 'blocked_at' | 'blocked_by' | 'block_reason'> => ({
  blocked_at: block?.at.toISOString() ?? '',
  blocked_by: block?.by ?? '',
  block_reason: block?.reason ?? '',
});

const toRow = ({ tenant, id, registeredBy, registeredAt, details, block }: Device): DeviceTable => ({
  tenant,
  id,
  registered_by: registeredBy,
  registered_at: registeredAt.toISOString(),
  details: JSON.stringify(details),
  ...blockColumns(block),
});

const toDevice = (row: DeviceTable): Device => ({
  tenant: row.tenant as TenantId,
  id: row.id as DeviceId,
  registeredBy: row.registered_by === 'bulk' ? 'bulk' : 'auto',
  registeredAt: new Date(row.registered_at),
  details: JSON.parse(row.details) as Device['details'],
  // Any trace of a block counts as one: what is damaged lets nobody in.
  ...(`${row.blocked_at}${row.blocked_by}${row.block_reason}` !== '' && {
    block: { reason: row.block_reason, by: row.blocked_by, at: new Date(Date.parse(row.blocked_at) || 0) },
  }),
});

const HOURS_AHEAD = sql<number>`new_devices.hour - excluded.hour`;

/** The primary key settles a race; a look-up before could not. */
const INSERT = prepared((p: DeviceTable) =>
  tables
    .insertInto('device')
    .values({
      ...{ tenant: p.tenant, id: p.id, registered_by: p.registered_by, registered_at: p.registered_at, details: p.details },
      ...{ blocked_at: p.blocked_at, blocked_by: p.blocked_by, block_reason: p.block_reason },
    })
    .onConflict((conflict) => conflict.columns(['tenant', 'id']).doNothing()),
);

/**
 * One statement, so that of a hundred that race for the last place one gets it: no row is changed where the hour is full. Around the full hour
 * nodes whose clocks differ a little come by turns with the one and the other: those that are behind count in the hour that has begun.
 */
const COUNT_NEW = prepared((p: { tenant: string; counted_of: string; hour: number; most: number }) =>
  tables
    .insertInto('new_devices')
    .values({ tenant: p.tenant, counted_of: p.counted_of, hour: p.hour, count: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant', 'counted_of'])
        .doUpdateSet(({ eb, ref }) => ({
          count: eb.case().when(HOURS_AHEAD, 'in', [0, 1]).then(eb('new_devices.count', '+', 1)).else(1).end(),
          hour: eb.case().when(HOURS_AHEAD, '=', 1).then(ref('new_devices.hour')).else(ref('excluded.hour')).end(),
        }))
        .where(({ eb, or }) => or([eb(HOURS_AHEAD, 'not in', [0, 1]), eb('new_devices.count', '<', p.most)])),
    ),
);

const COUNTED_NEW = prepared((p: { tenant: string; counted_of: string; hour: number }) =>
  tables.selectFrom('new_devices').select('count').where('tenant', '=', p.tenant).where('counted_of', '=', p.counted_of).where('hour', '=', p.hour),
);

const SET_DETAILS = prepared((p: { tenant: string; id: string; details: string }) =>
  tables.updateTable('device').set({ details: p.details }).where('tenant', '=', p.tenant).where('id', '=', p.id),
);

const devices = tables.selectFrom('device').selectAll();

const FIND = prepared((p: { tenant: string; id: string }) => devices.where('tenant', '=', p.tenant).where('id', '=', p.id));

const PAGE = prepared((p: { tenant: string; after: string; limit: number }) =>
  devices.where('tenant', '=', p.tenant).where('id', '>', p.after).orderBy('id').limit(p.limit),
);

const COUNT = prepared((p: { tenant: string }) =>
  tables.selectFrom('device').select(({ fn }) => fn.countAll().as('total')).where('tenant', '=', p.tenant),
);

const SET_BLOCK = prepared((p: Pick<DeviceTable, 'tenant' | 'id' | 'blocked_at' | 'blocked_by' | 'block_reason'>) =>
  tables
    .updateTable('device')
    .set({ blocked_at: p.blocked_at, blocked_by: p.blocked_by, block_reason: p.block_reason })
    .where('tenant', '=', p.tenant)
    .where('id', '=', p.id)
    .returningAll(),
);

const REMOVE = prepared((p: { tenant: string; id: string }) =>
  tables.deleteFrom('device').where('tenant', '=', p.tenant).where('id', '=', p.id).where('blocked_at', '=', ''),
);
