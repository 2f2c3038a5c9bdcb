import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Change, ChangeNote } from '../../src/domain/changes/change.ts';
import { revocationNote } from '../../src/domain/changes/revocation-note.ts';
import type { Revocation } from '../../src/domain/revocation/revocation.ts';
import type { AdmissionEpoch } from '../../src/ports/driven/admission-epoch.ts';
import { KEPT_CHANGES, type ChangeFeed } from '../../src/ports/driven/change-feed.ts';
import type { CertificateReader } from '../../src/ports/driven/certificate-reader.ts';
import type { DeviceRegistry } from '../../src/ports/driven/device-registry.ts';
import type { RevocationStore } from '../../src/ports/driven/revocation-store.ts';
import type { TenantDirectory } from '../../src/ports/driven/tenant-directory.ts';
import type { TrustAnchorStore } from '../../src/ports/driven/trust-anchor-store.ts';
import { aDevice, aDeviceId, anAnchor, aTenant, aTenantId } from '../support/certificate-builders.ts';
import { KnownCertificates } from './known-certificates.ts';
import type { Opened } from './opened.ts';

/** The feed, and the stores whose changes are noted in it. */
export interface FeedUnderTest {
  readonly feed: ChangeFeed;
  readonly epoch: AdmissionEpoch;
  readonly anchors: TrustAnchorStore;
  readonly devices: DeviceRegistry;
  readonly tenants: TenantDirectory;
  readonly revocations: RevocationStore;
  /** The same stores as another process has them; the same objects where there can be one process only. */
  readonly elsewhere: Pick<FeedUnderTest, 'feed' | 'tenants'>;
}

type Act = (on: FeedUnderTest) => Promise<unknown>;

