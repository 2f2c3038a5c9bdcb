import { describe, expect, it } from '@jest/globals';
import { ForgeCertificateReader } from '../../../src/adapters/pki/forge-certificate-reader.ts';
import { NodeSignatureVerifier } from '../../../src/adapters/pki/node-signature-verifier.ts';
import { ExplainChain } from '../../../src/domain/usecases/explain-chain.ts';
import { BREAKAGE_FACTS, type MintKind } from '../../../src/ports/driven/breakage-facts.ts';
import { BREAKAGES, type Breakage, type KeyWish, type Minted, type MintWish } from '../../../src/ports/driven/certificate-mint.ts';
import { aDevice, anIntermediate, aRoot, derChain, rootOf } from '../../support/pki.ts';

const desk = new ExplainChain({ reader: new ForgeCertificateReader(), verifier: new NodeSignatureVerifier() });
const answer = (device: Minted) => desk.explain({ chain: derChain(device), anchors: [rootOf(device).der], at: new Date() });

/** A device below an intermediate below a root, one of the three broken. */
async function deviceBelow(kind?: MintKind, broken?: Breakage, key: KeyWish = 'p256'): Promise<Minted> {
  const wish = (of: MintKind): Partial<MintWish> => ({ key, ...(of === kind && broken && { broken }) });
  return aDevice(await anIntermediate(await aRoot(wish('root')), wish('intermediate')), wish('device'));
}

/** Where the refusal should point: to the broken certificate, except that a CA is too high for what hangs below it, its constraints are broken by the names below it, and no path has no places. */
function place(kind: MintKind, broken: Breakage): number | undefined {
  if (broken === 'path-too-long') return 2;
  if (broken === 'wrong-issuer-name') return undefined;
  const depth = { device: 0, intermediate: 1, root: 2, server: 0 }[kind];
  return broken === 'name-constraints' ? depth - 1 : depth;
}

describe('The gate’s answer to certificates from the mint', () => {
  it.each<KeyWish>(['p256', 'p384', 'p521', 'rsa2048', 'ed25519'])('is to admit sound ones: %s', async (key) => {
    expect(answer(await deviceBelow(undefined, undefined, key))).toMatchObject({ device: 'press-7' });
    expect(answer(await deviceBelow(undefined, undefined, key)).refusal).toBeUndefined();
  });

  const cases = BREAKAGES.flatMap((broken) =>
    BREAKAGE_FACTS[broken].in.filter((kind) => kind !== 'server').map((kind) => ({ broken, kind, refused: BREAKAGE_FACTS[broken].refused })),
  ).filter(({ broken, kind }) => `${kind} ${broken}` !== 'root sha1');

  it.each(cases)('is $refused to a $kind that is broken by $broken', async ({ broken, kind, refused }) => {
    const { refusal } = answer(await deviceBelow(kind, broken));
    expect([refusal?.code, refusal?.depth]).toEqual([refused, place(kind, broken)]);
  });

  it('X03 is path.signature-invalid to a device that another key than the trusted CA’s signed', async () => {
    const { refusal } = answer(await aDevice(await aRoot(), { broken: 'wrong-key' }));
    expect([refusal?.code, refusal?.depth]).toEqual(['path.signature-invalid', 0]);
  });

  it('X34 REQ-11 is to admit a device below a root that signed itself with SHA-1, for its own signature is not judged (D-4)', async () => {
    expect(answer(await deviceBelow('root', 'sha1')).refusal).toBeUndefined();
  });
});
