import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Lease, Leases } from '../../ports/driven/leases.ts';

const NAME = 'start';
const AGAIN_MS = 200;
/** Who holds it for longer without a beat is gone: a start takes a second. */
const LAPSE_MS = 20_000;

/** Does `work` while no other process of the fleet does. */
export async function oneAtATime<T>(leases: Leases, work: () => Promise<T>, lapseMs = LAPSE_MS): Promise<T> {
  const holder = randomUUID();
  let seen: Lease | undefined;
  let since = performance.now();
  while ((await leases.keep(NAME, holder)) === 'of-another') {
    const now = (await leases.all()).find(({ name }) => name === NAME);
    if (now?.holder !== seen?.holder) since = performance.now();
    seen = now;
    if (now && performance.now() - since >= lapseMs) await leases.end(now);
    await pause(AGAIN_MS);
  }
  try {
    return await work();
  } finally {
    await leases.release(NAME, holder);
  }
}
