import type { DeviceId } from '../identity/device-identity.ts';
import { userNameOf } from '../identity/device-identity.ts';
import { AGENT_FRAGMENTS, DEFAULT_TYPE, defaultName } from '../inventory/device-object.ts';
import { objectIdOf, SERIAL, type ExternalId, type Fragments, type ManagedObject } from '../inventory/managed-object.ts';
import { mergeFragments } from '../inventory/merge-fragments.ts';
import { isObjectText, judgeFragments } from '../inventory/object-rules.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Identifiers } from '../../ports/driven/identifiers.ts';
import type { ObjectStore } from '../../ports/driven/object-store.ts';
import type { DeviceObjectDesk } from '../../ports/driving/device-object-desk.ts';
import { changeObject } from './change-object.ts';

export interface KeepDeviceObjectsNeeds {
  readonly objects: ObjectStore;
  readonly identifiers: Identifiers;
  readonly clock: Clock;
}

interface Introduced {
  readonly tenant: TenantId;
  readonly device: DeviceId;
}

const MOST_CHILDREN = 1_000;

/** What devices say of themselves by SmartREST, kept as their managed objects. */
export class KeepDeviceObjects implements DeviceObjectDesk {
  readonly #needs: KeepDeviceObjectsNeeds;

  constructor(needs: KeepDeviceObjectsNeeds) {
    this.#needs = needs;
  }

  async introduce(device: Introduced, { name, type }: { readonly name: string; readonly type: string }): Promise<'created' | 'already-there'> {
    const { objects, identifiers, clock } = this.#needs;
    for (;;) {
      const now = clock.now();
      const object: ManagedObject = {
        tenant: device.tenant,
        id: objectIdOf(identifiers.next()),
        owner: userNameOf(device.device),
        type: usable(type) || DEFAULT_TYPE,
        name: usable(name) || defaultName(device.device),
        ...{ creationTime: now, lastUpdated: now, fragments: AGENT_FRAGMENTS, revision: 1 },
      };
      // The first look spares the disk: agents introduce themselves at every start.
      if (await objects.findByExternalId(device.tenant, serialOf(device))) return 'already-there';
      const added = await objects.add(object, { externalIds: [serialOf(device)] });
      if (added !== 'id-taken') return added === 'added' ? 'created' : 'already-there';
    }
  }

  async objectOf(device: Introduced): Promise<string | undefined> {
    return (await this.#own(device))?.id;
  }

  async childrenOf(device: Introduced): Promise<readonly string[]> {
    const own = await this.#own(device);
    return own ? this.#needs.objects.externalIdsOfChildren(device.tenant, own.id, 'childDevices', SERIAL, MOST_CHILDREN) : [];
  }

  async setFragments(device: Introduced, fragments: Fragments): Promise<boolean> {
    const own = await this.#own(device);
    if (!own) return false;
    const changed = await changeObject(this.#needs, own, (before) => {
      const merged = mergeFragments(before.fragments, fragments);
      const judged = judgeFragments(merged);
      return judged.granted ? { granted: true, value: { ...before, fragments: merged } } : judged;
    });
    return changed.granted;
  }

  /** D-34: an object that has the serial and belongs to somebody else is not the device's. */
  async #own(device: Introduced): Promise<ManagedObject | undefined> {
    const found = await this.#needs.objects.findByExternalId(device.tenant, serialOf(device));
    return found?.owner === userNameOf(device.device) ? found : undefined;
  }
}

const serialOf = ({ device }: Introduced): ExternalId => ({ type: SERIAL, externalId: device });

const usable = (text: string): string => (isObjectText(text) ? text : '');
