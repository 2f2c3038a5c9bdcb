import type { Administrator } from '../../domain/access/administrator.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { AdministratorDirectory } from '../../ports/driven/administrator-directory.ts';
import { keyOf, type InMemoryState } from './in-memory-state.ts';

export class InMemoryAdministratorDirectory implements AdministratorDirectory {
  readonly #state: InMemoryState;

  constructor({ state }: { state: InMemoryState }) {
    this.#state = state;
  }

  async find(tenant: TenantId, name: string): Promise<Administrator | undefined> {
    return this.#state.administrators.get(keyOf(tenant, name));
  }

  async put(administrator: Administrator): Promise<void> {
    this.#state.administrators.set(keyOf(administrator.tenant, administrator.name), administrator);
  }
}
