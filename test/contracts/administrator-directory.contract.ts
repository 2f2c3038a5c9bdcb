import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ROLES, type Administrator } from '../../src/domain/access/administrator.ts';
import type { AdministratorDirectory } from '../../src/ports/driven/administrator-directory.ts';
import { aTenantId } from '../support/certificate-builders.ts';
import type { Opened } from './opened.ts';

const anAdministrator = (overrides: Partial<Administrator> = {}): Administrator => ({
  tenant: aTenantId(),
  name: 'admin',
  passwordHash: 'scrypt$16384$8$1$c2FsdA$aGFzaA',
  roles: ['ROLE_TENANT_ADMIN'],
  ...overrides,
});

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
  });
}
