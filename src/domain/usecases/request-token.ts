import { auditEntry } from '../audit/audit-entry.ts';
import type { Thumbprint } from '../certificates/certificate.ts';
import type { Principal } from '../access/administrator.ts';
import type { Refusal } from '../refusal.ts';
import type { AdmittedDevice, DeviceSession } from '../sessions/device-session.ts';
import { NO_CAPS, type Caps } from '../overload/caps.ts';
import { Rates } from '../overload/rates.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import { decideClaims, decideClaimsHold, decideLiveTrust, isBoundTo } from '../tokens/decide-token.ts';
import { IssuedTokens } from '../tokens/issued-tokens.ts';
import { pathOfClaim } from '../tokens/path-claim.ts';
import type { TokenClaims } from '../tokens/token-claims.ts';
import { TOKEN_OPTIONS, issuerOf, tokenPolicy, type TokenOption, type TokenPolicy } from '../tokens/token-policy.ts';
import { MANAGEMENT, parseTenantId, type Tenant, type TenantId } from '../trust/tenant.ts';
import type { AdmissionEpoch } from '../../ports/driven/admission-epoch.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import type { ChangeFeed } from '../../ports/driven/change-feed.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import type { Identifiers } from '../../ports/driven/identifiers.ts';
import type { ResponderAnswers } from '../../ports/driven/responder-answers.ts';
import type { RevocationLists } from '../../ports/driven/revocation-lists.ts';
import type { RevocationStore } from '../../ports/driven/revocation-store.ts';
import type { SeenPaths } from '../../ports/driven/seen-paths.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { TokenSigner } from '../../ports/driven/token-signer.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import type { WithdrawnTokens } from '../../ports/driven/withdrawn-tokens.ts';
import type { Asker, TokenDesk } from '../../ports/driving/token-desk.ts';
import { liveState } from './live-state.ts';
import { trustStoodStill } from './trust-stood-still.ts';

export interface RequestTokenNeeds {
  readonly signer: TokenSigner;
  readonly anchors: TrustAnchorStore;
  readonly tenants: TenantDirectory;
  readonly devices: DeviceRegistry;
  readonly revocations: RevocationStore;
  readonly lists: RevocationLists;
  readonly answers: ResponderAnswers;
  readonly paths: SeenPaths;
  readonly reader: CertificateReader;
  readonly withdrawn: WithdrawnTokens;
  readonly sessions: SessionBoard;
  readonly epoch: AdmissionEpoch;
  readonly feed: Pick<ChangeFeed, 'after'>;
  readonly clock: Clock;
  readonly identifiers: Identifiers;
  readonly audit: AuditLog;
  /** None where absent. */
  readonly caps?: Pick<Caps, 'tokensPerDevice'>;
}

/** How often one request is judged anew because trust moved while its token was being signed. */
const ATTEMPTS = 3;

/** How much longer than the token itself its withdrawal is remembered: a clock that is set back revives nothing. */
const CLOCK_MARGIN_MS = 3_600_000;

type DevicePrincipal = Extract<Principal, { kind: 'device' }>;

/** Hands out device tokens and recognises them again; both by the live state (D-12, D-14). */
export class RequestToken implements TokenDesk {
  readonly #needs: RequestTokenNeeds;
  readonly #issued = new IssuedTokens();
  readonly #requests: Rates;

  constructor(needs: RequestTokenNeeds) {
    this.#needs = needs;
    const { tokensPerDevice: burst } = needs.caps ?? NO_CAPS;
    this.#requests = new Rates({ perSecond: burst / 60, burst });
  }

  async issue(session: DeviceSession): Promise<Decision<string, Refusal>> {
    return this.#issue(session, () => this.#needs.sessions.isOpen(session.id));
  }

  async issueTo(device: AdmittedDevice): Promise<Decision<string, Refusal>> {
    return this.#issue(device, () => true);
  }

