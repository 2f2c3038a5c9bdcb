import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { StoreHealth } from '../../ports/driven/store-health.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { AuditTrail } from '../../ports/driven/audit-trail.ts';
import type { ChangeFeed } from '../../ports/driven/change-feed.ts';
import type { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Figures } from '../../ports/driven/figures.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { Metrics } from '../../ports/driven/metrics.ts';
import type { Tracer } from '../../ports/driven/tracer.ts';
import type { TokenSigner } from '../../ports/driven/token-signer.ts';
import type { UploadDecoder } from '../../ports/driven/upload-decoder.ts';
import type { PathTemplate } from '../../domain/access/path-template.ts';
import type { AccessDesk } from '../../ports/driving/access-desk.ts';
import type { AuditDesk } from '../../ports/driving/audit-desk.ts';
import type { DeviceDesk } from '../../ports/driving/device-desk.ts';
import type { DeviceGate } from '../../ports/driving/device-gate.ts';
import type { ForecastDesk } from '../../ports/driving/forecast-desk.ts';
import type { ImpactDesk } from '../../ports/driving/impact-desk.ts';
import type { PossessionDesk } from '../../ports/driving/possession-desk.ts';
import type { CertificateDesk } from '../../ports/driving/certificate-desk.ts';
import type { InventoryDesk } from '../../ports/driving/inventory-desk.ts';
import type { RefusalCount } from '../../ports/driving/refusal-count.ts';
import type { LiveExplainDesk } from '../../ports/driving/live-explain-desk.ts';
import type { RefusalDesk } from '../../ports/driving/refusal-desk.ts';
import type { RegistrationDesk } from '../../ports/driving/registration-desk.ts';
import type { RevocationListDesk } from '../../ports/driving/revocation-list-desk.ts';
import type { ResponderDesk } from '../../ports/driving/responder-desk.ts';
import type { ReportDesk } from '../../ports/driving/report-desk.ts';
import type { RolloverDesk } from '../../ports/driving/rollover-desk.ts';
import type { RevocationDesk } from '../../ports/driving/revocation-desk.ts';
import type { TenantDesk } from '../../ports/driving/tenant-desk.ts';
import type { TokenDesk } from '../../ports/driving/token-desk.ts';
import type { TrustDesk } from '../../ports/driving/trust-desk.ts';
import type { Peer } from '../tls/peer.ts';
import type { UserDesk } from '../../ports/driving/user-desk.ts';
import type { Links } from './links.ts';
import type { ReadyCheck } from './readiness.ts';

/** All that routes may ask. Each takes what it needs out of it. */
export interface RouteNeeds {
  readonly access: AccessDesk;
  readonly gate: DeviceGate;
  readonly tokens: TokenDesk;
  readonly trust: TrustDesk;
  readonly possession: PossessionDesk;
  readonly revocationLists: RevocationListDesk;
  readonly responders: ResponderDesk;
  readonly tenants: TenantDesk;
  readonly registration: RegistrationDesk;
  readonly devices: DeviceDesk;
  readonly inventory: InventoryDesk;
  readonly reports: ReportDesk;
  readonly certificates: Pick<CertificateDesk, 'seenOf'>;
  readonly impact: ImpactDesk;
  readonly rollovers: RolloverDesk;
  readonly forecast: Pick<ForecastDesk, 'of'>;
  readonly refusals: Pick<RefusalDesk, 'list'>;
  readonly explaining: LiveExplainDesk;
  readonly revocations: RevocationDesk;
  readonly users: UserDesk;
  readonly signer: TokenSigner;
  readonly feed: Pick<ChangeFeed, 'note'>;
  readonly store: StoreHealth;
  readonly audit: AuditLog;
  readonly trail: Pick<AuditTrail, 'append'>;
  readonly audits: AuditDesk;
  readonly refusalCount: RefusalCount;
  readonly metrics: Pick<Metrics, 'count' | 'took'>;
  readonly figures: Figures;
  readonly tracer: Tracer;
  /** Who may read the figures without a password (D-58). */
  readonly metricsFor: 'loopback' | 'login' | 'off';
  readonly clock: Clock;
  readonly log: Log;
  readonly links: Links;
  readonly readyChecks?: readonly ReadyCheck[];
  readonly decoder: UploadDecoder;
  readonly reader: CertificateReader;
  /** Who TLS says is there; undefined where the request did not come over mutual TLS. */
  readonly peerOf: (request: FastifyRequest) => Peer | undefined;
  /** What of the instance clients may know. */
  readonly system: { readonly sharedTrust: boolean; readonly version: string };
  /** Largest bulk file in bytes. */
  readonly bulkMaxBytes: number;
  /** Where devices may go behind a proxy that asks /auth/forward; empty: anywhere. */
  readonly forwardPaths: readonly PathTemplate[];
  /** Directory where results of bulk registrations wait until they are sent. */
  readonly spoolDir: string;
}

/** One file of routes. It adds them to `app`; those of `PROTECTED_ROUTES` find a principal in every request. */
export type Routes = (app: FastifyInstance, needs: RouteNeeds) => Promise<void>;
