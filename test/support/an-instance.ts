/** The domain with all its use cases over in-memory adapters: no network, no keys, a clock that stands still. */
import type { Certificate } from '../../src/domain/certificates/certificate.ts';
import type { Refusal } from '../../src/domain/refusal.ts';
import type { Wanted } from '../../src/domain/revocation/responder-answer.ts';
import { NO_CAPS, type Caps } from '../../src/domain/overload/caps.ts';
import { grant, refuse, type Decision } from '../../src/domain/shared/decision.ts';
import type { TokenClaims } from '../../src/domain/tokens/token-claims.ts';
import type { TrustAnchor } from '../../src/domain/trust/trust-anchor.ts';
import { AuthenticatePrincipals } from '../../src/domain/usecases/authenticate-principals.ts';
import { ConnectDevice } from '../../src/domain/usecases/connect-device.ts';
import { ExplainConnect } from '../../src/domain/usecases/explain-connect.ts';
import { ExplainChain } from '../../src/domain/usecases/explain-chain.ts';
import { ForeseeChanges } from '../../src/domain/usecases/foresee-changes.ts';
import { ManageRollovers } from '../../src/domain/usecases/manage-rollovers.ts';
import { KeepRefusals } from '../../src/domain/usecases/keep-refusals.ts';
import { ManageRevocations } from '../../src/domain/usecases/manage-revocations.ts';
import { ManageTenants } from '../../src/domain/usecases/manage-tenants.ts';
import { ManageTrustAnchors } from '../../src/domain/usecases/manage-trust-anchors.ts';
import { ManageDevices } from '../../src/domain/usecases/manage-devices.ts';
import { ProvePossession } from '../../src/domain/usecases/prove-possession.ts';
import { RememberCertificates } from '../../src/domain/usecases/remember-certificates.ts';
import { ManageUsers } from '../../src/domain/usecases/manage-users.ts';
import { RequestToken } from '../../src/domain/usecases/request-token.ts';
import { InMemoryAdministratorDirectory } from '../../src/adapters/in-memory/in-memory-administrator-directory.ts';
import { InMemoryAuditTrail } from '../../src/adapters/in-memory/in-memory-audit-trail.ts';
import { InMemoryAdmissionEpoch } from '../../src/adapters/in-memory/in-memory-admission-epoch.ts';
import { InMemoryChangeFeed } from '../../src/adapters/in-memory/in-memory-change-feed.ts';
import { InMemoryDeviceRegistry } from '../../src/adapters/in-memory/in-memory-device-registry.ts';
import { InMemoryResponderAnswers } from '../../src/adapters/in-memory/in-memory-responder-answers.ts';
import { InMemoryRevocationLists } from '../../src/adapters/in-memory/in-memory-revocation-lists.ts';
import { InMemoryRevocationStore } from '../../src/adapters/in-memory/in-memory-revocation-store.ts';
import { InMemorySessionBoard } from '../../src/adapters/in-memory/in-memory-session-board.ts';
import { InMemoryRefusalStore } from '../../src/adapters/in-memory/in-memory-refusal-store.ts';
import { InMemorySeenCertificates } from '../../src/adapters/in-memory/in-memory-seen-certificates.ts';
import { InMemorySeenPaths } from '../../src/adapters/in-memory/in-memory-seen-paths.ts';
import { InMemorySuccessions } from '../../src/adapters/in-memory/in-memory-successions.ts';
import { emptyState } from '../../src/adapters/in-memory/in-memory-state.ts';
import { InMemoryTenantDirectory } from '../../src/adapters/in-memory/in-memory-tenant-directory.ts';
import { InMemoryTrustAnchorStore } from '../../src/adapters/in-memory/in-memory-trust-anchor-store.ts';
import { InMemoryWithdrawnTokens } from '../../src/adapters/in-memory/in-memory-withdrawn-tokens.ts';
import type { TokenKey } from '../../src/domain/impact/forecast.ts';
import type { AuditEvent } from '../../src/ports/driven/audit-log.ts';
import type { PasswordHasher } from '../../src/ports/driven/password-hasher.ts';
import type { ListToSign } from '../../src/ports/driven/revocation-list-signer.ts';
import type { TokenSigner } from '../../src/ports/driven/token-signer.ts';
import type { ConnectQuestion } from '../../src/ports/driving/device-gate.ts';
import { aKey, aCaCertificate, aCertificate, aName, anAnchor, aTenant, FixedClock, type CertificateOverrides } from './certificate-builders.ts';

