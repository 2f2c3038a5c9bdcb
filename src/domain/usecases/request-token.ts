import { parseFingerprint, type Thumbprint } from '../certificates/certificate.ts';
import type { Principal } from '../access/administrator.ts';
import type { DeviceId } from '../identity/device-identity.ts';
import type { Refusal } from '../refusal.ts';
import type { AdmittedDevice, DeviceSession } from '../sessions/device-session.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import { decideClaims, decideClaimsHold, decideLiveTrust, isBoundTo, type LiveState } from '../tokens/decide-token.ts';
import { IssuedTokens } from '../tokens/issued-tokens.ts';
import { TOKEN_OPTIONS, issuerOf, tokenPolicy, type TokenOption, type TokenPolicy } from '../tokens/token-policy.ts';
import { parseTenantId, type Tenant, type TenantId } from '../trust/tenant.ts';
import type { AdmissionEpoch } from '../../ports/driven/admission-epoch.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import type { Identifiers } from '../../ports/driven/identifiers.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { TokenSigner } from '../../ports/driven/token-signer.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import type { TokenDesk } from '../../ports/driving/token-desk.ts';

export interface RequestTokenNeeds {
  readonly signer: TokenSigner;
  readonly anchors: TrustAnchorStore;
  readonly tenants: TenantDirectory;
  readonly devices: DeviceRegistry;
  readonly sessions: SessionBoard;
  readonly epoch: AdmissionEpoch;
  readonly clock: Clock;
  readonly identifiers: Identifiers;
  readonly audit: AuditLog;
}

/** How often one request is judged anew because trust moved while its token was being signed. */
const ATTEMPTS = 3;

/** Hands out device tokens and recognises them again; both by the live state (D-12, D-14). */
export class RequestToken implements TokenDesk {
  readonly #needs: RequestTokenNeeds;
  readonly #issued = new IssuedTokens();

  constructor(needs: RequestTokenNeeds) {
    this.#needs = needs;
  }

  async issue(session: DeviceSession): Promise<Decision<string, Refusal>> {
    return this.#issue(session, () => this.#needs.sessions.isOpen(session.id));
  }

  async issueTo(device: AdmittedDevice): Promise<Decision<string, Refusal>> {
    return this.#issue(device, () => true);
  }

  async #issue(device: AdmittedDevice, isHere: () => boolean): Promise<Decision<string, Refusal>> {
    const { epoch, audit } = this.#needs;
    const whose = { tenant: device.tenant, device: device.device };
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const before = await epoch.current();
      const decision = isHere() ? await this.#decide(device) : refuse({ code: 'token.trust-withdrawn' } as const);
      // J14: a token that was signed while trust moved is thrown away, and the question asked anew.
      if (decision.granted && (await epoch.current()) !== before) continue;
      audit.record(
        decision.granted
          ? { what: 'token.issued', ...whose }
          : { what: 'token.refused', ...whose, reason: decision.refusal.code },
      );
      return decision;
    }
    return refuse({ code: 'token.trust-withdrawn' });
  }

  async recognise(jwt: string, shown?: Thumbprint): Promise<Decision<Extract<Principal, { kind: 'device' }>, Refusal>> {
    const { signer, tenants, clock } = this.#needs;
    const at = clock.now();
    const read = await signer.verify(jwt);
    if (!read.granted) return read;
    const claims = read.value;
    const id = parseTenantId(claims.ten);
    const tenant = id && (await tenants.find(id));
    if (!tenant) return refuse({ code: 'token.wrong-issuer' });
    const device = decideClaimsHold(claims, tenant, at);
    if (!device.granted) return device;
    if (shown !== undefined && !isBoundTo(claims, shown)) return refuse({ code: 'token.other-certificate' });
    const live = decideLiveTrust(await this.#liveState(tenant.id, device.value, claims.anchors, at));
    if (!live.granted) return live;
    return grant({ kind: 'device', tenant: tenant.id, name: claims.sub, device: device.value });
  }

  async #decide(device: AdmittedDevice): Promise<Decision<string, Refusal>> {
    const { clock, signer, identifiers } = this.#needs;
    const at = clock.now();
    const live = decideLiveTrust(await this.#liveState(device.tenant, device.device, device.anchors, at));
    if (!live.granted) return live;
    const policy = await this.#policyOf(live.value.id);
    const claims = decideClaims({
      device,
      tenant: live.value,
      policy,
      at,
      jti: identifiers.next(),
      xsrfToken: identifiers.next(),
    });
    if (!claims.granted) return claims;
    const sameness = this.#samenessOf(device, live.value, policy);
    const issued = this.#issued.stillGood(sameness, at);
    if (issued !== undefined) return grant(issued);
    const jwt = await signer.sign(claims.value);
    this.#issued.keep(sameness, { jwt, iat: claims.value.iat, exp: claims.value.exp });
    return grant(jwt);
  }

  /** D-12: two requests get the same token only if all that went into it is the same. */
  #samenessOf(device: AdmittedDevice, tenant: Tenant, policy: TokenPolicy): string {
    const issuer = issuerOf(tenant, policy.issuerForm);
    return [device.leaf, device.tenant, issuer, policy.lifetime, this.#needs.signer.keyId(), ...device.anchors].join(' ');
  }

  async #liveState(tenant: TenantId, device: DeviceId, anchors: readonly string[], at: Date): Promise<LiveState> {
    const fingerprints = anchors.map(parseFingerprint).filter((fingerprint) => fingerprint !== undefined);
    const [tenantNow, deviceNow, ...anchorsNow] = await Promise.all([
      this.#needs.tenants.find(tenant),
      this.#needs.devices.find(tenant, device),
      ...fingerprints.map((fingerprint) => this.#needs.anchors.find(tenant, fingerprint)),
    ]);
    return { tenant: tenantNow, device: deviceNow, anchors: anchorsNow.filter((anchor) => anchor !== undefined), at };
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
