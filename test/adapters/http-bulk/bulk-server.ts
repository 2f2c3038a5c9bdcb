import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { ROLES, type Principal } from '../../../src/domain/access/administrator.ts';
import { refuse } from '../../../src/domain/shared/decision.ts';
import type { Tenant, TenantId } from '../../../src/domain/trust/tenant.ts';
import { RegisterDevices } from '../../../src/domain/usecases/register-devices.ts';
import type { RegistrationDesk } from '../../../src/ports/driving/registration-desk.ts';
import { createApp } from '../../../src/adapters/http/app.ts';
import { linksFrom } from '../../../src/adapters/http/links.ts';
import type { RouteNeeds } from '../../../src/adapters/http/route-needs.ts';
import { InMemoryDeviceRegistry } from '../../../src/adapters/in-memory/in-memory-device-registry.ts';
import { InMemoryObjectStore } from '../../../src/adapters/in-memory/in-memory-object-store.ts';
import { emptyState, type InMemoryState } from '../../../src/adapters/in-memory/in-memory-state.ts';
import { InMemoryTenantDirectory } from '../../../src/adapters/in-memory/in-memory-tenant-directory.ts';
import { FixedClock, NOW } from '../../support/certificate-builders.ts';

/** The HTTP API on a free port of the loopback, with in-memory stores and nothing behind the routes that bulk registration does not ask. */
export interface BulkServer {
  readonly url: string;
  readonly port: number;
  readonly state: InMemoryState;
  readonly registration: RegistrationDesk;
  /** Names of the files in the spool directory now. */
  spooled(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface BulkServerOptions {
  readonly bulkMaxBytes?: number;
  readonly around?: (desk: RegistrationDesk) => RegistrationDesk;
}

/** Anybody whose login is `tenant/admin`; `tenant/reader` has no role for this. */
const principalOf = (login: string): Principal | undefined => {
  const [tenant, name] = login.split('/');
  if (name !== 'admin' && name !== 'reader') return undefined;
  return { kind: 'administrator', tenant: tenant as TenantId, name, roles: name === 'admin' ? ROLES : ['ROLE_TENANT_MANAGEMENT_READ'] };
};

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

export const AUTHORIZATION = `Basic ${btoa('t1/admin:x')}`;

export async function openBulkServer({ bulkMaxBytes = 512 * 1024 * 1024, around = (desk) => desk }: BulkServerOptions = {}): Promise<BulkServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'fleetgate-bulk-'));
  const spoolDir = join(dataDir, 'tmp');
  const state = emptyState();
  for (const id of ['t1', 't2', 'management']) {
    const tenant: Tenant = { id: id as TenantId, domain: `${id}.localhost`, domainConfigured: false, status: 'active', createdAt: NOW };
    state.tenants.set(id, tenant);
  }
  const registration = around(
    new RegisterDevices({
      devices: new InMemoryDeviceRegistry({ state }),
      tenants: new InMemoryTenantDirectory({ state }),
      clock: new FixedClock(),
      audit: { record: () => undefined },
      objects: new InMemoryObjectStore({ state }),
      identifiers: { next: randomUUID },
    }),
  );
  const needs = {
    registration,
    bulkMaxBytes,
    spoolDir,
    log: SILENT,
    links: linksFrom(undefined),
    system: { sharedTrust: false, version: '' },
    access: {
      byPassword: async (login: string) => {
        const principal = principalOf(login);
        return principal ? { granted: true, value: principal } : refuse({ code: 'access.bad-credentials' });
      },
    },
  } as unknown as RouteNeeds;
  const app: FastifyInstance = await createApp(needs);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/devicecontrol/bulkNewDeviceRequests`,
    port,
    state,
    registration,
    spooled: () => readdir(spoolDir).catch(() => []),
    close: async () => {
      app.server.closeAllConnections();
      await app.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
