import type { Certificate } from '../certificates/certificate.ts';
import { shortNameText } from '../certificates/distinguished-name.ts';
import { readChain } from '../certificates/read-chain.ts';
import { refusalDetail, type ToldRefusal } from '../explanations/refusal-detail.ts';
import { readIdentity } from '../identity/read-identity.ts';
import { waysOf } from '../impact/way.ts';
import { NO_CAPS, type Caps } from '../overload/caps.ts';
import { CrowdControl } from '../overload/crowd-control.ts';
import { sessionRoom } from '../overload/session-room.ts';
import type { Refusal } from '../refusal.ts';
import { decideRegistration } from '../registration/decide-registration.ts';
import type { AdmittedDevice, DeviceSession } from '../sessions/device-session.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import { resolveTenant } from '../trust/resolve-tenant.ts';
import { searchTrust } from '../trust/search-trust.ts';
import { tenantConcerned } from '../trust/tenant-concerned.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { AdmissionEpoch } from '../../ports/driven/admission-epoch.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import type { ChangeFeed } from '../../ports/driven/change-feed.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import type { Identifiers } from '../../ports/driven/identifiers.ts';
import type { ResponderAnswers } from '../../ports/driven/responder-answers.ts';
import type { Pause } from '../../ports/driven/pause.ts';
import type { RevocationLists } from '../../ports/driven/revocation-lists.ts';
import type { RevocationStore } from '../../ports/driven/revocation-store.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import type { SignatureVerifier } from '../../ports/driven/signature-verifier.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import type { CertificateDesk } from '../../ports/driving/certificate-desk.ts';
import type { RefusalDesk } from '../../ports/driving/refusal-desk.ts';
import type { ResponderAsking } from '../../ports/driving/responder-asking.ts';
import type { Admission, AdmitQuestion, ConnectQuestion, DeviceGate } from '../../ports/driving/device-gate.ts';
import { askTenant } from './ask-tenant.ts';
import { cameBy, deviceOf, isWithin, namesIn, NO_BOARD, sessionOf, tenantsOf, type Board, type Judged, type Known, type Verdict } from './judged-connect.ts';
import { RegisterItself } from './register-itself.ts';
import { trustStoodStill } from './trust-stood-still.ts';

export interface ConnectDeviceNeeds {
  readonly reader: CertificateReader;
  readonly verifier: SignatureVerifier;
  readonly anchors: TrustAnchorStore;
  readonly tenants: TenantDirectory;
  readonly devices: DeviceRegistry;
  readonly revocations: RevocationStore;
  readonly lists: RevocationLists;
  readonly answers: ResponderAnswers;
  readonly sessions: SessionBoard;
  readonly epoch: AdmissionEpoch;
  readonly feed: Pick<ChangeFeed, 'after'>;
  readonly clock: Clock;
  readonly identifiers: Identifiers;
  readonly audit: AuditLog;
  readonly certificates: Pick<CertificateDesk, 'saw'>;
  readonly refusals: Pick<RefusalDesk, 'refused'>;
  readonly asking: Pick<ResponderAsking, 'want'>;
  readonly pause: Pause;
  /** None where absent. */
  readonly caps?: Caps;
}

/** How often one connection is judged anew because trust moved while it was being judged. */
const ATTEMPTS = 3;

/** The door. Read `#judge` from top to bottom: it is the journey. */
export class ConnectDevice implements DeviceGate {
  readonly #needs: ConnectDeviceNeeds & { readonly caps: Caps };
  readonly #crowds: CrowdControl;
  readonly #newcomers: RegisterItself;

  constructor(needs: ConnectDeviceNeeds) {
    this.#needs = { caps: NO_CAPS, ...needs };
    this.#crowds = new CrowdControl(this.#needs.caps, needs.pause);
    this.#newcomers = new RegisterItself(this.#needs);
  }

  readonly #want: ResponderAsking['want'] = (wanted) => this.#needs.asking.want(wanted);

