import { ContainerModule } from 'inversify';
import { DeviceInboxes } from '../../ports/driven/device-inboxes.ts';
import { Log } from '../../ports/driven/log.ts';
import { LocalSessions } from '../../ports/driven/session-board.ts';
import { provide } from '../composition/provide.ts';
import { InMemoryDeviceInboxes } from './in-memory-device-inboxes.ts';
import { InMemorySessionBoard } from './in-memory-session-board.ts';

/** The live sessions of this process, and the ways to their devices. */
export const inMemorySessionsModule = new ContainerModule((options) => {
  provide(options, LocalSessions, { log: Log }, (given) => new InMemorySessionBoard(given));
  provide(options, DeviceInboxes, { log: Log }, (given) => new InMemoryDeviceInboxes(given));
});
