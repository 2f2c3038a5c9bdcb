import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fingerprint, Thumbprint } from '../../src/domain/certificates/certificate.ts';
import { MOST_SEEN, type SeenCertificate, type SeenCertificates } from '../../src/ports/driven/seen-certificates.ts';
import { aDeviceId, after, aName, aTenantId, DAY, NOW } from '../support/certificate-builders.ts';
import type { Opened } from './opened.ts';

/** What every SeenCertificates promises. `open` hands over one that is empty. */
export function seenCertificatesContract(name: string, open: () => Promise<Opened<SeenCertificates>>): void {
  describe(`${name} keeps the promises of a SeenCertificates`, () => {
    const main = aTenantId();
    let opened: Opened<SeenCertificates>;
    let seen: SeenCertificates;
    beforeEach(async () => {
      opened = await open();
      seen = opened.subject;
    });
    afterEach(() => opened.close());

    const aSeen = (n: number, overrides: Partial<SeenCertificate> = {}): SeenCertificate => ({
      ...{ tenant: main, device: aDeviceId(), thumbprint: `print-${n}` as Thumbprint, fingerprint: '', issuer: '', serialNumber: `0${n}ab` },
      ...{ notBefore: after(-DAY * n), notAfter: after(DAY * n), lastSeen: after(n) },
      ...overrides,
    });
    const prints = async (device = 'press-7', tenant = main): Promise<readonly string[]> =>
      (await seen.of(tenant, aDeviceId(device))).map(({ thumbprint }) => thumbprint);

    it('hands over what it was told, of one device alone', async () => {
      await seen.remember(aSeen(1));
      await seen.remember(aSeen(2, { device: aDeviceId('press-8') }));
      await seen.remember(aSeen(3, { tenant: aTenantId('other') }));
      expect(await seen.of(main, aDeviceId())).toEqual([aSeen(1)]);
      expect([await prints('Press-7'), await prints('press-7', aTenantId('other'))]).toEqual([[], ['print-3']]);
    });

    it('keeps the five that were seen last, the newest first', async () => {
      for (const n of [3, 1, 6, 2, 5, 4]) await seen.remember(aSeen(n));
      await seen.remember(aSeen(9, { device: aDeviceId('press-8') }));
      expect(await prints()).toEqual(['print-6', 'print-5', 'print-4', 'print-3', 'print-2']);
      expect(MOST_SEEN).toBe(5);
    });

    it('has each certificate once, with the moment it was seen last', async () => {
      for (const n of [1, 2]) await seen.remember(aSeen(n));
      await seen.remember(aSeen(1, { lastSeen: after(10) }));
      expect(await seen.of(main, aDeviceId())).toEqual([aSeen(1, { lastSeen: after(10) }), aSeen(2)]);
      await seen.remember(aSeen(1, { lastSeen: NOW }));
      expect((await seen.of(main, aDeviceId()))[0]).toEqual(aSeen(1, { lastSeen: after(10) }));
    });

    it('remembers all of many that come at once', async () => {
      await Promise.all(Array.from({ length: 100 }, (_, i) => seen.remember(aSeen(i % 4, { device: aDeviceId(`press-${i % 25}`) }))));
      expect(await prints('press-24')).toEqual(['print-3', 'print-2', 'print-1', 'print-0']);
    });

    it('finds a certificate by either print, of one tenant alone, and not by none', async () => {
      const [thumbprint, fingerprint] = ['ab'.repeat(32) as Thumbprint, 'cd'.repeat(20) as Fingerprint];
      const known = aSeen(1, { thumbprint, fingerprint, issuer: aName('CN=Works CA').key });
      await seen.remember(aSeen(2));
      await seen.remember(known);
      expect([await seen.find(main, thumbprint), await seen.find(main, fingerprint)]).toEqual([known, known]);
      for (const print of [thumbprint, fingerprint]) expect(await seen.find(aTenantId('other'), print)).toBeUndefined();
      expect(await seen.find(main, 'ef'.repeat(20) as Fingerprint)).toBeUndefined();
    });

    it('adds the names of a certificate that was remembered without', async () => {
      const named = aSeen(1, { fingerprint: 'cd'.repeat(20) as Fingerprint, issuer: aName('CN=Works CA').key, lastSeen: after(9) });
      await seen.remember(aSeen(1));
      await seen.remember(named);
      expect(await seen.of(main, aDeviceId())).toEqual([named]);
    });

    it('forgets a device, and no other', async () => {
      for (const device of ['press-7', 'press-8']) await seen.remember(aSeen(1, { device: aDeviceId(device) }));
      await seen.remember(aSeen(1, { tenant: aTenantId('other') }));
      await seen.forget(main, aDeviceId());
      expect([await prints(), await prints('press-8'), await prints('press-7', aTenantId('other'))]).toEqual([[], ['print-1'], ['print-1']]);
    });
  });
}
