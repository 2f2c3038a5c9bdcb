import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../../src/adapters/persistence/database.ts';
import { KyselyAdministratorDirectory } from '../../../src/adapters/persistence/kysely-administrator-directory.ts';
import { KyselyAdmissionEpoch } from '../../../src/adapters/persistence/kysely-admission-epoch.ts';
import { KyselyAuditTrail } from '../../../src/adapters/persistence/kysely-audit-trail.ts';
import { KyselyChangeFeed, type ChangeFeedNeeds } from '../../../src/adapters/persistence/kysely-change-feed.ts';
import { KyselyDeviceRegistry } from '../../../src/adapters/persistence/kysely-device-registry.ts';
import { KyselyLeases } from '../../../src/adapters/persistence/kysely-leases.ts';
import { KyselyObjectStore } from '../../../src/adapters/persistence/kysely-object-store.ts';
import { KyselyRefusalStore } from '../../../src/adapters/persistence/kysely-refusal-store.ts';
import { KyselyResponderAnswers } from '../../../src/adapters/persistence/kysely-responder-answers.ts';
import { KyselyRevocationLists } from '../../../src/adapters/persistence/kysely-revocation-lists.ts';
import { KyselyRevocationStore } from '../../../src/adapters/persistence/kysely-revocation-store.ts';
import { KyselySeenCertificates } from '../../../src/adapters/persistence/kysely-seen-certificates.ts';
import { KyselySeenPaths } from '../../../src/adapters/persistence/kysely-seen-paths.ts';
import { KyselySessionPlaces } from '../../../src/adapters/persistence/kysely-session-places.ts';
import { KyselySuccessions } from '../../../src/adapters/persistence/kysely-successions.ts';
import { KyselyTenantDirectory } from '../../../src/adapters/persistence/kysely-tenant-directory.ts';
import { KyselyTrustAnchorStore } from '../../../src/adapters/persistence/kysely-trust-anchor-store.ts';
import { KyselyWithdrawnTokens } from '../../../src/adapters/persistence/kysely-withdrawn-tokens.ts';
import { openDatabase, type OpenOptions, type SqliteDatabase } from '../../../src/adapters/persistence/open-database.ts';
import { wakeByDataVersion } from '../../../src/adapters/persistence/wake-by-data-version.ts';
import type { CertificateReader } from '../../../src/ports/driven/certificate-reader.ts';
import type { Log } from '../../../src/ports/driven/log.ts';
import { KnownCertificates } from '../../contracts/known-certificates.ts';

/** A log that keeps its errors. */
export const keptLog = (): Log & { readonly errors: readonly { facts: object; sentence: string }[] } => {
  const errors: { facts: object; sentence: string }[] = [];
  return { errors, info: () => undefined, warn: () => undefined, error: (facts, sentence) => void errors.push({ facts, sentence }) };
};

export interface Stores {
  readonly db: Database;
  readonly epoch: KyselyAdmissionEpoch;
  readonly feed: KyselyChangeFeed;
  readonly leases: KyselyLeases;
  readonly places: KyselySessionPlaces;
  readonly anchors: KyselyTrustAnchorStore;
  readonly devices: KyselyDeviceRegistry;
  readonly tenants: KyselyTenantDirectory;
  readonly administrators: KyselyAdministratorDirectory;
  readonly withdrawn: KyselyWithdrawnTokens;
  readonly objects: KyselyObjectStore;
  readonly trail: KyselyAuditTrail;
  readonly seen: KyselySeenCertificates;
  readonly paths: KyselySeenPaths;
  readonly successions: KyselySuccessions;
  readonly refusals: KyselyRefusalStore;
  readonly revocations: KyselyRevocationStore;
  readonly lists: KyselyRevocationLists;
  readonly answers: KyselyResponderAnswers;
}

export interface StoreOptions extends Partial<OpenOptions> {
  readonly file: string;
  readonly reader?: CertificateReader;
}

export const storesOn = ({ file, reader = new KnownCertificates(), log = keptLog(), ...options }: StoreOptions): Stores & { readonly db: SqliteDatabase } =>
  storesOver({ db: openDatabase({ file, log, ...options }), reader, log });

export const storesOver = <Db extends Database>({ db, reader = new KnownCertificates(), log = keptLog(), wake = wakeByDataVersion(db, 20) }: { db: Db; reader?: CertificateReader; log?: Log; wake?: ChangeFeedNeeds['wake'] }): Stores & { readonly db: Db } => ({
  db,
  epoch: new KyselyAdmissionEpoch({ db }),
  feed: new KyselyChangeFeed({ db, epoch: new KyselyAdmissionEpoch({ db }), wake }),
  leases: new KyselyLeases({ db }),
  places: new KyselySessionPlaces({ db }),
  anchors: new KyselyTrustAnchorStore({ db, reader, log }),
  devices: new KyselyDeviceRegistry({ db }),
  tenants: new KyselyTenantDirectory({ db }),
  administrators: new KyselyAdministratorDirectory({ db }),
  withdrawn: new KyselyWithdrawnTokens({ db }),
  objects: new KyselyObjectStore({ db }),
  trail: new KyselyAuditTrail({ db }),
  seen: new KyselySeenCertificates({ db }),
  paths: new KyselySeenPaths({ db }),
  successions: new KyselySuccessions({ db }),
  refusals: new KyselyRefusalStore({ db }),
  revocations: new KyselyRevocationStore({ db }),
  lists: new KyselyRevocationLists({ db }),
  answers: new KyselyResponderAnswers({ db }),
});

/** A folder for one test, and the file in it. `clear` takes it away. */
export function scratch(): { readonly folder: string; readonly file: string; readonly clear: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'fleetgate-stores-'));
  return { folder, file: join(folder, 'fleetgate.sqlite'), clear: () => rmSync(folder, { recursive: true, force: true }) };
}
