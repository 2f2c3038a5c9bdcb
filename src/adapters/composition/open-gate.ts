import { Container, type ContainerModule } from 'inversify';
import { auditEntry, type Said } from '../../domain/audit/audit-entry.ts';
import { AdministratorDirectory } from '../../ports/driven/administrator-directory.ts';
import { AuditLog } from '../../ports/driven/audit-log.ts';
import { AuditTrail } from '../../ports/driven/audit-trail.ts';
import { Clock } from '../../ports/driven/clock.ts';
import { Leases } from '../../ports/driven/leases.ts';
import { Log } from '../../ports/driven/log.ts';
import { PasswordHasher } from '../../ports/driven/password-hasher.ts';
import { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import { TokenSigner } from '../../ports/driven/token-signer.ts';
import { BackgroundWork, ChangeWatch, DailyRound, HttpDoor, LoopWatch, MqttDoor, type Service } from '../../ports/service.ts';
import type { Token } from '../../ports/token.ts';
import { isOnManyNodes, Settings } from '../config/settings.ts';
import { Database } from '../persistence/database.ts';
import { prepareDataDirectory } from './data-directory.ts';
import { loadExtraModules } from './extra-modules.ts';
import { firstStart, type FirstStart } from './first-start.ts';
import { meter } from './metering.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { provideTracer, trace } from './tracing.ts';

/** A Fleetgate that serves. */
export interface Gate {
  /** `mqtts://[::]:8883`, … */
  readonly listening: readonly string[];
  /** What the first start made; undefined at every later one. */
  readonly firstStart: FirstStart | undefined;
  /** Stops accepting at once, lets what is under way end for at most `graceMs`, then lets go of everything, the database last. Safe to call twice. */
  stop(graceMs: number): Promise<void>;
}

/** All adapters under their ports, none made yet. What the setting `modules` names takes the place of what `modules` binds. */
export async function compose(settings: Settings, modules: readonly ContainerModule[]): Promise<Container> {
  const container = new Container();
  container.bind(Settings).toConstantValue(settings);
  await provideTracer(container, settings);
  container.load(...modules);
  await container.loadAsync(...(await loadExtraModules(settings.modules)));
  meter(container);
  trace(container, settings);
  return container;
}

/** What is behind a port. */
export const ask = <T>(container: Container, token: Token<T>): Promise<T> => container.getAsync<T>(token);

/**
 * Opens the gate: everything behind the doors first, then the doors. Rejects with a sentence for the operator; then nothing is left open.
 * `done` is what was changed before, for the audit, which is kept before anybody is let in.
 */
export async function openGate(container: Container, done: readonly Said[] = []): Promise<Gate> {
  const settings = await ask(container, Settings);
  const closing = closerOf(container);
  const open: Service[] = [];
  try {
    await prepareDataDirectory(settings.dataDir, await ask(container, Log));
    const begin = async (): Promise<FirstStart | undefined> => {
      await ask(container, TokenSigner); // before the database: where that exists and no key does, a key was lost (J11)
      return firstStart({ settings, ...(await needsOfFirstStart(container)) });
    };
    // Nodes that start for the first time make keys and tenants once.
    const first = isOnManyNodes(settings) ? await oneAtATime(await ask(container, Leases), begin) : await begin();
    const [trail, clock] = [await ask(container, AuditTrail), await ask(container, Clock)];
    await trail.append(done.map((said) => auditEntry(said, clock.now())));
    const doors = [await ask(container, ChangeWatch), await ask(container, MqttDoor), await ask(container, HttpDoor), await ask(container, DailyRound), await ask(container, BackgroundWork), await ask(container, LoopWatch)];
    const listening: string[] = [];
    for (const door of doors) {
      open.unshift(door);
      listening.push(...(await door.start()));
    }
    let stopping: Promise<void> | undefined;
    return { listening, firstStart: first, stop: (graceMs) => (stopping ??= stopAll(open, graceMs).then(closing)) };
  } catch (error) {
    await stopAll(open, 0).catch(() => undefined);
    await closing().catch(() => undefined);
    throw error;
  }
}

/** All doors at once: while one waits for a slow peer, no other lets anybody in (F03). */
async function stopAll(doors: readonly Service[], graceMs: number): Promise<void> {
  await Promise.all(doors.map((door) => door.stop(graceMs)));
}

/** Lets go of everything that was opened; the database last, because all the rest may still write to it. */
function closerOf(container: Container): () => Promise<void> {
  let database: Database | undefined;
  container.onActivation<Database>(Database, (_context, opened) => (database = opened));
  return async () => {
    await container.unbindAllAsync();
    await database?.close();
  };
}

async function needsOfFirstStart(container: Container) {
  return {
    tenants: await ask(container, TenantDirectory),
    administrators: await ask(container, AdministratorDirectory),
    hasher: await ask(container, PasswordHasher),
    clock: await ask(container, Clock),
    audit: await ask(container, AuditLog),
  };
}
