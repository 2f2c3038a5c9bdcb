import type { Log } from '../../ports/driven/log.ts';
import type { Addressee, Delivery, DeviceInboxes, InboxWatcher, MessageToDevice } from '../../ports/driven/device-inboxes.ts';
import { keyOf } from './in-memory-state.ts';

interface Inbox {
  readonly device: Addressee;
  readonly take: (message: MessageToDevice) => Promise<Delivery>;
}

/** The inboxes of this process. */
export class InMemoryDeviceInboxes implements DeviceInboxes {
  readonly #log: Log;
  readonly #open = new Map<string, Inbox>();
  readonly #watchers = new Set<InboxWatcher>();

  constructor({ log }: { log: Log }) {
    this.#log = log;
  }

  open({ tenant, device }: Addressee, take: (message: MessageToDevice) => Promise<Delivery>): () => void {
    const inbox: Inbox = { device: { tenant, device }, take };
    const key = keyOf(tenant, device);
    const tookPlace = this.#open.has(key);
    this.#open.set(key, inbox);
    if (!tookPlace) this.#tell('opened', inbox.device);
    return () => {
      if (this.#open.get(key) !== inbox) return;
      this.#open.delete(key);
      this.#tell('closed', inbox.device);
    };
  }

  deliver({ tenant, device }: Addressee, message: MessageToDevice): Promise<Delivery> {
    return this.#open.get(keyOf(tenant, device))?.take(message) ?? Promise.resolve('no-session');
  }

  watch(watcher: InboxWatcher): () => void {
    this.#watchers.add(watcher);
    for (const { device } of this.#open.values()) this.#tellOne(watcher, 'opened', device);
    return () => void this.#watchers.delete(watcher);
  }

  #tell(what: keyof InboxWatcher, device: Addressee): void {
    for (const watcher of this.#watchers) this.#tellOne(watcher, what, device);
  }

  #tellOne(watcher: InboxWatcher, what: keyof InboxWatcher, device: Addressee): void {
    try {
      watcher[what](device);
    } catch (error) {
      this.#log.error({ ...device, error: String(error) }, 'An inbox could not be told about: messages from elsewhere may not reach this device.');
    }
  }
}
