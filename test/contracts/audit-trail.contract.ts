import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newAdministrator } from '../../src/domain/access/administrator.ts';
import { auditEntry, hashedText, type AuditEntry, type AuditRow } from '../../src/domain/audit/audit-entry.ts';
import { checkChain } from '../../src/domain/audit/check-chain.ts';
import type { AdministratorDirectory } from '../../src/ports/driven/administrator-directory.ts';
import type { AdmissionEpoch } from '../../src/ports/driven/admission-epoch.ts';
import type { AuditTrail } from '../../src/ports/driven/audit-trail.ts';
import type { DeviceRegistry } from '../../src/ports/driven/device-registry.ts';
import type { TenantDirectory } from '../../src/ports/driven/tenant-directory.ts';
import type { TrustAnchorStore } from '../../src/ports/driven/trust-anchor-store.ts';
import type { WithdrawnTokens } from '../../src/ports/driven/withdrawn-tokens.ts';
import { after, aCaCertificate, aDevice, aDeviceId, anAnchor, aTenant, aTenantId, NOW, SECOND } from '../support/certificate-builders.ts';
import type { Opened } from './opened.ts';

/** The trail and the stores that take entries along, over the same memory. */
export interface AuditedStores {
  readonly trail: AuditTrail;
  readonly epoch: AdmissionEpoch;
  readonly anchors: TrustAnchorStore;
  readonly devices: DeviceRegistry;
  readonly tenants: TenantDirectory;
  readonly administrators: AdministratorDirectory;
  readonly withdrawn: WithdrawnTokens;
}

const main = aTenantId();
const said = (subject: string, { tenant = 'main', what = 'device.removed', seconds = 0 } = {}): AuditEntry =>
  auditEntry({ what, tenant, by: 'main/admin', subject }, after(seconds * SECOND), { before: { name: subject }, after: { name: 'b' } });

const device = aDevice();
const anchor = anAnchor({ certificate: aCaCertificate() });
const user = newAdministrator({ tenant: main, name: 'ada', passwordHash: 'h', roles: ['ROLE_TENANT_ADMIN'] });
const second = newAdministrator({ tenant: main, name: 'bob', passwordHash: 'h', roles: ['ROLE_TENANT_ADMIN'] });
const token = { tenant: main, jti: 'a', at: NOW, keepUntil: after(60 * SECOND) };
const option = { category: 'c', key: 'k', value: 'v' };
type Change = (stores: AuditedStores, audit: readonly AuditEntry[]) => Promise<unknown>;
const add: Change = async ({ anchors, epoch }, audit) => anchors.add(anchor, await epoch.current(), audit);
const { fingerprint } = anchor.certificate;

