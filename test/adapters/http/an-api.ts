/** The HTTP API over the real use cases and stores in memory, with a clock that stands still and passwords that are not hashed. */
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../../src/adapters/http/app.ts';
import { linksFrom } from '../../../src/adapters/http/links.ts';
import type { RouteNeeds } from '../../../src/adapters/http/route-needs.ts';
import { InMemoryAdministratorDirectory } from '../../../src/adapters/in-memory/in-memory-administrator-directory.ts';
import { InMemoryAuditTrail } from '../../../src/adapters/in-memory/in-memory-audit-trail.ts';
import { InMemoryAdmissionEpoch } from '../../../src/adapters/in-memory/in-memory-admission-epoch.ts';
import { InMemoryChangeFeed } from '../../../src/adapters/in-memory/in-memory-change-feed.ts';
import { InMemoryDeviceRegistry } from '../../../src/adapters/in-memory/in-memory-device-registry.ts';
import { InMemoryResponderAnswers } from '../../../src/adapters/in-memory/in-memory-responder-answers.ts';
import { InMemoryRevocationLists } from '../../../src/adapters/in-memory/in-memory-revocation-lists.ts';
import { InMemoryRevocationStore } from '../../../src/adapters/in-memory/in-memory-revocation-store.ts';
import { InMemorySessionBoard } from '../../../src/adapters/in-memory/in-memory-session-board.ts';
import { InMemoryObjectStore } from '../../../src/adapters/in-memory/in-memory-object-store.ts';
import { InMemoryRefusalStore } from '../../../src/adapters/in-memory/in-memory-refusal-store.ts';
import { InMemorySeenCertificates } from '../../../src/adapters/in-memory/in-memory-seen-certificates.ts';
import { InMemorySeenPaths } from '../../../src/adapters/in-memory/in-memory-seen-paths.ts';
import { InMemorySuccessions } from '../../../src/adapters/in-memory/in-memory-successions.ts';
import { emptyState } from '../../../src/adapters/in-memory/in-memory-state.ts';
import { InMemoryTenantDirectory } from '../../../src/adapters/in-memory/in-memory-tenant-directory.ts';
import { InMemoryTrustAnchorStore } from '../../../src/adapters/in-memory/in-memory-trust-anchor-store.ts';
import { InMemoryWithdrawnTokens } from '../../../src/adapters/in-memory/in-memory-withdrawn-tokens.ts';
import { ForgeCertificateReader } from '../../../src/adapters/pki/forge-certificate-reader.ts';
import { FileCrlSigner } from '../../../src/adapters/pki/crl/file-crl-signer.ts';
import { SlicedRevocationListReader } from '../../../src/adapters/pki/revocation/sliced-revocation-list-reader.ts';
import { NodeSignatureVerifier } from '../../../src/adapters/pki/node-signature-verifier.ts';
import { InMemoryMetrics } from '../../../src/adapters/metrics/in-memory-metrics.ts';
import { DerOcspMessages } from '../../../src/adapters/pki/ocsp/der-ocsp-messages.ts';
import { PemOrDerUploadDecoder } from '../../../src/adapters/pki/pem-or-der-upload-decoder.ts';
import { FileKeySeal } from '../../../src/adapters/signing/file-key-seal.ts';
import { openMemoryTokenSigner } from '../../../src/adapters/signing/open-token-signer.ts';
import type { Fingerprint } from '../../../src/domain/certificates/certificate.ts';
import { ROLES, type Role } from '../../../src/domain/access/administrator.ts';
import { refuse } from '../../../src/domain/shared/decision.ts';
import { AskResponders } from '../../../src/domain/usecases/ask-responders.ts';
import { AuthenticatePrincipals } from '../../../src/domain/usecases/authenticate-principals.ts';
import { ConnectDevice } from '../../../src/domain/usecases/connect-device.ts';
import { ForecastExpiry } from '../../../src/domain/usecases/forecast-expiry.ts';
import { ForeseeChanges } from '../../../src/domain/usecases/foresee-changes.ts';
import { ExplainConnect } from '../../../src/domain/usecases/explain-connect.ts';
import { KeepRefusals } from '../../../src/domain/usecases/keep-refusals.ts';
import { ManageDevices } from '../../../src/domain/usecases/manage-devices.ts';
import { ManageInventory } from '../../../src/domain/usecases/manage-inventory.ts';
import { ManageResponders } from '../../../src/domain/usecases/manage-responders.ts';
import { ManageRollovers } from '../../../src/domain/usecases/manage-rollovers.ts';
import { ManageRevocations } from '../../../src/domain/usecases/manage-revocations.ts';
import { ManageRevocationLists } from '../../../src/domain/usecases/manage-revocation-lists.ts';
import { ManageTenants } from '../../../src/domain/usecases/manage-tenants.ts';
import { ManageTrustAnchors } from '../../../src/domain/usecases/manage-trust-anchors.ts';
import { ProvePossession } from '../../../src/domain/usecases/prove-possession.ts';
import { ManageUsers } from '../../../src/domain/usecases/manage-users.ts';
import { ReadAudit } from '../../../src/domain/usecases/read-audit.ts';
import { RegisterDevices } from '../../../src/domain/usecases/register-devices.ts';
import { RememberCertificates } from '../../../src/domain/usecases/remember-certificates.ts';
import { RequestToken } from '../../../src/domain/usecases/request-token.ts';
import { TakeReports } from '../../../src/domain/usecases/take-reports.ts';
import type { Peer } from '../../../src/adapters/tls/peer.ts';
import type { AuditEvent } from '../../../src/ports/driven/audit-log.ts';
import type { Minted } from '../../../src/ports/driven/certificate-mint.ts';
import type { DeviceMessage } from '../../../src/ports/driven/message-sink.ts';
import { NO_TRACES } from '../../../src/ports/driven/tracer.ts';
import type { Refused } from '../../../src/ports/driving/refusal-count.ts';
import { aDevice, aDeviceId, aSession, aTenant, aTenantId, aThumbprint, FixedClock } from '../../support/certificate-builders.ts';
import { recordingLog } from '../../support/recording-log.ts';