  async connect(question: ConnectQuestion): Promise<Decision<Admission, ToldRefusal>> {
    return this.#inTurn(question, this.#needs.sessions);
  }

  async admit(question: AdmitQuestion): Promise<Decision<AdmittedDevice, ToldRefusal>> {
    return deviceOf(await this.#inTurn({ ...question, end: () => undefined }, NO_BOARD));
  }

  async examine(question: AdmitQuestion, within?: TenantId, at?: Date): Promise<Decision<AdmittedDevice, Refusal>> {
    const trial = { ...(within !== undefined && { within }), ...(at && { at }) };
    return deviceOf(await this.#judge({ ...question, end: () => undefined, trial }, NO_BOARD));
  }

  disconnect(session: DeviceSession): void {
    this.#needs.sessions.close(session.id);
  }

  async #inTurn(question: ConnectQuestion, board: Board): Promise<Decision<Admission, ToldRefusal>> {
    const passage = await this.#crowds.enter(question.from);
    if (!passage) return this.#refused(question, { code: 'registration.gate-busy' });
    return this.#admit({ ...question, passage }, board).finally(() => passage.end());
  }

  async #admit(question: Judged, board: Board): Promise<Decision<Admission, ToldRefusal>> {
    const { epoch } = this.#needs;
    let registered = false;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const before = await epoch.current();
      const verdict = await this.#judge(question, board);
      if (!verdict.granted) return verdict;
      registered ||= verdict.value.registered;
      // D-14: a change that was acknowledged after the judgement read, and before the session stood on the board, has not ended it.
      let stands = false;
      try {
        stands = await trustStoodStill(this.#needs, before, verdict.value.session);
      } finally {
        if (!stands) board.close(verdict.value.session.id);
      }
      if (stands) return this.#admitted(question, { ...verdict.value, registered });
    }
    return this.#refused(question, { code: 'registration.trust-in-motion' });
  }

  async #judge(question: Judged, board: Board): Promise<Decision<Verdict, ToldRefusal>> {
    const { reader, verifier, anchors, tenants, devices, clock, identifiers, caps } = this.#needs;
    const at = question.trial?.at ?? clock.now();

    // 3. DER → certificates.
    const chain = readChain(question, (der) => reader.read(der));
    if (!chain.granted) return this.#refused(question, chain.refusal);

    // 4. Which paths lead to an anchor of anyone? Names find anchors, signatures decide. 5. Which of them hold?
    const known = (await anchors.findNamed([...namesIn(chain.value)])).filter(isWithin(question.trial?.within));
    const verifies = (child: Certificate, issuer: Certificate) => verifier.verifies(child, issuer);
    const { found, trusted } = searchTrust({ chain: chain.value, anchors: known, verifies, at, userName: question.userName });
    const whole = trusted.granted || found.exhausted ? undefined : question.wholeChain?.();
    if (whole) return this.#judge({ ...question, chain: whole, wholeChain: () => undefined }, board);
    if (!trusted.granted) return this.#refused(question, trusted.refusal, { chain: chain.value, tenant: tenantConcerned(found.paths) });

    // 6. Whose device is it?
    const tenant = resolveTenant({ ...question, anchors: trusted.value.anchors, tenants: await tenantsOf(trusted.value.anchors, tenants) });
    if (!tenant.granted) return this.#refused(question, tenant.refusal, { chain: chain.value, tenant: tenantConcerned(found.paths) });

    // A crowd of its tenant waits for itself (T14).
    const turn = await question.passage?.within(tenant.value.id, at);
    if (turn && !turn.granted) return this.#refused(question, turn.refusal, { chain: chain.value, tenant: tenant.value.id });

