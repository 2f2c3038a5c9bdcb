import { describe, expect, it } from '@jest/globals';
import { BREAKAGE_FACTS, type MintKind } from '../../../src/ports/driven/breakage-facts.ts';
import { BREAKAGES, type Breakage, type Minted, type MintWish } from '../../../src/ports/driven/certificate-mint.ts';
import { aDevice, anIntermediate, aRoot, aServer, mint } from '../../support/pki.ts';
import { changesOf, factsOf } from './read-back.ts';

const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const NAME_CONSTRAINTS = '2.5.29.30';
const KEY_IDENTIFIERS = ['2.5.29.14', '2.5.29.35'];
const UNKNOWN = { '1.3.6.1.4.1.32473.1': 'critical 300b06092b0601040181fd5901' };
const ELSEWHERE = { [NAME_CONSTRAINTS]: 'critical 301ca01a3018a416301431123010060355040a0c09456c73657768657265' };

const EVERY_KIND: readonly MintKind[] = ['root', 'intermediate', 'device', 'server'];

async function made(kind: MintKind, broken?: Breakage): Promise<Minted> {
  const wish: Partial<MintWish> = broken ? { broken } : {};
  switch (kind) {
    case 'root':
      return aRoot(wish);
    case 'intermediate':
      return anIntermediate(await aRoot(), wish);
    case 'device':
      return aDevice(await aRoot(), wish);
    case 'server':
      return aServer(await aRoot(), ['localhost'], wish);
  }
}

const rows: readonly (readonly [Breakage, readonly MintKind[], Readonly<Record<string, unknown>>])[] = [
  ['expired', EVERY_KIND, { validity: 'past' }],
  ['not-yet-valid', EVERY_KIND, { validity: 'future' }],
  ['no-ca', ['root', 'intermediate'], { [BASIC_CONSTRAINTS]: 'critical 3000' }],
  ['no-basic-constraints', ['root', 'intermediate'], { [BASIC_CONSTRAINTS]: undefined }],
  ['no-key-cert-sign', ['root', 'intermediate'], { [KEY_USAGE]: 'critical 03020182' }],
  ['path-too-long', ['root'], { [BASIC_CONSTRAINTS]: 'critical 30060101ff020100' }],
  ['path-too-long', ['intermediate'], { issuer: 'CN=Detour 1' }],
  ['path-too-long', ['device'], { issuer: 'CN=Detour 2' }],
  ['wrong-key', ['intermediate', 'device', 'server'], { signedByIssuer: false }],
  ['wrong-issuer-name', ['intermediate', 'device', 'server'], { issuer: 'CN=Nobody', namedByIssuer: false }],
  ['sha1', EVERY_KIND, { signature: '1.2.840.10045.4.1' }],
  ['weak-rsa', ['intermediate', 'device', 'server'], { key: 'rsa 1024' }],
  ['weak-rsa', ['root'], { key: 'rsa 1024', signature: '1.2.840.113549.1.1.11' }],
  ['server-auth-only', ['device'], { [EXTENDED_KEY_USAGE]: '300a06082b06010505070301' }],
  ['no-digital-signature', ['device'], { [KEY_USAGE]: 'critical 03020308' }],
  ['unknown-critical-extension', EVERY_KIND, UNKNOWN],
  ['name-constraints', ['root', 'intermediate'], ELSEWHERE],
  ['version-1', ['root', 'intermediate'], { version: 1, [BASIC_CONSTRAINTS]: undefined, [KEY_USAGE]: undefined }],
  ['no-common-name', ['device'], { subject: 'O=press-7' }],
  ['two-common-names', ['device'], { subject: 'CN=press-7\nCN=press-7-second' }],
  ['forbidden-character', ['device'], { subject: 'CN=press-7/#' }],
];
const cases = rows.flatMap(([broken, kinds, changes]) => kinds.map((kind) => ({ broken, kind, changes })));

