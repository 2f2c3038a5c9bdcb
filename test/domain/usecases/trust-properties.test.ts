/** What holds for every chain and every trust, tried on random ones. The signatures are those of `an-instance.ts`: a key signs what names it. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import { aKey, aName, aSignature, aTenant, aTenantId, after, DAY, SECOND } from '../../support/certificate-builders.ts';
import { anInstance, ca, key, leaf } from '../../support/an-instance.ts';

type Instance = Awaited<ReturnType<typeof anInstance>>;
const MAIN = aTenantId();
const dns = (value: string) => ({ form: 'dns', value }) as const;

/** The verdict in what it grants: whose device, which, by which CAs; the code where it is refused. */
async function verdictOn(instance: Instance, chain: readonly Certificate[], userName?: string) {
  const question = { chain: instance.known(...chain).map(({ der }) => der), handshakeBytes: 3000, clientId: '', acceptsAssignedId: true, from: '192.0.2.7' };
  const verdict = await instance.gate.examine({ ...question, ...(userName !== undefined && { userName }) });
  if (!verdict.granted) return { granted: false, code: verdict.refusal.code } as const;
  const { tenant, device, anchors } = verdict.value;
  return { granted: true, tenant, device, anchors: [...anchors].sort() } as const;
}

/** A path of `length` certificates: leaf first, root last. */
const pathOf = (length: number): readonly Certificate[] => [
  leaf('press-7', length === 2 ? 'Root' : 'CA1', { notAfter: after(DAY) }),
  ...Array.from({ length: length - 2 }, (_, i) => ca(`CA${i + 1}`, i + 3 === length ? 'Root' : `CA${i + 2}`, { basicConstraints: { ca: true, pathLength: 9 }, notAfter: after(DAY) })),
  ca('Root', 'Root', { basicConstraints: { ca: true, pathLength: 9 }, notAfter: after(DAY) }),
];

/** Each takes something away from a certificate, or asks more of what is below it; none gives anything. */
const NARROWING: Readonly<Record<string, (c: Certificate) => Certificate>> = {
  'ends earlier': (c) => ({ ...c, notAfter: after(-SECOND) }),
  'begins later': (c) => ({ ...c, notBefore: after(SECOND) }),
  'signed by nobody': (c) => ({ ...c, serialNumber: 'by:nobody' }),
  'another algorithm inside': (c) => ({ ...c, signatureAlgorithmsAgree: false }),
  'a weaker hash': (c) => ({ ...c, signature: aSignature({ hash: 'sha1' }) }),
  'a critical extension that nobody knows': (c) => ({ ...c, extensions: [...c.extensions, { oid: '1.2.3', critical: true }] }),
  'no CA any more': (c) => ({ ...c, ...(c.basicConstraints && { basicConstraints: { ca: false } }) }),
  'a shorter path': (c) => ({ ...c, ...(c.basicConstraints?.ca && { basicConstraints: { ca: true, pathLength: 0 } }) }),
  'no usage at all': (c) => ({ ...c, keyUsage: new Set() }),
  'for servers alone': (c) => ({ ...c, extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] }),
  'excludes the names of the device': (c) => ({ ...c, ...(c.basicConstraints && { nameConstraints: { permitted: c.nameConstraints?.permitted ?? [], excluded: [dns('example.com')] } }) }),
  'permits other names alone': (c) => ({ ...c, ...(c.basicConstraints && { nameConstraints: { permitted: [dns('example.org')], excluded: c.nameConstraints?.excluded ?? [] } }) }),
  'one more name': (c) => ({ ...c, subjectAltNames: [...(c.subjectAltNames ?? []), dns('a.example.com')] }),
  'demands a policy': (c) => ({ ...c, ...(c.basicConstraints && { policyConstraints: { requireExplicitPolicy: 0 } }) }),
  // Where there is none, one more may be just what another certificate demands.
  'has one policy': (c) => ({ ...c, ...(c.policies && { policies: ['1.2.3.4'] }) }),
  'an older version': (c) => ({ ...c, version: 1 }),
};
const NAMES = Object.keys(NARROWING);
const changes = (most: number) => fc.array(fc.record({ at: fc.nat(4), what: fc.constantFrom(...NAMES) }), { maxLength: most });
type Change = { readonly at: number; readonly what: string };

