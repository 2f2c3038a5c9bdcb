import { ContainerModule } from 'inversify';
import { DeviceInboxes } from '../../ports/driven/device-inboxes.ts';
import { Log } from '../../ports/driven/log.ts';
import { MessageSink } from '../../ports/driven/message-sink.ts';
import { Metrics } from '../../ports/driven/metrics.ts';
import { Tracer } from '../../ports/driven/tracer.ts';
import { ServerCredentials } from '../../ports/driven/server-credentials.ts';
import { DeviceGate } from '../../ports/driving/device-gate.ts';
import { SmartrestDesk } from '../../ports/driving/smartrest-desk.ts';
import { TokenDesk } from '../../ports/driving/token-desk.ts';
import { MqttDoor } from '../../ports/service.ts';
import { provide } from '../composition/provide.ts';
import { Settings } from '../config/settings.ts';
import { CONNECTION_LIMITS } from './connection-limits.ts';
import { serveConnection } from './connection.ts';
import { SharedConnectionRoom } from '../tls/connection-room.ts';
import { listenerLimits } from '../tls/listener-limits.ts';
import { MqttListeners } from './listeners/mqtt-listeners.ts';

/** MQTT over TLS, and over plain TCP if it is on. */
export const mqttModule = new ContainerModule((options) => {
  provide(
    options,
    MqttDoor,
    { settings: Settings, credentials: ServerCredentials, gate: DeviceGate, tokens: TokenDesk, smartrest: SmartrestDesk, sink: MessageSink, inboxes: DeviceInboxes, log: Log, metrics: Metrics, tracer: Tracer, room: SharedConnectionRoom },
    ({ settings, credentials, gate, tokens, smartrest, sink, inboxes, log, metrics, tracer, room }) => {
      const limits = { ...CONNECTION_LIMITS, connectTimeoutMs: settings.connectTimeoutMs, packetsPerSecond: settings.packetsPerSecond };
      return new MqttListeners({
        settings,
        limits: listenerLimits(settings),
        credentials,
        log,
        room,
        metrics,
        serve: (stream, peer) => serveConnection(stream, peer, { gate, tokens, smartrest, sink, inboxes, log, limits, metrics, tracer }),
      });
    },
  );
});
