import { ContainerModule, type ContainerModuleLoadOptions } from 'inversify';
import { AnswerSmartrest } from '../../domain/usecases/answer-smartrest.ts';
import { AskResponders } from '../../domain/usecases/ask-responders.ts';
import { AuthenticatePrincipals } from '../../domain/usecases/authenticate-principals.ts';
import { CountRefusals } from '../../domain/usecases/count-refusals.ts';
import { ConnectDevice } from '../../domain/usecases/connect-device.ts';
import { ExplainConnect } from '../../domain/usecases/explain-connect.ts';
import { ExplainChain } from '../../domain/usecases/explain-chain.ts';
import { ForecastExpiry } from '../../domain/usecases/forecast-expiry.ts';
import { FollowChanges } from '../../domain/usecases/follow-changes.ts';
import { ForeseeChanges } from '../../domain/usecases/foresee-changes.ts';
import { FetchRevocationLists } from '../../domain/usecases/fetch-revocation-lists.ts';
import { KeepDeviceObjects } from '../../domain/usecases/keep-device-objects.ts';
import { KeepRefusals } from '../../domain/usecases/keep-refusals.ts';
import { ManageDevices } from '../../domain/usecases/manage-devices.ts';
import { ManageInventory } from '../../domain/usecases/manage-inventory.ts';
import { ManageResponders } from '../../domain/usecases/manage-responders.ts';
import { ManageRollovers } from '../../domain/usecases/manage-rollovers.ts';
import { ManageRevocations } from '../../domain/usecases/manage-revocations.ts';
import { ManageRevocationLists } from '../../domain/usecases/manage-revocation-lists.ts';
import { ManageTenants } from '../../domain/usecases/manage-tenants.ts';
import { ManageTrustAnchors } from '../../domain/usecases/manage-trust-anchors.ts';
import { ProvePossession } from '../../domain/usecases/prove-possession.ts';
import { ManageUsers } from '../../domain/usecases/manage-users.ts';
import { ReadAudit } from '../../domain/usecases/read-audit.ts';
import { RegisterDevices } from '../../domain/usecases/register-devices.ts';
import { RememberCertificates } from '../../domain/usecases/remember-certificates.ts';
import { RequestToken } from '../../domain/usecases/request-token.ts';
import { TakeReports } from '../../domain/usecases/take-reports.ts';
import { WatchStaleness } from '../../domain/usecases/watch-staleness.ts';
import { AdministratorDirectory } from '../../ports/driven/administrator-directory.ts';
import { AdmissionEpoch } from '../../ports/driven/admission-epoch.ts';
import { AuditLog } from '../../ports/driven/audit-log.ts';
import { AuditTrail } from '../../ports/driven/audit-trail.ts';
import { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import { ChangeFeed } from '../../ports/driven/change-feed.ts';
import { Clock } from '../../ports/driven/clock.ts';
import { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import { Identifiers } from '../../ports/driven/identifiers.ts';
import { ListSource } from '../../ports/driven/list-source.ts';
import { Log } from '../../ports/driven/log.ts';
import { MessageSink } from '../../ports/driven/message-sink.ts';
import { OcspMessages } from '../../ports/driven/ocsp-messages.ts';
import { Neighbours } from '../../ports/driven/neighbours.ts';
import { ObjectStore } from '../../ports/driven/object-store.ts';
import { Metrics } from '../../ports/driven/metrics.ts';
import { Pause } from '../../ports/driven/pause.ts';
import { PasswordHasher } from '../../ports/driven/password-hasher.ts';
import { RefusalStore } from '../../ports/driven/refusal-store.ts';
import { ResponderAnswers } from '../../ports/driven/responder-answers.ts';
import { ResponderSource } from '../../ports/driven/responder-source.ts';
import { RevocationListSigner } from '../../ports/driven/revocation-list-signer.ts';
import { RevocationListReader } from '../../ports/driven/revocation-list-reader.ts';
import { RevocationLists } from '../../ports/driven/revocation-lists.ts';
import { RevocationStore } from '../../ports/driven/revocation-store.ts';
import { SeenCertificates } from '../../ports/driven/seen-certificates.ts';
import { SeenPaths } from '../../ports/driven/seen-paths.ts';
import { ServerCredentials } from '../../ports/driven/server-credentials.ts';
import { SessionBoard } from '../../ports/driven/session-board.ts';
import { SignatureVerifier } from '../../ports/driven/signature-verifier.ts';
import { Successions } from '../../ports/driven/successions.ts';
import { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import { TokenSigner } from '../../ports/driven/token-signer.ts';
import { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import { UploadDecoder } from '../../ports/driven/upload-decoder.ts';
import { WithdrawnTokens } from '../../ports/driven/withdrawn-tokens.ts';
import { AccessDesk } from '../../ports/driving/access-desk.ts';
import { AuditDesk } from '../../ports/driving/audit-desk.ts';
import { CertificateDesk } from '../../ports/driving/certificate-desk.ts';
import { ChangeFollowing } from '../../ports/driving/change-following.ts';
import { DeviceDesk } from '../../ports/driving/device-desk.ts';
import { DeviceGate } from '../../ports/driving/device-gate.ts';
import { DeviceObjectDesk } from '../../ports/driving/device-object-desk.ts';
import { ExplainDesk } from '../../ports/driving/explain-desk.ts';
import { ForecastDesk } from '../../ports/driving/forecast-desk.ts';
import { ImpactDesk } from '../../ports/driving/impact-desk.ts';
import { ListFetching } from '../../ports/driving/list-fetching.ts';
import { PossessionDesk } from '../../ports/driving/possession-desk.ts';
import { InventoryDesk } from '../../ports/driving/inventory-desk.ts';
import { RefusalCount } from '../../ports/driving/refusal-count.ts';
import { LiveExplainDesk } from '../../ports/driving/live-explain-desk.ts';
import { RefusalDesk } from '../../ports/driving/refusal-desk.ts';
import { RegistrationDesk } from '../../ports/driving/registration-desk.ts';
import { ReportDesk } from '../../ports/driving/report-desk.ts';
import { ResponderAsking } from '../../ports/driving/responder-asking.ts';
import { ResponderDesk } from '../../ports/driving/responder-desk.ts';
import { RolloverDesk } from '../../ports/driving/rollover-desk.ts';
import { RevocationDesk } from '../../ports/driving/revocation-desk.ts';
import { RevocationListDesk } from '../../ports/driving/revocation-list-desk.ts';
import { SmartrestDesk } from '../../ports/driving/smartrest-desk.ts';
import { StalenessWatch } from '../../ports/driving/staleness-watch.ts';
import { TenantDesk } from '../../ports/driving/tenant-desk.ts';
import { TokenDesk } from '../../ports/driving/token-desk.ts';
import { TrustDesk } from '../../ports/driving/trust-desk.ts';
import { UserDesk } from '../../ports/driving/user-desk.ts';
import { token } from '../../ports/token.ts';
import { Settings } from '../config/settings.ts';
import { ConnectionRoom, SharedConnectionRoom } from '../tls/connection-room.ts';
import { MemoryWatch, memoryFigures } from '../tls/memory-watch.ts';
import { TurnedAwayLog } from '../tls/turned-away-log.ts';
import { provide } from './provide.ts';

/** The log, with refusals counted on the way. */
const CountedAudit = token<CountRefusals>('CountedAudit');
/** Refusals of one class are one row in the audit for each so many milliseconds. */
const COUNTED_FOR_MS = 60_000;

const READING = { reader: CertificateReader, verifier: SignatureVerifier };
const NAMING = { decoder: UploadDecoder, seen: SeenCertificates };
const STORES = { anchors: TrustAnchorStore, tenants: TenantDirectory, devices: DeviceRegistry, revocations: RevocationStore, lists: RevocationLists, answers: ResponderAnswers, epoch: AdmissionEpoch };
const WORLD = { clock: Clock, identifiers: Identifiers, audit: CountedAudit, sessions: SessionBoard, pause: Pause };
const FORECAST = { paths: SeenPaths, credentials: ServerCredentials, signer: TokenSigner, trail: AuditTrail, metrics: Metrics, log: Log };
const OCSP = { messages: OcspMessages, source: ResponderSource, paths: SeenPaths, seen: SeenCertificates, log: Log };
const LISTS = { listReader: RevocationListReader, decoder: UploadDecoder, log: Log };

/** The inside of the hexagon: which driving port is which use case, and what each needs. */
export const usecasesModule = new ContainerModule((options) => {
  provideCounting(options);
  provide(options, AuditDesk, { trail: AuditTrail }, (needs) => new ReadAudit(needs));
  provide(options, TokenDesk, { ...STORES, ...WORLD, reader: CertificateReader, paths: SeenPaths, signer: TokenSigner, withdrawn: WithdrawnTokens, feed: ChangeFeed, caps: Settings }, (needs) => new RequestToken(needs));
  provide(options, CertificateDesk, { ...WORLD, seen: SeenCertificates, paths: SeenPaths, log: Log }, (needs) => new RememberCertificates(needs));
  provide(options, RefusalDesk, { store: RefusalStore, clock: Clock, log: Log }, (needs) => new KeepRefusals(needs));
  provide(options, DeviceGate, { ...READING, ...STORES, ...WORLD, certificates: CertificateDesk, refusals: RefusalDesk, caps: Settings, asking: ResponderAsking, feed: ChangeFeed }, (needs) => new ConnectDevice(needs));
  provide(options, LiveExplainDesk, { ...READING, ...STORES, clock: Clock, gate: DeviceGate }, (needs) => new ExplainConnect(needs));
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
    { ...STORES, ...WORLD, reader: CertificateReader, paths: SeenPaths, administrators: AdministratorDirectory, hasher: PasswordHasher },
    (needs) => new ManageTenants(needs),
  );
  provide(
    options,
    AccessDesk,
    { tenants: TenantDirectory, administrators: AdministratorDirectory, hasher: PasswordHasher, tokens: TokenDesk, clock: Clock, audit: CountedAudit, neighbours: Neighbours },
    (needs) => new AuthenticatePrincipals(needs),
  );
  provideFleet(options);
  provide(options, SmartrestDesk, { objects: DeviceObjectDesk }, (needs) => new AnswerSmartrest(needs));
  provide(options, DeviceObjectDesk, { ...WORLD, objects: ObjectStore }, (needs) => new KeepDeviceObjects(needs));
  provide(options, InventoryDesk, { ...STORES, ...WORLD, objects: ObjectStore }, (needs) => new ManageInventory(needs));
  provide(options, ReportDesk, { ...WORLD, inventory: InventoryDesk, sink: MessageSink }, (needs) => new TakeReports(needs));
  provide(
    options,
    UserDesk,
    { tenants: TenantDirectory, administrators: AdministratorDirectory, hasher: PasswordHasher, clock: Clock, audit: AuditLog },
    (needs) => new ManageUsers(needs),
  );
});

/** What operators see and change of their devices, and what they foresee. */
function provideFleet(options: ContainerModuleLoadOptions): void {
  provide(options, ChangeFollowing, { ...STORES, ...WORLD, reader: CertificateReader, paths: SeenPaths, feed: ChangeFeed, certificates: CertificateDesk, signer: TokenSigner, log: Log }, (needs) => new FollowChanges(needs));
  provide(options, RegistrationDesk, { ...STORES, ...WORLD, objects: ObjectStore }, (needs) => new RegisterDevices(needs));
  provide(options, DeviceDesk, { ...STORES, ...WORLD, certificates: CertificateDesk }, (needs) => new ManageDevices(needs));
  provide(options, RevocationDesk, { ...READING, ...STORES, ...WORLD, ...NAMING, listSigner: RevocationListSigner }, (needs) => new ManageRevocations(needs));
  provide(options, RevocationListDesk, { ...READING, ...STORES, ...WORLD, ...LISTS }, (needs) => new ManageRevocationLists(needs));
  provide(options, ListFetching, { ...STORES, ...WORLD, log: Log, source: ListSource, desk: RevocationListDesk }, (needs) => new FetchRevocationLists(needs));
  provide(options, ResponderAsking, { ...READING, ...STORES, ...WORLD, ...OCSP }, (needs) => new AskResponders(needs));
  provide(options, ResponderDesk, { ...STORES, ...WORLD, asking: ResponderAsking }, (needs) => new ManageResponders(needs));
  provide(options, StalenessWatch, { ...STORES, ...WORLD, log: Log }, (needs) => new WatchStaleness(needs));
  provide(options, ImpactDesk, { ...STORES, ...WORLD, reader: CertificateReader, paths: SeenPaths }, (needs) => new ForeseeChanges(needs));
  provide(options, RolloverDesk, { ...STORES, ...WORLD, paths: SeenPaths, successions: Successions }, (needs) => new ManageRollovers(needs));
  provide(options, ForecastDesk, { ...STORES, ...WORLD, ...FORECAST }, (needs) => new ForecastExpiry(needs));
}

/** Connections of the process; and what was refused: what was counted is written down every minute, and at the end, before the database is let go of. */
function provideCounting(options: ContainerModuleLoadOptions): void {
  provide(options, SharedConnectionRoom, { settings: Settings, log: Log, metrics: Metrics }, ({ settings, ...world }) => new ConnectionRoom({ ...settings, memory: new MemoryWatch(memoryFigures(settings.workers)), turnedAway: new TurnedAwayLog(world) }));
  const timers = new WeakMap<AuditLog, NodeJS.Timeout>();
  provide(options, CountedAudit, { lines: AuditLog, trail: AuditTrail, clock: Clock, log: Log }, (needs) => {
    const counting = new CountRefusals(needs);
    timers.set(counting, setInterval(() => void counting.keep(), COUNTED_FOR_MS).unref());
    return counting;
  }).onDeactivation(async (counting) => {
    // Of this binding, not of its token: what is done for a token is not waited for, and the database is closed next.
    clearInterval(timers.get(counting));
    await counting.keep();
  });
  provide(options, RefusalCount, { counting: CountedAudit }, ({ counting }) => counting);
}
