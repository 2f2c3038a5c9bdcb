import { aSinkAddress, aStreamName, withoutQuery } from './sink-address.ts';
import type { ValueForm } from './value-forms.ts';
import {
  aCap, aDatabaseUrl, aDomain, aNumber, anAddress, aPassword, aPath, aPort, aTenantId, aUrl, aUserName, bytes, hostNames, oneOf, onOrOff, pathTemplates, paths, ports,
} from './value-forms.ts';

/** One setting: what it is called outside, what it means, and how its text is read. README prints this table. */
export interface SettingRow<T> extends ValueForm<T> {
  readonly name: `FLEETGATE_${string}`;
  /** Text that stands for the setting when it is absent; for an optional one, words that say what happens then. */
  readonly default: string;
  /** Absent means undefined, and `default` is words. */
  readonly optional?: true;
  /** Never shown, not even when it is wrong. */
  readonly secret?: true;
  /** Printed in src/adapters/config/README.md instead. */
  readonly isBound?: true;
  /** What is shown of a wrong value that may hold a secret. */
  readonly shown?: (text: string) => string;
  readonly meaning: string;
}

const row = <T>(form: ValueForm<T>, rest: Omit<SettingRow<T>, keyof ValueForm<T>>): SettingRow<T> => ({ ...form, ...rest });
/** A row without a default of its own. */
const maybe = <T>(form: ValueForm<T>, rest: Omit<SettingRow<T>, keyof ValueForm<T> | 'optional'>): SettingRow<T | undefined> =>
  ({ ...form, ...rest, optional: true });
/** A row about how much may come at a time. */
const bound = <T>(form: ValueForm<T>, rest: Omit<SettingRow<T>, keyof ValueForm<T>>): SettingRow<T> => ({ ...row(form, rest), isBound: true });

