import { describe, expect, it } from '@jest/globals';
import type { Thumbprint } from '../../../src/domain/certificates/certificate.ts';
import { decideClaims, decideClaimsHold, decideLiveTrust, isBoundTo, type LiveState } from '../../../src/domain/tokens/decide-token.ts';
import { IssuedTokens } from '../../../src/domain/tokens/issued-tokens.ts';
import { pathClaimOf, pathOfClaim } from '../../../src/domain/tokens/path-claim.ts';
import type { TokenClaims } from '../../../src/domain/tokens/token-claims.ts';
import { tokenPolicy, type TokenOption, type TokenPolicy } from '../../../src/domain/tokens/token-policy.ts';
import { aCaCertificate, aCertificate, aDevice, after, aName, anAnchor, aRevocation, aSession, aTenant, DAY, NOW, SECOND } from '../../support/certificate-builders.ts';

const POLICY: TokenPolicy = { enabled: true, lifetime: 3600, issuerForm: 'host' };
const SECONDS = NOW.getTime() / 1000;
const asking = (overrides: Partial<Parameters<typeof decideClaims>[0]> = {}) =>
  decideClaims({ device: aSession(), registeredAt: after(7), tenant: aTenant(), policy: POLICY, at: NOW, jti: 'id', xsrfToken: 'chance', ...overrides });
const claimsOf = (overrides?: Parameters<typeof asking>[0]): TokenClaims => {
  const decision = asking(overrides);
  if (!decision.granted) throw new Error(decision.refusal.code);
  return decision.value;
};

describe('A token says what wire-contract §3.2 and D-12 say', () => {
  it('holds every claim', () => {
    expect(claimsOf()).toEqual({
      jti: 'id', iss: 'main.example.com', aud: 'main.example.com', sub: 'device_press-7', tci: 'device_token_config',
      iat: SECONDS, nbf: SECONDS, exp: SECONDS + 3600, tfa: false, ten: 'main', xsrfToken: 'chance',
      cnf: { 'x5t#S256': Buffer.from(aSession().leaf, 'hex').toString('base64url') }, anchors: aSession().anchors, reg: NOW.getTime() + 7,
      path: [['01', aCertificate().fingerprint, aCaCertificate().subject.key]],
    });
  });

  it('names the tenant as a URL where the tenant wants that', () => {
    expect(claimsOf({ policy: { ...POLICY, issuerForm: 'url' } })).toMatchObject({ iss: 'https://main.example.com', aud: 'https://main.example.com' });
  });

  it('never outlives the certificate', () => {
    expect(claimsOf({ device: aSession({ notAfter: after(10 * SECOND) }) }).exp).toBe(SECONDS + 10);
  });

  it('is refused when the certificate has ended', () => {
    expect(asking({ device: aSession({ notAfter: NOW }) })).toMatchObject({ refusal: { code: 'token.certificate-expired' } });
  });

  it('is refused when the tenant has switched tokens off', () => {
    expect(asking({ policy: { ...POLICY, enabled: false } })).toEqual({ granted: false, refusal: { code: 'token.switched-off' } });
  });
});

