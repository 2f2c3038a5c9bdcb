import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { firstStart, type FirstStartNeeds } from '../../../src/adapters/composition/first-start.ts';
import { InMemoryAdministratorDirectory } from '../../../src/adapters/in-memory/in-memory-administrator-directory.ts';
import { emptyState } from '../../../src/adapters/in-memory/in-memory-state.ts';
import { InMemoryTenantDirectory } from '../../../src/adapters/in-memory/in-memory-tenant-directory.ts';
import { newAdministrator, ROLES } from '../../../src/domain/access/administrator.ts';
import { MANAGEMENT } from '../../../src/domain/trust/tenant.ts';
import type { AuditEvent } from '../../../src/ports/driven/audit-log.ts';
import { aTenant, aTenantId, FixedClock, NOW } from '../../support/certificate-builders.ts';
import { temporaryDirectory } from '../../support/pki.ts';

const MAIN = aTenantId('main');

describe('The first start', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let events: AuditEvent[];
  let needs: FirstStartNeeds;
  beforeEach(() => {
    directory = temporaryDirectory();
    events = [];
    const state = emptyState();
    needs = {
      settings: { dataDir: directory.path, firstTenant: { tenant: 'main', domain: 'localhost', adminUser: 'admin' } },
      tenants: new InMemoryTenantDirectory({ state }),
      administrators: new InMemoryAdministratorDirectory({ state }),
      hasher: { hash: async (password) => `hash of ${password}`, verify: async () => false },
      clock: new FixedClock(),
      audit: { record: (event) => void events.push(event) },
    };
  });
  afterEach(() => directory.remove());
  const passwordFile = (): string => join(directory.path, 'initial-admin-password');

  it('makes the first tenant and the management tenant, and the administrator with every role in both', async () => {
    const made = await firstStart(needs);
    const password = readFileSync(passwordFile(), 'utf8').trimEnd();
    expect(made).toEqual({ tenant: 'main', domain: 'localhost', adminUser: 'admin', generated: { password, file: passwordFile() } });
    expect(await needs.tenants.list()).toEqual([
      { id: 'main', domain: 'localhost', domainConfigured: false, status: 'active', createdAt: NOW },
      { id: 'management', domain: 'management.localhost', domainConfigured: false, status: 'active', createdAt: NOW },
    ]);
    for (const tenant of [MAIN, MANAGEMENT]) {
      expect(await needs.administrators.find(tenant, 'admin')).toEqual(newAdministrator({ tenant, name: 'admin', passwordHash: `hash of ${password}`, roles: ROLES, passwordChangedAt: NOW }));
    }
    expect(events.map((event) => [event.what, 'subject' in event && event.subject])).toEqual([
      ['tenant.created', 'localhost'],
      ['tenant.created', 'management.localhost'],
    ]);
    expect(JSON.stringify(events)).not.toContain(password);
  });

  it('generates another password of more than 100 bits each time, in a file that only its owner can read', async () => {
    const passwords = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const made = await firstStart({ ...needs, tenants: new InMemoryTenantDirectory({ state: emptyState() }) });
      passwords.add(made!.generated!.password);
      expect(made!.generated!.password).toMatch(/^([a-z2-9]{5}-){4}[a-z2-9]{5}$/);
    }
    expect(passwords.size).toBe(20);
    expect(statSync(passwordFile()).mode & 0o777).toBe(0o600);
  });

  it('closes a password file that was open to others', async () => {
    writeFileSync(`${passwordFile()}.draft`, 'old', { mode: 0o644 });
    writeFileSync(passwordFile(), 'old', { mode: 0o644 });
    await firstStart(needs);
    expect(statSync(passwordFile()).mode & 0o777).toBe(0o600);
  });

  it('takes a password that was set, and makes no file', async () => {
    const made = await firstStart({ ...needs, settings: { ...needs.settings, firstTenant: { ...needs.settings.firstTenant, adminPassword: 'correct horse' } } });
    expect(made).not.toHaveProperty('generated');
    expect(await needs.administrators.find(MANAGEMENT, 'admin')).toMatchObject({ passwordHash: 'hash of correct horse' });
    expect(() => statSync(passwordFile())).toThrow('ENOENT');
  });

  it('is over once the management tenant is there, and changes nothing from then on', async () => {
    await firstStart(needs);
    const before = readFileSync(passwordFile(), 'utf8');
    expect(await firstStart({ ...needs, settings: { ...needs.settings, firstTenant: { tenant: 'other', domain: 'other.example.com', adminUser: 'eve' } } })).toBeUndefined();
    expect(readFileSync(passwordFile(), 'utf8')).toBe(before);
    expect(await needs.tenants.find(aTenantId('other'))).toBeUndefined();
    expect(await needs.administrators.find(MANAGEMENT, 'eve')).toBeUndefined();
  });

  it('is done again as a whole after it was cut off, with a password that is known', async () => {
    for (const after of [1, 2, 3, 4]) {
      let steps = 0;
      const cut = <A extends unknown[], R>(step: (...args: A) => Promise<R>) => async (...args: A): Promise<R> => {
        if (++steps === after) throw new Error('killed');
        return step(...args);
      };
      const state = emptyState();
      const tenants = new InMemoryTenantDirectory({ state });
      const administrators = new InMemoryAdministratorDirectory({ state });
      const interrupted = {
        ...needs,
        tenants: Object.assign(Object.create(tenants) as typeof tenants, { create: cut(tenants.create.bind(tenants)), find: tenants.find.bind(tenants) }),
        administrators: Object.assign(new InMemoryAdministratorDirectory({ state }), { put: cut(administrators.put.bind(administrators)) }),
      };
      await expect(firstStart(interrupted)).rejects.toThrow('killed');
      await firstStart({ ...needs, tenants, administrators });
      const password = readFileSync(passwordFile(), 'utf8').trimEnd();
      for (const tenant of [MAIN, MANAGEMENT]) {
        expect(await administrators.find(tenant, 'admin')).toMatchObject({ passwordHash: `hash of ${password}` });
        expect(await tenants.find(tenant)).toBeDefined();
      }
    }
  });

  it('lets a domain decide by server name only where somebody chose it (D-5)', async () => {
    await firstStart({ ...needs, settings: { ...needs.settings, firstTenant: { tenant: 'main', domain: 'gate.example.com', adminUser: 'admin' } } });
    expect(await needs.tenants.find(MAIN)).toMatchObject({ domain: 'gate.example.com', domainConfigured: true });
  });

  it('says which setting to change when the domain is another tenant’s', async () => {
    await needs.tenants.create(aTenant({ id: aTenantId('other'), domain: 'localhost' }));
    await expect(firstStart(needs)).rejects.toThrow('The domain localhost belongs to another tenant already. Name another one in FLEETGATE_TENANT_DOMAIN.');
  });
});
