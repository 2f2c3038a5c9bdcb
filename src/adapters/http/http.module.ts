import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContainerModule } from 'inversify';
import { AuditLog } from '../../ports/driven/audit-log.ts';
import { AuditTrail } from '../../ports/driven/audit-trail.ts';
import { ChangeFeed } from '../../ports/driven/change-feed.ts';
import { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import { Clock } from '../../ports/driven/clock.ts';
import { FeedLag } from '../../ports/driven/feed-lag.ts';
import { Figures } from '../../ports/driven/figures.ts';
import { Log } from '../../ports/driven/log.ts';
import { Metrics } from '../../ports/driven/metrics.ts';
import { ServerCredentials } from '../../ports/driven/server-credentials.ts';
import { StoreHealth } from '../../ports/driven/store-health.ts';
import { Tracer } from '../../ports/driven/tracer.ts';
import { TokenSigner } from '../../ports/driven/token-signer.ts';
import { UploadDecoder } from '../../ports/driven/upload-decoder.ts';
import { AccessDesk } from '../../ports/driving/access-desk.ts';
import { AuditDesk } from '../../ports/driving/audit-desk.ts';
import { DeviceDesk } from '../../ports/driving/device-desk.ts';
import { DeviceGate } from '../../ports/driving/device-gate.ts';
import { LiveExplainDesk } from '../../ports/driving/live-explain-desk.ts';
import { PossessionDesk } from '../../ports/driving/possession-desk.ts';
import { CertificateDesk } from '../../ports/driving/certificate-desk.ts';
import { ForecastDesk } from '../../ports/driving/forecast-desk.ts';
import { ImpactDesk } from '../../ports/driving/impact-desk.ts';
import { InventoryDesk } from '../../ports/driving/inventory-desk.ts';
import { RefusalCount } from '../../ports/driving/refusal-count.ts';
import { RefusalDesk } from '../../ports/driving/refusal-desk.ts';
import { RegistrationDesk } from '../../ports/driving/registration-desk.ts';
import { ReportDesk } from '../../ports/driving/report-desk.ts';
import { RolloverDesk } from '../../ports/driving/rollover-desk.ts';
import { RevocationDesk } from '../../ports/driving/revocation-desk.ts';
import { RevocationListDesk } from '../../ports/driving/revocation-list-desk.ts';
import { ResponderDesk } from '../../ports/driving/responder-desk.ts';
import { TenantDesk } from '../../ports/driving/tenant-desk.ts';
import { TokenDesk } from '../../ports/driving/token-desk.ts';
import { TrustDesk } from '../../ports/driving/trust-desk.ts';
import { UserDesk } from '../../ports/driving/user-desk.ts';
import { HttpDoor } from '../../ports/service.ts';
import { provide } from '../composition/provide.ts';
import { Settings } from '../config/settings.ts';
import { SharedConnectionRoom } from '../tls/connection-room.ts';
import { listenerLimits } from '../tls/listener-limits.ts';
import { createApp } from './app.ts';
import { ConnectedPeers } from './connected-peers.ts';
import { HttpListeners } from './http-listeners.ts';
import { linksFrom } from './links.ts';
import { MutualTlsListener } from './mutual-tls-listener.ts';
import { changesAreHeard } from './readiness.ts';

const DESKS = { refusalCount: RefusalCount, audits: AuditDesk, possession: PossessionDesk, access: AccessDesk, gate: DeviceGate, tokens: TokenDesk, trust: TrustDesk, tenants: TenantDesk, registration: RegistrationDesk, devices: DeviceDesk, users: UserDesk, inventory: InventoryDesk, reports: ReportDesk, impact: ImpactDesk, rollovers: RolloverDesk, forecast: ForecastDesk, certificates: CertificateDesk, refusals: RefusalDesk, explaining: LiveExplainDesk, revocations: RevocationDesk, revocationLists: RevocationListDesk, responders: ResponderDesk };
const WORLD = { feed: ChangeFeed, lag: FeedLag, signer: TokenSigner, store: StoreHealth, audit: AuditLog, trail: AuditTrail, clock: Clock, log: Log, metrics: Metrics, tracer: Tracer, figures: Figures, decoder: UploadDecoder, reader: CertificateReader };

/** The HTTP API on its listeners. Asked for asynchronously. */
export const httpModule = new ContainerModule((options) => {
  provide(
    options,
    HttpDoor,
    { ...DESKS, ...WORLD, settings: Settings, credentials: ServerCredentials, room: SharedConnectionRoom },
    async ({ settings, credentials, room, lag, ...needs }) => {
      const { publicUrl, dataDir, bulkMaxBytes, forwardPaths, bind, httpsPort, mtlsPort, httpPort, sharedTrust, metrics: metricsFor } = settings;
      const shared = settings.workers > 1;
      const spoolDir = join(dataDir, 'tmp');
      const peers = new ConnectedPeers();
      const system = { sharedTrust, version: versionOf() };
      const app = await createApp({ ...needs, bulkMaxBytes, forwardPaths, metricsFor, spoolDir, system, readyChecks: [changesAreHeard(lag)], links: linksFrom(publicUrl), peerOf: ({ raw }) => peers.of(raw.socket) });
      const { log, metrics } = needs;
      const limits = listenerLimits(settings);
      const mutual = (port: number) => new MutualTlsListener({ routing: app.routing, peers, credentials, limits, log, metrics, room, bind, port, shared });
      return new HttpListeners({
        ...{ app, credentials, log, room, bind, shared },
        ...(httpsPort !== undefined && { httpsPort }),
        ...(mtlsPort !== undefined && { mutualTls: mutual(mtlsPort) }),
        ...(httpPort !== undefined && { httpPort }),
      });
    },
  );
});

const versionOf = (): string =>
  (JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { readonly version: string }).version;