describe('The trust behind a token is asked anew each time (D-14)', () => {
  const good = (): LiveState => ({ tenant: aTenant(), device: aDevice(), anchors: [anAnchor()], path: aSession().path, revocations: [], at: NOW });

  it('stands on its limit', () => {
    expect(decideLiveTrust(good())).toEqual({ granted: true, value: { tenant: aTenant(), registeredAt: NOW } });
    expect(decideLiveTrust({ ...good(), registered: NOW.getTime() }).granted).toBe(true);
  });

  it('stands while one of several anchors does', () => {
    expect(decideLiveTrust({ ...good(), anchors: [anAnchor({ status: 'disabled' }), anAnchor()] }).granted).toBe(true);
  });

  const ended = aCaCertificate({ notBefore: after(-DAY), notAfter: after(-SECOND) });
  const begins = aCaCertificate({ notBefore: after(SECOND), notAfter: after(DAY) });
  it.each<[string, Partial<LiveState>, string]>([
    ['tenant suspended', { tenant: aTenant({ status: 'suspended' }) }, 'token.tenant-suspended'],
    ['tenant gone', { tenant: undefined }, 'token.tenant-suspended'],
    ['device removed', { device: undefined }, 'token.device-removed'],
    ['device removed, and registered anew a millisecond later', { registered: NOW.getTime() - 1 }, 'token.device-removed'],
    ['device registered anew after the clock was set back', { registered: NOW.getTime() + 1 }, 'token.device-removed'],
    ['anchor removed', { anchors: [] }, 'token.trust-withdrawn'],
    ['anchor disabled', { anchors: [anAnchor({ status: 'disabled' })] }, 'token.trust-withdrawn'],
    ['anchor inert', { anchors: [anAnchor({ inert: true })] }, 'token.trust-withdrawn'],
    ['anchor expired', { anchors: [anAnchor({ certificate: ended })] }, 'token.trust-withdrawn'],
    ['anchor not yet valid', { anchors: [anAnchor({ certificate: begins })] }, 'token.trust-withdrawn'],
  ])('%s: refused', (_what, change, code) => {
    expect(decideLiveTrust({ ...good(), ...change })).toEqual({ granted: false, refusal: { code } });
  });

  it('device blocked: refused, with the operator’s reason and not with the operator', () => {
    const device = aDevice({ block: { reason: 'stolen', by: 'main/admin', at: NOW } });
    expect(decideLiveTrust({ ...good(), device })).toEqual({ granted: false, refusal: { code: 'token.device-blocked', evidence: { reason: 'stolen' } } });
  });
});

describe('A certificate that is revoked takes its tokens with it (D-41)', () => {
  const [leaf] = aSession().path;
  const good = (): LiveState => ({ tenant: aTenant(), device: aDevice(), anchors: [anAnchor()], path: aSession().path, revocations: [], at: NOW });
  it.each(['manual', 'hold', 'crl:1', 'ocsp'] as const)('by %s', (source) => {
    expect(decideLiveTrust({ ...good(), revocations: [aRevocation({ source })] })).toEqual({
      granted: false,
      refusal: { code: 'token.certificate-revoked', depth: 0, evidence: { serialNumber: '01', since: NOW.toISOString(), reason: 'unspecified' } },
    });
  });

  it('and no other’s', () => {
    expect(decideLiveTrust({ ...good(), revocations: [aRevocation({ serialNumber: '02' })] }).granted).toBe(true);
  });

  it('reads from the claim what was written into it', () => {
    const path = [leaf!, { ...leaf!, serialNumber: '0b' }];
    expect(pathOfClaim(pathClaimOf(path))).toEqual(path);
  });

  it('says nothing of an issuer whose name is too long, and then any issuer’s revocation of that serial number counts', () => {
    const [fits, tooLong] = [199, 200].map((letters) => aName(`${'O'}=${'x'.repeat(letters - '2.5.4.10='.length + 1)}`).key);
    expect([fits!.length, tooLong!.length]).toEqual([200, 201]);
    const [kept, left] = pathOfClaim(pathClaimOf([{ ...leaf!, issuer: fits! }, { ...leaf!, issuer: tooLong! }]));
    expect([kept!.issuer, left!.issuer]).toEqual([fits, '']);
    const said = [aRevocation({ issuer: aName('CN=Somebody').key })];
    expect(decideLiveTrust({ ...good(), path: [kept!], revocations: said }).granted).toBe(true);
    expect(decideLiveTrust({ ...good(), path: [left!], revocations: said }).granted).toBe(false);
  });
});

