import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { Device } from '../../domain/registration/device.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import type { Database } from './database.ts';
import { moveEpoch } from './kysely-admission-epoch.ts';
import { prepared, tables, type Query } from './query.ts';
import type { DeviceTable } from './schema.ts';
import { guarded, step, steps } from './unit.ts';

export class KyselyDeviceRegistry implements DeviceRegistry {
  readonly #db: Database;

  constructor({ db }: { db: Database }) {
    this.#db = db;
  }

  async register(device: Device): Promise<'registered' | 'already-there'> {
    const written = await this.#db.write([step(INSERT(toRow(device)))]);
    return written.kind === 'done' && written.results[0]?.changes[0] === 1 ? 'registered' : 'already-there';
  }

  async registerAll(devices: readonly Device[]): Promise<readonly ('registered' | 'updated')[]> {
    const [first, ...others] = devices.map(toRow);
    if (!first) return [];
    const rows = [first, ...others] as const;
    // Two statements, each run for every row: the first tells who is new, the second gives the others their details.
    const written = await this.#db.write([steps(mapped(rows, INSERT)), steps(mapped(rows, SET_DETAILS))]);
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

  async remove(tenant: TenantId, id: DeviceId): Promise<boolean> {
    const written = await this.#db.write([guarded(REMOVE({ tenant, id }), 1, 'not-there'), moveEpoch]);
    return written.kind === 'done';
  }
}

const mapped = (rows: readonly [DeviceTable, ...DeviceTable[]], query: (row: DeviceTable) => Query): [Query, ...Query[]] => {
  const [first, ...others] = rows;
  return [query(first), ...others.map(query)];
};

const toRow = ({ tenant, id, registeredBy, registeredAt, details }: Device): DeviceTable => ({
  tenant,
  id,
  registered_by: registeredBy,
  registered_at: registeredAt.toISOString(),
  details: JSON.stringify(details),
});

const toDevice = (row: DeviceTable): Device => ({
  tenant: row.tenant as TenantId,
  id: row.id as DeviceId,
  registeredBy: row.registered_by === 'bulk' ? 'bulk' : 'auto',
  registeredAt: new Date(row.registered_at),
  details: JSON.parse(row.details) as Device['details'],
});

/** The primary key settles a race; a look-up before could not. */
const INSERT = prepared((p: DeviceTable) =>
  tables
    .insertInto('device')
    .values({ tenant: p.tenant, id: p.id, registered_by: p.registered_by, registered_at: p.registered_at, details: p.details })
    .onConflict((conflict) => conflict.columns(['tenant', 'id']).doNothing()),
);

const SET_DETAILS = prepared((p: { tenant: string; id: string; details: string }) =>
  tables.updateTable('device').set({ details: p.details }).where('tenant', '=', p.tenant).where('id', '=', p.id),
);

const devices = tables.selectFrom('device').selectAll();

const FIND = prepared((p: { tenant: string; id: string }) => devices.where('tenant', '=', p.tenant).where('id', '=', p.id));

const PAGE = prepared((p: { tenant: string; after: string; limit: number }) =>
  devices.where('tenant', '=', p.tenant).where('id', '>', p.after).orderBy('id').limit(p.limit),
);

const REMOVE = prepared((p: { tenant: string; id: string }) =>
  tables.deleteFrom('device').where('tenant', '=', p.tenant).where('id', '=', p.id),
);
