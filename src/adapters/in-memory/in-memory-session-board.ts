import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { RevocableCertificate } from '../../domain/revocation/revocation.ts';
import type { DeviceSession, SessionEnd } from '../../domain/sessions/device-session.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import { keyOf } from './in-memory-state.ts';

interface Entry {
  readonly session: DeviceSession;
  readonly end: (why: SessionEnd) => void;
}

/**
 * The sessions of this process. Finding those to end looks at all of them: withdrawals are rare, and a look at ten thousand takes
 * less than a millisecond.
 */
export class InMemorySessionBoard implements SessionBoard {
  readonly #log: Log;
  readonly #open = new Map<DeviceSession['id'], Entry>();
  /** The session of each device. */
  readonly #ofDevice = new Map<string, DeviceSession['id']>();
  readonly #ofTenant = new Map<TenantId, number>();

  constructor({ log }: { log: Log }) {
    this.#log = log;
  }

  open(session: DeviceSession, end: (why: SessionEnd) => void): void {
    const former = this.#open.get(this.#ofDevice.get(deviceOf(session)) ?? '');
    // The new one is on the board before anyone is told: whoever is told may look.
    if (former) this.close(former.session.id);
    if (this.#open.has(session.id)) this.close(session.id);
    this.#open.set(session.id, { session, end });
    this.#ofTenant.set(session.tenant, this.countOf(session.tenant) + 1);
    this.#ofDevice.set(deviceOf(session), session.id);
    if (former) this.#tell(former, 'taken-over');
  }

  close(id: DeviceSession['id']): void {
    const entry = this.#open.get(id);
    if (!entry) return;
    this.#open.delete(id);
    this.#ofDevice.delete(deviceOf(entry.session));
    const left = this.countOf(entry.session.tenant) - 1;
    if (left > 0) this.#ofTenant.set(entry.session.tenant, left);
    else this.#ofTenant.delete(entry.session.tenant);
  }

  isOpen(id: DeviceSession['id']): boolean {
    return this.#open.has(id);
  }

  endByAnchor(tenant: TenantId, anchor: Fingerprint): number {
    return this.#end('anchor-withdrawn', (session) => session.tenant === tenant && session.anchors.includes(anchor));
  }

  endByDevice(tenant: TenantId, device: DeviceId, why: Parameters<SessionBoard['endByDevice']>[2] = 'device-removed'): number {
    return this.#end(why, (session) => session.tenant === tenant && session.device === device);
  }

  endByCertificate(tenant: TenantId, isRevoked: (certificate: RevocableCertificate) => boolean): number {
    return this.#end('certificate-revoked', (session) => session.tenant === tenant && session.path.some(isRevoked));
  }

  endByRules(tenant: TenantId, isAgainst: (session: DeviceSession) => boolean): number {
    return this.#end('rules-not-met', (session) => session.tenant === tenant && isAgainst(session));
  }

  endByTenant(tenant: TenantId): number {
    return this.#end('tenant-suspended', (session) => session.tenant === tenant);
  }

  endAll(): number {
    return this.#end('server-shutting-down', () => true);
  }

  endTaken(id: DeviceSession['id']): boolean {
    return this.#end('taken-over', (session) => session.id === id) > 0;
  }

  openOf(tenant: TenantId): readonly DeviceSession[] {
    return [...this.#open.values()].map(({ session }) => session).filter((session) => session.tenant === tenant);
  }

  async everywhere(tenant: TenantId): Promise<readonly DeviceSession[]> {
    return this.openOf(tenant);
  }

  count(): number {
    return this.#open.size;
  }

  countOf(tenant: TenantId): number {
    return this.#ofTenant.get(tenant) ?? 0;
  }

  hasDevice(tenant: TenantId, device: DeviceId): boolean {
    return this.#ofDevice.has(keyOf(tenant, device));
  }

  #end(why: SessionEnd, concerns: (session: DeviceSession) => boolean): number {
    const concerned = [...this.#open.values()].filter(({ session }) => concerns(session));
    let ended = 0;
    for (const entry of concerned) {
      // Somebody who was told before may have closed it, or taken it over.
      if (this.#open.get(entry.session.id) !== entry) continue;
      this.close(entry.session.id);
      this.#tell(entry, why);
      ended += 1;
    }
    return ended;
  }

  #tell({ session, end }: Entry, why: SessionEnd): void {
    try {
      end(why);
    } catch (error) {
      this.#log.error({ session: session.id, why, error: String(error) }, 'A session could not be ended in order.');
    }
  }
}

const deviceOf = ({ tenant, device }: DeviceSession): string => keyOf(tenant, device);