describe('A token that is shown counts within its time and for its tenant', () => {
  const at = (seconds: number) => new Date((SECONDS + seconds) * 1000);
  it('from nbf, included', () => {
    expect(decideClaimsHold(claimsOf(), aTenant(), NOW)).toEqual({ granted: true, value: 'press-7' });
  });
  it('J07 until 1 s before exp', () => {
    expect(decideClaimsHold(claimsOf(), aTenant(), at(3599)).granted).toBe(true);
  });
  it.each([0, 1])('J07 not at exp + %i s', (late) => {
    expect(decideClaimsHold(claimsOf(), aTenant(), at(3600 + late))).toMatchObject({ refusal: { code: 'token.expired' } });
  });
  it('F18 and 10 s before nbf, as clocks differ', () => {
    expect(decideClaimsHold(claimsOf(), aTenant(), at(-10)).granted).toBe(true);
  });
  it('J07 not 11 s before nbf', () => {
    expect(decideClaimsHold(claimsOf(), aTenant(), at(-11))).toMatchObject({ refusal: { code: 'token.not-yet-valid' } });
  });
  it.each<[string, Partial<TokenClaims>, string]>([
    ['J10 another issuer', { iss: 'other.example.com' }, 'token.wrong-issuer'],
    ['J10 another audience', { aud: 'other.example.com' }, 'token.wrong-issuer'],
    ['a user that is no device', { sub: 'admin' }, 'token.malformed'],
    ['a device id that is none', { sub: 'device_a/b' }, 'token.malformed'],
  ])('%s: refused', (_what, change, code) => {
    expect(decideClaimsHold({ ...claimsOf(), ...change }, aTenant(), NOW)).toMatchObject({ refusal: { code } });
  });
  it('counts in both forms of its issuer, so that a switch of the form kills no token', () => {
    expect(decideClaimsHold(claimsOf({ policy: { ...POLICY, issuerForm: 'url' } }), aTenant(), NOW).granted).toBe(true);
  });
});

describe('The policy of a tenant', () => {
  const options = (set: Partial<Record<TokenOption, string>> = {}): Record<TokenOption, string | undefined> => ({
    'oauth.internal/device-token.enabled': undefined,
    'oauth.internal/device-token.lifespan.seconds': undefined,
    'oauth.internal/device-token.issuer': undefined,
    ...set,
  });
  it('is tokens for an hour, issued by the host name, unless it is set', () => {
    expect(tokenPolicy(options())).toEqual(POLICY);
  });
  it.each([['300', 300], ['86400', 86_400], ['299', 3600], ['86401', 3600], ['1e3', 3600], ['', 3600]])('a lifespan of %j means %i s', (set, lifetime) => {
    expect(tokenPolicy(options({ 'oauth.internal/device-token.lifespan.seconds': set })).lifetime).toBe(lifetime);
  });
  it.each([['false', false], ['true', true], ['no', true]])('a switch of %j means %s', (set, enabled) => {
    expect(tokenPolicy(options({ 'oauth.internal/device-token.enabled': set })).enabled).toBe(enabled);
  });
});

describe('A token is bound to one certificate (RFC 8705 §3.1)', () => {
  it.each([['its own', aSession().leaf, true], ['another', 'ab'.repeat(32) as Thumbprint, false]] as const)('%s: %s %s', (_which, shown, bound) => {
    expect(isBoundTo(claimsOf(), shown)).toBe(bound);
  });
});

describe('Tokens that may be handed out again (D-12)', () => {
  const issued = { jwt: 'a.b.c', jti: 'id', iat: SECONDS, exp: SECONDS + 3600 };
  const at = (seconds: number) => new Date((SECONDS + seconds) * 1000);
  it.each([[0, 'a.b.c'], [1799, 'a.b.c'], [1800, undefined], [-1, undefined]])('%i s after it was issued: %s', (seconds, jwt) => {
    const tokens = new IssuedTokens();
    tokens.keep('k', issued);
    expect(tokens.stillGood('k', at(seconds))?.jwt).toBe(jwt);
    expect(tokens.stillGood('other', at(0))).toBeUndefined();
  });
  it('are bounded: the oldest goes first', () => {
    const tokens = new IssuedTokens();
    for (let i = 0; i <= 20_000; i++) tokens.keep(`k${i}`, issued);
    expect(tokens.stillGood('k0', NOW)).toBeUndefined();
    expect(tokens.stillGood('k1', NOW)).toEqual(issued);
  });
});
