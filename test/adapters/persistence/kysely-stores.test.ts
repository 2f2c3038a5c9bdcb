import { afterAll, beforeAll } from '@jest/globals';
import { sql } from 'kysely';
import { tables } from '../../../src/adapters/persistence/query.ts';
import { step, type Step } from '../../../src/adapters/persistence/unit.ts';
import type { CertificateReader } from '../../../src/ports/driven/certificate-reader.ts';
import { administratorDirectoryContract } from '../../contracts/administrator-directory.contract.ts';
import { admissionEpochContract } from '../../contracts/admission-epoch.contract.ts';
import { auditTrailContract } from '../../contracts/audit-trail.contract.ts';
import { deviceRegistryContract } from '../../contracts/device-registry.contract.ts';
import { objectStoreContract } from '../../contracts/object-store.contract.ts';
import type { Opened } from '../../contracts/opened.ts';
import { refusalStoreContract } from '../../contracts/refusal-store.contract.ts';
import { revocationListsContract } from '../../contracts/revocation-lists.contract.ts';
import { revocationStoreContract } from '../../contracts/revocation-store.contract.ts';
import { seenCertificatesContract } from '../../contracts/seen-certificates.contract.ts';
import { seenPathsContract } from '../../contracts/seen-paths.contract.ts';
import { successionsContract } from '../../contracts/successions.contract.ts';
import { tenantDirectoryContract } from '../../contracts/tenant-directory.contract.ts';
import { trustAnchorStoreContract } from '../../contracts/trust-anchor-store.contract.ts';
import { withdrawnTokensContract } from '../../contracts/withdrawn-tokens.contract.ts';
import { scratch, storesOn, storesOver, type Stores } from './open-stores.ts';

/** One database for all contracts, emptied before each test: starting a writer thread for each would take most of the time. */
const { file, clear } = scratch();
let shared: Stores;
beforeAll(() => {
  shared = storesOn({ file });
});
afterAll(async () => {
  await shared.db.close();
  clear();
});

const EMPTY: readonly Step[] = ['tenant', 'tenant_option', 'administrator', 'trust_anchor', 'device', 'new_devices', 'withdrawn_token', 'managed_object', 'object_fragment', 'external_id', 'child_object', 'seen_certificate', 'audit_entry', 'audit_head', 'seen_path', 'seen_chain', 'successor', 'refusal', 'revocation', 'revocation_list', 'revocation_list_rule'].map((table) =>
  step({ sql: sql`delete from ${sql.table(table)}`.compile(tables).sql, parameters: [] }),
);

async function opened<Subject>(choose: (stores: Stores) => Subject, reader?: CertificateReader): Promise<Opened<Subject>> {
  await shared.db.write(EMPTY);
  return { subject: choose(reader ? storesOver({ db: shared.db, reader }) : shared), close: () => Promise.resolve() };
}

trustAnchorStoreContract('KyselyTrustAnchorStore on SQLite', (reader) =>
  opened(({ anchors, epoch }) => ({ store: anchors, epoch }), reader),
);
deviceRegistryContract('KyselyDeviceRegistry on SQLite', () => opened(({ devices, epoch }) => ({ registry: devices, epoch })));
tenantDirectoryContract('KyselyTenantDirectory on SQLite', () => opened(({ tenants, epoch }) => ({ directory: tenants, epoch })));
administratorDirectoryContract('KyselyAdministratorDirectory on SQLite', () => opened(({ administrators }) => administrators));
admissionEpochContract('KyselyAdmissionEpoch on SQLite', (reader) => opened((stores) => stores, reader));
withdrawnTokensContract('KyselyWithdrawnTokens on SQLite', () => opened(({ withdrawn }) => withdrawn));
auditTrailContract('KyselyAuditTrail on SQLite', () => opened((stores) => stores));
objectStoreContract('KyselyObjectStore on SQLite', () => opened(({ objects }) => objects));
revocationListsContract('KyselyRevocationLists on SQLite', () => opened(({ lists, epoch }) => ({ lists, epoch })));

revocationStoreContract('KyselyRevocationStore on SQLite', () => opened(({ revocations, epoch }) => ({ store: revocations, epoch })));
seenCertificatesContract('KyselySeenCertificates on SQLite', () => opened(({ seen }) => seen));
seenPathsContract('KyselySeenPaths on SQLite', () => opened(({ paths }) => paths));
successionsContract('KyselySuccessions on SQLite', () => opened(({ successions }) => successions));
refusalStoreContract('KyselyRefusalStore on SQLite', () => opened(({ refusals }) => refusals));
