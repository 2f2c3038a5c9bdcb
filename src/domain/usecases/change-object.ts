import type { ManagedObject } from '../inventory/managed-object.ts';
import type { Refusal } from '../refusal.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { ObjectStore } from '../../ports/driven/object-store.ts';

/** How often one change is made anew because another one was faster. */
const ATTEMPTS = 20;

/** Changes an object from what it is at that moment: two changes at once are made one after the other, and none is lost. */
export async function changeObject(
  { objects, clock }: { readonly objects: ObjectStore; readonly clock: Clock },
  found: ManagedObject,
  next: (before: ManagedObject) => Decision<ManagedObject, Refusal>,
): Promise<Decision<ManagedObject, Refusal>> {
  let before: ManagedObject | undefined = found;
  for (let attempt = 1; before && attempt <= ATTEMPTS; attempt += 1) {
    const decided = next(before);
    if (!decided.granted) return decided;
    const object: ManagedObject = { ...decided.value, lastUpdated: clock.now(), revision: before.revision + 1 };
    const changed = await objects.change(object);
    if (changed === 'changed') return grant(object);
    before = await objects.find(found.tenant, found.id);
  }
  return refuse(before ? { code: 'inventory.in-motion', evidence: { attempts: ATTEMPTS } } : { code: 'inventory.unknown-object', evidence: { id: found.id } });
}
