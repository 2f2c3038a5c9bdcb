import type { AuditEntry } from '../../domain/audit/audit-entry.ts';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { NewDeviceQuota } from '../../domain/overload/new-device-quota.ts';
import type { Block } from '../../domain/registration/block.ts';
import type { Device } from '../../domain/registration/device.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import { keepAudit } from './in-memory-audit-trail.ts';
import { changed, inOrder, keyOf, type InMemoryState } from './in-memory-state.ts';

export class InMemoryDeviceRegistry implements DeviceRegistry {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async register(device: Device, audit?: readonly AuditEntry[], quotas: readonly NewDeviceQuota[] = []): Promise<'registered' | 'already-there' | { readonly over: NewDeviceQuota }> {
    const devices = this.#devicesOf(device.tenant);
    if (devices.has(device.id)) return 'already-there';
    const over = quotas.find((quota) => this.#counting(device.tenant, quota).count >= quota.most);
    if (over) return { over };
    for (const quota of quotas) {
      const { hour, count } = this.#counting(device.tenant, quota);
      this.#state.newDevices.set(keyOf(device.tenant, quota.of), { hour, count: count + 1 });
    }
    devices.set(device.id, device);
    keepAudit(this.#state, audit);
    return 'registered';
  }

  async newDevices(tenant: TenantId, quota: Pick<NewDeviceQuota, 'of' | 'hour'>): Promise<number> {
    return this.#counted(tenant, quota);
  }

  async registerAll(devices: readonly Device[], audit?: readonly AuditEntry[]): Promise<readonly ('registered' | 'updated')[]> {
    if (devices.length > 0) keepAudit(this.#state, audit);
    return devices.map((device) => {
      const known = this.#devicesOf(device.tenant).get(device.id);
      this.#devicesOf(device.tenant).set(device.id, known ? { ...known, details: device.details } : device);
      return known ? 'updated' : 'registered';
    });
  }

  async find(tenant: TenantId, id: DeviceId): Promise<Device | undefined> {
    return this.#state.devices.get(tenant)?.get(id);
  }

  async listOf(tenant: TenantId, after: DeviceId | undefined, limit: number): Promise<readonly Device[]> {
    const devices = [...(this.#state.devices.get(tenant)?.values() ?? [])];
    return devices
      .filter(({ id }) => after === undefined || id > after)
      .sort((a, b) => inOrder(a.id, b.id))
      .slice(0, limit);
  }

  async count(tenant: TenantId): Promise<number> {
    return this.#state.devices.get(tenant)?.size ?? 0;
  }

  async setBlock(tenant: TenantId, id: DeviceId, block: Block | undefined, audit?: readonly AuditEntry[]): Promise<Device | undefined> {
    const known = this.#state.devices.get(tenant)?.get(id);
    if (!known) return undefined;
    const { block: _, ...unblocked } = known;
    const device: Device = { ...unblocked, ...(block && { block }) };
    this.#devicesOf(tenant).set(id, device);
    changed(this.#state, { tenant, kind: 'device', subject: id });
    keepAudit(this.#state, audit);
    return device;
  }

  async remove(tenant: TenantId, id: DeviceId, audit?: readonly AuditEntry[]): Promise<boolean> {
    if (this.#state.devices.get(tenant)?.get(id)?.block) return false;
    const removed = this.#state.devices.get(tenant)?.delete(id) ?? false;
    if (!removed) return false;
    changed(this.#state, { tenant, kind: 'device', subject: id });
    keepAudit(this.#state, audit);
    return true;
  }

  #counted(tenant: TenantId, { of, hour }: Pick<NewDeviceQuota, 'of' | 'hour'>): number {
    const known = this.#state.newDevices.get(keyOf(tenant, of));
    return known?.hour === hour ? known.count : 0;
  }

  /** The hour in which one more counts, and how many are there. */
  #counting(tenant: TenantId, { of, hour }: NewDeviceQuota): { readonly hour: number; readonly count: number } {
    const known = this.#state.newDevices.get(keyOf(tenant, of));
    return known && [0, 1].includes(known.hour - hour) ? known : { hour, count: 0 };
  }

  #devicesOf(tenant: TenantId): Map<string, Device> {
    const devices = this.#state.devices.get(tenant) ?? new Map<string, Device>();
    this.#state.devices.set(tenant, devices);
    return devices;
  }
}