/** Each change of each store: what must be there before, the change, and the same change where it can no longer take effect. */
const CHANGES: readonly (readonly [string, Change, Change, Change])[] = [
  ['an anchor is added', async () => undefined, add, add],
  ['an anchor is changed', add, ({ anchors }, audit) => anchors.change(main, fingerprint, { status: 'disabled' }, anchor, audit), ({ anchors }, audit) => anchors.change(main, fingerprint, { status: 'enabled' }, anchor, audit)],
  ['an anchor is removed', add, ({ anchors }, audit) => anchors.remove(main, fingerprint, anchor, audit), ({ anchors }, audit) => anchors.remove(main, fingerprint, undefined, audit)],
  ['a device registers itself', async () => undefined, ({ devices }, audit) => devices.register(device, audit), ({ devices }, audit) => devices.register(device, audit)],
  ['a file registers devices', async () => undefined, ({ devices }, audit) => devices.registerAll([device], audit), ({ devices }, audit) => devices.registerAll([], audit)],
  ['a device is blocked', ({ devices }) => devices.register(device), ({ devices }, audit) => devices.setBlock(main, device.id, { reason: 'r', by: 'b', at: NOW }, audit), ({ devices }, audit) => devices.setBlock(main, aDeviceId('stranger'), undefined, audit)],
  ['a device is removed', ({ devices }) => devices.register(device), ({ devices }, audit) => devices.remove(main, device.id, audit), ({ devices }, audit) => devices.remove(main, device.id, audit)],
  ['a tenant is created', async () => undefined, ({ tenants }, audit) => tenants.create(aTenant(), audit), ({ tenants }, audit) => tenants.create(aTenant(), audit)],
  ['a tenant is suspended', ({ tenants }) => tenants.create(aTenant()), ({ tenants }, audit) => tenants.setStatus(main, 'suspended', 'active', audit), ({ tenants }, audit) => tenants.setStatus(main, 'suspended', 'active', audit)],
  ['options are set', async () => undefined, ({ tenants }, audit) => tenants.setOptions(main, [option], audit, [undefined]), ({ tenants }, audit) => tenants.setOptions(main, [option], audit, [undefined])],
  ['an option is replaced', async () => undefined, ({ tenants }, audit) => tenants.replaceOption(main, option, undefined, audit), ({ tenants }, audit) => tenants.replaceOption(main, option, 'x', audit)],
  ['an option is removed', ({ tenants }) => tenants.setOptions(main, [option]), ({ tenants }, audit) => tenants.removeOption(main, 'c', 'k', 'v', audit), ({ tenants }, audit) => tenants.removeOption(main, 'c', 'k', 'v', audit)],
  ['a user is added', async () => undefined, ({ administrators }, audit) => administrators.add(user, audit), ({ administrators }, audit) => administrators.add(user, audit)],
  ['a user is put there', async () => undefined, ({ administrators }, audit) => administrators.put(user, audit), ({ administrators }, audit) => administrators.remove(user, audit)],
  ['a user is changed', ({ administrators }) => administrators.add(user), ({ administrators }, audit) => administrators.replace(user, { ...user, email: 'e' }, audit), ({ administrators }, audit) => administrators.replace({ ...user, email: 'e' }, { ...user, enabled: false }, audit)],
  ['a user is removed', async ({ administrators }) => [await administrators.add(user), await administrators.add(second)], ({ administrators }, audit) => administrators.remove(user, audit), ({ administrators }, audit) => administrators.remove(second, audit)],
  ['a token is withdrawn', async () => undefined, ({ withdrawn }, audit) => withdrawn.add(token, audit), ({ withdrawn }, audit) => withdrawn.add(token, audit)],
];

