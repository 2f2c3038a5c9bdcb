import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ForgeCertificateReader } from '../../../src/adapters/pki/forge-certificate-reader.ts';
import { NodeSignatureVerifier } from '../../../src/adapters/pki/node-signature-verifier.ts';
import { buildPaths } from '../../../src/domain/certificates/build-paths.ts';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import { judgePaths } from '../../../src/domain/certificates/judge-paths.ts';
import { readChain } from '../../../src/domain/certificates/read-chain.ts';
import type { Refusal } from '../../../src/domain/refusal.ts';
import { anAnchor } from '../../support/certificate-builders.ts';
import { aDevice, anIntermediate, aRoot } from '../../support/pki.ts';

const reader = new ForgeCertificateReader();
const verifier = new NodeSignatureVerifier();
const read = (der: Uint8Array): Certificate => {
  const certificate = reader.read(der);
  if (!certificate.granted) throw new Error(certificate.refusal.code);
  return certificate.value;
};

/** The chain of a device with its intermediate, and the verdict on whatever is made of it. */
async function aChain() {
  const [root, mid] = [await aRoot(), await anIntermediate()];
  const device = await aDevice(mid);
  const anchor = anAnchor({ certificate: read(root.der) });
  const at = new Date(Date.now() + 1_000);
  const judge = (chain: readonly Uint8Array[]): Refusal | undefined => {
    const sent = readChain({ chain, handshakeBytes: 3_000 }, (der) => reader.read(der));
    if (!sent.granted) return sent.refusal;
    const found = buildPaths({ chain: sent.value, anchors: [anchor], verifies: (child, issuer) => verifier.verifies(child, issuer) });
    const verdict = judgePaths(found, at);
    return verdict.granted ? undefined : verdict.refusal;
  };
  return { ders: [device.der, mid.der] as const, judge };
}

describe('A chain of real certificates', () => {
  it('X03 X16 is refused with any one bit of it turned over', async () => {
    const { ders, judge } = await aChain();
    expect(judge(ders)).toBeUndefined();
    const admitted: string[] = [];
    for (const [which, der] of ders.entries()) {
      for (let bit = 0; bit < der.length * 8; bit += 1) {
        const turned = der.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        if (judge(which === 0 ? [turned, ders[1]] : [ders[0], turned]) === undefined) admitted.push(`certificate ${which}, bit ${bit}`);
      }
    }
    expect(admitted).toEqual([]);
  });

  it('X03 X16 is refused with bytes taken out, put in, repeated, or exchanged between its certificates', async () => {
    const { ders, judge } = await aChain();
    const cut = fc.record({ which: fc.nat(1), at: fc.nat(10_000), length: fc.integer({ min: 1, max: 40 }), from: fc.nat(10_000), how: fc.constantFrom('out', 'in', 'again', 'other'), bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }) });
    fc.assert(
      fc.property(fc.array(cut, { minLength: 1, maxLength: 3 }), (cuts) => {
        const chain = cuts.reduce<readonly Uint8Array[]>((all, { which, at, length, from, how, bytes }) => {
          const [der, other] = [all[which]!, all[1 - which]!];
          const place = at % der.length;
          const source = how === 'again' ? der : other;
          const put = how === 'out' ? [] : how === 'in' ? bytes : source.subarray(from % source.length, (from % source.length) + length);
          const skipped = how === 'in' || how === 'again' ? 0 : length;
          const next = Uint8Array.from([...der.subarray(0, place), ...put, ...der.subarray(place + skipped)]);
          return which === 0 ? [next, all[1]!] : [all[0]!, next];
        }, ders);
        const isSame = chain.every((der, i) => Buffer.compare(der, ders[i]!) === 0);
        expect(judge(chain) === undefined).toBe(isSame);
      }),
      { numRuns: 1_500 },
    );
  });
});
