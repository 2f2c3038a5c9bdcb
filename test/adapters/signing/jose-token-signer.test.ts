import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { JoseTokenSigner } from '../../../src/adapters/signing/jose-token-signer.ts';
import { OVERLAP_MS, openKeyRing, type KeyRing } from '../../../src/adapters/signing/key-ring.ts';
import { MemoryKeyStore } from '../../../src/adapters/signing/key-store.ts';
import { openMemoryTokenSigner } from '../../../src/adapters/signing/open-token-signer.ts';
import type { Fingerprint } from '../../../src/domain/certificates/certificate.ts';
import type { NameKey } from '../../../src/domain/certificates/distinguished-name.ts';
import { pathClaimOf } from '../../../src/domain/tokens/path-claim.ts';
import { TOKEN_ALGORITHMS } from '../../../src/adapters/signing/signing-key.ts';
import { FixedClock, NOW } from '../../support/certificate-builders.ts';
import { headerOf, jwsPart, someClaims } from '../../support/token-builders.ts';
import { tokenSignerContract } from '../../contracts/token-signer.contract.ts';

for (const algorithm of TOKEN_ALGORITHMS) {
  tokenSignerContract(`JoseTokenSigner with ${algorithm}`, async () => ({
    subject: await openMemoryTokenSigner({ algorithm, clock: new FixedClock(NOW) }),
    close: async () => undefined,
  }));
}