/** As if each certificate had been issued so, but for `signed by nobody`. */
const changed = (path: readonly Certificate[], all: readonly Change[]): readonly Certificate[] =>
  path.map((certificate, i) => {
    const mine = all.filter(({ at }) => at % path.length === i);
    return mine.length === 0 ? certificate : resealed(mine.reduce((c, { what }) => NARROWING[what]!(c), certificate), `${i}`);
  });

/** Another certificate than before, to whoever tells them apart by their names. */
let seals = 0;
function resealed(certificate: Certificate, mark: string): Certificate {
  const name = `${certificate.thumbprint.slice(0, 32)}${mark}${(seals += 1).toString(16).padStart(8, '0')}`.padEnd(64, '0');
  return { ...certificate, thumbprint: name as Certificate['thumbprint'], fingerprint: name.slice(24, 64) as Certificate['fingerprint'], der: new TextEncoder().encode(name) };
}

async function trusting(root: Certificate): Promise<Instance> {
  const instance = await anInstance();
  await instance.trusting(root);
  return instance;
}

describe('Mutations of a path never widen what is granted', () => {
  it('X12 what is refused stays refused when anything is taken away from any certificate, or asked of what is below it', async () => {
    let [refused, granted] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 5 }), changes(3), changes(2), async (length, first, more) => {
        const before = changed(pathOf(length), first);
        const after = changed(before, more);
        const verdicts = await Promise.all([before, after].map(async (path) => verdictOn(await trusting(path.at(-1)!), path)));
        if (!verdicts[0]!.granted) expect(verdicts[1]!.granted).toBe(false);
        if (verdicts[0]!.granted) granted += 1;
        else refused += 1;
      }),
      { numRuns: 600 },
    );
    expect([refused > 0, granted > 0]).toEqual([true, true]);
  });

  it('whatever is granted after any change is granted to the same tenant, by anchors that it had, to the name of the leaf', async () => {
    const fields = fc.constantFrom<Partial<Certificate>>(
      { subject: aName('CN=press-8') }, { subject: aName('CN=Root') }, { issuer: aName('CN=Root') }, { issuer: aName('CN=press-7') }, { serialNumber: 'by:Root' }, { serialNumber: 'by:press-7 of CA1' },
      { publicKey: key('Root') }, { publicKey: aKey({ bits: 1024 }) }, { basicConstraints: { ca: true, pathLength: 99 } }, { notAfter: after(99 * DAY) }, { authorityKeyIdentifier: 'aa', subjectKeyIdentifier: 'aa' }, { extensions: [] },
    );
    const wild = fc.array(fc.record({ at: fc.nat(4), fields }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 5 }), wild, changes(2), async (length, all, narrow) => {
        const path = pathOf(length);
        const root = path.at(-1)!;
        const instance = await trusting(root);
        await instance.trusting(ca('Elsewhere'), { tenant: aTenantId('other') });
        // The root is what is stored; whatever else the device sends under its name is another certificate.
        const sent = changed(path, narrow).map((certificate, i) => all.filter(({ at }) => at % length === i).reduce((c, each) => resealed({ ...c, ...each.fields }, 'w'), certificate));
        const verdict = await verdictOn(instance, sent);
        if (!verdict.granted) return;
        const commonName = sent[0]!.subject.rdns.flat().at(-1)?.value;
        expect(verdict).toEqual({ granted: true, tenant: 'main', device: commonName, anchors: [root.fingerprint] });
        // Nobody but the holders of the CA's keys could have issued it.
        const signers = path.slice(1).map(({ publicKey }) => `by:${new TextDecoder().decode(publicKey.spki)}`);
        expect(signers).toContain(sent[0]!.serialNumber);
      }),
      { numRuns: 600 },
    );
  });
});

