import { ContainerModule } from 'inversify';
import { Clock } from '../../ports/driven/clock.ts';
import { DeviceInboxes } from '../../ports/driven/device-inboxes.ts';
import { Identifiers } from '../../ports/driven/identifiers.ts';
import { Log } from '../../ports/driven/log.ts';
import { MessageSink } from '../../ports/driven/message-sink.ts';
import { SinkCounts } from '../../ports/driven/sink-counts.ts';
import { provide } from '../composition/provide.ts';
import { Settings } from '../config/settings.ts';
import { isOpenSink } from './open-sink.ts';
import { openMessageSink } from './open-message-sink.ts';

const NOTHING = { accepted: 0, refused: 0, retried: 0, delivered: 0, deadLettered: 0, queued: 0, queuedBytes: 0 };

/** Where messages of devices go, as the setting FLEETGATE_SINK says. */
export const messageSinksModule = new ContainerModule((options) => {
  provide(options, MessageSink, { settings: Settings, inboxes: DeviceInboxes, identifiers: Identifiers, clock: Clock, log: Log }, ({ settings, ...needs }) =>
    openMessageSink({ address: settings.sink, dataDir: settings.dataDir, secretFile: settings.sinkSecretFile, caFile: settings.sinkCaFile, stream: settings.sinkStream, queueBytes: settings.sinkQueueBytes }, needs),
  ).onDeactivation(async (sink) => {
    // Of this binding, not of the port: what is done for a port is not waited for.
    if (isOpenSink(sink)) await sink.close();
  });
  // A sink of somebody else's making may stand under the port: it need not count.
  provide(options, SinkCounts, { sink: MessageSink }, ({ sink }) => (isOpenSink(sink) ? () => sink.figures() : () => NOTHING));
});