describe('A token that this instance did not make', () => {
  let ring: KeyRing;
  let signer: JoseTokenSigner;
  let good: string;
  beforeAll(async () => {
    ring = await openKeyRing({ store: new MemoryKeyStore(), clock: new FixedClock(NOW), algorithm: 'ES256', ranBefore: false });
    signer = new JoseTokenSigner({ ring });
    good = await signer.sign(someClaims());
  });

  const es256 = (signed: string, key: KeyObject = ring.signing().privateKey): string =>
    `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  /** Signed by the true key, so that only the header can be the reason. */
  const withHeader = (header: object): string => es256(`${jwsPart({ alg: 'ES256', typ: 'JWT', kid: ring.signing().kid, ...header })}.${good.split('.')[1]}`);
  const withPayload = (payload: object | string): string => es256(`${good.split('.')[0]}.${jwsPart(payload)}`);
  const codeOf = async (jwt: string): Promise<string> => {
    const verdict = await signer.verify(jwt);
    return verdict.granted ? 'granted' : verdict.refusal.code;
  };

  it('is judged by tests that would grant it, were nothing spoilt', async () => {
    expect(await codeOf(withHeader({}))).toBe('granted');
    expect(await codeOf(withPayload(someClaims()))).toBe('granted');
  });

  it.each(['none', 'None', 'NONE', 'nOnE', 'none ', '', 'null', 'HS256', 'HS512', 'ES384', 'es256', 'PS256'])('J02 is refused with alg "%s", signed or not', async (alg) => {
    expect(await codeOf(withHeader({ alg }))).toBe('token.algorithm');
    const [header, payload] = withHeader({ alg }).split('.');
    expect(await codeOf(`${header}.${payload}.`)).toBe('token.algorithm');
  });

  it.each([undefined, null, true, 0, ['ES256'], { alg: 'ES256' }])('J02 is refused with an alg that is no text: %j', async (alg) => {
    expect(await codeOf(withHeader({ alg }))).toBe('token.algorithm');
  });

  it('J02 is refused without a signature', async () => {
    expect(await codeOf(good.slice(0, good.lastIndexOf('.') + 1))).toBe('token.signature');
  });

  it('J03 is refused with an HMAC made with the public key, in every form of it', async () => {
    const { publicKey, jwk } = ring.signing();
    const forms = [publicKey.export({ type: 'spki', format: 'pem' }), publicKey.export({ type: 'spki', format: 'der' }), JSON.stringify(jwk), Buffer.from(jwk['x']!, 'base64url')];
    for (const secret of forms) {
      for (const alg of ['HS256', 'ES256']) {
        const signed = `${jwsPart({ alg, typ: 'JWT', kid: ring.signing().kid })}.${good.split('.')[1]}`;
        const forged = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
        expect(await codeOf(forged)).toBe(alg === 'HS256' ? 'token.algorithm' : 'token.signature');
      }
    }
  });

  it('J01 is refused with the algorithm of another kind of key', async () => {
    expect(await codeOf(withHeader({ alg: 'EdDSA' }))).toBe('token.algorithm');
    expect(await codeOf(withHeader({ alg: 'RS256' }))).toBe('token.algorithm');
  });

  it('J01 is refused with the signature r = s = 0', async () => {
    expect(await codeOf(`${good.slice(0, good.lastIndexOf('.'))}.${Buffer.alloc(64).toString('base64url')}`)).toBe('token.signature');
  });

  it('J01 is refused with an ECDSA signature in DER', async () => {
    const signed = good.slice(0, good.lastIndexOf('.'));
    const der = sign('sha256', Buffer.from(signed), { key: ring.signing().privateKey, dsaEncoding: 'der' });
    expect(await codeOf(`${signed}.${der.toString('base64url')}`)).toBe('token.signature');
  });

  it('J09 is refused when another instance signed it under our kid', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(await codeOf(es256(good.slice(0, good.lastIndexOf('.')), privateKey))).toBe('token.signature');
  });

  describe('J04 with a key or an address of a key in its header', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const lures = {
      jwk: publicKey.export({ format: 'jwk' }),
      jku: 'http://127.0.0.1:9/keys.json',
      x5u: 'http://127.0.0.1:9/chain.pem',
      x5c: [publicKey.export({ type: 'spki', format: 'der' }).toString('base64')],
      'x5t#S256': 'AAAA',
    };
    let fetched: ReturnType<typeof jest.spyOn>;
    beforeEach(() => void (fetched = jest.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('nothing may be fetched') as never)));
    afterEach(() => fetched.mockRestore());

    it.each(Object.entries(lures))('is refused when that key signed it, and nothing is fetched: %s', async (name, lure) => {
      const signed = `${jwsPart({ alg: 'ES256', typ: 'JWT', kid: ring.signing().kid, [name]: lure })}.${good.split('.')[1]}`;
      expect(await codeOf(es256(signed, privateKey))).toBe('token.signature');
      const nameless = `${jwsPart({ alg: 'ES256', typ: 'JWT', [name]: lure })}.${good.split('.')[1]}`;
      expect(await codeOf(es256(nameless, privateKey))).toBe('token.unknown-key');
      expect(fetched).not.toHaveBeenCalled();
    });
  });

  it.each([
    ['a path', '../../../../dev/null'],
    ['an absolute path', '/etc/passwd'],
    ['SQL', "x' UNION SELECT 'secret'; --"],
    ['a prototype', '__proto__'],
    ['another prototype', 'constructor'],
    ['a NUL', 'key\0'],
    ['nothing', ''],
    ['no text but an object', { kid: 'x' }],
    ['no text but a list', ['x']],
    ['null', null],
    ['8 KB', 'k'.repeat(8_192)],
  ])('J05 is refused with a kid that is %s', async (_what, kid) => {
    expect(await codeOf(withHeader({ kid }))).toBe('token.unknown-key');
  });

  it('J05 is refused with a kid of 100 KB before anything is decoded', async () => {
    expect(await signer.verify(withHeader({ kid: 'k'.repeat(100_000) }))).toEqual({
      granted: false,
      refusal: { code: 'token.malformed', evidence: { found: 'more than 16384 bytes' } },
    });
  });

  it('J01 is judged by its length at 16384 bytes, and refused unread at 16385', async () => {
    const padded = (length: number): string => `${'A'.repeat(length - 2)}..`;
    expect(await signer.verify(padded(16_384))).toMatchObject({ refusal: { evidence: { found: 'a header that is no JSON object' } } });
    expect(await signer.verify(padded(16_385))).toMatchObject({ refusal: { evidence: { found: 'more than 16384 bytes' } } });
  });

  it.each([
    ['crit with b64', { crit: ['b64'], b64: false }],
    ['crit with an unknown name', { crit: ['x'], x: 1 }],
    ['an empty crit', { crit: [] }],
    ['a crit of null', { crit: null }],
    ['another typ', { typ: 'at+jwt' }],
    ['typ in another case', { typ: 'jwt' }],
    ['no typ', { typ: undefined }],
  ])('J01 is refused with %s', async (_what, header) => {
    expect(await codeOf(withHeader(header))).toBe('token.malformed');
  });

  it.each(['', '.', '..', '...', 'a.b', 'a.b.c.d', 'a.b.c.d.e', '{}.{}.{}', 'Bearer x.y.z'])('J01 is refused when it is no compact JWS: "%s"', async (text) => {
    expect(await codeOf(text)).toBe('token.malformed');
  });

  it.each(['[]', 'null', '"x"', '{', '\ufeff{}', '1'])('J01 is refused with a header that is %s', async (header) => {
    expect(await codeOf(es256(`${jwsPart(header)}.${good.split('.')[1]}`))).toBe('token.malformed');
  });

  it('J01 is refused with a header that is not UTF-8', async () => {
    const latin1 = Buffer.from(`{"alg":"ES256","typ":"JWT","kid":"${ring.signing().kid}","x":"\xe9"}`, 'latin1').toString('base64url');
    expect(await codeOf(es256(`${latin1}.${good.split('.')[1]}`))).toBe('token.malformed');
  });

  it('J01 is refused with the last character of another spelling of the same signature', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    // 64 bytes end in a character of which four bits are unused: fifteen other characters stand for the same bytes.
    const bytes = Buffer.from(good.split('.')[2]!, 'base64url');
    const others = [...alphabet].filter((c) => !good.endsWith(c) && Buffer.from(good.split('.')[2]!.slice(0, -1) + c, 'base64url').equals(bytes));
    expect(others).toHaveLength(15);
    for (const other of others) expect(await codeOf(good.slice(0, -1) + other)).toBe('token.malformed');
  });

  it.each<[string, unknown]>([
    ['a text', '4000000000'],
    ['null', null],
    ['a fraction', 4e9 + 0.5],
    ['negative', -1],
    ['a list', [4e9]],
    ['an object', { valueOf: 4e9 }],
    ['true', true],
    ['beyond the safe integers', 2 ** 53],
  ])('J07 is refused with an exp that is %s', async (_what, exp) => {
    for (const claim of ['exp', 'nbf', 'iat']) {
      expect(await signer.verify(withPayload({ ...someClaims(), [claim]: exp }))).toEqual({
        granted: false,
        refusal: { code: 'token.malformed', evidence: { found: `no usable claim ${claim}` } },
      });
    }
  });

  it('J07 is refused with an exp that JSON reads as infinite', async () => {
    expect(await codeOf(withPayload(JSON.stringify(someClaims()).replace(/"exp":\d+/, '"exp":1e999')))).toBe('token.malformed');
  });

  it.each(Object.keys(someClaims()))('J01 is refused without the claim %s', async (claim) => {
    const { [claim]: _left, ...rest } = { ...someClaims() } as Record<string, unknown>;
    expect(await codeOf(withPayload(rest))).toBe('token.malformed');
  });

  it.each<[string, unknown]>([
    ['jti', 1], ['jti', ''], ['iss', ['acme.example.com']], ['aud', ['acme.example.com']], ['sub', {}], ['sub', ''], ['tci', 'user_token'], ['tfa', true],
    ['tfa', 'false'], ['ten', null], ['xsrfToken', 7], ['cnf', null], ['cnf', {}], ['cnf', { 'x5t#S256': 1 }], ['anchors', []], ['anchors', 'ab'], ['anchors', [1]], ['anchors', { 0: 'ab' }],
    ['reg', null], ['reg', '1'], ['reg', -1], ['reg', 1.5], ['path', null], ['path', []], ['path', 'ab'], ['path', [['01', 'ab']]], ['path', [['01', 'ab', 1]]], ['path', [['01', 'ab', '', '']]], ['rules', null], ['rules', ''],
  ])('J01 is refused with the claim %s of the wrong shape: %j', async (claim, wrong) => {
    expect(await codeOf(withPayload({ ...someClaims(), [claim]: wrong }))).toBe('token.malformed');
  });

  it.each(['[]', 'null', '', 'no JSON'])('J01 is refused with a payload that is "%s"', async (payload) => {
    expect(await codeOf(withPayload(payload))).toBe('token.malformed');
  });

  it('J01 is refused with a payload that is not UTF-8, which could make two device ids one', async () => {
    const latin1 = Buffer.from(JSON.stringify(someClaims({ sub: 'device_\xe9' })), 'latin1').toString('base64url');
    expect(await codeOf(es256(`${good.split('.')[0]}.${latin1}`))).toBe('token.malformed');
  });

  it('gives no claim to the reader that a device token does not have', async () => {
    const verdict = await signer.verify(withPayload({ ...someClaims(), admin: true, cnf: { ...someClaims().cnf, jwk: {} } }));
    expect(verdict).toEqual({ granted: true, value: someClaims() });
  });

  it('J13 fits into the largest packet even with the longest names, in every algorithm', async () => {
    const longest = someClaims({
      sub: `device_${'\u{10FFFD}'.repeat(254)}`,
      iss: `https://${'d'.repeat(253)}`,
      aud: `https://${'d'.repeat(253)}`,
      ten: 't'.repeat(32),
      anchors: Array.from({ length: 20 }, (_, i) => `${i}`.padStart(40, '0')),
    });
    for (const algorithm of TOKEN_ALGORITHMS) {
      const jwt = await (await openMemoryTokenSigner({ algorithm, clock: new FixedClock(NOW) })).sign(longest);
      expect(Buffer.byteLength(`71,${jwt}`)).toBeLessThan(8_000); // the packet's limit is 16184
    }
  });

  it('J13 fits into the largest packet also with the longest path, and is read again', async () => {
    const certificate = { serialNumber: 'f'.repeat(40), fingerprint: 'a'.repeat(40) as Fingerprint, issuer: '鍵'.repeat(200) as NameKey };
    const longest = someClaims({
      ...{ sub: `device_${'\u{10FFFD}'.repeat(254)}`, iss: `https://${'d'.repeat(253)}`, aud: `https://${'d'.repeat(253)}`, ten: 't'.repeat(32) },
      ...{ anchors: Array.from({ length: 20 }, (_, i) => `${i}`.padStart(40, '0')), path: pathClaimOf(Array.from({ length: 10 }, () => certificate)) },
    });
    for (const algorithm of TOKEN_ALGORITHMS) {
      const largest = await openMemoryTokenSigner({ algorithm, clock: new FixedClock(NOW) });
      const jwt = await largest.sign(longest);
      expect(Buffer.byteLength(`71,${jwt}`)).toBeLessThan(16_100);
      expect(await largest.verify(jwt)).toEqual({ granted: true, value: longest });
    }
  });
});