    // 6a, 6b. Does it meet what this tenant asks beyond that, and is none of it revoked? One such path will do.
    const asked = { paths: trusted.value.paths, tenant: tenant.value.id, at, want: question.trial ? undefined : this.#want };
    const [standing, still] = await Promise.all([askTenant(this.#needs, asked), tenants.find(tenant.value.id)]);
    // It may have ended while this one waited for its turn (T15).
    if (still?.status !== 'active') return this.#refused(question, { code: 'tenant.suspended' }, { chain: chain.value, tenant: tenant.value.id });
    if (!standing.granted) return this.#refused(question, standing.refusal, { chain: chain.value, tenant: tenant.value.id });
    const { path, anchors: own, rules, warnings, rests } = standing.value;

    // 7. Who is it?
    const identity = readIdentity(trusted.value.leaf, question);
    if (!identity.granted) return this.#refused(question, identity.refusal, { chain: chain.value, tenant: tenant.value.id });
    const { device, assignedClientId } = identity.value;

    // 8. May it be here? What is registered is durable before anybody hears of it (D-13).
    const registration = decideRegistration(await devices.find(tenant.value.id, device), own);
    if (!registration.granted) {
      return this.#refused(question, registration.refusal, { chain: chain.value, tenant: tenant.value.id, device });
    }
    const isNew = registration.value === 'registers-itself' && !question.trial;
    const registered = isNew ? await this.#newcomers.register({ tenant: tenant.value.id, id: device, at, anchors: own, from: question.from, board }) : grant(false);
    if (!registered.granted) return this.#refused(question, registered.refusal, { chain: chain.value, tenant: tenant.value.id, device });

    // 9. Session: a former one of this device ends here (D-15). Nothing is awaited between the look at the room and the session.
    const room = sessionRoom(board, tenant.value.id, device, caps.sessionsPerTenant);
    if (!room.granted) return this.#refused(question, room.refusal, { chain: chain.value, tenant: tenant.value.id, device });
    const session = sessionOf({ id: identifiers.next(), tenant: tenant.value.id, device, leaf: trusted.value.leaf, anchors: own, path, rules, rests });
    board.open(session, question.end);
    return grant({ session, registered: registered.value, chain: chain.value, ways: waysOf(standing.value.paths, tenant.value.id), paths: standing.value.paths, warnings, ...(assignedClientId !== undefined && { assignedClientId }) });
  }

  #admitted({ from, clientId, connection, chain: { length: sent } }: AdmitQuestion, { chain, ways, paths, warnings, ...admission }: Verdict): Decision<Admission, Refusal> {
    const { session: { tenant, device }, registered } = admission;
    this.#needs.certificates.saw(tenant, device, chain[0], ways, paths);
    this.#needs.audit.record({ what: 'device.admitted', tenant, device, registered, ...cameBy({ from, connection }) });
    for (const refusal of warnings) {
      this.#needs.audit.record({ what: 'device.would-be-refused', refusal, tenant, device, ...cameBy({ from, connection }), clientId });
      this.#needs.refusals.refused({ refusal, wouldBe: true, from, clientId, sent, tenant, device, chain });
    }
    return grant(admission);
  }

  async #refused({ from, clientId, connection, trial, chain: { length: sent } }: Omit<Judged, 'end'>, refusal: Refusal, known: Known = {}): Promise<Decision<never, ToldRefusal>> {
    if (trial) return refuse(refusal);
    const { chain, tenant, device } = known;
    const whose = { ...(tenant && { tenant }), ...(device && { device }) };
    const certificate = chain && `${shortNameText(chain[0].subject)} ${chain[0].thumbprint}`;
    this.#needs.audit.record({ what: 'device.refused', refusal, ...cameBy({ from, connection }), clientId, ...whose, ...(certificate && { certificate }) });
    this.#needs.refusals.refused({ refusal, from, clientId, sent, ...whose, ...(chain && { chain }) });
    const told = tenant ? refusalDetail(await this.#needs.tenants.option(tenant, 'fleetgate', 'refusal.detail')) : 'sentence';
    return refuse(told === 'sentence' ? refusal : { ...refusal, told });
  }
}
