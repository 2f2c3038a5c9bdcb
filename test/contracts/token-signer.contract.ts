import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';
import type { TokenClaims } from '../../src/domain/tokens/token-claims.ts';
import type { TokenSigner } from '../../src/ports/driven/token-signer.ts';
import { headerOf, someClaims } from '../support/token-builders.ts';
import type { Opened } from './opened.ts';

/** What every TokenSigner promises. `open` hands over one with a single, new key. */
export function tokenSignerContract(name: string, open: () => Promise<Opened<TokenSigner>>): void {
  describe(`${name} keeps the promises of a TokenSigner`, () => {
    let subject: TokenSigner;
    let close: () => Promise<void>;
    beforeEach(async () => {
      ({ subject, close } = await open());
    });
    afterEach(() => close());

    it('verifies what it signed, and gives back the claims as they were', async () => {
      const claims = someClaims({ sub: 'device_Größe-鍵-🔑', anchors: ['01'.repeat(20), '02'.repeat(20)], rules: 'cbf29ce484222325', path: [['0a', '01'.repeat(20), '2.5.4.10=größe\u00012.5.4.3=鍵'], ['0b', '02'.repeat(20), '']] });
      expect(await subject.verify(await subject.sign(claims))).toEqual({ granted: true, value: claims });
    });

    it('J12 signs one compact JWS in base64url on one line, with alg, typ and kid in its header and no more', async () => {
      const jwt = await subject.sign(someClaims());
      expect(jwt).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      expect(headerOf(jwt)).toEqual({ alg: expect.stringMatching(/^(ES256|RS256|EdDSA)$/), typ: 'JWT', kid: subject.keyId() });
    });

    it('publishes the key by which others verify the token', async () => {
      const published = createLocalJWKSet(subject.publicKeys() as unknown as JSONWebKeySet);
      const { payload } = await compactVerify(await subject.sign(someClaims()), published);
      expect(JSON.parse(Buffer.from(payload).toString())).toEqual(someClaims());
    });

    it('J08 publishes public members only', async () => {
      await subject.rotate();
      for (const key of subject.publicKeys().keys) {
        expect(key).toMatchObject({ kid: expect.stringMatching(/^[\w-]{43}$/), use: 'sig', alg: expect.any(String), kty: expect.any(String) });
        for (const secret of ['d', 'k', 'p', 'q', 'dp', 'dq', 'qi', 'oth']) expect(key).not.toHaveProperty(secret);
      }
    });

    it('J08 signs with a new key after a rotation, and still verifies the tokens of the former one', async () => {
      const formerId = subject.keyId();
      const former = await subject.sign(someClaims());
      const newId = await subject.rotate();
      const recent = await subject.sign(someClaims());
      expect(newId).not.toBe(formerId);
      expect(subject.keyId()).toBe(newId);
      expect(headerOf(recent)['kid']).toBe(newId);
      expect(await subject.verify(former)).toEqual({ granted: true, value: someClaims() });
      expect(await subject.verify(recent)).toEqual({ granted: true, value: someClaims() });
      expect(subject.publicKeys().keys.map(({ kid }) => kid)).toEqual([newId, formerId]);
    });

    it('says of each key when it was made, and until when it checks once another one signs', async () => {
      const formerId = subject.keyId();
      const [alone] = subject.keys();
      expect(alone).toEqual({ id: formerId, madeAt: expect.any(Date) });
      const newId = await subject.rotate();
      const [signing, former] = subject.keys();
      expect(subject.keys()).toHaveLength(2);
      expect(signing).toEqual({ id: newId, madeAt: expect.any(Date) });
      expect(former).toEqual({ ...alone, checksUntil: expect.any(Date) });
      expect(former!.checksUntil!.getTime()).toBeGreaterThan(signing!.madeAt.getTime());
    });

    it('rotates once for every call, also when they race', async () => {
      const first = subject.keyId();
      const ids = await Promise.all([subject.rotate(), subject.rotate(), subject.rotate()]);
      expect(new Set([first, ...ids]).size).toBe(4);
      expect(subject.keyId()).toBe(ids[2]);
      expect(subject.publicKeys().keys).toHaveLength(4);
    });

    it('J01 refuses a token in which any one character is another, the last one too', async () => {
      const jwt = await subject.sign(someClaims());
      for (let at = 0; at < jwt.length; at++) {
        const other = jwt[at] === 'A' ? 'B' : 'A';
        const verdict = await subject.verify(jwt.slice(0, at) + other + jwt.slice(at + 1));
        expect([at, verdict.granted]).toEqual([at, false]);
      }
    });

    it('J01 refuses a token that lost or gained a character anywhere', async () => {
      const jwt = await subject.sign(someClaims());
      for (const [start, end] of [[0, 1], [10, 11], [jwt.length - 1, jwt.length]] as const) {
        expect((await subject.verify(jwt.slice(0, start) + jwt.slice(end))).granted).toBe(false);
        for (const more of ['A', '=', ' ', '\n', '.']) expect((await subject.verify(jwt.slice(0, end) + more + jwt.slice(end))).granted).toBe(false);
      }
    });

    it.each(['reg', 'path'] as const)('J06 refuses a token of its own that does not say %s: no change of trust could reach it', async (claim) => {
      const { [claim]: _left, ...rest } = someClaims();
      expect(await subject.verify(await subject.sign(rest as TokenClaims))).toMatchObject({ granted: false, refusal: { code: 'token.malformed' } });
    });

    it('never rejects because of its argument', async () => {
      const part = fc.oneof(fc.string(), fc.json().map((text) => Buffer.from(text).toString('base64url')));
      const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.tuple(part, part, part).map((parts) => parts.join('.')));
      await fc.assert(
        fc.asyncProperty(anything, async (text) => {
          expect(await subject.verify(text)).toMatchObject({ granted: false, refusal: { code: expect.stringMatching(/^token\./) } });
        }),
      );
    });
  });
}
