import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AdmissionEpoch } from '../../src/ports/driven/admission-epoch.ts';
import type { CertificateReader } from '../../src/ports/driven/certificate-reader.ts';
import type { DeviceRegistry } from '../../src/ports/driven/device-registry.ts';
import type { TenantDirectory } from '../../src/ports/driven/tenant-directory.ts';
import type { TrustAnchorStore } from '../../src/ports/driven/trust-anchor-store.ts';
import { aDevice, anAnchor, aTenant } from '../support/certificate-builders.ts';
import { KnownCertificates } from './known-certificates.ts';
import type { Opened } from './opened.ts';

/** The epoch and the stores that move it. */
export interface EpochUnderTest {
  readonly epoch: AdmissionEpoch;
  readonly anchors: TrustAnchorStore;
  readonly devices: DeviceRegistry;
  readonly tenants: TenantDirectory;
}

type Act = (on: EpochUnderTest) => Promise<unknown>;

/** What every AdmissionEpoch promises. `open` hands over one with the stores beside it, all empty. */
export function admissionEpochContract(name: string, open: (reader: CertificateReader) => Promise<Opened<EpochUnderTest>>): void {
  describe(`${name} keeps the promises of an AdmissionEpoch`, () => {
    const { tenant, certificate } = anAnchor();
    let opened: Opened<EpochUnderTest>;

    beforeEach(async () => {
      const known = new KnownCertificates();
      known.show(certificate);
      opened = await open(known);
      const { anchors, devices, tenants, epoch } = opened.subject;
      await tenants.create(aTenant());
      await devices.register(aDevice());
      await anchors.add(anAnchor(), await epoch.current());
    });
    afterEach(() => opened.close());

    it.each<[string, Act]>([
      ['an anchor is added', async ({ anchors, epoch }) => anchors.add(anAnchor({ tenant: aTenant({ id: 'b' as typeof tenant }).id }), await epoch.current())],
      ['an anchor changes', ({ anchors }) => anchors.change(tenant, certificate.fingerprint, { status: 'disabled' })],
      ['an anchor is removed', ({ anchors }) => anchors.remove(tenant, certificate.fingerprint)],
      ['a tenant is suspended', ({ tenants }) => tenants.setStatus(tenant, 'suspended')],
      ['an option is written', ({ tenants }) => tenants.setOption(tenant, 'a', 'b', 'c')],
      ['a device is removed', ({ devices }) => devices.remove(tenant, aDevice().id)],
    ])('has moved, and upwards, when %s', async (_what, act) => {
      const before = await opened.subject.epoch.current();
      await act(opened.subject);
      expect(await opened.subject.epoch.current()).toBeGreaterThan(before);
    });

    it.each<[string, Act]>([
      ['everything is read', ({ anchors, devices }) => Promise.all([anchors.findNamed([certificate.subject.key]), devices.find(tenant, aDevice().id)])],
      ['a device is registered', ({ devices }) => devices.register(aDevice({ id: 'new' as ReturnType<typeof aDevice>['id'] }))],
      ['an anchor is there already', async ({ anchors, epoch }) => anchors.add(anAnchor(), await epoch.current())],
      ['an addition comes too late', ({ anchors }) => anchors.add(anAnchor(), 0)],
    ])('stands still when %s', async (_what, act) => {
      const before = await opened.subject.epoch.current();
      await act(opened.subject);
      expect(await opened.subject.epoch.current()).toBe(before);
    });

    it('moves once for each of many changes at once', async () => {
      const before = await opened.subject.epoch.current();
      await Promise.all(Array.from({ length: 50 }, (_, i) => opened.subject.tenants.setOption(tenant, 'a', 'b', String(i))));
      expect(await opened.subject.epoch.current()).toBe(before + 50);
    });
  });
}
