import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Tenant } from '../../src/domain/trust/tenant.ts';
import type { AdmissionEpoch } from '../../src/ports/driven/admission-epoch.ts';
import type { TenantDirectory } from '../../src/ports/driven/tenant-directory.ts';
import { after, aTenant, aTenantId, DAY } from '../support/certificate-builders.ts';
import type { Opened } from './opened.ts';

export interface TenantDirectoryUnderTest {
  readonly directory: TenantDirectory;
  readonly epoch: AdmissionEpoch;
}

/** What every TenantDirectory promises. `open` hands over a directory that is empty. */
export function tenantDirectoryContract(name: string, open: () => Promise<Opened<TenantDirectoryUnderTest>>): void {
  describe(`${name} keeps the promises of a TenantDirectory`, () => {
    const main = aTenantId();
    const other = aTenant({ id: aTenantId('other') });
    let opened: Opened<TenantDirectoryUnderTest>;
    let directory: TenantDirectory;

    beforeEach(async () => {
      opened = await open();
      directory = opened.subject.directory;
    });
    afterEach(() => opened.close());

    const now = (): Promise<number> => opened.subject.epoch.current();

    it.each<[string, Partial<Tenant>]>([
      ['active, domain chosen', {}],
      ['suspended', { status: 'suspended' }],
      ['domain made up', { domainConfigured: false }],
      ['created another day', { createdAt: after(DAY + 1) }],
    ])('finds a tenant by id and by domain just as it was created: %s', async (_state, overrides) => {
      const tenant = aTenant(overrides);
      expect(await directory.create(other)).toBe('created');
      expect(await directory.create(tenant)).toBe('created');
      expect(await directory.find(main)).toEqual(tenant);
      expect(await directory.findByDomain(tenant.domain)).toEqual(tenant);
      expect(await directory.find(other.id)).toEqual(other);
    });

    it('knows no tenant it was not told of', async () => {
      await directory.create(aTenant());
      expect(await directory.find(other.id)).toBeUndefined();
      expect(await directory.findByDomain(other.domain)).toBeUndefined();
    });

    it('refuses an id or a domain that is taken, and changes nothing', async () => {
      await directory.create(aTenant());
      expect(await directory.create(aTenant({ domain: 'new.example.com', status: 'suspended' }))).toBe('id-taken');
      expect(await directory.create({ ...other, domain: aTenant().domain })).toBe('domain-taken');
      expect(await directory.create(aTenant())).toBe('id-taken');
      expect(await directory.list()).toEqual([aTenant()]);
      expect(await directory.findByDomain('new.example.com')).toBeUndefined();
    });

    it('creates one tenant when several race for an id, and one when they race for a domain', async () => {
      const forId = await Promise.all(['a', 'b', 'c'].map((domain) => directory.create(aTenant({ domain }))));
      expect(forId.sort()).toEqual(['created', 'id-taken', 'id-taken']);
      const forDomain = await Promise.all(['x', 'y', 'z'].map((id) => directory.create(aTenant({ id: aTenantId(id), domain: 'one' }))));
      expect(forDomain.sort()).toEqual(['created', 'domain-taken', 'domain-taken']);
    });

    it('lists tenants by id', async () => {
      for (const id of ['c', 'a', 'b']) await directory.create(aTenant({ id: aTenantId(id) }));
      expect((await directory.list()).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    });

    it('sets the status of one tenant, says how it is now, and moves the epoch', async () => {
      await directory.create(aTenant());
      await directory.create(other);
      const before = await now();
      expect(await directory.setStatus(main, 'suspended')).toEqual(aTenant({ status: 'suspended' }));
      expect(await directory.find(main)).toEqual(aTenant({ status: 'suspended' }));
      expect(await directory.find(other.id)).toEqual(other);
      expect(await now()).toBe(before + 1);
      expect(await directory.setStatus(main, 'active')).toEqual(aTenant());
      expect(await now()).toBe(before + 2);
    });

    it('sets no status of a tenant that is not there, and then does not move the epoch', async () => {
      const before = await now();
      expect(await directory.setStatus(main, 'suspended')).toBeUndefined();
      expect(await directory.list()).toEqual([]);
      expect(await now()).toBe(before);
    });

    it('keeps each option by tenant, category and key, and moves the epoch with each writing', async () => {
      const before = await now();
      await directory.setOption(main, 'jwt', 'enabled', 'true');
      await directory.setOption(main, 'jwt', 'lifespan', '600');
      await directory.setOption(main, 'oauth', 'enabled', 'no');
      await directory.setOption(other.id, 'jwt', 'enabled', 'false');
      await directory.setOption(main, 'jwt', 'enabled', '');
      expect(await now()).toBe(before + 5);
      expect(await directory.option(main, 'jwt', 'enabled')).toBe('');
      expect(await directory.option(main, 'jwt', 'lifespan')).toBe('600');
      expect(await directory.option(main, 'oauth', 'enabled')).toBe('no');
      expect(await directory.option(other.id, 'jwt', 'enabled')).toBe('false');
      expect(await directory.option(other.id, 'oauth', 'enabled')).toBeUndefined();
    });

    it('R09 sets a status only where it still is what the caller saw, and then alone moves the epoch', async () => {
      await directory.create(aTenant());
      const before = await now();
      expect(await directory.setStatus(main, 'suspended', 'suspended')).toBeUndefined();
      expect([await directory.find(main), await now()]).toEqual([aTenant(), before]);
      expect(await directory.setStatus(main, 'suspended', 'active')).toEqual(aTenant({ status: 'suspended' }));
      expect(await now()).toBe(before + 1);
    });

    it('sets several options at once, and lists those of one tenant in order', async () => {
      await directory.setOption(other.id, 'a', 'x', 'theirs');
      const before = await now();
      await directory.setOptions(main, [['b', 'y', '2'], ['a', 'x', '1'], ['b', 'x', '3']].map(([category = '', key = '', value = '']) => ({ category, key, value })));
      expect(await now()).toBeGreaterThan(before);
      const all = [['a', 'x', '1'], ['b', 'x', '3'], ['b', 'y', '2']].map(([category, key, value]) => ({ category, key, value }));
      expect(await directory.listOptions(main, { number: 1, size: 10 })).toEqual({ items: all, total: 3 });
      expect(await directory.listOptions(main, { number: 2, size: 2 })).toEqual({ items: all.slice(2), total: 3 });
      expect([await directory.optionsOf(main, 'b'), await directory.optionsOf(main, '_'), await directory.optionsOf(main, '%')]).toEqual([all.slice(1), [], []]);
    });

    it('R09 replaces and removes an option only where it still has the value that the caller saw', async () => {
      const option = { category: 'a', key: 'x', value: '1' };
      const before = await now();
      expect(await directory.replaceOption(main, option, '0')).toBe(false);
      expect(await directory.replaceOption(main, option, undefined)).toBe(true);
      expect(await directory.replaceOption(main, { ...option, value: '2' }, undefined)).toBe(false);
      expect(await directory.replaceOption(main, { ...option, value: '2' }, '1')).toBe(true);
      expect(await directory.removeOption(main, 'a', 'x', '1')).toBe(false);
      expect(await directory.removeOption(other.id, 'a', 'x', '2')).toBe(false);
      expect([await directory.option(main, 'a', 'x'), await now()]).toEqual(['2', before + 2]);
      expect(await directory.removeOption(main, 'a', 'x', '2')).toBe(true);
      expect([await directory.option(main, 'a', 'x'), await now(), await directory.removeOption(main, 'a', 'x', '2')]).toEqual([undefined, before + 3, false]);
    });

    it('T16 never takes one tenant, category or key for another: % _ and separators are letters', async () => {
      for (const id of ['management', 'm_nagement', 'm', 'a']) await directory.create(aTenant({ id: aTenantId(id) }));
      await directory.setOption(aTenantId('m_nagement'), 'a', 'b', 'underscore');
      await directory.setOption(aTenantId('a'), 'b/c', 'd', 'one');
      await directory.setOption(aTenantId('a'), 'b', 'c/d', 'two');
      await directory.setOption(aTenantId('a'), '%', '%', 'percent');
      expect(await directory.option(aTenantId('management'), 'a', 'b')).toBeUndefined();
      expect(await directory.option(aTenantId('a'), 'b/c', 'd')).toBe('one');
      expect(await directory.option(aTenantId('a'), 'b', 'c/d')).toBe('two');
      expect(await directory.option(aTenantId('a'), 'b', '%')).toBeUndefined();
      expect((await directory.setStatus(aTenantId('m_nagement'), 'suspended'))?.id).toBe('m_nagement');
      expect((await directory.find(aTenantId('management')))?.status).toBe('active');
      expect(await directory.find(aTenantId('%'))).toBeUndefined();
    });
  });
}