describe('Keys of others that cannot be read', () => {
  it('J05 D-73 are no error of a token by an unknown key, which is refused as what it is; known keys verify on', async () => {
    const store = new MemoryKeyStore();
    const needs = { store, clock: new FixedClock(NOW), algorithm: 'ES256', settleMs: 0 } as const;
    const signer = new JoseTokenSigner({ ring: await openKeyRing({ ...needs, ranBefore: false }) });
    const known = await signer.sign(someClaims());
    const other = await openMemoryTokenSigner(needs);
    const load = jest.spyOn(store, 'load').mockRejectedValue(new Error('the key cannot be opened'));
    expect(await signer.verify(await other.sign(someClaims()))).toEqual({ granted: false, refusal: { code: 'token.unknown-key' } });
    expect(load).toHaveBeenCalledTimes(1);
    expect((await signer.verify(known)).granted).toBe(true);
    await expect(signer.catchUp()).rejects.toThrow('the key cannot be opened');
  });
});

describe('Rotation', () => {
  it('J08 verifies and publishes a former key to the end of the overlap, and neither from then on', async () => {
    const clock = new FixedClock(NOW);
    const signer = await openMemoryTokenSigner({ algorithm: 'ES256', clock });
    const formerId = signer.keyId();
    const former = await signer.sign(someClaims());
    await signer.rotate();
    clock.set(new Date(NOW.getTime() + OVERLAP_MS - 1));
    expect((await signer.verify(former)).granted).toBe(true);
    expect(signer.publicKeys().keys.map(({ kid }) => kid)).toContain(formerId);
    clock.set(new Date(NOW.getTime() + OVERLAP_MS));
    expect(await signer.verify(former)).toMatchObject({ granted: false, refusal: { code: 'token.unknown-key' } });
    expect(signer.publicKeys().keys.map(({ kid }) => kid)).toEqual([signer.keyId()]);
  });

  it('J08 overlaps for longer than the longest lifetime, 24 hours', () => {
    expect(OVERLAP_MS).toBeGreaterThan(24 * 3_600_000);
  });

  it('J08 keeps tokens of one algorithm good while another signs', async () => {
    const store = new MemoryKeyStore();
    const clock = new FixedClock(NOW);
    const before = new JoseTokenSigner({ ring: await openKeyRing({ store, clock, algorithm: 'ES256', ranBefore: false }) });
    const old = await before.sign(someClaims());
    const after = new JoseTokenSigner({ ring: await openKeyRing({ store, clock, algorithm: 'EdDSA', ranBefore: true }) });
    const recent = await after.sign(someClaims());
    expect([headerOf(old)['alg'], headerOf(recent)['alg']]).toEqual(['ES256', 'EdDSA']);
    expect((await after.verify(old)).granted).toBe(true);
    expect((await after.verify(recent)).granted).toBe(true);
  });
});
