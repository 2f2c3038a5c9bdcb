import { InMemoryAdministratorDirectory } from '../../../src/adapters/in-memory/in-memory-administrator-directory.ts';
import { InMemoryAdmissionEpoch } from '../../../src/adapters/in-memory/in-memory-admission-epoch.ts';
import { InMemoryAuditTrail } from '../../../src/adapters/in-memory/in-memory-audit-trail.ts';
import { InMemoryChangeFeed } from '../../../src/adapters/in-memory/in-memory-change-feed.ts';
import { InMemoryDeviceRegistry } from '../../../src/adapters/in-memory/in-memory-device-registry.ts';
import { InMemoryLeases } from '../../../src/adapters/in-memory/in-memory-leases.ts';
import { InMemorySessionPlaces } from '../../../src/adapters/in-memory/in-memory-session-places.ts';
import { InMemorySharedSecrets } from '../../../src/adapters/in-memory/in-memory-shared-secrets.ts';
import { InMemoryObjectStore } from '../../../src/adapters/in-memory/in-memory-object-store.ts';
import { InMemoryRefusalStore } from '../../../src/adapters/in-memory/in-memory-refusal-store.ts';
import { InMemoryResponderAnswers } from '../../../src/adapters/in-memory/in-memory-responder-answers.ts';
import { InMemoryRevocationLists } from '../../../src/adapters/in-memory/in-memory-revocation-lists.ts';
import { InMemoryRevocationStore } from '../../../src/adapters/in-memory/in-memory-revocation-store.ts';
import { InMemorySeenCertificates } from '../../../src/adapters/in-memory/in-memory-seen-certificates.ts';
import { InMemorySeenPaths } from '../../../src/adapters/in-memory/in-memory-seen-paths.ts';
import { InMemorySuccessions } from '../../../src/adapters/in-memory/in-memory-successions.ts';
import { emptyState } from '../../../src/adapters/in-memory/in-memory-state.ts';
import { InMemoryTenantDirectory } from '../../../src/adapters/in-memory/in-memory-tenant-directory.ts';
import { InMemoryTrustAnchorStore } from '../../../src/adapters/in-memory/in-memory-trust-anchor-store.ts';
import { InMemoryWithdrawnTokens } from '../../../src/adapters/in-memory/in-memory-withdrawn-tokens.ts';
import { administratorDirectoryContract } from '../../contracts/administrator-directory.contract.ts';
import { admissionEpochContract } from '../../contracts/admission-epoch.contract.ts';
import { changeFeedContract } from '../../contracts/change-feed.contract.ts';
import { auditTrailContract } from '../../contracts/audit-trail.contract.ts';
import { deviceRegistryContract } from '../../contracts/device-registry.contract.ts';
import { leasesContract } from '../../contracts/leases.contract.ts';
import { sessionPlacesContract } from '../../contracts/session-places.contract.ts';
import { sharedSecretsContract } from '../../contracts/shared-secrets.contract.ts';
import { objectStoreContract } from '../../contracts/object-store.contract.ts';
import type { Opened } from '../../contracts/opened.ts';
import { refusalStoreContract } from '../../contracts/refusal-store.contract.ts';
import { responderAnswersContract } from '../../contracts/responder-answers.contract.ts';
import { revocationListsContract } from '../../contracts/revocation-lists.contract.ts';
import { revocationStoreContract } from '../../contracts/revocation-store.contract.ts';
import { seenCertificatesContract } from '../../contracts/seen-certificates.contract.ts';
import { seenPathsContract } from '../../contracts/seen-paths.contract.ts';
import { successionsContract } from '../../contracts/successions.contract.ts';
import { tenantDirectoryContract } from '../../contracts/tenant-directory.contract.ts';
import { trustAnchorStoreContract } from '../../contracts/trust-anchor-store.contract.ts';
import { withdrawnTokensContract } from '../../contracts/withdrawn-tokens.contract.ts';

const stores = () => {
  const state = emptyState();
  return {
    trail: new InMemoryAuditTrail({ state }),
    epoch: new InMemoryAdmissionEpoch({ state }),
    feed: new InMemoryChangeFeed({ state }),
    anchors: new InMemoryTrustAnchorStore({ state }),
    devices: new InMemoryDeviceRegistry({ state }),
    tenants: new InMemoryTenantDirectory({ state }),
    administrators: new InMemoryAdministratorDirectory({ state }),
    withdrawn: new InMemoryWithdrawnTokens({ state }),
    revocations: new InMemoryRevocationStore({ state }),
    lists: new InMemoryRevocationLists({ state }),
    answers: new InMemoryResponderAnswers({ state }),
  };
};

const opened = <Subject>(subject: Subject): Opened<Subject> => ({ subject, close: () => Promise.resolve() });

trustAnchorStoreContract('InMemoryTrustAnchorStore', async () => {
  const { anchors, epoch } = stores();
  return opened({ store: anchors, epoch });
});
deviceRegistryContract('InMemoryDeviceRegistry', async () => {
  const { devices, epoch } = stores();
  return opened({ registry: devices, epoch });
});
tenantDirectoryContract('InMemoryTenantDirectory', async () => {
  const { tenants, epoch } = stores();
  return opened({ directory: tenants, epoch });
});
administratorDirectoryContract('InMemoryAdministratorDirectory', async () => opened(stores().administrators));
admissionEpochContract('InMemoryAdmissionEpoch', async () => opened(stores()));
changeFeedContract('InMemoryChangeFeed', async () => {
  const all = stores();
  return opened({ ...all, elsewhere: all });
});
leasesContract('InMemoryLeases', async () => opened(new InMemoryLeases({ state: emptyState() })));
sessionPlacesContract('InMemorySessionPlaces', async () => {
  const state = emptyState();
  const places = new InMemorySessionPlaces({ state });
  return opened({ places, leases: new InMemoryLeases({ state }), elsewhere: places });
});
sharedSecretsContract('InMemorySharedSecrets', async () => opened(new InMemorySharedSecrets()));
withdrawnTokensContract('InMemoryWithdrawnTokens', async () => opened(stores().withdrawn));
auditTrailContract('InMemoryAuditTrail', async () => opened(stores()));
objectStoreContract('InMemoryObjectStore', async () => opened(new InMemoryObjectStore({ state: emptyState() })));
responderAnswersContract('InMemoryResponderAnswers', async () => {
  const { answers, epoch, trail } = stores();
  return opened({ answers, epoch, trail });
});
revocationListsContract('InMemoryRevocationLists', async () => {
  const { lists, epoch } = stores();
  return opened({ lists, epoch });
});

revocationStoreContract('InMemoryRevocationStore', async () => {
  const { revocations, epoch } = stores();
  return opened({ store: revocations, epoch });
});
seenCertificatesContract('InMemorySeenCertificates', async () => opened(new InMemorySeenCertificates({ state: emptyState() })));
seenPathsContract('InMemorySeenPaths', async () => opened(new InMemorySeenPaths({ state: emptyState() })));
successionsContract('InMemorySuccessions', async () => opened(new InMemorySuccessions({ state: emptyState() })));
refusalStoreContract('InMemoryRefusalStore', async () => opened(new InMemoryRefusalStore({ state: emptyState() })));
