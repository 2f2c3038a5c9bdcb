import type { Fingerprint, Thumbprint } from '../../domain/certificates/certificate.ts';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { MOST_SEEN, type SeenCertificate, type SeenCertificates } from '../../ports/driven/seen-certificates.ts';
import { inOrder, keyOf, type InMemoryState } from './in-memory-state.ts';

export class InMemorySeenCertificates implements SeenCertificates {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async remember(seen: SeenCertificate): Promise<void> {
    const key = keyOf(seen.tenant, seen.device);
    const before = this.#state.seenCertificates.get(key) ?? [];
    const former = before.find(({ thumbprint }) => thumbprint === seen.thumbprint);
    if (former && former.lastSeen >= seen.lastSeen) return;
    const all = [...before.filter((each) => each !== former), former ? { ...former, lastSeen: seen.lastSeen, fingerprint: seen.fingerprint, issuer: seen.issuer } : seen];
    all.sort((a, b) => b.lastSeen.getTime() - a.lastSeen.getTime() || inOrder(a.thumbprint, b.thumbprint));
    this.#state.seenCertificates.set(key, all.slice(0, MOST_SEEN));
  }

  async of(tenant: TenantId, device: DeviceId): Promise<readonly SeenCertificate[]> {
    return this.#state.seenCertificates.get(keyOf(tenant, device)) ?? [];
  }

  async find(tenant: TenantId, print: Fingerprint | Thumbprint): Promise<SeenCertificate | undefined> {
    const all = [...this.#state.seenCertificates.values()].flat();
    return all.find((seen) => seen.tenant === tenant && (seen.thumbprint === print || seen.fingerprint === print));
  }

  async forget(tenant: TenantId, device: DeviceId): Promise<void> {
    this.#state.seenCertificates.delete(keyOf(tenant, device));
  }
}
