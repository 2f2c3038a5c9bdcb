import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { RevocableCertificate } from '../../domain/revocation/revocation.ts';
import type { DeviceSession, SessionEnd } from '../../domain/sessions/device-session.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import { MOST_PLACES_AT_ONCE, type OpenSession, type SessionPlaces } from '../../ports/driven/session-places.ts';

export interface SharedSessionBoardNeeds {
  /** The sessions of this process. */
  readonly local: SessionBoard;
  readonly places: SessionPlaces;
  /** Name of this life of this process. */
  readonly holder: string;
  readonly log: Log;
}

/**
 * The sessions of this process, and a note of each where every other process sees it, so that a device has one session among them all (D-15, D-65).
 * No connect waits for its note: notes are written a batch after another, and again where a write failed. Between a takeover and the end of
 * the former session elsewhere lie that write and a look of the other process, less than a second in all.
 */
export class SharedSessionBoard implements SessionBoard {
  readonly #needs: SharedSessionBoardNeeds;
  readonly #open = new Map<DeviceSession['id'], DeviceSession>();
  readonly #toPut = new Map<DeviceSession['id'], DeviceSession>();
  readonly #toRemove = new Map<DeviceSession['id'], DeviceSession>();
  #writing: Promise<void> | undefined;
  #isFailing = false;

  constructor(needs: SharedSessionBoardNeeds) {
    this.#needs = needs;
  }

  open(session: DeviceSession, end: (why: SessionEnd) => void): void {
    this.#open.set(session.id, session);
    this.#toPut.set(session.id, session);
    this.#needs.local.open(session, (why) => {
      this.#isGone(session.id);
      end(why);
    });
    this.#writeSoon();
  }

  close(id: DeviceSession['id']): void {
    this.#needs.local.close(id);
    this.#isGone(id);
  }

  /** Ends what came to other processes in the meantime. Rejects where the store is out of order; then the next look does it. */
  async look(): Promise<void> {
    const { places, holder, local } = this.#needs;
    this.#writeSoon();
    const taken = await places.taken(holder);
    if (taken.length === 0) return;
    for (const { id } of taken) local.endTaken(id);
    await places.settled(holder, taken);
  }

  /** After this process was taken for dead: what it still holds is put down again, and ends where it came to another meanwhile. */
  async reclaim(): Promise<void> {
    const { places, holder, local, log } = this.#needs;
    const lost = await places.claim(holder, [...this.#open.values()]);
    const sessionsEnded = lost.filter(({ id }) => local.endTaken(id)).length;
    log.warn({ sessions: this.#open.size, sessionsEnded }, 'This process was silent for so long that others took it for dead. Its sessions are put down again; those that came to others have ended here.');
  }

  /** Resolves when every note is written, or was tried once. */
  async settle(): Promise<void> {
    this.#writeSoon();
    await this.#writing;
  }

  isOpen = (id: DeviceSession['id']): boolean => this.#needs.local.isOpen(id);
  endTaken = (id: DeviceSession['id']): boolean => this.#needs.local.endTaken(id);
  endByAnchor = (tenant: TenantId, anchor: Fingerprint): number => this.#needs.local.endByAnchor(tenant, anchor);
  endByDevice = (tenant: TenantId, device: DeviceId, why?: Parameters<SessionBoard['endByDevice']>[2]): number => this.#needs.local.endByDevice(tenant, device, why);
  endByCertificate = (tenant: TenantId, isRevoked: (certificate: RevocableCertificate) => boolean): number => this.#needs.local.endByCertificate(tenant, isRevoked);
  endByRules = (tenant: TenantId, isAgainst: (session: DeviceSession) => boolean): number => this.#needs.local.endByRules(tenant, isAgainst);
  endByTenant = (tenant: TenantId): number => this.#needs.local.endByTenant(tenant);
  endAll = (): number => this.#needs.local.endAll();
  openOf = (tenant: TenantId): readonly DeviceSession[] => this.#needs.local.openOf(tenant);
  countOf = (tenant: TenantId): number => this.#needs.local.countOf(tenant);
  hasDevice = (tenant: TenantId, device: DeviceId): boolean => this.#needs.local.hasDevice(tenant, device);
  count = (): number => this.#needs.local.count();

  async everywhere(tenant: TenantId): Promise<readonly OpenSession[]> {
    return this.#needs.places.openOf(tenant);
  }

  #isGone(id: DeviceSession['id']): void {
    const session = this.#open.get(id);
    if (!session) return;
    this.#open.delete(id);
    this.#toRemove.set(id, session);
    this.#writeSoon();
  }

  #writeSoon(): void {
    if (this.#toPut.size + this.#toRemove.size === 0) return;
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
  }

  async #write(): Promise<void> {
    const { places, holder, log } = this.#needs;
    try {
      while (this.#toPut.size + this.#toRemove.size > 0) {
        // First what came, then what went: one that did both still ended the session of its device elsewhere. What goes meanwhile may have come meanwhile.
        const [came, went] = [[...this.#toPut.values()], [...this.#toRemove.values()]];
        await inParts(came, (sessions) => places.put(holder, sessions), this.#toPut);
        await inParts(went, (sessions) => places.remove(holder, sessions), this.#toRemove);
      }
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) log.warn({ error: String(error) }, 'Where devices are connected is not written down for the moment: the store is out of order. A device that comes to another process keeps its session here until then.');
      this.#isFailing = true;
    }
  }
}

/**
 * What could not be written stays, before what came meanwhile: of two sessions of one device the later has the place.
 * What was written goes, part by part: written once more, it would take the place from a session that came elsewhere since.
 */
async function inParts(all: readonly DeviceSession[], write: (some: readonly DeviceSession[]) => Promise<void>, waiting: Map<string, DeviceSession>): Promise<void> {
  for (let from = 0; from < all.length; from += MOST_PLACES_AT_ONCE) {
    const some = all.slice(from, from + MOST_PLACES_AT_ONCE);
    await write(some);
    for (const { id } of some) waiting.delete(id);
  }
}
