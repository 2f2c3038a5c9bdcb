import type { DeviceId } from '../identity/device-identity.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { SeenPath, SeenPaths } from '../../ports/driven/seen-paths.ts';

/** A page takes less than 1 ms on the event loop; between two of them other work gets its turn. */
const PAGE = 100;

/** The last sight of every device of a tenant, by id, those after `after`. */
export async function* everyPath(paths: Pick<SeenPaths, 'listOf'>, tenant: TenantId, after?: DeviceId): AsyncGenerator<SeenPath> {
  for (let last = after; ; ) {
    const page = await paths.listOf(tenant, last, PAGE);
    yield* page;
    last = page.at(-1)?.device;
    if (page.length < PAGE) return;
  }
}