describe('A path granted stays granted', () => {
  const stranger = fc.oneof(
    fc.record({ kind: fc.constant('stranger' as const), n: fc.nat(9) }),
    fc.record({ kind: fc.constantFrom('namesake' as const, 'cross' as const, 'loop' as const), n: fc.nat(3) }),
  );
  const made = (kind: string, n: number): Certificate => {
    if (kind === 'stranger') return ca(`Stranger${n}`, `Elsewhere${n}`);
    if (kind === 'namesake') return resealed({ ...ca(`CA${n + 1}`, 'Root'), publicKey: key(`thief ${n}`), serialNumber: 'by:thief' }, 'n');
    if (kind === 'cross') return resealed({ ...ca('Root', 'Elsewhere'), serialNumber: 'by:Elsewhere' }, 'c');
    return resealed({ ...ca('Elsewhere', 'CA1'), serialNumber: `by:CA1` }, 'l');
  };

  it('X18 X20 when strangers, namesakes, circles, duplicates and another order come, within the budget', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 6 }), fc.array(stranger, { maxLength: 8 }), fc.array(fc.nat(5), { maxLength: 4 }), fc.infiniteStream(fc.nat(1_000)), fc.boolean(), async (length, strangers, twice, order, sendsRoot) => {
        const path = pathOf(length);
        const instance = await trusting(path.at(-1)!);
        const own = sendsRoot ? path : path.slice(0, -1);
        const [first, ...rest] = [...own, ...strangers.map(({ kind, n }) => made(kind, n)), ...twice.map((i) => own[i % own.length]!)];
        const shuffled = rest.map((certificate) => ({ certificate, rank: order.next().value as number })).sort((a, b) => a.rank - b.rank);
        const expected = await verdictOn(instance, path.slice(0, -1));
        expect(expected).toMatchObject({ granted: true, device: 'press-7' });
        expect(await verdictOn(instance, [first!, ...shuffled.map(({ certificate }) => certificate)])).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });
});

