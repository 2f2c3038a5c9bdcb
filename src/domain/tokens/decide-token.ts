import type { Thumbprint } from '../certificates/certificate.ts';
import { userNameOf } from '../identity/device-identity.ts';
import { parseDeviceId } from '../identity/device-id-rules.ts';
import type { DeviceId } from '../identity/device-identity.ts';
import type { Device } from '../registration/device.ts';
import { decideRevocation } from '../revocation/decide-revocation.ts';
import type { RevocableCertificate, Revocation } from '../revocation/revocation.ts';
import type { AdmittedDevice } from '../sessions/device-session.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import type { TokenRefusalCode } from '../refusals/codes.ts';
import type { Tenant } from '../trust/tenant.ts';
import { isInForce, type TrustAnchor } from '../trust/trust-anchor.ts';
import { pathClaimOf } from './path-claim.ts';
import type { TokenClaims } from './token-claims.ts';
import { issuerOf, type TokenPolicy } from './token-policy.ts';

type Answer<T> = Decision<T, RefusalOf<TokenRefusalCode>>;

/** What is true now of whoever a token is for. */
export interface LiveState {
  readonly tenant: Tenant | undefined;
  readonly device: Device | undefined;
  /** The tenant's anchors by which the device was admitted, those that are still there. */
  readonly anchors: readonly TrustAnchor[];
  /** By which certificates it was admitted, and all that is said against any of them. */
  readonly path: readonly RevocableCertificate[];
  readonly revocations: readonly Revocation[];
  readonly at: Date;
  /** `reg` of the token that is shown; undefined where none is. */
  readonly registered?: number | undefined;
}

/** Does the trust by which a device was admitted still stand (D-14)? Asked before a token is issued and whenever one is shown here. */
export function decideLiveTrust({ tenant, device, anchors, path, revocations, at, registered }: LiveState): Answer<{ readonly tenant: Tenant; readonly registeredAt: Date }> {
  if (!tenant || tenant.status !== 'active') return refuse({ code: 'token.tenant-suspended' });
  // Compared for being the same, not for which is later: clocks are set back.
  const isSame = registered === undefined || registered === device?.registeredAt.getTime();
  if (!device || !isSame) return refuse({ code: 'token.device-removed' });
  if (device.block) return refuse({ code: 'token.device-blocked', evidence: { reason: device.block.reason } });
  const revoked = decideRevocation(path, revocations);
  if (!revoked.granted) return refuse({ ...revoked.refusal, code: 'token.certificate-revoked' });
  const stands = anchors.some(
    (anchor) => isInForce(anchor) && anchor.certificate.notBefore <= at && at <= anchor.certificate.notAfter,
  );
  return stands ? grant({ tenant, registeredAt: device.registeredAt }) : refuse({ code: 'token.trust-withdrawn' });
}

export interface ClaimsQuestion {
  readonly device: AdmittedDevice;
  readonly registeredAt: Date;
  readonly tenant: Tenant;
  readonly policy: TokenPolicy;
  readonly at: Date;
  readonly jti: string;
  readonly xsrfToken: string;
}

/** May this device have a token now, and what does it say (D-12)? A token never outlives the certificate. */
export function decideClaims({ device, registeredAt, tenant, policy, at, jti, xsrfToken }: ClaimsQuestion): Answer<TokenClaims> {
  if (!policy.enabled) return refuse({ code: 'token.switched-off' });
  const now = Math.floor(at.getTime() / 1000);
  const exp = Math.min(now + policy.lifetime, Math.floor(device.notAfter.getTime() / 1000));
  if (exp <= now) {
    return refuse({ code: 'token.certificate-expired', evidence: { notAfter: device.notAfter.toISOString() } });
  }
  const issuer = issuerOf(tenant, policy.issuerForm);
  return grant({
    jti,
    iss: issuer,
    aud: issuer,
    sub: userNameOf(device.device),
    tci: 'device_token_config',
    iat: now,
    nbf: now,
    exp,
    tfa: false,
    ten: tenant.id,
    xsrfToken,
    cnf: { 'x5t#S256': base64UrlOfHex(device.leaf) },
    anchors: device.anchors,
    reg: registeredAt.getTime(),
    path: pathClaimOf(device.path),
  });
}

/** Nodes have clocks of their own, and a clock is set back by a second now and then: a token just made holds everywhere (RFC 7519 §4.1.5, D-76). */
const NOT_BEFORE_LEEWAY_S = 10;

/** Does a token whose signature held count for this tenant at this time? `exp` itself is too late; `nbf` has a leeway of ten seconds. */
export function decideClaimsHold(claims: TokenClaims, tenant: Tenant, at: Date): Answer<DeviceId> {
  const issuers = [issuerOf(tenant, 'host'), issuerOf(tenant, 'url')];
  if (!issuers.includes(claims.iss) || claims.aud !== claims.iss) {
    return refuse({ code: 'token.wrong-issuer', evidence: { iss: claims.iss, aud: claims.aud } });
  }
  const now = at.getTime() / 1000;
  if (now >= claims.exp) return refuse({ code: 'token.expired', evidence: { exp: claims.exp } });
  if (now < claims.nbf - NOT_BEFORE_LEEWAY_S) return refuse({ code: 'token.not-yet-valid', evidence: { nbf: claims.nbf } });
  const device = parseDeviceId(claims.sub.replace(/^device_/, ''));
  return device.granted && claims.sub === userNameOf(device.value) ? device : refuse({ code: 'token.malformed' });
}

/** Whether a token was issued for the certificate that its bearer shows (RFC 8705 §3.1). */
export const isBoundTo = ({ cnf }: TokenClaims, shown: Thumbprint): boolean => cnf['x5t#S256'] === base64UrlOfHex(shown);

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** RFC 4648 §5 without padding, of bytes given in hex; the domain has no Buffer. */
function base64UrlOfHex(hex: string): string {
  const bits = [...hex].map((digit) => parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
  return (bits.match(/.{1,6}/g) ?? []).map((six) => ALPHABET[parseInt(six.padEnd(6, '0'), 2)]).join('');
}