/** What every ChangeFeed promises. `open` hands over one with the stores beside it, all empty. */
export function changeFeedContract(name: string, open: (reader: CertificateReader) => Promise<Opened<FeedUnderTest>>): void {
  describe(`${name} keeps the promises of a ChangeFeed`, () => {
    const { tenant, certificate } = anAnchor();
    const revoked: Revocation = { ...{ tenant, source: 'hold', serialNumber: '0a', issuer: '', fingerprint: '', reason: 'certificateHold' }, ...{ since: new Date(0), by: 'a/b', note: '' } };
    let opened: Opened<FeedUnderTest>;

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

    const notesAfter = async (seq: number): Promise<readonly ChangeNote[]> => {
      const changes = (await opened.subject.feed.after(seq, 1000)) as readonly Change[];
      return changes.map(({ seq: _, ...note }) => note);
    };

    it.each<[string, Act, Omit<ChangeNote, 'tenant'>]>([
      ['an anchor that changes', ({ anchors }) => anchors.change(tenant, certificate.fingerprint, { status: 'disabled' }), { kind: 'anchor', subject: certificate.fingerprint }],
      ['an anchor that is removed', ({ anchors }) => anchors.remove(tenant, certificate.fingerprint), { kind: 'anchor', subject: certificate.fingerprint }],
      ['a device that is blocked', ({ devices }) => devices.setBlock(tenant, aDevice().id, { reason: 'r', by: 'b', at: new Date(0) }), { kind: 'device', subject: aDevice().id }],
      ['a device that is removed', ({ devices }) => devices.remove(tenant, aDevice().id), { kind: 'device', subject: aDevice().id }],
      ['a tenant that is suspended', ({ tenants }) => tenants.setStatus(tenant, 'suspended'), { kind: 'tenant', subject: '' }],
      ['an option', ({ tenants }) => tenants.setOption(tenant, 'a', 'b', 'c'), { kind: 'option', subject: 'a/b' }],
      ['one option among those set at once', ({ tenants }) => tenants.replaceOption(tenant, { category: 'a', key: 'b', value: 'c' }, undefined), { kind: 'option', subject: 'a/b' }],
      ['several options, without names', ({ tenants }) => tenants.setOptions(tenant, [{ category: 'a', key: 'b', value: 'c' }, { category: 'a', key: 'd', value: 'e' }]), { kind: 'option', subject: '' }],
      ['one revocation, by its name', ({ revocations }) => revocations.add([revoked]), revocationNote(tenant, [revoked])],
      ['many revocations, without names', ({ revocations }) => revocations.add([revoked, { ...revoked, serialNumber: '0b' }]), { kind: 'revocation', subject: '' }],
      ['what is not in a store', ({ feed }) => feed.note({ tenant, kind: 'keys', subject: 'k1' }), { kind: 'keys', subject: 'k1' }],
    ])('has %s, with the write that makes it', async (_what, act, note) => {
      const before = await opened.subject.feed.head();
      await act(opened.subject);
      expect(await notesAfter(before)).toEqual([{ ...note, tenant }]);
    });

    it('has an anchor that was added', async () => {
      const { feed, anchors, epoch } = opened.subject;
      const before = await feed.head();
      const added = anAnchor({ tenant: aTenantId('b') });
      await anchors.add(added, await epoch.current());
      expect(await notesAfter(before)).toEqual([{ tenant: 'b', kind: 'anchor', subject: certificate.fingerprint }]);
    });

    it.each<[string, Act]>([
      ['a device registers', ({ devices }) => devices.register(aDevice({ id: aDeviceId('new') }))],
      ['an addition comes too late', ({ anchors }) => anchors.add(anAnchor(), 0)],
      ['there is nothing to remove', ({ devices }) => devices.remove(tenant, aDeviceId('unknown'))],
      ['a list is filled in', ({ revocations }) => revocations.add([{ ...revoked, source: 'crl:1' }])],
    ])('has nothing when %s', async (_what, act) => {
      const before = await opened.subject.feed.head();
      await act(opened.subject);
      expect([await opened.subject.feed.head(), await opened.subject.feed.after(before, 10)]).toEqual([before, []]);
    });

    it('gives the epoch as number, in order, a part at a time', async () => {
      const { feed, epoch, tenants } = opened.subject;
      const before = await feed.head();
      for (const key of ['a', 'b', 'c']) await tenants.setOption(tenant, 'x', key, '');
      expect(await feed.head()).toBe(await epoch.current());
      const first = (await feed.after(before, 2)) as readonly Change[];
      expect(first.map(({ seq, subject }) => [seq - before, subject])).toEqual([[1, 'x/a'], [2, 'x/b']]);
      expect(await feed.after(first.at(-1)!.seq, 2)).toEqual([{ seq: before + 3, tenant, kind: 'option', subject: 'x/c' }]);
    });

    it('loses nothing and skips no number when two processes write at once, and a reader that follows sees each once', async () => {
      const { feed, tenants, elsewhere } = opened.subject;
      const before = await feed.head();
      const write = async (on: TenantDirectory, who: string): Promise<void> => {
        await Promise.all(Array.from({ length: 100 }, (_, i) => on.setOption(tenant, who, String(i), '')));
      };
      const written = Promise.all([write(tenants, 'here'), write(elsewhere.tenants, 'there')]);
      const read: Change[] = [];
      while (read.length < 200) {
        const changes = await elsewhere.feed.after(before + read.length, 7);
        if (changes === 'forgotten') throw new Error('forgotten');
        read.push(...changes);
        await turn(); // those who write need the event loop
      }
      await written;
      expect(read.map(({ seq }) => seq)).toEqual(Array.from({ length: 200 }, (_, i) => before + 1 + i));
      expect(new Set(read.map(({ subject }) => subject)).size).toBe(200);
      expect(await feed.after(before + 200, 10)).toEqual([]);
    });

    it('says that it has forgotten what is older than the last ten thousand, and keeps no more', async () => {
      const { feed, tenants } = opened.subject;
      const before = await feed.head();
      const more = KEPT_CHANGES + 3;
      for (let from = 0; from < more; from += 1_000) await Promise.all(Array.from({ length: Math.min(1_000, more - from) }, (_, i) => tenants.setOption(tenant, 'x', String((from + i) % 10), '')));
      expect(await feed.head()).toBe(before + more);
      expect(await feed.after(before, 1)).toBe('forgotten');
      expect(await feed.after(before + 2, 1)).toBe('forgotten');
      expect(await feed.after(before + 3, 1)).toEqual([{ seq: before + 4, tenant, kind: 'option', subject: 'x/3' }]);
    });

    it('says so to one who has seen what never was here, as after a backup was restored', async () => {
      const { feed } = opened.subject;
      expect(await feed.after((await feed.head()) + 5, 10)).toBe('forgotten');
    });

    it('wakes who watches when another process has changed something, until that is ended', async () => {
      const { feed, elsewhere } = opened.subject;
      let woken = Promise.withResolvers<void>();
      let calls = 0;
      const end = feed.watch(() => {
        calls += 1;
        woken.resolve();
      });
      await elsewhere.tenants.setOption(tenant, 'a', 'b', 'c');
      await woken.promise;
      end();
      woken = Promise.withResolvers();
      const soFar = calls;
      await elsewhere.tenants.setOption(tenant, 'a', 'b', 'd');
      const other = feed.watch(() => woken.resolve());
      await elsewhere.tenants.setOption(tenant, 'a', 'b', 'e');
      await woken.promise;
      other();
      expect(calls).toBe(soFar);
    });
  });
}