describe('What another tenant uploads changes no verdict', () => {
  it('D-22 nor what the device is told: not by a CA of the same name beside the own one that is disabled, not by one that is inert', async () => {
    const [device, mid, root] = changed(pathOf(3), [{ at: 0, what: 'a weaker hash' }]) as [Certificate, Certificate, Certificate];
    const instance = await anInstance();
    await instance.trusting(root, { status: 'disabled' });
    await instance.trusting(resealed({ ...root, publicKey: key('thief'), serialNumber: 'by:thief' }, 't'), { tenant: aTenantId('other') });
    expect(await verdictOn(instance, [device, mid])).toEqual({ granted: false, code: 'key.signature-algorithm-not-accepted' });
    const [own, expired] = changed(pathOf(3), [{ at: 1, what: 'ends earlier' }]) as [Certificate, Certificate, Certificate];
    await instance.anchors.change(MAIN, root.fingerprint, { status: 'enabled' });
    await instance.trusting(resealed(mid, 'i'), { tenant: aTenantId('other'), inert: true });
    expect(await verdictOn(instance, [own, expired])).toEqual({ granted: false, code: 'path.outside-validity' });
  });

  /** What the other may upload: anything but the known limits of D-6, which are CAs two steps below the own one, and those that use up the search. */
  const pool: readonly Certificate[] = [
    ca('Root'), // the very CA
    ca('CA1', 'Root'), // what it issued
    ca('CA9', 'Root'), // what it issued, and nobody uses
    resealed({ ...ca('Root'), publicKey: key('thief'), serialNumber: 'by:thief' }, 'p'), // its name, another key
    resealed({ ...ca('CA1', 'Root'), publicKey: key('thief'), serialNumber: 'by:thief' }, 'q'),
    resealed({ ...ca('Root', 'Above'), serialNumber: 'by:Above' }, 'r'), // its name and key, signed from above
    ca('Above'),
    ca('Elsewhere'),
    resealed({ ...leaf('press-7', 'CA1'), ...{ basicConstraints: { ca: true } }, keyUsage: new Set(['keyCertSign' as const]), serialNumber: 'by:thief' }, 's'),
  ].map((certificate) => ({ ...certificate, basicConstraints: { ca: true, pathLength: 9 }, notAfter: after(DAY) }));

  it('D-6 D-11 whatever it is, by however many of them, enabled or not: not who is admitted, as whose, by what, and not why not', async () => {
    const upload = fc.record({ which: fc.nat(pool.length - 1), tenant: fc.constantFrom('other', 'third'), status: fc.constantFrom('enabled' as const, 'disabled' as const), auto: fc.boolean(), removes: fc.boolean() });
    let stored = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(upload, { minLength: 1, maxLength: 8 }), fc.boolean(), fc.boolean(), changes(1), async (uploads, sendsRoot, isEnabled, spoilt) => {
        const path = changed(pathOf(3), spoilt.filter(({ at }) => at % 3 !== 2));
        const instance = await anInstance();
        await instance.tenants.create(aTenant({ id: aTenantId('third'), domain: 'third.example.com' }));
        await instance.trusting(path[2]!, { status: isEnabled ? 'enabled' : 'disabled' });
        const chain = sendsRoot ? path : path.slice(0, 2);
        const before = await verdictOn(instance, chain);
        instance.known(...pool);
        for (const { which, tenant, status, auto, removes } of uploads) {
          const added = await instance.trust.add(aTenantId(tenant), { certificate: pool[which]!.der, name: '', status, autoRegistration: auto }, 'thief');
          if (added.granted) stored += 1;
          if (removes) await instance.trust.remove(aTenantId(tenant), pool[which]!.fingerprint, 'thief');
        }
        for (const userName of [undefined, 'main']) expect(await verdictOn(instance, chain, userName)).toEqual(before);
        expect((await instance.anchors.listOf(MAIN, { number: 1, size: 9 })).total).toBe(1);
      }),
      { numRuns: 400 },
    );
    expect(stored).toBeGreaterThan(100);
  });

  /** The known limits of D-6 too: what is below a CA that nobody stored, a twin key, and whatever uses up the search. */
  const hostile: readonly Certificate[] = [
    ...pool,
    ca('CA2', 'Root'), // stored by nobody
    resealed({ ...ca('CA1', 'CA2'), publicKey: key('CA1'), serialNumber: 'by:CA2' }, 'u'), // two steps below the own one, and it signed the device
    ...Array.from({ length: 40 }, (_, i) => resealed({ ...ca('Root'), publicKey: { ...key(`dear ${i}`), bits: 8192 } as Certificate['publicKey'], serialNumber: 'by:nobody' }, 'v')),
    ...Array.from({ length: 40 }, (_, i) => resealed({ ...ca('CA1', 'Root'), publicKey: { ...key(`dear ${i}`), bits: 8192 } as Certificate['publicKey'], serialNumber: 'by:nobody' }, 'w')),
  ].map((certificate) => ({ ...certificate, basicConstraints: { ca: true, pathLength: 9 }, notAfter: after(DAY) }));

  it('D-6 D-11 nor anything at all, once the own CA has proven possession', async () => {
    const MANY = ['other', 'third', 'fourth', 'fifth'].map((id) => aTenantId(id));
    const verdicts = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ which: fc.nat(hostile.length - 1), tenant: fc.nat(3) }), { minLength: 20, maxLength: 140 }), fc.boolean(), async (uploads, isProven) => {
        const instance = await anInstance({ sharing: true });
        for (const id of MANY.slice(1)) await instance.tenants.create(aTenant({ id, domain: `${id}.example.com` }));
        const [device, mid, root] = pathOf(4).slice(0, 1).concat(pathOf(3).slice(1)) as [Certificate, Certificate, Certificate];
        const between = { ...ca('CA2', 'Root', { basicConstraints: { ca: true, pathLength: 9 }, notAfter: after(DAY) }) };
        const below = { ...mid, issuer: aName('CN=CA2'), serialNumber: 'by:CA2' };
        await instance.trusting(root, { possessionProven: isProven });
        instance.known(...hostile);
        const chain = [device, resealed(below, 'x'), between];
        const expected = { granted: true, tenant: 'main', device: 'press-7', anchors: [root.fingerprint] };
        expect(await verdictOn(instance, chain)).toEqual(expected);
        // As the store would hold them had sharing been off: nothing here is inert.
        for (const { which, tenant } of uploads) await instance.trusting(hostile[which]!, { tenant: MANY[tenant]! });
        const verdict = await verdictOn(instance, chain);
        if (isProven) expect(verdict).toEqual(expected);
        else verdicts.add(verdict.granted ? verdict.tenant : verdict.code);
      }),
      { numRuns: 150 },
    );
    // Without proof the same uploads do harm, or this would show nothing.
    expect([...verdicts]).toEqual(expect.arrayContaining(['tenant.ambiguous', 'path.budget-exhausted']));
  });
});
