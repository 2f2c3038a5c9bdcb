import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { BulkAnswer, BulkRow, RegistrationDesk } from '../../ports/driving/registration-desk.ts';
import { parseDeviceId } from '../identity/device-id-rules.ts';
import type { Refusal } from '../refusal.ts';
import { bulkRow } from '../registration/bulk-row.ts';
import { LONGEST_REASON, parseBlockReason } from '../registration/block.ts';
import type { Device } from '../registration/device.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import { MANAGEMENT, type TenantId } from '../trust/tenant.ts';
import { BulkFile, MOST_ROWS } from './bulk-file.ts';

interface Needs {
  readonly devices: DeviceRegistry;
  readonly tenants: TenantDirectory;
  readonly sessions: SessionBoard;
  readonly clock: Clock;
  readonly audit: AuditLog;
  /** Rows of one file, good or bad; 1,000,000 unless told. */
  readonly mostRows?: number;
}

/** Rows in one transaction: enough that the fsync no longer counts, few enough that other writers wait for milliseconds. */
const BATCH = 500;
const LARGEST_LIST = 2000;

/**
 * Registers devices by bulk, shows and removes them.
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
    try {
      for await (const batch of inBatches(rows, file)) {
        const answers = await this.#settle(batch, file);
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

  async find(tenant: TenantId, id: string): Promise<Decision<Device, Refusal>> {
    const device = parseDeviceId(id);
    const found = device.granted ? await this.#needs.devices.find(tenant, device.value) : undefined;
    return found ? grant(found) : unknownDevice(id);
  }

  async list(tenant: TenantId, after: string | undefined, limit: number): Promise<readonly Device[]> {
    const from = after === undefined ? undefined : parseDeviceId(after);
    // Nothing comes after an id that no device can have: to start anew would send a client round in circles.
    if (from?.granted === false) return [];
    return this.#needs.devices.listOf(tenant, from?.value, Math.min(Math.max(limit, 1), LARGEST_LIST));
  }

  async block(tenant: TenantId, id: string, reason: string, by: string): Promise<Decision<Device, Refusal>> {
    const { devices, sessions, clock, audit } = this.#needs;
    const why = parseBlockReason(reason);
    if (why === undefined) return refuse({ code: 'registration.block-reason', evidence: { characters: reason.length, most: LONGEST_REASON } });
    const device = parseDeviceId(id);
    const blocked = device.granted ? await devices.setBlock(tenant, device.value, { reason: why, by, at: clock.now() }) : undefined;
    if (!blocked) return unknownDevice(id);
    // After the block, so that a connection that slips in between is refused.
    const sessionsEnded = sessions.endByDevice(tenant, blocked.id, 'device-blocked');
    audit.record({ what: 'device.blocked', tenant, by, subject: blocked.id, reason: why, sessionsEnded });
    return grant(blocked);
  }

  async unblock(tenant: TenantId, id: string, by: string): Promise<Decision<Device, Refusal>> {
    const known = await this.find(tenant, id);
    if (!known.granted || !known.value.block) return known;
    const device = await this.#needs.devices.setBlock(tenant, known.value.id, undefined);
    if (!device) return unknownDevice(id);
    this.#needs.audit.record({ what: 'device.unblocked', tenant, by, subject: device.id });
    return grant(device);
  }

  async remove(tenant: TenantId, id: string, by: string): Promise<Decision<undefined, Refusal>> {
    const device = parseDeviceId(id);
    if (!device.granted || !(await this.#needs.devices.remove(tenant, device.value))) return this.#whyNotRemoved(tenant, id);
    // After the removal, so that a connection that slips in between finds no device any more.
    const sessionsEnded = this.#needs.sessions.endByDevice(tenant, device.value);
    this.#needs.audit.record({ what: 'device.removed', tenant, by, subject: device.value, sessionsEnded });
    return grant(undefined);
  }

  /** A removed device may register anew (D-20): removal must not be the way round a block. */
  async #whyNotRemoved(tenant: TenantId, id: string): Promise<Decision<never, Refusal>> {
    const found = await this.find(tenant, id);
    return found.granted && found.value.block ? refuse({ code: 'registration.block-stays', evidence: { reason: found.value.block.reason } }) : unknownDevice(id);
  }

  /** The answers to a batch, in its order, when all of its devices are durable. */
  async #settle(batch: readonly BulkRow[], file: BulkFile): Promise<readonly BulkAnswer[]> {
    const judged: (BulkAnswer | Device)[] = [];
    for (const row of batch) judged.push(await this.#judge(row, file));
    const devices = judged.filter((each): each is Device => !('line' in each));
    const results = devices.length === 0 ? [] : await this.#needs.devices.registerAll(devices);
    let next = 0;
    return judged.map((each, i): BulkAnswer => {
      if ('line' in each) return each;
      const result = results[next++]!;
      file.count(each.tenant, result);
      return { line: batch[i]!.line, id: each.id, result, device: each.id };
    });
  }

  async #judge(row: BulkRow, file: BulkFile): Promise<BulkAnswer | Device> {
    const refusal = (why: Refusal): BulkAnswer => {
      file.count(file.tenant, 'failed');
      return failed(row, why);
    };
    if ('unreadable' in row) return refusal(row.unreadable);
    const wish = bulkRow(row.cells);
    if (!wish.granted) return refusal(wish.refusal);
    const { id, details } = wish.value;
    const tenant = await this.#tenantOf(file, wish.value.tenant);
    if (!tenant.granted) return refusal(tenant.refusal);
    const firstLine = file.enter(tenant.value, id, row.line);
    if (firstLine !== undefined) {
      return refusal({ code: 'bulk.duplicate-id', evidence: { 'first line': firstLine, 'second line': row.line } });
    }
    return { tenant: tenant.value, id, registeredBy: 'bulk', registeredAt: this.#needs.clock.now(), details };
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

const unknownDevice = (id: string): Decision<never, Refusal> =>
  refuse({ code: 'registration.unknown-device', evidence: { id: id.slice(0, 254) } });
