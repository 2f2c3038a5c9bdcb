/** Tokens that no surface may take for good, made from one that is. */
import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { TokenClaims } from '../../../src/domain/tokens/token-claims.ts';
import { openMemoryTokenSigner } from '../../../src/adapters/signing/open-token-signer.ts';
import { jwsPart } from '../../support/token-builders.ts';
import type { Api } from './an-api.ts';

const decoded = (part: string | undefined): Record<string, unknown> => JSON.parse(Buffer.from(part!, 'base64url').toString());
export const claimsOf = (jwt: string): TokenClaims => decoded(jwt.split('.')[1]) as unknown as TokenClaims;

/** Each with the abuse case it stands for. `good` is a token that counts. */
export async function hostileTokens({ signer, clock, tenants }: Pick<Api, 'signer' | 'clock' | 'tenants'>, good: string): Promise<readonly (readonly [string, string])[]> {
  const [header = '', payload = '', signature = ''] = good.split('.');
  const claims = claimsOf(good);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const stranger = await openMemoryTokenSigner({ algorithm: 'ES256', clock });
  const es256 = (signed: string): string => `${signed}.${sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  const withHeader = (change: object): string => jwsPart({ ...decoded(header), ...change });
  const hmac = `${withHeader({ alg: 'HS256' })}.${payload}`;
  const signed = (change: Partial<Record<keyof TokenClaims, unknown>>): Promise<string> => signer.sign({ ...claims, jti: randomUUID(), ...change } as TokenClaims);
  const second = Math.floor(clock.now().getTime() / 1000);
  const other = (await tenants.list()).find(({ id }) => id === 'other')!;
  return [
    ['J01 another last character', `${good.slice(0, -1)}${good.endsWith('A') ? 'B' : 'A'}`],
    ['J01 another payload', `${header}.${jwsPart({ ...claims, sub: 'device_press-8' })}.${signature}`],
    ['J01 the signature cut off', `${header}.${payload}.`],
    ['J01 padding', `${good}=`],
    ['J01 the answer of s/dat', `71,${good}`],
    ['J01 garbage', 'x.y.z'],
    ['J02 alg none', `${withHeader({ alg: 'none' })}.${payload}.`],
    ['J03 HMAC with the public key', `${hmac}.${createHmac('sha256', JSON.stringify(signer.publicKeys().keys[0])).update(hmac).digest('base64url')}`],
    ['J04 a key in the header', es256(`${withHeader({ jwk: privateKey.export({ format: 'jwk' }) })}.${payload}`)],
    ['J05 a kid that is a path', es256(`${withHeader({ kid: '../../etc/passwd' })}.${payload}`)],
    ['J09 another instance under our kid', es256(`${header}.${payload}`)],
    ['J09 another instance', await stranger.sign(claims)],
    ['J07 exp now', await signed({ exp: second })],
    ['J07 nbf in a minute', await signed({ nbf: second + 60 })],
    ['J10 another issuer', await signed({ iss: 'evil.example.com', aud: 'evil.example.com' })],
    ['J10 another audience', await signed({ aud: 'evil.example.com' })],
    ['J10 the issuer of another tenant', await signed({ iss: other.domain, aud: other.domain })],
    ['T08 the tenant of another issuer', await signed({ ten: 'other' })],
    ['T08 the same device of another tenant, where no such device is', await signed({ ten: 'other', iss: other.domain, aud: other.domain })],
    ['T16 a tenant that is none', await signed({ ten: '%' })],
    ['X26 a subject that is no device', await signed({ sub: 'admin' })],
    ['X26 a device id that is none', await signed({ sub: 'device_../x' })],
    ['D-19 a CA that never was', await signed({ anchors: ['00'.repeat(20)] })],
    ['D-19 silence on when its device was registered', await signed({ reg: undefined })],
    ['D-41 silence on the certificates by which its device was let in', await signed({ path: undefined })],
  ];
}

/** Every way by which a token dies before its end. */
export const WITHDRAWALS: readonly (readonly [how: string, code: string, route: `${string} ${string}`, as: 'main/admin' | 'main/registrar' | 'management/admin', payload: object | undefined])[] = [
  ['its CA disabled', 'token.trust-withdrawn', 'PUT /tenant/tenants/main/trusted-certificates/:ca', 'main/admin', { status: 'DISABLED' }],
  ['its CA deleted', 'token.trust-withdrawn', 'DELETE /tenant/tenants/main/trusted-certificates/:ca', 'main/admin', undefined],
  ['its device removed', 'token.device-removed', 'DELETE /fleetgate/devices/press-7', 'main/registrar', undefined],
  ['its device blocked', 'token.device-blocked', 'POST /fleetgate/devices/press-7/block', 'main/registrar', { reason: 'stolen' }],
  ['its certificate revoked', 'token.certificate-revoked', 'POST /fleetgate/revocations', 'main/admin', { serialNumber: '01' }],
  ['its certificate revoked by the compatible API', 'token.certificate-revoked', 'PUT /tenant/trusted-certificates/settings/crl', 'main/admin', { crls: [{ serialNumberInHex: '1' }] }],
  ['its certificate held', 'token.certificate-revoked', 'POST /fleetgate/revocations/hold', 'main/admin', { serialNumber: '01' }],
  ['its tenant suspended (T13)', 'token.tenant-suspended', 'PUT /tenant/tenants/main', 'management/admin', { status: 'SUSPENDED' }],
];