describe('A certificate that is broken on purpose', () => {
  it.each(cases)('differs from a sound one by its fault alone: $kind, $broken', async ({ broken, kind, changes }) => {
    const found = changesOf(factsOf(await made(kind)), factsOf(await made(kind, broken)));
    for (const oid of KEY_IDENTIFIERS) delete found[oid]; // every key is new
    expect(found).toEqual(changes);
  });

  it('has a row above for every fault and every kind of certificate it goes into', () => {
    const promised = BREAKAGES.flatMap((broken) => BREAKAGE_FACTS[broken].in.map((kind) => `${broken} ${kind}`));
    expect(cases.map(({ broken, kind }) => `${broken} ${kind}`).sort()).toEqual(promised.sort());
  });

  const meaningless = BREAKAGES.flatMap((broken) =>
    EVERY_KIND.filter((kind) => !BREAKAGE_FACTS[broken].in.includes(kind)).map((kind) => ({ broken, kind })),
  );
  it.each(meaningless)('is not made where the fault would break nothing: $kind, $broken', async ({ broken, kind }) => {
    await expect(made(kind, broken)).rejects.toThrow(`A ${kind} certificate cannot be broken by ${broken}: this fault goes into`);
  });

  it('stands below a CA that allows no CA below it, when its path is to be too long', async () => {
    const [, second, first, root] = (await made('device', 'path-too-long')).path;
    expect(factsOf(first!).extensions[BASIC_CONSTRAINTS]).toBe('critical 30060101ff020100');
    expect(factsOf(second!).extensions[BASIC_CONSTRAINTS]).toBe('critical 30030101ff');
    expect([factsOf(first!), factsOf(second!), factsOf(root!)].map(({ signedByIssuer }) => signedByIssuer)).toEqual([true, true, true]);
  });

  it.each([
    ['p256', '1.2.840.10045.4.1'],
    ['p521', '1.2.840.10045.4.1'],
    ['rsa2048', '1.2.840.113549.1.1.5'],
  ] as const)('X14 carries a SHA-1 signature that its issuer really made, with a key of %s', async (key, oid) => {
    const { signature, signedByIssuer } = factsOf(await mint.device(await aRoot({ key }), { commonName: 'press-7', broken: 'sha1' }));
    expect({ signature, signedByIssuer }).toEqual({ signature: oid, signedByIssuer: true });
  });

  it('says what to do when an Ed25519 key is asked for a SHA-1 signature, which it cannot make', async () => {
    const wish: MintWish = { commonName: 'press-7', broken: 'sha1' };
    await expect(mint.device(await aRoot({ key: 'ed25519' }), wish)).rejects.toThrow('Make the issuer with --key p256 or rsa2048');
  });

  it.each(['p256', 'p384', 'rsa2048', 'ed25519'] as const)('is version 1 and still rightly signed, with a key of %s', async (key) => {
    const { version, signedByIssuer, extensions } = factsOf(await aRoot({ key, broken: 'version-1' }));
    expect({ version, signedByIssuer, extensions }).toEqual({ version: 1, signedByIssuer: true, extensions: {} });
  });

  it('keeps the key usage that its key allows, when digitalSignature is to be missing', async () => {
    const { extensions } = factsOf(await aDevice(undefined, { key: 'rsa2048', broken: 'no-digital-signature' }));
    expect(extensions[KEY_USAGE]).toBe('critical 03020520');
  });

  it.each(['p256', 'p384', 'rsa2048', 'ed25519'] as const)(
    'X03 is signed by a stranger’s key of the same kind as its issuer’s: %s',
    async (key) => {
      const root = await aRoot({ key });
      const [sound, wrong] = [factsOf(await aDevice(root)), factsOf(await aDevice(root, { broken: 'wrong-key' }))];
      expect([wrong.signature, wrong.signedByIssuer]).toEqual([sound.signature, false]);
    },
  );
});
