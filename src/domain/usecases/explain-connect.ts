import type { AnchoredPath } from '../certificates/build-paths.ts';
import type { Certificate } from '../certificates/certificate.ts';
import { checksIn, meetingRules } from '../certificates/judge-tenant-rules.ts';
import { mostPromising, type Trusted, type TrustedPath } from '../certificates/judge-paths.ts';
import { readChain, type Chain } from '../certificates/read-chain.ts';
import { whatToDo } from '../explanations/what-to-do.ts';
import { readIdentity } from '../identity/read-identity.ts';
import type { DeviceId } from '../identity/device-identity.ts';
import type { Refusal, RefusalCode } from '../refusal.ts';
import { decideRegistration } from '../registration/decide-registration.ts';
import type { AdmittedDevice } from '../sessions/device-session.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import { resolveTenant } from '../trust/resolve-tenant.ts';
import { searchTrust } from '../trust/search-trust.ts';
import type { TenantRules } from '../trust/rule-options.ts';
import type { Tenant, TenantId } from '../trust/tenant.ts';
import type { TrustAnchor } from '../trust/trust-anchor.ts';
import type { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import type { SignatureVerifier } from '../../ports/driven/signature-verifier.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import type { AdmitQuestion, DeviceGate } from '../../ports/driving/device-gate.ts';
import type { Check } from '../../ports/driving/explain-desk.ts';
import type { LiveExplainDesk, LiveExplainQuestion, LiveExplanation } from '../../ports/driving/live-explain-desk.ts';
import { askRevocation, modeOf, type RevocationNeeds } from './ask-revocation.ts';
import { rulesOf } from './ask-tenant.ts';
import type { RevocationStep } from './explained-revocation.ts';
import { brokenCheck, checksOf, pathOf, tenantRuleChecks, type Steps } from './explained-steps.ts';

export interface ExplainConnectNeeds extends RevocationNeeds {
  readonly tenants: TenantDirectory;
  readonly reader: CertificateReader;
  readonly verifier: SignatureVerifier;
  readonly anchors: TrustAnchorStore;
  readonly devices: DeviceRegistry;
  readonly clock: Clock;
  readonly gate: Pick<DeviceGate, 'examine'>;
}

/** What the whole instance may answer where one tenant's part of it would admit: more than these would tell of another tenant. */
const TOLD_OF_OTHERS: ReadonlySet<RefusalCode> = new Set<RefusalCode>(['tenant.ambiguous', 'path.budget-exhausted', 'path.too-much-to-compare']);

/** The verdict is the gate's; the checks are its rules, asked one by one without stopping at the first that is broken. */
export class ExplainConnect implements LiveExplainDesk {
  readonly #needs: ExplainConnectNeeds;

  constructor(needs: ExplainConnectNeeds) {
    this.#needs = needs;
  }

  async explain(question: LiveExplainQuestion): Promise<LiveExplanation> {
    const at = question.at ?? this.#needs.clock.now();
    const asked = asConnect(question);
    const verdict = await this.#verdict(asked, question, at);
    const steps = await this.#steps(asked, question, at);
    const refusal = verdict.granted ? undefined : verdict.refusal;
    const checks = withVerdict(checksOf(steps, at), refusal);
    const anchors = steps.best?.anchors ?? [];
    const device = verdict.granted ? verdict.value.device : steps.identity?.granted && steps.identity.value.device;
    return {
      at,
      ...(refusal && { refusal }),
      ...(verdict.granted && { tenant: verdict.value.tenant }),
      ...(device && { device }),
      path: steps.best ? pathOf(steps.best) : [],
      anchors: anchors.map(({ tenant, certificate, name, status }) => ({ tenant, fingerprint: certificate.fingerprint, name, status })),
      checks,
      whatToDo: refusal ? adviceOn(refusal, checks, { sent: question.chain.length, anchors }) : [],
    };
  }

  async #verdict(asked: AdmitQuestion, { within }: LiveExplainQuestion, at: Date): Promise<Decision<AdmittedDevice, Refusal>> {
    const { gate } = this.#needs;
    const verdict = await gate.examine(asked, within, at);
    if (within === undefined || !verdict.granted) return verdict;
    const whole = await gate.examine(asked, undefined, at);
    if (whole.granted) return whole.value.tenant === within ? verdict : refuse({ code: 'tenant.ambiguous' });
    return TOLD_OF_OTHERS.has(whole.refusal.code) ? whole : verdict;
  }

  async #steps(asked: AdmitQuestion, { within }: LiveExplainQuestion, at: Date): Promise<Steps> {
    const { reader, verifier, anchors } = this.#needs;
    const chain = readChain(asked, (der) => reader.read(der));
    if (!chain.granted) return { chain, live: {} };
    const known = (await anchors.findNamed(namesIn(chain.value))).filter(({ tenant }) => within === undefined || tenant === within);
    const verifies = (child: Certificate, issuer: Certificate) => verifier.verifies(child, issuer);
    const { found, trusted } = searchTrust({ chain: chain.value, anchors: known, verifies, at, userName: asked.userName });
    const best = mostPromising(found.paths, at);
    const steps = { chain, trusted, ...(best && { best }) };
    return trusted.granted ? { ...steps, ...(await this.#whose(trusted.value, asked, { at, found: found.paths, best })) } : { ...steps, live: {} };
  }

  async #whose(trusted: Trusted, asked: AdmitQuestion, { at, ...search }: Search): Promise<Pick<Steps, 'best' | 'tenantRules' | 'identity' | 'live'>> {
    const { tenants, devices } = this.#needs;
    const ids = [...new Set(trusted.anchors.map(({ tenant }) => tenant))];
    const fitting = (await Promise.all(ids.map((id) => tenants.find(id)))).filter((tenant) => tenant !== undefined);
    const tenant: Decision<Tenant, Refusal> = resolveTenant({ ...asked, anchors: trusted.anchors, tenants: fitting });
    const identity = readIdentity(trusted.leaf, asked);
    if (!tenant.granted) return { identity, live: { tenant } };
    const rules = await rulesOf(this.#needs, tenant.value.id);
    const { shown, paths } = asRuled(trusted, { ...search, tenant: tenant.value.id, rules });
    const ruled = { ...(shown && { best: shown, tenantRules: tenantRuleChecks(shown, rules) }) };
    const revocation = await this.#revocation(paths, tenant.value.id, at);
    if (!identity.granted) return { ...ruled, identity, live: { tenant, revocation } };
    const own = paths.flatMap(({ anchors }) => anchors).filter((anchor) => anchor.tenant === tenant.value.id);
    const registration = decideRegistration(await devices.find(tenant.value.id, identity.value.device as DeviceId), own);
    return { ...ruled, identity, live: { tenant: grant(tenant.value), revocation, registration } };
  }

  async #revocation(paths: readonly TrustedPath[], tenant: TenantId, at: Date): Promise<RevocationStep> {
    const decision = await askRevocation(this.#needs, { paths, tenant, at });
    const [lists, responders] = await Promise.all((['check.crl', 'check.ocsp'] as const).map((check) => modeOf(this.#needs, tenant, check)));
    return { decision, asksLists: lists !== 'off', asksResponders: responders !== 'off' };
  }
}

interface Search {
  readonly at: Date;
  readonly found: readonly AnchoredPath[];
  readonly best: AnchoredPath | undefined;
}

interface Ruled {
  /** One of the tenant's paths that meets what it enforces, the one that is shown anyway before any other; else the one that the gate speaks of. */
  readonly shown: AnchoredPath | undefined;
  /** Those that meet it; all of the tenant's where none does. */
  readonly paths: readonly TrustedPath[];
}

function asRuled({ paths }: Trusted, { tenant, rules, found, best }: Omit<Search, 'at'> & { readonly tenant: TenantId; readonly rules: TenantRules }): Ruled {
  const own = paths.filter(({ anchors }) => anchors.some((anchor) => anchor.tenant === tenant));
  const first = own.filter(({ certificates }) => certificates === best?.certificates);
  const meeting = meetingRules([...first, ...own], rules, checksIn(rules, 'enforce'));
  const counting = meeting.granted ? meeting.value : own;
  const shown = counting[0] && found.find(({ certificates }) => certificates === counting[0]!.certificates);
  return { shown: shown ?? best, paths: counting };
}

/** A file has no handshake: its bytes are those of its certificates. */
const asConnect = ({ chain, clientId, userName, serverName }: LiveExplainQuestion): AdmitQuestion => ({
  chain,
  handshakeBytes: chain.reduce((sum, { length }) => sum + length, 0),
  clientId: clientId ?? '',
  acceptsAssignedId: true,
  ...(userName !== undefined && { userName }),
  ...(serverName !== undefined && { serverName }),
  from: 'explain',
});

const namesIn = (chain: Chain): Certificate['subject']['key'][] => [...new Set(chain.flatMap(({ subject, issuer }) => [subject.key, issuer.key]))];

/** Where the gate asked what the walk over the rules did not (another tenant, revocation), its answer takes the place of that check, or its own behind the tenant's. */
function withVerdict(checks: readonly Check[], refusal: Refusal | undefined): readonly Check[] {
  if (!refusal || checks.some(({ code, outcome }) => code === refusal.code && outcome === 'broken')) return checks;
  const at = checks.findIndex(({ code }) => code === refusal.code);
  return at === -1 ? [...checks.slice(0, -2), brokenCheck(refusal), ...checks.slice(-2)] : checks.with(at, brokenCheck(refusal));
}

/** First about what the gate stopped at, then about what it would stop at next. */
function adviceOn(refusal: Refusal, checks: readonly Check[], circumstances: { readonly sent: number; readonly anchors: readonly TrustAnchor[] }): readonly string[] {
  const broken = checks.filter(({ outcome }) => outcome === 'broken');
  return [...new Set([refusal, ...broken].map((each) => whatToDo(each, circumstances)))];
}