/** In these tests a key is its name, and a certificate is signed by the key that its serial number names: `by:<key>`. */
export const key = (name: string) => aKey({ spki: new TextEncoder().encode(name) });
const signs = (issuer: Certificate, child: Certificate): boolean =>
  child.serialNumber === `by:${new TextDecoder().decode(issuer.publicKey.spki)}`;

export const ca = (name: string, issuer = name, overrides: CertificateOverrides = {}): Certificate =>
  aCaCertificate({
    subject: aName(`CN=${name}`),
    issuer: aName(`CN=${issuer}`),
    publicKey: key(name),
    basicConstraints: { ca: true, pathLength: 5 },
    serialNumber: `by:${issuer}`,
    ...overrides,
  });
export const leaf = (name: string, issuer: string, overrides: CertificateOverrides = {}): Certificate =>
  aCertificate({
    subject: aName(`CN=${name}`),
    issuer: aName(`CN=${issuer}`),
    publicKey: key(`${name} of ${issuer}`),
    serialNumber: `by:${issuer}`,
    ...overrides,
  });

/** Signs by writing JSON: whoever wants real signatures tests the adapter. */
class PlainSigner implements TokenSigner {
  beforeSign: () => Promise<void> = async () => undefined;
  signed = 0;
  keyId = () => 'k1';
  catchUp = async () => undefined;
  async sign(claims: TokenClaims): Promise<string> {
    await this.beforeSign();
    this.signed += 1;
    return JSON.stringify(claims);
  }
  async verify(jwt: string): Promise<Decision<TokenClaims, { code: 'token.malformed' }>> {
    return jwt.startsWith('{') ? grant(JSON.parse(jwt) as TokenClaims) : refuse({ code: 'token.malformed' });
  }
  publicKeys = () => ({ keys: [] });
  keys = (): readonly TokenKey[] => [{ id: 'k1', madeAt: new Date(0) }];
  rotate = async () => 'k2';
}

const plainHasher: PasswordHasher = {
  hash: async (password) => `hash of ${password}`,
  verify: async (password, hash) => hash === `hash of ${password}`,
};

