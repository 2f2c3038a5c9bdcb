import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Certificate } from '../../src/domain/certificates/certificate.ts';
import type { TrustAnchor } from '../../src/domain/trust/trust-anchor.ts';
import type { AdmissionEpoch } from '../../src/ports/driven/admission-epoch.ts';
import type { CertificateReader } from '../../src/ports/driven/certificate-reader.ts';
import type { AnchorChange, TrustAnchorStore } from '../../src/ports/driven/trust-anchor-store.ts';
import { aCaCertificate, aFingerprint, after, aName, anAnchor, aTenantId, aThumbprint, DAY, SECOND } from '../support/certificate-builders.ts';
import { KnownCertificates } from './known-certificates.ts';
import type { Opened } from './opened.ts';

export interface AnchorStoreUnderTest {
  readonly store: TrustAnchorStore;
  readonly epoch: AdmissionEpoch;
}

/** What every TrustAnchorStore promises. `open` hands over a store that is empty and reads certificates by `reader`. */
export function trustAnchorStoreContract(name: string, open: (reader: CertificateReader) => Promise<Opened<AnchorStoreUnderTest>>): void {
  describe(`${name} keeps the promises of a TrustAnchorStore`, () => {
    const works = aCaCertificate();
    const other = aCaCertificate({ subject: aName('CN=Other CA'), issuer: aName('CN=Root') });
    const sameName = aCaCertificate({ serialNumber: '77' });
    let opened: Opened<AnchorStoreUnderTest>;
    let store: TrustAnchorStore;
    let known: KnownCertificates;

    const now = (): Promise<number> => opened.subject.epoch.current();
    const added = async (overrides: Partial<TrustAnchor> = {}): Promise<TrustAnchor> => {
      const anchor = anAnchor(overrides);
      known.show(anchor.certificate);
      expect(await store.add(anchor, await now())).toBe('added');
      return anchor;
    };
    const find = (certificate: Certificate, tenant = 'main'): Promise<TrustAnchor | undefined> =>
      store.find(aTenantId(tenant), certificate.fingerprint);

    beforeEach(async () => {
      known = new KnownCertificates();
      opened = await open(known);
      store = opened.subject.store;
    });
    afterEach(() => opened.close());

    it.each<[string, Partial<TrustAnchor>]>([
      ['enabled, registers devices', {}],
      ['disabled', { status: 'disabled' }],
      ['does not register', { autoRegistration: false }],
      ['inert', { inert: true }],
      ['possession proven', { possessionProven: true }],
      ['with a code to sign', { possessionCode: { text: 'abc', usableUntil: after(7 * DAY) } }],
      ['without a name', { name: '' }],
      ['with a name that breaks careless SQL', { name: `Robert'); drop table trust_anchor; -- "é\u0000%_` }],
      ['added in a millisecond', { addedAt: after(1) }],
    ])('finds an anchor just as it was added, by every way of looking: %s', async (_state, overrides) => {
      await added({ certificate: other });
      const anchor = await added(overrides);
      expect(await store.findNamed([aName('CN=unknown').key, works.subject.key])).toEqual([anchor]);
      expect(await store.findIssuedBy([works.issuer.key])).toEqual([anchor]);
      expect(await store.findSame(works.thumbprint)).toEqual([anchor]);
      expect(await find(works)).toEqual(anchor);
      expect((await store.listOf(aTenantId(), { number: 1, size: 9 })).items).toContainEqual(anchor);
    });

    it('finds nothing under no names, unknown names, an unknown tenant or fingerprint', async () => {
      await added();
      expect(await store.findNamed([])).toEqual([]);
      expect(await store.findIssuedBy([])).toEqual([]);
      expect(await store.findNamed([other.subject.key])).toEqual([]);
      expect(await store.findIssuedBy([other.issuer.key])).toEqual([]);
      expect(await store.findSame(aThumbprint('unknown'))).toEqual([]);
      expect(await find(works, 'other')).toBeUndefined();
      expect(await find(other)).toBeUndefined();
      expect(await store.listOf(aTenantId('other'), { number: 1, size: 9 })).toEqual({ items: [], total: 0 });
    });

    it('keeps subject and issuer apart', async () => {
      const anchor = await added({ certificate: other });
      expect(await store.findNamed([other.issuer.key])).toEqual([]);
      expect(await store.findIssuedBy([other.subject.key])).toEqual([]);
      expect(await store.findIssuedBy([other.issuer.key])).toEqual([anchor]);
    });

    it('names an anchor once, however often its name is asked for', async () => {
      await added();
      expect(await store.findNamed([works.subject.key, works.subject.key])).toHaveLength(1);
    });

    it('finds every certificate of one name, and all tenants that trust one', async () => {
      for (const tenant of ['a', 'b']) await added({ tenant: aTenantId(tenant) });
      await added({ tenant: aTenantId('a'), certificate: sameName });
      const found = await store.findNamed([works.subject.key, other.subject.key]);
      expect(found.map((anchor) => `${anchor.tenant} ${anchor.certificate.serialNumber}`).sort()).toEqual(['a 02', 'a 77', 'b 02']);
      expect((await store.findSame(works.thumbprint)).map(({ tenant }) => tenant).sort()).toEqual(['a', 'b']);
    });

    it('T16 takes % and _ in names as letters', async () => {
      await added({ certificate: aCaCertificate({ subject: aName('CN=W%'), issuer: aName('CN=W_') }) });
      await added({ certificate: aCaCertificate({ subject: aName('CN=Wx'), issuer: aName('CN=Wx') }) });
      expect(await store.findNamed([aName('CN=W%').key])).toHaveLength(1);
      expect(await store.findIssuedBy([aName('CN=W_').key])).toHaveLength(1);
      expect(await store.findNamed([aName('CN=%').key])).toEqual([]);
    });

    it('never overwrites an anchor the tenant has, and then does not move the epoch', async () => {
      const anchor = await added();
      const before = await now();
      expect(await store.add({ ...anchor, name: 'again', status: 'disabled' }, before)).toBe('already-there');
      expect(await now()).toBe(before);
      expect(await find(works)).toEqual(anchor);
    });

    it('adds once when uploads of one certificate race', async () => {
      known.show(works);
      const epoch = await now();
      const answers = await Promise.all([1, 2, 3].map(() => store.add(anAnchor(), epoch)));
      expect(answers.filter((answer) => answer === 'added')).toHaveLength(1);
      expect((await store.listOf(aTenantId(), { number: 1, size: 9 })).total).toBe(1);
    });

    it('adds nothing, and says so, when trust moved since the caller looked', async () => {
      const looked = await now();
      await added({ certificate: other });
      expect(await store.add(anAnchor({ certificate: known.show(works) }), looked)).toBe('trust-moved');
      expect(await store.add(anAnchor(), looked + 9)).toBe('trust-moved');
      expect(await find(works)).toBeUndefined();
      expect(await now()).toBe(looked + 1);
    });

    it('lists a tenant’s anchors oldest first, then by fingerprint, page by page, with the total', async () => {
      const certificates = [1, 2, 3, 4, 5].map((i) => aCaCertificate({ serialNumber: `1${i}` }));
      const days = [3, 1, 2, 1, 1];
      const anchors: TrustAnchor[] = [];
      for (const [i, certificate] of certificates.entries()) anchors.push(await added({ certificate, addedAt: after(days[i]! * DAY) }));
      await added({ tenant: aTenantId('other') });
      const printOf = (anchor: TrustAnchor): string => anchor.certificate.fingerprint;
      anchors.sort((a, b) => a.addedAt.getTime() - b.addedAt.getTime() || (printOf(a) < printOf(b) ? -1 : 1));
      const page = (number: number, size: number) => store.listOf(aTenantId(), { number, size });
      expect(await page(1, 2)).toEqual({ items: anchors.slice(0, 2), total: 5 });
      expect(await page(2, 2)).toEqual({ items: anchors.slice(2, 4), total: 5 });
      expect(await page(3, 2)).toEqual({ items: anchors.slice(4), total: 5 });
      expect(await page(4, 2)).toEqual({ items: [], total: 5 });
    });

    it.each<AnchorChange>([
      { name: 'new name' },
      { status: 'disabled' },
      { autoRegistration: false },
      { inert: true },
      { possessionProven: true },
      { possessionProven: true, inert: false, possessionCode: { text: 'xyz', usableUntil: after(DAY + 1) } },
      { name: '', status: 'disabled', autoRegistration: false, inert: true, possessionProven: true },
      { status: 'disabled', lastDisabledAt: after(DAY + 2) },
    ])('changes what is given and leaves the rest: %j', async (change) => {
      const anchor = await added({ addedAt: after(SECOND) });
      const others = [await added({ tenant: aTenantId('other') }), await added({ certificate: other })];
      const before = await now();
      expect(await store.change(aTenantId(), works.fingerprint, change)).toEqual({ ...anchor, ...change });
      expect(await find(works)).toEqual({ ...anchor, ...change });
      expect(await now()).toBe(before + 1);
      expect([await find(works, 'other'), await find(other)]).toEqual(others);
    });

    it('takes a flag back as it set it', async () => {
      const anchor = await added();
      await store.change(aTenantId(), works.fingerprint, { status: 'disabled', inert: true, possessionProven: true, autoRegistration: false });
      expect(await store.change(aTenantId(), works.fingerprint, { status: 'enabled', inert: false, possessionProven: false, autoRegistration: true })).toEqual(anchor);
    });

    it('changes nothing where there is none, or nothing is given, and then does not move the epoch', async () => {
      const anchor = await added();
      const before = await now();
      expect(await store.change(aTenantId('other'), works.fingerprint, { name: 'x' })).toBeUndefined();
      expect(await store.change(aTenantId(), aFingerprint('unknown'), { name: 'x' })).toBeUndefined();
      expect(await store.change(aTenantId(), works.fingerprint, {})).toEqual(anchor);
      expect(await now()).toBe(before);
    });

    it('removes one anchor of one tenant, once', async () => {
      await added();
      const others = [await added({ tenant: aTenantId('other') }), await added({ certificate: other })];
      const before = await now();
      expect(await store.remove(aTenantId('none'), works.fingerprint)).toBe(false);
      expect(await now()).toBe(before);
      expect(await store.remove(aTenantId(), works.fingerprint)).toBe(true);
      expect(await now()).toBe(before + 1);
      expect(await store.remove(aTenantId(), works.fingerprint)).toBe(false);
      expect(await now()).toBe(before + 1);
      expect(await find(works)).toBeUndefined();
      expect([await find(works, 'other'), await find(other)]).toEqual(others);
    });

    it.each<AnchorChange>([{ name: 'new name' }, { status: 'disabled' }, { autoRegistration: false }, { inert: true }, { possessionProven: true }])(
      'R09 changes and removes only what still is as the caller saw it: %j',
      async (change) => {
        const former = await added();
        await added({ certificate: other });
        const [tenant, fingerprint] = [aTenantId(), works.fingerprint];
        expect(await store.change(tenant, fingerprint, { name: 'x' }, { ...former, ...change })).toBeUndefined();
        const next = await store.change(tenant, fingerprint, change, former);
        expect(next).toEqual({ ...former, ...change });
        const before = await now();
        expect(await store.change(tenant, fingerprint, { name: 'lost' }, former)).toBeUndefined();
        expect(await store.change(tenant, fingerprint, {}, former)).toBeUndefined();
        expect(await store.remove(tenant, fingerprint, former)).toBe(false);
        expect([await find(works), await now()]).toEqual([next, before]);
        expect(await store.change(tenant, fingerprint, {}, next)).toEqual(next);
        expect(await store.remove(tenant, fingerprint, next)).toBe(true);
        expect(await find(works)).toBeUndefined();
        expect(await find(other)).toBeDefined();
      },
    );

    it('R09 lets one of several win who decided by the same state', async () => {
      const former = await added();
      const wishes = ['a', 'b', 'c'].map((wish) => store.change(aTenantId(), works.fingerprint, { name: wish }, former));
      expect((await Promise.all(wishes)).filter((anchor) => anchor !== undefined)).toHaveLength(1);
    });
  });
}
