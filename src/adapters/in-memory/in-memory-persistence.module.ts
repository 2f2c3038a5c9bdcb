import { ContainerModule } from 'inversify';
import { AdministratorDirectory } from '../../ports/driven/administrator-directory.ts';
import { AdmissionEpoch } from '../../ports/driven/admission-epoch.ts';
import { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import { ObjectStore } from '../../ports/driven/object-store.ts';
import { RevocationLists } from '../../ports/driven/revocation-lists.ts';
import { RevocationStore } from '../../ports/driven/revocation-store.ts';
import { SeenCertificates } from '../../ports/driven/seen-certificates.ts';
import { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import { WithdrawnTokens } from '../../ports/driven/withdrawn-tokens.ts';
import { token } from '../../ports/token.ts';
import { provide } from '../composition/provide.ts';
import { InMemoryAdministratorDirectory } from './in-memory-administrator-directory.ts';
import { InMemoryAdmissionEpoch } from './in-memory-admission-epoch.ts';
import { InMemoryDeviceRegistry } from './in-memory-device-registry.ts';
import { InMemoryObjectStore } from './in-memory-object-store.ts';
import { InMemoryRevocationLists } from './in-memory-revocation-lists.ts';
import { InMemoryRevocationStore } from './in-memory-revocation-store.ts';
import { InMemorySeenCertificates } from './in-memory-seen-certificates.ts';
import { emptyState, type InMemoryState } from './in-memory-state.ts';
import { InMemoryTenantDirectory } from './in-memory-tenant-directory.ts';
import { InMemoryTrustAnchorStore } from './in-memory-trust-anchor-store.ts';
import { InMemoryWithdrawnTokens } from './in-memory-withdrawn-tokens.ts';

const State = token<InMemoryState>('InMemoryState');

/** Everything that remembers, until the process ends: for tests, `dev` and `demo`. Takes the place of `persistenceModule`. */
export const inMemoryPersistenceModule = new ContainerModule((options) => {
  provide(options, State, {}, emptyState);
  provide(options, AdmissionEpoch, { state: State }, (given) => new InMemoryAdmissionEpoch(given));
  provide(options, TrustAnchorStore, { state: State }, (given) => new InMemoryTrustAnchorStore(given));
  provide(options, DeviceRegistry, { state: State }, (given) => new InMemoryDeviceRegistry(given));
  provide(options, TenantDirectory, { state: State }, (given) => new InMemoryTenantDirectory(given));
  provide(options, AdministratorDirectory, { state: State }, (given) => new InMemoryAdministratorDirectory(given));
  provide(options, WithdrawnTokens, { state: State }, (given) => new InMemoryWithdrawnTokens(given));
  provide(options, ObjectStore, { state: State }, (given) => new InMemoryObjectStore(given));
  provide(options, SeenCertificates, { state: State }, (given) => new InMemorySeenCertificates(given));
  provide(options, RevocationLists, { state: State }, (given) => new InMemoryRevocationLists(given));
  provide(options, RevocationStore, { state: State }, (given) => new InMemoryRevocationStore(given));
});