/** What every AuditTrail promises, together with the stores over the same memory. `open` hands them over empty. */
export function auditTrailContract(name: string, open: () => Promise<Opened<AuditedStores>>): void {
  describe(`${name} keeps the promises of an AuditTrail`, () => {
    let opened: Opened<AuditedStores>;
    let trail: AuditTrail;
    beforeEach(async () => {
      opened = await open();
      trail = opened.subject.trail;
    });
    afterEach(() => opened.close());

    const allOf = async (tenant = 'main'): Promise<readonly AuditRow[]> => trail.list(tenant, { after: 0 }, 1_000);
    const subjects = async (rows: Promise<readonly AuditRow[]>): Promise<readonly string[]> => (await rows).map(({ subject }) => subject);
    const problems = async (tenant: string) =>
      (await checkChain({ tenant, rows: trail.rowsOf(tenant), head: await trail.headOf(tenant), sha256: (text) => trail.hashOf(text), seqOf: (hash) => trail.seqOf(tenant, hash) })).problems;

    it('gives back what it was given, numbered from 1, each row with the hash of the one before', async () => {
      const entries = [said('a'), said('b'), said('c')];
      await trail.append(entries);
      const rows = await allOf();
      expect(rows.map(({ seq: _seq, former: _former, hash: _hash, ...entry }) => entry)).toEqual(entries);
      expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect(rows.map(({ former }) => former)).toEqual(['', rows[0]!.hash, rows[1]!.hash]);
    });

    it('makes the hash that src/adapters/persistence/README.md describes', async () => {
      await trail.append([said('ä\u{1F600}"\\'), said('b')]);
      for (const row of await allOf()) {
        const text = JSON.stringify(['fleetgate-audit-1', row.former, row.tenant, row.at, row.by, row.what, row.subject, row.before, row.after]);
        expect(hashedText(row.former, row)).toBe(text);
        expect([row.hash, trail.hashOf(text)]).toEqual(Array(2).fill(createHash('sha256').update(text, 'utf8').digest('hex')));
      }
    });

    it('T09 keeps a chain for each tenant', async () => {
      await trail.append([said('a'), said('b', { tenant: 'm_in' }), said('c'), said('d', { tenant: 'm_in' })]);
      expect([await subjects(allOf()), await subjects(allOf('m_in')), await subjects(allOf('other'))]).toEqual([['a', 'c'], ['b', 'd'], []]);
      expect((await allOf('m_in')).map(({ seq }) => seq)).toEqual([1, 2]);
      expect([await trail.tenants(), await problems('main'), await problems('m_in'), await problems('other')]).toEqual([['m_in', 'main'], [], [], []]);
    });

    it('tells where a chain ends, and where a hash stands', async () => {
      expect([await trail.headOf('main'), await trail.tenants()]).toEqual([undefined, []]);
      await trail.append([said('a'), said('b')]);
      const rows = await allOf();
      expect(await trail.headOf('main')).toEqual({ seq: 2, hash: rows[1]!.hash });
      expect([await trail.seqOf('main', rows[0]!.hash), await trail.seqOf('other', rows[0]!.hash), await trail.seqOf('main', 'x')]).toEqual([1, undefined, undefined]);
    });

    it('makes one chain of many writes at once', async () => {
      await Promise.all(Array.from({ length: 50 }, (_, i) => trail.append([said(`a${i}`), said(`b${i}`)])));
      expect((await allOf()).map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
      expect(await problems('main')).toEqual([]);
    });

    it('lists from the newest back, or on from a row, in pages', async () => {
      await trail.append(['a', 'b', 'c', 'd', 'e'].map((subject) => said(subject)));
      expect(await subjects(trail.list('main', {}, 2))).toEqual(['e', 'd']);
      expect(await subjects(trail.list('main', { before: 4 }, 2))).toEqual(['c', 'b']);
      expect(await subjects(trail.list('main', { after: 1 }, 2))).toEqual(['b', 'c']);
      expect(await subjects(trail.list('main', { after: 1, before: 3 }, 9))).toEqual(['b']);
    });

    it('narrows by subject, by what and by time, to the letter and the millisecond', async () => {
      await trail.append([said('a'), said('A', { seconds: 1 }), said('a', { what: 'device.blocked', seconds: 2 }), said('a_', { seconds: 3 })]);
      const seqs = async (filter: object): Promise<readonly number[]> => (await trail.list('main', { after: 0, ...filter }, 9)).map(({ seq }) => seq);
      expect([await seqs({ subject: 'a' }), await seqs({ what: 'device.blocked' }), await seqs({ subject: 'a', what: 'device.removed' })]).toEqual([[1, 3], [3], [1]]);
      expect([await seqs({ from: after(SECOND) }), await seqs({ until: after(SECOND) }), await seqs({ from: after(SECOND), until: after(3 * SECOND) })]).toEqual([[2, 3, 4], [1], [2, 3]]);
    });

    it.each(CHANGES)('keeps what is said where %s, and only where that takes effect', async (_what, prepare, change, inVain) => {
      await prepare(opened.subject, []);
      await change(opened.subject, [said('done')]);
      expect(await subjects(allOf())).toEqual(['done']);
      await inVain(opened.subject, [said('not done')]);
      expect([await subjects(allOf()), await problems('main')]).toEqual([['done'], []]);
    });

    it('refuses options of which one is not as it was, and then changes none', async () => {
      const { tenants } = opened.subject;
      await tenants.setOptions(main, [option]);
      expect(await tenants.setOptions(main, [{ ...option, key: 'other' }, { ...option, value: 'w' }], [], [undefined, 'x'])).toBe(false);
      expect([await tenants.option(main, 'c', 'k'), await tenants.option(main, 'c', 'other')]).toEqual(['v', undefined]);
    });
  });
}
