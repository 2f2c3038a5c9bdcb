import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { SeenPath, SeenPaths } from '../../ports/driven/seen-paths.ts';
import { inOrder, keyOf, type InMemoryState } from './in-memory-state.ts';

export class InMemorySeenPaths implements SeenPaths {
  readonly #state: InMemoryState;
  #turn: Promise<void> = Promise.resolve();

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async remember(path: SeenPath): Promise<void> {
    const key = keyOf(path.tenant, path.device);
    const former = this.#state.seenPaths.get(key);
    if (!former || former.lastSeen <= path.lastSeen) this.#state.seenPaths.set(key, path);
  }

  async of(tenant: TenantId, device: DeviceId): Promise<SeenPath | undefined> {
    const path = await this.withChain(tenant, device);
    return path && withoutChain(path);
  }

  async withChain(tenant: TenantId, device: DeviceId): Promise<SeenPath | undefined> {
    return this.#state.seenPaths.get(keyOf(tenant, device));
  }

  async listOf(tenant: TenantId, after: DeviceId | undefined, limit: number): Promise<readonly SeenPath[]> {
    return (await this.listWithChains(tenant, after, limit)).map(withoutChain);
  }

  async listWithChains(tenant: TenantId, after: DeviceId | undefined, limit: number): Promise<readonly SeenPath[]> {
    this.#turn = this.#turn.then(() => nextTurn());
    await this.#turn;
    const all = [...this.#state.seenPaths.values()].filter((path) => path.tenant === tenant && (after === undefined || path.device > after));
    return all.sort((a, b) => inOrder(a.device, b.device)).slice(0, limit);
  }

  async forget(tenant: TenantId, device: DeviceId): Promise<void> {
    this.#state.seenPaths.delete(keyOf(tenant, device));
  }
}

const withoutChain = ({ chain: _, ...path }: SeenPath): SeenPath => path;
