import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import type { Identifiers } from '../../ports/driven/identifiers.ts';
import type { ObjectStore } from '../../ports/driven/object-store.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { BulkAnswer, BulkRow, RegistrationDesk } from '../../ports/driving/registration-desk.ts';
import { importEntries } from '../audit/import-entries.ts';
import type { Refusal } from '../refusal.ts';
import { bulkRow } from '../registration/bulk-row.ts';
import type { Device } from '../registration/device.ts';
import type { BulkObject } from '../registration/bulk-object.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import { MANAGEMENT, type TenantId } from '../trust/tenant.ts';
import { BulkObjects } from './bulk-objects.ts';
import { BulkFile, MOST_ROWS } from './bulk-file.ts';

interface Needs {
  readonly devices: DeviceRegistry;
  readonly tenants: TenantDirectory;
  readonly objects: ObjectStore;
  readonly identifiers: Identifiers;
  readonly clock: Clock;
  readonly audit: AuditLog;
  /** Rows of one file, good or bad; 1,000,000 unless told. */
  readonly mostRows?: number;
}

/** Rows in one transaction: enough that the fsync no longer counts, few enough that other writers wait for milliseconds. */
const BATCH = 500;

/**
 * Registers devices by bulk.
 *
 * Memory of one running `register`: a batch of rows (500 × at most 64 Ki characters) and the ids of the file so far, which is what
 * C04 costs: see `BulkFile` for its bound.
 */
export class RegisterDevices implements RegistrationDesk {
  readonly #needs: Needs;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  async *register(tenant: TenantId, rows: AsyncIterable<BulkRow>, by: string): AsyncGenerator<BulkAnswer, void, void> {
    const file = new BulkFile(tenant, this.#needs.mostRows ?? MOST_ROWS);
    const objects = new BulkObjects(this.#needs, by);
    try {
      for await (const batch of inBatches(rows, file)) {
        const answers = await this.#settle(batch, file, objects, by);
        for (const answer of answers) yield answer;
      }
      const unread = file.firstUnread;
      if (unread) yield failed(unread, { code: 'bulk.too-many-rows', evidence: { 'first line not read': unread.line } });
    } finally {
      for (const { tenant: target, subject } of file.summary()) {
        this.#needs.audit.record({ what: 'devices.imported', tenant: target, by, subject });
      }
    }
  }

  /** The answers to a batch, in its order, when all of its devices are durable. Objects first: a row whose object cannot be makes no device (D-35). */
  async #settle(batch: readonly BulkRow[], file: BulkFile, objects: BulkObjects, by: string): Promise<readonly BulkAnswer[]> {
    const judged: (BulkAnswer | Wish)[] = [];
    for (const row of batch) judged.push(await this.#judge(row, file));
    const settled = await withObjects(judged, batch, file, objects);
    const devices = settled.flatMap((each) => ('line' in each ? [] : [each.device]));
    const results = devices.length === 0 ? [] : await this.#needs.devices.registerAll(devices, importEntries(devices, by, this.#needs.clock.now()));
    let next = 0;
    return settled.map((each, i): BulkAnswer => {
      if ('line' in each) return each;
      const result = results[next++]!;
      const { tenant, id } = each.device;
      file.count(tenant, result);
      return { line: batch[i]!.line, id, result, device: id };
    });
  }

  async #judge(row: BulkRow, file: BulkFile): Promise<BulkAnswer | Wish> {
    const refusal = (why: Refusal): BulkAnswer => {
      file.count(file.tenant, 'failed');
      return failed(row, why);
    };
    if ('unreadable' in row) return refusal(row.unreadable);
    const wish = bulkRow(row.cells);
    if (!wish.granted) return refusal(wish.refusal);
    const { id, details, object } = wish.value;
    const tenant = await this.#tenantOf(file, wish.value.tenant);
    if (!tenant.granted) return refusal(tenant.refusal);
    const firstLine = file.enter(tenant.value, id, row.line);
    if (firstLine !== undefined) {
      return refusal({ code: 'bulk.duplicate-id', evidence: { 'first line': firstLine, 'second line': row.line } });
    }
    const device: Device = { tenant: tenant.value, id, registeredBy: 'bulk', registeredAt: this.#needs.clock.now(), details };
    return { device, ...(object && { object }) };
  }

  /** Whose the row's device will be (T10). The management tenant has no devices of its own. */
  async #tenantOf(file: BulkFile, named: TenantId | undefined): Promise<Decision<TenantId, Refusal>> {
    const target = named ?? file.tenant;
    if (target !== MANAGEMENT && (target === file.tenant || file.knows(target))) return grant(target);
    const mayName = file.tenant === MANAGEMENT && target !== MANAGEMENT;
    if (mayName && (await this.#needs.tenants.find(target))) {
      file.learn(target);
      return grant(target);
    }
    return refuse({ code: 'bulk.tenant', evidence: { TENANT: `'${named ?? ''}'`, 'tenant of the upload': file.tenant } });
  }
}

/** What a row asks for that may be. */
interface Wish {
  readonly device: Device;
  readonly object?: BulkObject;
}

async function withObjects(judged: readonly (BulkAnswer | Wish)[], batch: readonly BulkRow[], file: BulkFile, objects: BulkObjects): Promise<readonly (BulkAnswer | Wish)[]> {
  const rows = judged.flatMap((each) => ('line' in each || !each.object ? [] : [{ tenant: each.device.tenant, device: each.device.id, wish: each.object }]));
  const refusals = rows.length === 0 ? [] : await objects.settleAll(rows);
  let next = 0;
  return judged.map((each, i) => {
    const refusal = 'line' in each || !each.object ? undefined : refusals[next++];
    if (!refusal || 'line' in each) return each;
    file.count(each.device.tenant, 'failed');
    return failed(batch[i]!, refusal);
  });
}

/** Groups rows, and stops reading at the row that is one too many. */
async function* inBatches(rows: AsyncIterable<BulkRow>, file: BulkFile): AsyncGenerator<readonly BulkRow[], void, void> {
  let batch: BulkRow[] = [];
  for await (const row of rows) {
    if (!file.admits(row)) break;
    batch.push(row);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

const failed = (row: BulkRow, refusal: Refusal): BulkAnswer => ({
  line: row.line,
  id: 'cells' in row ? (row.cells['ID'] ?? '').slice(0, 254) : '',
  result: 'failed',
  refusal,
});