  async #issue(device: AdmittedDevice, isHere: () => boolean): Promise<Decision<string, Refusal>> {
    const { epoch, audit, clock } = this.#needs;
    const whose = { tenant: device.tenant, device: device.device };
    const seconds = this.#requests.take(`${device.tenant}/${device.device}`, clock.now().getTime());
    if (seconds > 0) {
      audit.record({ what: 'token.refused', ...whose, reason: 'token.too-often' });
      return refuse({ code: 'token.too-often', evidence: { seconds } });
    }
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const before = await epoch.current();
      const decision = isHere() ? await this.#decide(device, before) : refuse({ code: 'token.trust-withdrawn' } as const);
      // J14: a token that was signed while trust moved is thrown away, and the question asked anew.
      if (decision.granted && !(await trustStoodStill(this.#needs, before, device))) continue;
      audit.record(
        decision.granted
          ? { what: 'token.issued', ...whose }
          : { what: 'token.refused', ...whose, reason: decision.refusal.code },
      );
      return decision;
    }
    return refuse({ code: 'token.trust-withdrawn' });
  }

  async recognise(jwt: string, shown?: Thumbprint): Promise<Decision<DevicePrincipal, Refusal>> {
    const read = await this.#needs.signer.verify(jwt);
    return read.granted ? this.#whose(read.value, shown) : read;
  }

  async inspect(jwt: string, asker: TenantId): Promise<TokenClaims | undefined> {
    const read = await this.#needs.signer.verify(jwt);
    if (!read.granted || !mayKnowOf(read.value, asker)) return undefined;
    return (await this.#whose(read.value)).granted ? read.value : undefined;
  }

  async withdraw(jwt: string, { tenant: asker, by }: Asker): Promise<'withdrawn' | 'nothing-to-withdraw'> {
    const { signer, withdrawn, clock, audit } = this.#needs;
    const read = await signer.verify(jwt);
    const tenant = read.granted && mayKnowOf(read.value, asker) ? parseTenantId(read.value.ten) : undefined;
    if (!read.granted || !tenant) return 'nothing-to-withdraw';
    const { jti, exp, sub } = read.value;
    const at = clock.now();
    if (at.getTime() >= exp * 1000) return 'nothing-to-withdraw';
    const said = { what: 'token.withdrawn', tenant, by, subject: sub } as const;
    const entry = auditEntry(said, at, { before: { jti, expires: new Date(exp * 1000) } });
    if ((await withdrawn.add({ tenant, jti, at, keepUntil: new Date(exp * 1000 + CLOCK_MARGIN_MS) }, [entry])) === 'added') audit.record(said);
    return 'withdrawn';
  }

  /** Whose token with these claims is, if it counts now. */
  async #whose(claims: TokenClaims, shown?: Thumbprint): Promise<Decision<DevicePrincipal, Refusal>> {
    const { tenants, withdrawn, clock } = this.#needs;
    const at = clock.now();
    const id = parseTenantId(claims.ten);
    const tenant = id && (await tenants.find(id));
    if (!tenant) return refuse({ code: 'token.wrong-issuer' });
    const device = decideClaimsHold(claims, tenant, at);
    if (!device.granted) return device;
    if (shown !== undefined && !isBoundTo(claims, shown)) return refuse({ code: 'token.other-certificate' });
    const live = decideLiveTrust(await liveState(this.#needs, { tenant: tenant.id, device: device.value, anchors: claims.anchors, path: pathOfClaim(claims.path), rules: claims.rules, registered: claims.reg, at }));
    if (!live.granted) return live;
    if (await withdrawn.has(tenant.id, claims.jti)) return refuse({ code: 'token.withdrawn' });
    return grant({ kind: 'device', tenant: tenant.id, name: claims.sub, device: device.value });
  }

  async #decide(device: AdmittedDevice, epoch: number): Promise<Decision<string, Refusal>> {
    const { clock, signer, withdrawn, identifiers } = this.#needs;
    const at = clock.now();
    const state = await liveState(this.#needs, { ...device, at });
    const live = decideLiveTrust(state);
    if (!live.granted) return live;
    const { tenant, registeredAt } = live.value;
    const policy = await this.#policyOf(tenant.id);
    const claims = decideClaims({
      ...{ device, tenant, registeredAt, rules: state.rules },
      policy,
      at,
      jti: identifiers.next(),
      xsrfToken: identifiers.next(),
    });
    if (!claims.granted) return claims;
    const sameness = this.#samenessOf(device, tenant, policy, epoch);
    const issued = this.#issued.stillGood(sameness, at);
    if (issued && !(await withdrawn.has(device.tenant, issued.jti))) return grant(issued.jwt);
    const jwt = await signer.sign(claims.value);
    const { jti, iat, exp } = claims.value;
    this.#issued.keep(sameness, { jwt, jti, iat, exp });
    return grant(jwt);
  }

  /** D-12: two requests get the same token only if all that went into it is the same, and trust stood still in between. */
  #samenessOf(device: AdmittedDevice, tenant: Tenant, policy: TokenPolicy, epoch: number): string {
    const issuer = issuerOf(tenant, policy.issuerForm);
    return [device.leaf, device.tenant, device.device, issuer, policy.lifetime, this.#needs.signer.keyId(), epoch, ...device.anchors, ...device.path.map(({ fingerprint }) => fingerprint)].join(' ');
  }

  async #policyOf(tenant: TenantId): Promise<TokenPolicy> {
    const names = Object.keys(TOKEN_OPTIONS) as TokenOption[];
    const values = await Promise.all(
      names.map(async (name) => {
        const [category = '', key = ''] = name.split('/');
        return [name, await this.#needs.tenants.option(tenant, category, key)] as const;
      }),
    );
    return tokenPolicy(Object.fromEntries(values) as Record<TokenOption, string | undefined>);
  }
}

/** A tenant knows of its own tokens, the one that runs the instance of all. */
const mayKnowOf = ({ ten }: TokenClaims, asker: TenantId): boolean => asker === MANAGEMENT || asker === ten;