/** A list is its JSON. */
const plainListSigner = {
  sign: async (tenant: string, list: ListToSign) => new TextEncoder().encode(JSON.stringify({ tenant, ...list })),
  certificateOf: async (tenant: string) => new TextEncoder().encode(`signer of ${tenant}`),
};

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** An instance with the tenants `main` and `other`, and no trust yet. */
export async function anInstance({ sharing = false, caps = {} }: { readonly sharing?: boolean; readonly caps?: Partial<Caps> } = {}) {
  const state = emptyState();
  const certificates = new Map<string, Certificate>();
  const events: AuditEvent[] = [];
  let ids = 0;
  const world = {
    reader: {
      read: (der: Uint8Array) => {
        const known = certificates.get(new TextDecoder().decode(der));
        return known ? grant(known) : refuse({ code: 'chain.not-der' as const, evidence: { problem: 'unknown bytes' } });
      },
    },
    verifier: {
      verifies: (child: Certificate, issuer: Certificate) => signs(issuer, child),
      /** A signature is `<key> signed <text>`. */
      signedText: (text: string, signature: Uint8Array, { publicKey }: Certificate) =>
        new TextDecoder().decode(signature) === `${new TextDecoder().decode(publicKey.spki)} signed ${text}`,
    },
    decoder: {
      decode: (upload: string | Uint8Array) =>
        upload instanceof Uint8Array ? grant([upload]) : grant(upload.split('\n').map((der) => new TextEncoder().encode(der))),
    },
    anchors: new InMemoryTrustAnchorStore({ state }),
    tenants: new InMemoryTenantDirectory({ state }),
    devices: new InMemoryDeviceRegistry({ state }),
    withdrawn: new InMemoryWithdrawnTokens({ state }),
    revocations: new InMemoryRevocationStore({ state }),
    lists: new InMemoryRevocationLists({ state }),
    answers: new InMemoryResponderAnswers({ state }),
    administrators: new InMemoryAdministratorDirectory({ state }),
    trail: new InMemoryAuditTrail({ state }),
    seen: new InMemorySeenCertificates({ state }),
    paths: new InMemorySeenPaths({ state }),
    successions: new InMemorySuccessions({ state }),
    epoch: new InMemoryAdmissionEpoch({ state }),
    feed: new InMemoryChangeFeed({ state }),
    sessions: new InMemorySessionBoard({ log: SILENT }),
    clock: new FixedClock(),
    identifiers: { next: () => `id-${++ids}` },
    audit: { record: (event: AuditEvent) => void events.push(event) },
    signer: new PlainSigner(),
    hasher: plainHasher,
    listSigner: plainListSigner,
    sharing,
    caps: { ...NO_CAPS, ...caps },
    pause: async () => undefined,
  };
  await world.tenants.create(aTenant());
  await world.tenants.create(aTenant({ id: 'other' as never, domain: 'other.example.com' }));

  /** Makes the bytes of certificates readable. */
  const known = (...all: Certificate[]): Certificate[] => {
    for (const certificate of all) certificates.set(new TextDecoder().decode(certificate.der), certificate);
    return all;
  };
  const tokens = new RequestToken(world);
  const desk = new RememberCertificates({ ...world, log: SILENT });
  const refusals = new KeepRefusals({ ...world, store: new InMemoryRefusalStore({ state }), log: SILENT });
  const wanted: Wanted[] = [];
  const asking = { want: (all: readonly Wanted[]) => void wanted.push(...all) };
  const gate = new ConnectDevice({ ...world, certificates: desk, refusals, asking });
  return {
    ...world,
    ...{ state, events, gate, tokens, known, certificates: desk, refusals, wanted },
    trust: new ManageTrustAnchors(world),
    possession: new ProvePossession(world),
    tenantDesk: new ManageTenants(world),
    revocationDesk: new ManageRevocations(world),
    deviceDesk: new ManageDevices({ ...world, certificates: desk }),
    impact: new ForeseeChanges(world),
    rollovers: new ManageRollovers(world),
    users: new ManageUsers(world),
    access: new AuthenticatePrincipals({ ...world, tokens }),
    explain: new ExplainChain(world),
    liveExplain: new ExplainConnect({ ...world, gate }),
    trusting: async (certificate: Certificate, overrides: Partial<TrustAnchor> = {}) => {
      known(certificate);
      const anchor = anAnchor({ certificate, ...overrides });
      await world.anchors.add(anchor, await world.epoch.current());
      return anchor;
    },
    /** One request with a chain, without a connection. */
    admit: (chain: readonly Certificate[]) =>
      gate.admit({ chain: known(...chain).map(({ der }) => der), handshakeBytes: 3000, clientId: '', acceptsAssignedId: true, from: '127.0.0.1' }),
    /** What the gate would say to one request, without consequences. */
    examine: (chain: readonly Certificate[], within?: string) =>
      gate.examine({ chain: known(...chain).map(({ der }) => der), handshakeBytes: 3000, clientId: '', acceptsAssignedId: true, from: '127.0.0.1' }, within as never),
    /** Connects with a chain; `ended` collects why the session was ended. */
    connect: async (chain: readonly Certificate[], overrides: Partial<ConnectQuestion> = {}) => {
      const ended: string[] = [];
      const question: ConnectQuestion = {
        chain: known(...chain).map(({ der }) => der),
        ...{ handshakeBytes: 3000, clientId: '', acceptsAssignedId: true, from: '127.0.0.1', end: (why) => ended.push(why) },
        ...overrides,
      };
      return { verdict: await gate.connect(question), ended };
    },
  };
}

/** What was granted; a refusal fails the test with its code. */
export function granted<T>(decision: Decision<T, Refusal>): T {
  if (!decision.granted) throw new Error(`refused: ${decision.refusal.code}`);
  return decision.value;
}