export const PASSWORD = 'correct horse';

type Users = 'main/admin' | 'main/reader' | 'main/service' | 'main/registrar' | 'main/keeper' | 'main/viewer' | 'main/nobody' | 'other/admin' | 'management/admin';
const USERS: readonly (readonly [Users, readonly Role[]])[] = [
  ['main/admin', ROLES],
  ['main/reader', ['ROLE_TENANT_MANAGEMENT_READ']],
  ['main/service', ['ROLE_TOKEN_SERVICE']],
  ['main/registrar', ['ROLE_DEVICE_CONTROL_ADMIN']],
  ['main/keeper', ['ROLE_INVENTORY_ADMIN']],
  ['main/viewer', ['ROLE_INVENTORY_READ']],
  ['main/nobody', []],
  ['other/admin', ROLES],
  ['management/admin', ROLES],
];

interface Question extends Omit<InjectOptions, 'method' | 'url' | 'headers'> {
  readonly as?: Users;
  readonly bearer?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface TrustWish {
  readonly tenant?: 'main' | 'other';
  readonly name?: string;
  readonly status?: string;
  readonly autoRegistrationEnabled?: boolean;
}

/** `replace` takes the place of any port, before the app is made. */
export async function anApi({ replace = {}, sharing = false }: { replace?: Partial<RouteNeeds>; sharing?: boolean } = {}) {
  const state = emptyState();
  const clock = new FixedClock(new Date(Date.now() + 60_000)); // certificates made during the test are valid already
  const events: AuditEvent[] = [];
  const messages: DeviceMessage[] = [];
  const counted: Refused[] = [];
  const { log, lines } = recordingLog();
  const world = {
    clock,
    log,
    audit: { record: (event: AuditEvent): void => void events.push(event) },
    trail: new InMemoryAuditTrail({ state }),
    epoch: new InMemoryAdmissionEpoch({ state }),
    store: { probe: () => Promise.resolve() },
    anchors: new InMemoryTrustAnchorStore({ state }),
    devices: new InMemoryDeviceRegistry({ state }),
    tenants: new InMemoryTenantDirectory({ state }),
    withdrawn: new InMemoryWithdrawnTokens({ state }),
    revocations: new InMemoryRevocationStore({ state }),
    lists: new InMemoryRevocationLists({ state }),
    answers: new InMemoryResponderAnswers({ state }),
    administrators: new InMemoryAdministratorDirectory({ state }),
    objects: new InMemoryObjectStore({ state }),
    seen: new InMemorySeenCertificates({ state }),
    paths: new InMemorySeenPaths({ state }),
    successions: new InMemorySuccessions({ state }),
    refusalStore: new InMemoryRefusalStore({ state }),
    sink: { accept: async (message: DeviceMessage): Promise<void> => void messages.push(message) },
    hasher: {
      hash: async (password: string): Promise<string> => `not hashed:${password}`,
      verify: async (password: string, hash: string | undefined): Promise<boolean> => hash === `not hashed:${password}`,
    },
    identifiers: { next: () => randomUUID() },
    decoder: new PemOrDerUploadDecoder(),
    reader: new ForgeCertificateReader(),
    verifier: new NodeSignatureVerifier(),
    signer: await openMemoryTokenSigner({ algorithm: 'ES256', clock }),
    feed: new InMemoryChangeFeed({ state }),
    sharing,
    pause: () => new Promise<void>((resolve) => setImmediate(resolve)),
  };
  const crlKeys = mkdtempSync(join(tmpdir(), 'fleetgate-test-crl-keys-'));
  const sessions = new InMemorySessionBoard({ log: world.log });
  const tokens = new RequestToken({ ...world, sessions });
  let peer: Peer | undefined;
  const metrics = new InMemoryMetrics(world);
  const inventory = new ManageInventory(world);
  const certificates = new RememberCertificates(world);
  const refusals = new KeepRefusals({ ...world, store: world.refusalStore });
  const asking = new AskResponders({ ...world, sessions, messages: new DerOcspMessages(), source: { ask: async ({ url }) => refuse({ code: 'ocsp.not-asked', evidence: { url } }) } });
  const gate = new ConnectDevice({ ...world, sessions, certificates, refusals, asking });
  const needs: RouteNeeds = {
    ...world,
    tokens,
    audits: new ReadAudit(world),
    ...{ metrics, figures: metrics, metricsFor: 'loopback', tracer: NO_TRACES },
    refusalCount: { count: (refused) => void counted.push(refused) },
    gate,
    explaining: new ExplainConnect({ ...world, gate }),
    peerOf: () => peer,
    access: new AuthenticatePrincipals({ ...world, tokens }),
    trust: new ManageTrustAnchors({ ...world, sessions }),
    possession: new ProvePossession(world),
    revocationLists: new ManageRevocationLists({ ...world, sessions, listReader: new SlicedRevocationListReader(world) }),
    responders: new ManageResponders({ ...world, asking }),
    tenants: new ManageTenants({ ...world, sessions }),
    registration: new RegisterDevices(world),
    devices: new ManageDevices({ ...world, sessions, certificates }),
    forwardPaths: [],
    inventory,
    certificates,
    refusals,
    reports: new TakeReports({ ...world, inventory }),
    impact: new ForeseeChanges({ ...world, sessions }),
    rollovers: new ManageRollovers({ ...world, sessions }),
    forecast: new ForecastExpiry({ ...world, metrics, sessions, credentials: { current: () => ({ cert: '', key: '', names: [], notAfter: new Date(clock.now().getTime() + 10 * 86_400_000) }) } }),
    users: new ManageUsers(world),
    revocations: new ManageRevocations({ ...world, sessions, listSigner: new FileCrlSigner({ folder: crlKeys, seal: new FileKeySeal({}), clock, log: world.log }) }),
    links: linksFrom(undefined),
    system: { sharedTrust: sharing, version: '1.2.3' },
    bulkMaxBytes: 1_000_000,
    spoolDir: join(tmpdir(), 'fleetgate-test-spool'),
    ...replace,
  };
  for (const id of ['management', 'main', 'other']) await world.tenants.create(aTenant({ id: aTenantId(id), domain: `${id}.example.com` }));
  for (const [user, roles] of USERS) {
    const [tenant = '', name = ''] = user.split('/');
    await world.administrators.put({ tenant: aTenantId(tenant), name, passwordHash: await world.hasher.hash(PASSWORD), roles });
  }
  const app: FastifyInstance = await createApp(needs);
  await app.ready();
  return {
    ...world,
    app,
    lines,
    events,
    messages,
    refusals,
    counted,
    needs,
    sessions,
    metrics,
    close: async () => {
      await app.close();
      rmSync(crlKeys, { recursive: true, force: true });
    },

    /** From now on requests come over mutual TLS, from this peer; or over another listener again. */
    over(next: Partial<Peer> | undefined): void {
      peer = next && { chain: [], handshakeBytes: 3000, from: '192.0.2.7', transport: 'tls', ...next };
    },

    /** Asks as an administrator, with a token, or as nobody; says `Accept: application/json` unless told otherwise. */
    async ask(route: `${string} ${string}`, { as, bearer, headers, payload, ...rest }: Question = {}): Promise<LightMyRequestResponse> {
      const [method, url] = route.split(' ', 2) as [NonNullable<InjectOptions['method']>, string];
      return app.inject({
        method,
        url,
        ...rest,
        ...(payload !== undefined && { payload }),
        headers: {
          host: 'fleet.example.com',
          accept: 'application/json',
          ...(as && { authorization: basic(`${as}:${PASSWORD}`) }),
          ...(bearer && { authorization: `Bearer ${bearer}` }),
          ...headers,
        },
      });
    },

    /** Uploads a CA as an administrator of the tenant, enabled unless told otherwise. */
    async trust({ certificatePem }: Pick<Minted, 'certificatePem'>, { tenant = 'main', ...more }: TrustWish = {}): Promise<Fingerprint> {
      const payload = { certInPemFormat: certificatePem, status: 'ENABLED', ...more };
      const answer = await this.ask(`POST /tenant/tenants/${tenant}/trusted-certificates`, { as: `${tenant}/admin`, payload });
      if (answer.statusCode !== 201) throw new Error(`the CA was not taken: ${answer.body}`);
      return answer.json<{ fingerprint: Fingerprint }>().fingerprint;
    },

    /** A token of device `press-7`, or another, of tenant `main`, which was admitted by the anchor given. */
    async tokenBy(anchor: { readonly fingerprint: string }, id = 'press-7'): Promise<string> {
      await world.devices.register(aDevice({ id: aDeviceId(id) }));
      const session = aSession({ id: `session of ${id}`, device: aDeviceId(id), leaf: aThumbprint(id), notAfter: new Date(clock.now().getTime() + 86_400_000), anchors: [anchor.fingerprint as Fingerprint] });
      sessions.open(session, () => {});
      const issued = await tokens.issue(session);
      if (!issued.granted) throw new Error(`no token: ${issued.refusal.code}`);
      return issued.value;
    },
  };
}

export type Api = Awaited<ReturnType<typeof anApi>>;

export const basic = (userPass: string): string => `Basic ${Buffer.from(userPass).toString('base64')}`;

export const INFO = 'https://www.cumulocity.com/guides/reference-guide/#error_reporting';
