import { ContainerModule } from 'inversify';
import { AdministratorDirectory } from '../../ports/driven/administrator-directory.ts';
import { AdmissionEpoch } from '../../ports/driven/admission-epoch.ts';
import { AuditTrail } from '../../ports/driven/audit-trail.ts';
import { ChangeFeed } from '../../ports/driven/change-feed.ts';
import { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import { Log } from '../../ports/driven/log.ts';
import { Leases } from '../../ports/driven/leases.ts';
import { Metrics } from '../../ports/driven/metrics.ts';
import { ObjectStore } from '../../ports/driven/object-store.ts';
import { RefusalStore } from '../../ports/driven/refusal-store.ts';
import { ResponderAnswers } from '../../ports/driven/responder-answers.ts';
import { RevocationLists } from '../../ports/driven/revocation-lists.ts';
import { RevocationStore } from '../../ports/driven/revocation-store.ts';
import { SeenCertificates } from '../../ports/driven/seen-certificates.ts';
import { SeenPaths } from '../../ports/driven/seen-paths.ts';
import { SessionPlaces } from '../../ports/driven/session-places.ts';
import { SharedSecrets } from '../../ports/driven/shared-secrets.ts';
import { Successions } from '../../ports/driven/successions.ts';
import { StoreHealth } from '../../ports/driven/store-health.ts';
import { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import { WithdrawnTokens } from '../../ports/driven/withdrawn-tokens.ts';
import { provide } from '../composition/provide.ts';
import { Settings } from '../config/settings.ts';
import { Database } from './database.ts';
import { KyselyAdministratorDirectory } from './kysely-administrator-directory.ts';
import { KyselyAdmissionEpoch } from './kysely-admission-epoch.ts';
import { KyselyAuditTrail } from './kysely-audit-trail.ts';
import { KyselyChangeFeed } from './kysely-change-feed.ts';
import { KyselyDeviceRegistry } from './kysely-device-registry.ts';
import { KyselyLeases } from './kysely-leases.ts';
import { KyselyObjectStore } from './kysely-object-store.ts';
import { KyselyRefusalStore } from './kysely-refusal-store.ts';
import { KyselyResponderAnswers } from './kysely-responder-answers.ts';
import { KyselyRevocationLists } from './kysely-revocation-lists.ts';
import { KyselyRevocationStore } from './kysely-revocation-store.ts';
import { KyselySeenCertificates } from './kysely-seen-certificates.ts';
import { KyselySeenPaths } from './kysely-seen-paths.ts';
import { KyselySessionPlaces } from './kysely-session-places.ts';
import { KyselySharedSecrets } from './kysely-shared-secrets.ts';
import { KyselySuccessions } from './kysely-successions.ts';
import { KyselyTenantDirectory } from './kysely-tenant-directory.ts';
import { KyselyTrustAnchorStore } from './kysely-trust-anchor-store.ts';
import { KyselyWithdrawnTokens } from './kysely-withdrawn-tokens.ts';
import { openDatabase } from './open-database.ts';
import { openPostgres } from './postgres/open-postgres.ts';
import { isPostgresUrl, postgresAddressOf } from './postgres/postgres-url.ts';
import { wakeByListen } from './postgres/wake-by-listen.ts';
import { sqliteFileOf } from './sqlite-file.ts';
import { wakeByDataVersion } from './wake-by-data-version.ts';

/** Everything that remembers, in one SQLite file or on PostgreSQL. Load another module in its place to remember elsewhere. */
export const persistenceModule = new ContainerModule((options) => {
  provide(options, Database, { settings: Settings, log: Log, metrics: Metrics }, ({ settings, log, metrics }) => {
    const whenCommitted = (seconds: number): void => metrics.took('fleetgate_store_seconds', { operation: 'commit' }, seconds);
    return isPostgresUrl(settings.databaseUrl)
      ? openPostgres({ address: postgresAddressOf(settings.databaseUrl, process.env), log, whenCommitted })
      : openDatabase({ file: sqliteFileOf(settings.databaseUrl), log, whenCommitted });
  },
  );
  provide(options, StoreHealth, { db: Database }, ({ db }) => ({ probe: () => db.probe() }));
  provide(options, AdmissionEpoch, { db: Database }, (given) => new KyselyAdmissionEpoch(given));
  provide(options, ChangeFeed, { db: Database, epoch: AdmissionEpoch, settings: Settings }, ({ settings: { databaseUrl }, ...given }) =>
    new KyselyChangeFeed({ ...given, wake: isPostgresUrl(databaseUrl) ? wakeByListen(postgresAddressOf(databaseUrl, process.env)) : wakeByDataVersion(given.db) }),
  );
  provide(options, Leases, { db: Database }, (given) => new KyselyLeases(given));
  provide(options, SharedSecrets, { db: Database }, (given) => new KyselySharedSecrets(given));
  provide(options, SessionPlaces, { db: Database }, (given) => new KyselySessionPlaces(given));
  provide(options, TrustAnchorStore, { db: Database, reader: CertificateReader, log: Log }, (given) => new KyselyTrustAnchorStore(given));
  provide(options, DeviceRegistry, { db: Database }, (given) => new KyselyDeviceRegistry(given));
  provide(options, TenantDirectory, { db: Database }, (given) => new KyselyTenantDirectory(given));
  provide(options, AdministratorDirectory, { db: Database }, (given) => new KyselyAdministratorDirectory(given));
  provide(options, WithdrawnTokens, { db: Database }, (given) => new KyselyWithdrawnTokens(given));
  provide(options, ObjectStore, { db: Database }, (given) => new KyselyObjectStore(given));
  provide(options, AuditTrail, { db: Database }, (given) => new KyselyAuditTrail(given));
  provide(options, SeenCertificates, { db: Database }, (given) => new KyselySeenCertificates(given));
  provide(options, SeenPaths, { db: Database }, (given) => new KyselySeenPaths(given));
  provide(options, Successions, { db: Database }, (given) => new KyselySuccessions(given));
  provide(options, RefusalStore, { db: Database }, (given) => new KyselyRefusalStore(given));
  provide(options, RevocationLists, { db: Database }, (given) => new KyselyRevocationLists(given));
  provide(options, ResponderAnswers, { db: Database }, (given) => new KyselyResponderAnswers(given));
  provide(options, RevocationStore, { db: Database }, (given) => new KyselyRevocationStore(given));
});
