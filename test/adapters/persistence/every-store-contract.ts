import { sql } from 'kysely';
import { KyselySharedSecrets } from '../../../src/adapters/persistence/kysely-shared-secrets.ts';
import { compiled } from '../../../src/adapters/persistence/query.ts';
import { step, type Step } from '../../../src/adapters/persistence/unit.ts';
import type { CertificateReader } from '../../../src/ports/driven/certificate-reader.ts';
import { administratorDirectoryContract } from '../../contracts/administrator-directory.contract.ts';
import { admissionEpochContract } from '../../contracts/admission-epoch.contract.ts';
import { auditTrailContract } from '../../contracts/audit-trail.contract.ts';
import { changeFeedContract } from '../../contracts/change-feed.contract.ts';
import { deviceRegistryContract } from '../../contracts/device-registry.contract.ts';
import { leasesContract } from '../../contracts/leases.contract.ts';
import { objectStoreContract } from '../../contracts/object-store.contract.ts';
import type { Opened } from '../../contracts/opened.ts';
import { refusalStoreContract } from '../../contracts/refusal-store.contract.ts';
import { responderAnswersContract } from '../../contracts/responder-answers.contract.ts';
import { revocationListsContract } from '../../contracts/revocation-lists.contract.ts';
import { revocationStoreContract } from '../../contracts/revocation-store.contract.ts';
import { seenCertificatesContract } from '../../contracts/seen-certificates.contract.ts';
import { seenPathsContract } from '../../contracts/seen-paths.contract.ts';
import { sessionPlacesContract } from '../../contracts/session-places.contract.ts';
import { sharedSecretsContract } from '../../contracts/shared-secrets.contract.ts';
import { successionsContract } from '../../contracts/successions.contract.ts';
import { tenantDirectoryContract } from '../../contracts/tenant-directory.contract.ts';
import { trustAnchorStoreContract } from '../../contracts/trust-anchor-store.contract.ts';
import { withdrawnTokensContract } from '../../contracts/withdrawn-tokens.contract.ts';
import { storesOver, type Stores } from './open-stores.ts';

/** One database for all contracts, emptied before each test: starting a writer thread for each would take most of the time. */
const EMPTY: readonly Step[] = ['tenant', 'change_note', 'session_place', 'session_taken', 'lease', 'signing_key', 'tenant_option', 'administrator', 'trust_anchor', 'device', 'new_devices', 'withdrawn_token', 'managed_object', 'object_fragment', 'external_id', 'child_object', 'seen_certificate', 'seen_chain', 'audit_entry', 'audit_head', 'seen_path', 'successor', 'refusal', 'revocation', 'revocation_list', 'revocation_list_rule', 'ocsp_certificate', 'ocsp_issuer', 'ocsp_rule'].map((table) =>
  step(compiled(sql`delete from ${sql.table(table)}`)),
);

/** `shared` is asked for while tests run, as is `elsewhere`: the same database as another process has it. */
export function everyStoreContract(engine: string, shared: () => Stores, elsewhere: () => Stores): void {
  async function open<Subject>(choose: (stores: Stores) => Subject, reader?: CertificateReader): Promise<Opened<Subject>> {
    await shared().db.write(EMPTY);
    return { subject: choose(reader ? { ...storesOver({ db: shared().db, reader }), feed: shared().feed } : shared()), close: () => Promise.resolve() };
  }

  trustAnchorStoreContract(`KyselyTrustAnchorStore on ${engine}`, (reader) =>
    open(({ anchors, epoch }) => ({ store: anchors, epoch }), reader),
  );
  deviceRegistryContract(`KyselyDeviceRegistry on ${engine}`, () => open(({ devices, epoch }) => ({ registry: devices, epoch })));
  tenantDirectoryContract(`KyselyTenantDirectory on ${engine}`, () => open(({ tenants, epoch }) => ({ directory: tenants, epoch })));
  administratorDirectoryContract(`KyselyAdministratorDirectory on ${engine}`, () => open(({ administrators }) => administrators));
  admissionEpochContract(`KyselyAdmissionEpoch on ${engine}`, (reader) => open((stores) => stores, reader));
  changeFeedContract(`KyselyChangeFeed on ${engine}, of two connections`, (reader) => open((stores) => ({ ...stores, elsewhere: elsewhere() }), reader));
  leasesContract(`KyselyLeases on ${engine}`, () => open(({ leases }) => leases));
  sessionPlacesContract(`KyselySessionPlaces on ${engine}, of two connections`, () => open(({ places, leases }) => ({ places, leases, elsewhere: elsewhere().places })));
  sharedSecretsContract(`KyselySharedSecrets on ${engine}`, () => open(({ db }) => new KyselySharedSecrets({ db })));
  withdrawnTokensContract(`KyselyWithdrawnTokens on ${engine}`, () => open(({ withdrawn }) => withdrawn));
  auditTrailContract(`KyselyAuditTrail on ${engine}`, () => open((stores) => stores));
  objectStoreContract(`KyselyObjectStore on ${engine}`, () => open(({ objects }) => objects));
  responderAnswersContract(`KyselyResponderAnswers on ${engine}`, () => open(({ answers, epoch, trail }) => ({ answers, epoch, trail })));
  revocationListsContract(`KyselyRevocationLists on ${engine}`, () => open(({ lists, epoch }) => ({ lists, epoch })));
  revocationStoreContract(`KyselyRevocationStore on ${engine}`, () => open(({ revocations, epoch }) => ({ store: revocations, epoch })));
  seenCertificatesContract(`KyselySeenCertificates on ${engine}`, () => open(({ seen }) => seen));
  seenPathsContract(`KyselySeenPaths on ${engine}`, () => open(({ paths }) => paths));
  successionsContract(`KyselySuccessions on ${engine}`, () => open(({ successions }) => successions));
  refusalStoreContract(`KyselyRefusalStore on ${engine}`, () => open(({ refusals }) => refusals));
}
