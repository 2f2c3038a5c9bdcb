import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import type { CertificateDesk } from '../../ports/driving/certificate-desk.ts';
import type { DeviceDesk } from '../../ports/driving/device-desk.ts';
import { auditEntry } from '../audit/audit-entry.ts';
import { deviceFacts } from '../audit/facts.ts';
import { parseDeviceId } from '../identity/device-id-rules.ts';
import type { Refusal } from '../refusal.ts';
import { LONGEST_REASON, parseBlockReason, type Block } from '../registration/block.ts';
import type { Device } from '../registration/device.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { TenantId } from '../trust/tenant.ts';

interface Needs {
  readonly devices: DeviceRegistry;
  readonly sessions: SessionBoard;
  readonly certificates: Pick<CertificateDesk, 'forget'>;
  readonly clock: Clock;
  readonly audit: AuditLog;
}

const LARGEST_LIST = 2000;

/** Shows a tenant's devices, blocks, unblocks and removes them. */
export class ManageDevices implements DeviceDesk {
  readonly #needs: Needs;

  constructor(needs: Needs) {
    this.#needs = needs;
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
    const known = await this.find(tenant, id);
    if (!known.granted) return known;
    const said = { what: 'device.blocked', tenant, by, subject: known.value.id } as const;
    const block = { reason: why, by, at: clock.now() };
    const states = { before: { block: known.value.block ?? null }, after: { block } };
    const blocked = await devices.setBlock(tenant, known.value.id, block, [auditEntry(said, block.at, states)]);
    if (!blocked) return unknownDevice(id);
    // After the block, so that a connection that slips in between is refused.
    const sessionsEnded = sessions.endByDevice(tenant, blocked.id, 'device-blocked');
    audit.record({ ...said, reason: why, sessionsEnded });
    return grant(blocked);
  }

  async unblock(tenant: TenantId, id: string, by: string): Promise<Decision<Device, Refusal>> {
    const known = await this.find(tenant, id);
    if (!known.granted || !known.value.block) return known;
    const said = { what: 'device.unblocked', tenant, by, subject: known.value.id } as const;
    const states = { before: { block: known.value.block }, after: { block: null } };
    const device = await this.#needs.devices.setBlock(tenant, known.value.id, undefined, [auditEntry(said, this.#needs.clock.now(), states)]);
    if (!device) return unknownDevice(id);
    this.#needs.audit.record(said);
    return grant(device);
  }

  async remove(tenant: TenantId, id: string, by: string): Promise<Decision<undefined, Refusal>> {
    const known = await this.find(tenant, id);
    if (!known.granted) return known;
    const device = known.value;
    if (device.block) return blockStays(device.block);
    // First, so that a store that is out of order leaves a device that can be removed again.
    await this.#needs.certificates.forget(tenant, device.id);
    const said = { what: 'device.removed', tenant, by, subject: device.id } as const;
    const entry = auditEntry(said, this.#needs.clock.now(), { before: deviceFacts(device) });
    if (!(await this.#needs.devices.remove(tenant, device.id, [entry]))) return this.#whyNotRemoved(tenant, id);
    // After the removal, so that a connection that slips in between finds no device any more.
    const sessionsEnded = this.#needs.sessions.endByDevice(tenant, device.id);
    this.#needs.audit.record({ ...said, sessionsEnded });
    return grant(undefined);
  }

  /** Somebody else removed it meanwhile, or blocked it. */
  async #whyNotRemoved(tenant: TenantId, id: string): Promise<Decision<never, Refusal>> {
    const found = await this.find(tenant, id);
    return found.granted && found.value.block ? blockStays(found.value.block) : unknownDevice(id);
  }
}

/** A removed device may register anew (D-20): removal must not be the way round a block. */
const blockStays = ({ reason }: Block): Decision<never, Refusal> => refuse({ code: 'registration.block-stays', evidence: { reason } });

const unknownDevice = (id: string): Decision<never, Refusal> =>
  refuse({ code: 'registration.unknown-device', evidence: { id: id.slice(0, 254) } });
