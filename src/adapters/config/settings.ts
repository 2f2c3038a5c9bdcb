import type { PathTemplate } from '../../domain/access/path-template.ts';
import { token } from '../../ports/token.ts';
import type { SinkAddress } from './sink-address.ts';

/** Everything an operator can set, parsed and checked. Each module hands its adapters just their slice. */
export interface Settings {
  readonly dataDir: string;
  /** Processes that share the ports; 1: this one alone. */
  readonly workers: number;
  readonly bind: string;
  readonly mqttTlsPorts: readonly number[];
  /** Undefined: off. */
  readonly mqttTcpPort?: number;
  /** Undefined: off. */
  readonly httpsPort?: number;
  /** Undefined: off. */
  readonly mtlsPort?: number;
  /** Undefined: off. Loopback only, whatever `bind` says. */
  readonly httpPort?: number;
  /** Base of the absolute URLs in answers, without a trailing slash; undefined: taken from the request. */
  readonly publicUrl?: string;
  /** PEM files; both or neither. */
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  /** Names of the development server certificate beside localhost. */
  readonly serverNames: readonly string[];
  /** `sqlite:<file>`, `postgres://…` or `memory:`. It may hold a password. */
  readonly databaseUrl: string;
  readonly sharedTrust: boolean;
  /** Whether what tenants name to be fetched may be on loopback and private networks (D-74). */
  readonly fetchFromNeighbours: boolean;
  readonly tokenAlgorithm: 'ES256' | 'RS256' | 'EdDSA';
  readonly bulkMaxBytes: number;
  /** Where devices may go behind a proxy that asks /auth/forward; empty: anywhere. */
  readonly forwardPaths: readonly PathTemplate[];
  readonly sink: SinkAddress;
  /** A webhook's secret, or credentials of NATS. */
  readonly sinkSecretFile?: string;
  /** Undefined: the CAs of the system. */
  readonly sinkCaFile?: string;
  /** Undefined: whatever stream takes the messages. */
  readonly sinkStream?: string;
  readonly sinkQueueBytes: number;
  readonly handshakesInFlight: number;
  readonly handshakesPerAddress: number;
  readonly handshakeTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** Bounds on what comes at a time; `Infinity` is none. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly sessionsPerTenant: number;
  readonly connectsPerTenant: number;
  readonly judgementsPerTenant: number;
  readonly newDevicesPerTenant: number;
  readonly tokensPerDevice: number;
  readonly packetsPerSecond: number;
  readonly sealingKeyFile?: string;
  readonly shutdownGraceMs: number;
  /** Who may read the metrics without a password (D-58). */
  readonly metrics: 'loopback' | 'login' | 'off';
  /** Where traces go, without a trailing slash; undefined: there are none. */
  readonly otlpEndpoint?: string;
  readonly loopAlarmMs: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Paths of extra modules that may replace any port. */
  readonly modules: readonly string[];
  readonly firstTenant: {
    readonly tenant: string;
    readonly domain: string;
    readonly adminUser: string;
    /** Undefined: generated. */
    readonly adminPassword?: string;
  };
}

export const Settings = token<Settings>('Settings');

/** Whether other processes serve the same fleet: workers beside this one, or other nodes on the same PostgreSQL. */
export const isShared = ({ workers, databaseUrl }: Pick<Settings, 'workers' | 'databaseUrl'>): boolean => workers > 1 || isOnManyNodes({ databaseUrl });

/** Whether nodes that share no files may serve the same fleet. */
export const isOnManyNodes = ({ databaseUrl }: Pick<Settings, 'databaseUrl'>): boolean => /^postgres(ql)?:/.test(databaseUrl);
