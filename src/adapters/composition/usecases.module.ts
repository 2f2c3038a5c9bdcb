import { ContainerModule } from 'inversify';
import { AuthenticatePrincipals } from '../../domain/usecases/authenticate-principals.ts';
import { ConnectDevice } from '../../domain/usecases/connect-device.ts';
import { ExplainChain } from '../../domain/usecases/explain-chain.ts';
import { ManageTenants } from '../../domain/usecases/manage-tenants.ts';
import { ManageTrustAnchors } from '../../domain/usecases/manage-trust-anchors.ts';
import { ProvePossession } from '../../domain/usecases/prove-possession.ts';
import { RegisterDevices } from '../../domain/usecases/register-devices.ts';
import { RequestToken } from '../../domain/usecases/request-token.ts';
import { AdministratorDirectory } from '../../ports/driven/administrator-directory.ts';
import { AdmissionEpoch } from '../../ports/driven/admission-epoch.ts';
import { AuditLog } from '../../ports/driven/audit-log.ts';
import { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import { Clock } from '../../ports/driven/clock.ts';
import { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import { Identifiers } from '../../ports/driven/identifiers.ts';
import { PasswordHasher } from '../../ports/driven/password-hasher.ts';
import { SessionBoard } from '../../ports/driven/session-board.ts';
import { SignatureVerifier } from '../../ports/driven/signature-verifier.ts';
import { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import { TokenSigner } from '../../ports/driven/token-signer.ts';
import { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import { UploadDecoder } from '../../ports/driven/upload-decoder.ts';
import { WithdrawnTokens } from '../../ports/driven/withdrawn-tokens.ts';
import { AccessDesk } from '../../ports/driving/access-desk.ts';
import { DeviceGate } from '../../ports/driving/device-gate.ts';
import { ExplainDesk } from '../../ports/driving/explain-desk.ts';
import { PossessionDesk } from '../../ports/driving/possession-desk.ts';
import { RegistrationDesk } from '../../ports/driving/registration-desk.ts';
import { TenantDesk } from '../../ports/driving/tenant-desk.ts';
import { TokenDesk } from '../../ports/driving/token-desk.ts';
import { TrustDesk } from '../../ports/driving/trust-desk.ts';
import { Settings } from '../config/settings.ts';
import { provide } from './provide.ts';

const READING = { reader: CertificateReader, verifier: SignatureVerifier };
const STORES = { anchors: TrustAnchorStore, tenants: TenantDirectory, devices: DeviceRegistry, epoch: AdmissionEpoch };
const WORLD = { clock: Clock, identifiers: Identifiers, audit: AuditLog, sessions: SessionBoard };

/** The inside of the hexagon: which driving port is which use case, and what each needs. */
export const usecasesModule = new ContainerModule((options) => {
  provide(options, DeviceGate, { ...READING, ...STORES, ...WORLD }, (needs) => new ConnectDevice(needs));
  provide(options, TokenDesk, { ...STORES, ...WORLD, signer: TokenSigner, withdrawn: WithdrawnTokens }, (needs) => new RequestToken(needs));
  provide(options, ExplainDesk, READING, (needs) => new ExplainChain(needs));
  provide(
    options,
    TrustDesk,
    { ...READING, ...STORES, ...WORLD, decoder: UploadDecoder, settings: Settings },
    ({ settings, ...needs }) => new ManageTrustAnchors({ ...needs, sharing: settings.sharedTrust }),
  );
  provide(options, PossessionDesk, { ...READING, ...STORES, ...WORLD }, (needs) => new ProvePossession(needs));
  provide(
    options,
    TenantDesk,
    { ...STORES, ...WORLD, administrators: AdministratorDirectory, hasher: PasswordHasher },
    (needs) => new ManageTenants(needs),
  );
  provide(
    options,
    AccessDesk,
    { tenants: TenantDirectory, administrators: AdministratorDirectory, hasher: PasswordHasher, tokens: TokenDesk },
    (needs) => new AuthenticatePrincipals(needs),
  );
  provide(options, RegistrationDesk, { ...STORES, ...WORLD }, (needs) => new RegisterDevices(needs));
});