/** By the name the value has in `Settings` (those of the first tenant are put together in `parseSettings`). */
export const SETTINGS = {
  dataDir: row(aPath, { name: 'FLEETGATE_DATA_DIR', default: './data', meaning: 'Folder of everything that must survive: database, keys, certificates. Mode 0700.' }),
  workers: row(aNumber(1, 64, 'a number of processes'), { name: 'FLEETGATE_WORKERS', default: '1', meaning: 'Processes that share the ports and the work; as many as there are cores is a good number.' }),
  bind: row(anAddress, { name: 'FLEETGATE_BIND', default: 'all', meaning: 'Address the TLS listeners bind to.' }),
  mqttTlsPorts: row(ports, { name: 'FLEETGATE_MQTT_TLS_PORTS', default: '1884,8883', meaning: 'MQTT over TLS, where devices come in.' }),
  mqttTcpPort: row(aPort, { name: 'FLEETGATE_MQTT_TCP_PORT', default: 'off', meaning: 'MQTT without TLS. It carries no certificate, so every device is refused there.' }),
  httpsPort: row(aPort, { name: 'FLEETGATE_HTTPS_PORT', default: '4443', meaning: 'HTTP API over TLS.' }),
  mtlsPort: row(aPort, { name: 'FLEETGATE_MTLS_PORT', default: '8443', meaning: 'HTTP API over mutual TLS, where a device gets its token for its certificate.' }),
  httpPort: row(aPort, { name: 'FLEETGATE_HTTP_PORT', default: '8080', meaning: 'HTTP API without TLS, on the loopback address only.' }),
  publicUrl: maybe(aUrl, { name: 'FLEETGATE_PUBLIC_URL', default: 'taken from the request', meaning: 'Base of the absolute links in answers.' }),
  tlsCert: maybe(aPath, { name: 'FLEETGATE_TLS_CERT', default: 'a development certificate is made', meaning: 'PEM file: the server certificate, then its intermediates. Needs FLEETGATE_TLS_KEY.' }),
  tlsKey: maybe(aPath, { name: 'FLEETGATE_TLS_KEY', default: 'a development key is made', meaning: 'PEM file: the private key of the server certificate.' }),
  serverNames: row(hostNames, { name: 'FLEETGATE_SERVER_NAMES', default: 'localhost', meaning: 'Names in the development certificate.' }),
  databaseUrl: maybe(aDatabaseUrl, { name: 'FLEETGATE_DATABASE_URL', default: 'sqlite:fleetgate.sqlite in the data directory', meaning: 'Where tenants, anchors and devices are kept: sqlite:<file>, or postgres://… (src/adapters/persistence/README.md). memory: forgets them at the end.' }),
  sharedTrust: row(onOrOff, { name: 'FLEETGATE_SHARED_TRUST', default: 'off', meaning: 'Whether several tenants may trust one CA certificate.' }),
  fetchFromNeighbours: row(onOrOff, { name: 'FLEETGATE_FETCH_FROM_NEIGHBOURS', default: 'on', meaning: 'Whether revocation lists and OCSP responders that tenants name may be on loopback and private networks. Off: public addresses only.' }),
  tokenAlgorithm: row(oneOf('ES256', 'RS256', 'EdDSA'), { name: 'FLEETGATE_TOKEN_ALGORITHM', default: 'ES256', meaning: 'Signature of device tokens. A change makes a new key at the next start; old tokens stay good.' }),
  sealingKeyFile: maybe(aPath, { name: 'FLEETGATE_SEALING_KEY_FILE', default: 'keys lie in clear, 0600', meaning: 'File of 32 bytes in base64, under which private keys are sealed (src/adapters/signing/README.md).' }),
  bulkMaxBytes: row(bytes, { name: 'FLEETGATE_BULK_MAX_BYTES', default: '512 MB', meaning: 'Largest file of a bulk registration.' }),
  forwardPaths: row(pathTemplates, { name: 'FLEETGATE_FORWARD_PATHS', default: 'off', meaning: 'Where a device may go behind a proxy that asks /auth/forward. Off: anywhere.' }),
  handshakesInFlight: bound(aNumber(1, 4096, 'a number of connections'), { name: 'FLEETGATE_HANDSHAKES_IN_FLIGHT', default: '32', meaning: 'TLS handshakes worked on at one time.' }),
  handshakesPerAddress: bound(aNumber(1, 4096, 'a number of connections'), { name: 'FLEETGATE_HANDSHAKES_PER_ADDRESS', default: '16', meaning: 'The same for one peer address.' }),
  handshakeTimeoutMs: bound(aNumber(100, 120_000, 'milliseconds'), { name: 'FLEETGATE_HANDSHAKE_TIMEOUT_MS', default: '10000', meaning: 'A TLS handshake that takes longer is closed.' }),
  connectTimeoutMs: bound(aNumber(100, 120_000, 'milliseconds'), { name: 'FLEETGATE_CONNECT_TIMEOUT_MS', default: '10000', meaning: 'A connection whose CONNECT packet is not complete by then is closed.' }),
  connections: bound(aCap('connections'), { name: 'FLEETGATE_CONNECTIONS', default: '20000', meaning: 'Connections of the process at one time, through all doors but the HTTP port of the loopback; more are closed at once.' }),
  connectionsPerAddress: bound(aCap('connections'), { name: 'FLEETGATE_CONNECTIONS_PER_ADDRESS', default: '10000', meaning: 'The same for one peer address. Behind a load balancer all devices have one.' }),
  sessionsPerTenant: bound(aCap('sessions'), { name: 'FLEETGATE_SESSIONS_PER_TENANT', default: '15000', meaning: 'Devices of one tenant connected at one time.' }),
  connectsPerTenant: bound(aCap('connects'), { name: 'FLEETGATE_CONNECTS_PER_TENANT', default: '500', meaning: 'Connects of one tenant a second, in the long run; ten times as many at once.' }),
  judgementsPerTenant: bound(aCap('connects'), { name: 'FLEETGATE_JUDGEMENTS_PER_TENANT', default: '64', meaning: 'Connects of one tenant that are decided side by side; others of it wait.' }),
  newDevicesPerTenant: bound(aCap('devices'), { name: 'FLEETGATE_NEW_DEVICES_PER_TENANT', default: '100000', meaning: 'Devices of one tenant that register themselves in an hour. Each CA has the tenant option fleetgate/new-devices.per-hour (10000).' }),
  tokensPerDevice: bound(aCap('requests'), { name: 'FLEETGATE_TOKENS_PER_DEVICE', default: '300', meaning: 'Token requests of one device a minute.' }),
  packetsPerSecond: bound(aCap('packets'), { name: 'FLEETGATE_PACKETS_PER_SECOND', default: '1000', meaning: 'MQTT packets of one connection a second, in the long run; ten times as many at once. More wait.' }),
  sink: row(aSinkAddress, { name: 'FLEETGATE_SINK', default: 'log', shown: withoutQuery, meaning: 'Where messages of devices go: log (without what they say; log:payload with it), off, a webhook, or NATS JetStream.' }),
  sinkSecretFile: maybe(aPath, { name: 'FLEETGATE_SINK_SECRET_FILE', default: 'none', meaning: 'File with the secret that signs webhooks, or the credentials for NATS.' }),
  sinkCaFile: maybe(aPath, { name: 'FLEETGATE_SINK_CA_FILE', default: 'those of the system', meaning: 'PEM file of the CAs, and no others, of which the webhook or NATS must have its certificate.' }),
  sinkStream: maybe(aStreamName, { name: 'FLEETGATE_SINK_STREAM', default: 'any that takes them', meaning: 'NATS: the stream of the messages, which is made if it is not there. Not set: there must be one.' }),
  sinkQueueBytes: row(bytes, { name: 'FLEETGATE_SINK_QUEUE_BYTES', default: '256 MB', meaning: 'Webhook: bytes of messages on disk that wait for the receiver. Full: no message is acknowledged.' }),
  shutdownGraceMs: row(aNumber(0, 600_000, 'milliseconds'), { name: 'FLEETGATE_SHUTDOWN_GRACE_MS', default: '10000', meaning: 'Time that work under way gets after SIGTERM or SIGINT.' }),
  metrics: row(oneOf('loopback', 'login', 'off'), { name: 'FLEETGATE_METRICS', default: 'loopback', meaning: 'Who may read /metrics: administrators of management by password, and with loopback whoever is on this machine, without names of tenants.' }),
  otlpEndpoint: maybe(aUrl, { name: 'FLEETGATE_OTLP_ENDPOINT', default: 'no traces', meaning: 'Collector that gets traces of connects and tokens by OTLP over HTTP, such as http://127.0.0.1:4318 (src/adapters/traces/README.md).' }),
  loopAlarmMs: row(aNumber(20, 60_000, 'milliseconds'), { name: 'FLEETGATE_LOOP_ALARM_MS', default: '200', meaning: 'A hold-up of the event loop that is longer is logged and counted.' }),
  logLevel: row(oneOf('debug', 'info', 'warn', 'error', 'silent'), { name: 'FLEETGATE_LOG_LEVEL', default: 'info', meaning: 'Least level that is logged.' }),
  modules: row(paths, { name: 'FLEETGATE_MODULES', default: '', meaning: 'Extra modules, which may replace any port (src/ports/README.md).' }),
  tenant: row(aTenantId, { name: 'FLEETGATE_TENANT', default: 'main', meaning: 'First start only: id of the first tenant.' }),
  tenantDomain: row(aDomain, { name: 'FLEETGATE_TENANT_DOMAIN', default: 'localhost', meaning: 'First start only: its domain, which is iss and aud of its tokens.' }),
  adminUser: row(aUserName, { name: 'FLEETGATE_ADMIN_USER', default: 'admin', meaning: 'First start only: its administrator, who is also one of the tenant management.' }),
  adminPassword: maybe(aPassword, { name: 'FLEETGATE_ADMIN_PASSWORD', default: 'generated', secret: true, meaning: 'First start only: the password; a generated one is put into initial-admin-password in the data directory.' }),
};

/** Every setting in the order in which people read them. */
export const settingsTable: readonly SettingRow<unknown>[] = Object.values(SETTINGS);
