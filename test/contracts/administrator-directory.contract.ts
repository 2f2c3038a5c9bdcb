import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newAdministrator, ROLES, type Administrator } from '../../src/domain/access/administrator.ts';
import type { AdministratorDirectory } from '../../src/ports/driven/administrator-directory.ts';
import { aTenantId } from '../support/certificate-builders.ts';
import type { Opened } from './opened.ts';

const anAdministrator = (overrides: Partial<Administrator> = {}): Administrator =>
  newAdministrator({ tenant: aTenantId(), name: 'admin', passwordHash: 'scrypt$16384$8$1$c2FsdA$aGFzaA', roles: ['ROLE_TENANT_ADMIN'], ...overrides });

/** What every AdministratorDirectory promises. `open` hands over a directory that is empty. */
export function administratorDirectoryContract(name: string, open: () => Promise<Opened<AdministratorDirectory>>): void {
  describe(`${name} keeps the promises of an AdministratorDirectory`, () => {
    let opened: Opened<AdministratorDirectory>;

    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    const find = (who: string, tenant = 'main'): Promise<Administrator | undefined> => opened.subject.find(aTenantId(tenant), who);

    it.each([[[...ROLES]], [['ROLE_DEVICE_CONTROL_ADMIN' as const]], [[]]])('finds an administrator just as it was put, with the roles %j', async (roles) => {
      await opened.subject.put(anAdministrator({ roles }));
      await opened.subject.put(anAdministrator({ name: 'other', passwordHash: 'x' }));
      expect(await find('admin')).toEqual(anAdministrator({ roles }));
      expect(await find('other')).toEqual(anAdministrator({ name: 'other', passwordHash: 'x' }));
    });

    it('replaces the one of that tenant and name, and nobody else', async () => {
      await opened.subject.put(anAdministrator());
      await opened.subject.put(anAdministrator({ tenant: aTenantId('other') }));
      await opened.subject.put(anAdministrator({ passwordHash: 'new', roles: ['ROLE_TENANT_MANAGEMENT_READ'] }));
      expect(await find('admin')).toEqual(anAdministrator({ passwordHash: 'new', roles: ['ROLE_TENANT_MANAGEMENT_READ'] }));
      expect(await find('admin', 'other')).toEqual(anAdministrator({ tenant: aTenantId('other') }));
    });

    it('T16 compares names exactly, and knows nobody it was not told of', async () => {
      await opened.subject.put(anAdministrator({ name: 'a_min' }));
      await opened.subject.put(anAdministrator({ name: 'É%', passwordHash: 'x' }));
      expect((await find('É%'))?.passwordHash).toBe('x');
      for (const stranger of ['admin', 'A_MIN', '%', '', 'é%', 'É', 'a_min ']) expect(await find(stranger)).toBeUndefined();
      expect(await find('a_min', 'other')).toBeUndefined();
    });

    const WHOLE: Partial<Administrator> = {
      enabled: false, displayName: 'Ada L.', firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.com', passwordChangedAt: new Date('2026-11-24T12:00:00.000Z'),
    };

    it('adds one with all that is known of it, and never overwrites', async () => {
      expect(await opened.subject.add(anAdministrator(WHOLE))).toBe('added');
      expect(await opened.subject.add(anAdministrator({ passwordHash: 'new' }))).toBe('already-there');
      expect(await opened.subject.add(anAdministrator({ tenant: aTenantId('other') }))).toBe('added');
      expect(await find('admin')).toEqual(anAdministrator(WHOLE));
    });

    it('adds one of a name when several race', async () => {
      const answers = await Promise.all(['1', '2', '3'].map((passwordHash) => opened.subject.add(anAdministrator({ passwordHash }))));
      expect(answers.sort()).toEqual(['added', 'already-there', 'already-there']);
    });

    it('T11 T16 lists one tenant’s in pages, each once, those only whose names begin so: % and _ are letters', async () => {
      for (const who of ['b', 'a_1', 'a%', 'ab', 'B', 'ä']) await opened.subject.add(anAdministrator({ name: who }));
      await opened.subject.add(anAdministrator({ tenant: aTenantId('other'), name: 'a_2' }));
      const page = (prefix: string, number = 1, size = 100) => opened.subject.listOf(aTenantId(), prefix, { number, size });
      const names = async (prefix: string): Promise<string[]> => (await page(prefix)).items.map((each) => each.name).sort();
      expect(await names('')).toEqual(['B', 'a%', 'a_1', 'ab', 'b', 'ä']);
      expect(await names('a')).toEqual(['a%', 'a_1', 'ab']);
      expect([await names('a_'), await names('a%'), await names('%'), await names('_'), await names('a_2')]).toEqual([['a_1'], ['a%'], [], [], []]);
      const seen = [...(await page('', 1, 4)).items, ...(await page('', 2, 4)).items].map((each) => each.name);
      expect(seen).toEqual((await page('')).items.map((each) => each.name));
      expect([(await page('', 2, 4)).total, (await page('a', 9)).total, (await page('a', 9)).items]).toEqual([6, 3, []]);
      expect((await page('ab')).items).toEqual([anAdministrator({ name: 'ab' })]);
    });

    it.each<[keyof Administrator, Partial<Administrator>]>([
      ['passwordHash', { passwordHash: 'new' }],
      ['roles', { roles: ['ROLE_TENANT_ADMIN', 'ROLE_DEVICE_CONTROL_ADMIN'] }],
      ['enabled', { enabled: false }],
      ['displayName', { displayName: 'x' }],
      ['firstName', { firstName: 'x' }],
      ['lastName', { lastName: 'x' }],
      ['email', { email: 'x' }],
      ['passwordChangedAt', { passwordChangedAt: new Date(0) }],
    ])('R09 replaces and removes only one that still is as it was: %s', async (_member, change) => {
      await opened.subject.add(anAdministrator({ name: 'keeper' }));
      const [former, next] = [anAdministrator(), anAdministrator(change)];
      await opened.subject.add(former);
      expect(await opened.subject.replace(next, anAdministrator({ email: 'lost' }))).toBe('changed-meanwhile');
      expect(await opened.subject.replace(former, next)).toBe('done');
      expect(await opened.subject.replace(former, anAdministrator({ email: 'lost' }))).toBe('changed-meanwhile');
      expect(await opened.subject.remove(former)).toBe('changed-meanwhile');
      expect(await find('admin')).toEqual(next);
      expect(await opened.subject.remove(next)).toBe('done');
      expect([await find('admin'), await opened.subject.remove(next), await opened.subject.replace(next, former)]).toEqual([undefined, 'changed-meanwhile', 'changed-meanwhile']);
    });

    it('R09 lets one of several win who decided by the same state', async () => {
      await opened.subject.add(anAdministrator());
      const wishes = ['a', 'b', 'c'].map((email) => opened.subject.replace(anAdministrator(), anAdministrator({ email })));
      expect((await Promise.all(wishes)).sort()).toEqual(['changed-meanwhile', 'changed-meanwhile', 'done']);
    });

    const gone = { enabled: false };
    it.each<[string, (a: Administrator) => Promise<string>]>([
      ['removed', (a) => opened.subject.remove(a)],
      ['disabled', (a) => opened.subject.replace(a, { ...a, ...gone })],
      ['stripped of the role', (a) => opened.subject.replace(a, { ...a, roles: ['ROLE_TENANT_MANAGEMENT_ADMIN'] })],
    ])('keeps the last enabled administrator with ROLE_TENANT_ADMIN of a tenant from being %s', async (_how, take) => {
      const last = anAdministrator();
      await opened.subject.add(last);
      await opened.subject.add(anAdministrator({ name: 'disabled', ...gone }));
      await opened.subject.add(anAdministrator({ name: 'reader', roles: ['ROLE_TENANT_MANAGEMENT_READ'] }));
      await opened.subject.add(anAdministrator({ name: 'theirs', tenant: aTenantId('other') }));
      expect(await take(last)).toBe('last-administrator');
      expect(await find('admin')).toEqual(last);
      expect(await opened.subject.replace(last, { ...last, email: 'x' })).toBe('done');
      await opened.subject.add(anAdministrator({ name: 'second' }));
      expect(await take({ ...last, email: 'x' })).toBe('done');
    });

    it('lets others go from a tenant that has no such administrator', async () => {
      const reader = anAdministrator({ roles: [] });
      await opened.subject.add(reader);
      expect(await opened.subject.remove(reader)).toBe('done');
    });

    it('keeps one of two who are removed at the same time', async () => {
      const both = ['a', 'b'].map((who) => anAdministrator({ name: who }));
      for (const each of both) await opened.subject.add(each);
      expect((await Promise.all(both.map((each) => opened.subject.remove(each)))).sort()).toEqual(['done', 'last-administrator']);
    });
  });
}
