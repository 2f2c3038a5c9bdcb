import 'reflect-metadata';
import { Container, type ContainerModule } from 'inversify';
import { describe, expect, it } from '@jest/globals';
import { Settings } from '../../../src/adapters/config/settings.ts';
import { inMemoryPersistenceModule } from '../../../src/adapters/in-memory/in-memory-persistence.module.ts';
import { inMemorySinkModule } from '../../../src/adapters/in-memory/in-memory-sink.module.ts';
import { inMemorySessionsModule } from '../../../src/adapters/in-memory/in-memory-sessions.module.ts';
import { Database } from '../../../src/adapters/persistence/database.ts';
import { persistenceModule } from '../../../src/adapters/persistence/persistence.module.ts';
import { AdministratorDirectory } from '../../../src/ports/driven/administrator-directory.ts';
import { AdmissionEpoch } from '../../../src/ports/driven/admission-epoch.ts';
import { CertificateReader } from '../../../src/ports/driven/certificate-reader.ts';
import { DeviceRegistry } from '../../../src/ports/driven/device-registry.ts';
import { Log } from '../../../src/ports/driven/log.ts';
import { DeviceInboxes } from '../../../src/ports/driven/device-inboxes.ts';
import { MessageSink } from '../../../src/ports/driven/message-sink.ts';
import { Metrics } from '../../../src/ports/driven/metrics.ts';
import { RevocationLists } from '../../../src/ports/driven/revocation-lists.ts';
import { RevocationStore } from '../../../src/ports/driven/revocation-store.ts';
import { LocalSessions, type SessionBoard } from '../../../src/ports/driven/session-board.ts';
import { SinkCounts } from '../../../src/ports/driven/sink-counts.ts';
import { aMessage } from '../../contracts/message-sink.contract.ts';
import { TenantDirectory } from '../../../src/ports/driven/tenant-directory.ts';
import { TrustAnchorStore } from '../../../src/ports/driven/trust-anchor-store.ts';
import type { Token } from '../../../src/ports/token.ts';
import { KnownCertificates } from '../../contracts/known-certificates.ts';
import { aDevice, aTenantId } from '../../support/certificate-builders.ts';
import { keptLog, scratch } from './open-stores.ts';

const STORES = { AdmissionEpoch, TrustAnchorStore, DeviceRegistry, TenantDirectory, AdministratorDirectory, RevocationStore, RevocationLists };

async function containerOf(file: string, ...modules: readonly ContainerModule[]): Promise<Container> {
  const container = new Container();
  container.bind<Settings>(Settings).toConstantValue({ databaseUrl: `sqlite:${file}` } as Settings);
  container.bind<Log>(Log).toConstantValue(keptLog());
  container.bind<Metrics>(Metrics).toConstantValue({ took: () => undefined } as unknown as Metrics);
  container.bind<CertificateReader>(CertificateReader).toConstantValue(new KnownCertificates());
  await container.load(...modules);
  return container;
}

/** Asks for everything, and whether a change of one store shows in another. */
async function worksTogether(container: Container): Promise<void> {
  const get = <T>(token: Token<T>): T => container.get<T>(token);
  for (const token of Object.values(STORES)) expect(container.get(token)).toBe(container.get(token));
  const before = await get(AdmissionEpoch).current();
  await get(DeviceRegistry).register(aDevice());
  await get(DeviceRegistry).remove(aTenantId(), aDevice().id);
  await get(TenantDirectory).setOption(aTenantId(), 'a', 'b', 'c');
  expect(await get(AdmissionEpoch).current()).toBe(before + 2);
}

describe('The modules of what remembers', () => {
  it('persistenceModule provides every store on the file that the settings name, and the database to close', async () => {
    const place = scratch();
    const container = await containerOf(place.file, persistenceModule);
    await worksTogether(container);
    await container.get<Database>(Database).close();
    place.clear();
  });

  it('inMemoryPersistenceModule provides the same stores, over one state', async () => {
    const container = await containerOf('unused', inMemoryPersistenceModule);
    await worksTogether(container);
    expect(container.isBound(Database)).toBe(false);
  });

  it('inMemorySessionsModule provides the sessions of this process and the inboxes, inMemorySinkModule the message sink and what it counts', async () => {
    const container = await containerOf('unused', inMemorySessionsModule, inMemorySinkModule);
    expect(container.get<SessionBoard>(LocalSessions).count()).toBe(0);
    expect(container.get<DeviceInboxes>(DeviceInboxes)).toBe(container.get(DeviceInboxes));
    await container.get<MessageSink>(MessageSink).accept(aMessage());
    expect(container.get<SinkCounts>(SinkCounts)()).toMatchObject({ accepted: 1, delivered: 1, queued: 0 });
  });
});
