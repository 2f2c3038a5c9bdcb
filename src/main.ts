import type { Container, ContainerModule } from 'inversify';
import { ask, compose, openGate, type Gate } from './adapters/composition/open-gate.ts';
import { endingSignal } from './adapters/composition/signals.ts';
import { superviseWorkers } from './adapters/composition/workers/supervise-workers.ts';
import { endWithSupervisor, workerSeat, type WorkerSeat } from './adapters/composition/workers/worker-seat.ts';
import { usecasesModule } from './adapters/composition/usecases.module.ts';
import { parseSettings, problemsText, type ParsedSettings } from './adapters/config/parse-settings.ts';
import { readEnvironment } from './adapters/config/read-environment.ts';
import { isOnManyNodes, isShared, type Settings } from './adapters/config/settings.ts';
import { credentialsModule } from './adapters/credentials/credentials.module.ts';
import { fetchingModule } from './adapters/fetching/fetching.module.ts';
import { httpModule } from './adapters/http/http.module.ts';
import { inMemoryPersistenceModule } from './adapters/in-memory/in-memory-persistence.module.ts';
import { inMemorySessionsModule } from './adapters/in-memory/in-memory-sessions.module.ts';
import { metricsModule } from './adapters/metrics/metrics.module.ts';
import { inMemorySinkModule } from './adapters/in-memory/in-memory-sink.module.ts';
import { messageSinksModule } from './adapters/message-sinks/message-sinks.module.ts';
import { mqttModule } from './adapters/mqtt/mqtt.module.ts';
import { loneNodeModule, sharedNodesModule } from './adapters/nodes/nodes.module.ts';
import { persistenceModule } from './adapters/persistence/persistence.module.ts';
import { pkiMintModule } from './adapters/pki/pki-mint.module.ts';
import { pkiReadingModule } from './adapters/pki/pki-reading.module.ts';
import { revocationListsModule } from './adapters/pki/revocation-lists.module.ts';
import { startNewKeyRing } from './adapters/signing/open-token-signer.ts';
import { sealingModule } from './adapters/signing/sealing.module.ts';
import { sharedSigningModule, signingModule } from './adapters/signing/signing.module.ts';
import { LogOutput, systemModule } from './adapters/system/system.module.ts';
import type { Said } from './domain/audit/audit-entry.ts';
import { MANAGEMENT } from './domain/trust/tenant.ts';
import { Clock } from './ports/driven/clock.ts';
import { Log } from './ports/driven/log.ts';
import { ServerCredentials } from './ports/driven/server-credentials.ts';

/** The hexagon. Devices and people come in at the top, the domain decides in the middle, the world is reached at the bottom. */
export const gateModules = (settings: Settings): readonly ContainerModule[] => [
  mqttModule, //              MQTT over TLS      → DeviceGate, TokenDesk
  httpModule, //              HTTP API           → AccessDesk, TrustDesk, TenantDesk, RegistrationDesk, DeviceGate, TokenDesk

  usecasesModule, //          what those are: the use cases of src/domain/usecases

  pkiReadingModule, //        CertificateReader, SignatureVerifier, UploadDecoder
  settings.databaseUrl === 'memory:' ? inMemoryPersistenceModule : persistenceModule, // TrustAnchorStore, DeviceRegistry, TenantDirectory, …
  inMemorySessionsModule, //  LocalSessions, DeviceInboxes
  isShared(settings) ? sharedNodesModule : loneNodeModule, // SessionBoard, Leadership: several processes are one gate
  settings.sink.kind === 'off' ? inMemorySinkModule : messageSinksModule, // MessageSink, SinkCounts
  isOnManyNodes(settings) ? sharedSigningModule : signingModule, // TokenSigner: keys in files, or in the database that nodes share
  sealingModule, //           KeySeal
  fetchingModule, //          ListSource, ResponderSource, and the work that goes on by itself
  credentialsModule, //       ServerCredentials
  pkiMintModule, //           CertificateMint
  revocationListsModule, //   RevocationListSigner
  metricsModule, //           Metrics, Figures, LoopWatch
  systemModule, //            Clock, Identifiers, PasswordHasher, Log, AuditLog
];

/** `fleetgate serve`: settings → modules → doors open; and, when a signal comes, all of it in reverse. Resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const parsed = parseSettings(readEnvironment(process.cwd(), process.env));
    if (parsed.granted) {
      const seat = workerSeat();
      const isSupervisor = parsed.value.settings.workers > 1 && !seat;
      return await (isSupervisor ? supervise(parsed.value, args) : serve(parsed.value, args.includes('--new-signing-key'), seat));
    }
    process.stderr.write(`${problemsText(parsed.refusal)}\n`);
  } catch (error) {
    process.stderr.write(`Fleetgate does not start: ${(error as Error).message}\n`);
  }
  return 2;
}

/** One process of several workers: none of the modules above, only where to write to. */
async function supervise({ settings, warnings }: ParsedSettings, args: readonly string[]): Promise<number> {
  const container = await compose({ ...settings, modules: [] }, [systemModule]);
  const log = await ask(container, Log);
  const { flush } = await ask(container, LogOutput);
  for (const warning of warnings) log.warn({}, warning);
  try {
    return await superviseWorkers(settings, args.slice(1), log);
  } catch (error) {
    log.error(beyondTheSentence(error as Error), `Fleetgate cannot go on: ${(error as Error).message}`);
    return 1;
  } finally {
    await flush();
  }
}

async function serve({ settings, warnings }: ParsedSettings, newSigningKey: boolean, seat?: WorkerSeat): Promise<number> {
  const container = await compose(settings, gateModules(settings));
  const log = await ask(container, Log);
  const { flush } = await ask(container, LogOutput);
  endOnDefect(log, flush);
  if (!seat) for (const warning of warnings) log.warn({}, warning);
  const signal = endingOf(seat);
  try {
    const done = newSigningKey ? [await makeNewSigningKey(container, settings)] : [];
    const gate = await openGate(container, done);
    await announce(gate, container, log, seat);
    log.info({ signal: await signal }, `Fleetgate is ending; work under way gets ${settings.shutdownGraceMs} ms.`);
    await within(settings.shutdownGraceMs + 5_000, gate.stop(settings.shutdownGraceMs));
    log.info({}, 'Fleetgate has ended.');
    return 0;
  } catch (error) {
    log.error(beyondTheSentence(error as Error), `Fleetgate cannot go on: ${(error as Error).message}`);
    return 1;
  } finally {
    await flush();
  }
}

/** A signal, or for a worker what its supervisor says. */
function endingOf(seat: WorkerSeat | undefined): Promise<string> {
  if (!seat) return endingSignal();
  endWithSupervisor();
  const asked = new Promise<string>((resolve) => seat.hear(({ kind }) => kind === 'end' && resolve('asked by the supervisor')));
  return Promise.race([endingSignal(), asked]);
}

async function makeNewSigningKey(container: Container, settings: Settings): Promise<Said> {
  const { dataDir, tokenAlgorithm, sealingKeyFile } = settings;
  if (isOnManyNodes(settings)) throw new Error('--new-signing-key is for keys in files. With PostgreSQL they are in the table signing_key, for all nodes: fleetgate keys rotate makes a new one; where they are lost or stolen, stop every node and empty the table');
  const [clock, log] = [await ask(container, Clock), await ask(container, Log)];
  const aside = await startNewKeyRing({ dataDir, algorithm: tokenAlgorithm, sealingKeyFile, clock, log });
  log.warn({ aside }, 'A new signing key was made, as asked for. Tokens signed before are no longer valid.');
  return { what: 'keys.replaced', tenant: MANAGEMENT, by: 'serve --new-signing-key', subject: 'signing keys' };
}

/** Whatever nobody caught leaves the program in a state nobody knows. Node hands over rejections that nobody handled here too. */
function endOnDefect(log: Log, flush: () => Promise<void>): void {
  const end = (error: unknown): void => {
    log.error({ error }, 'Fleetgate ends because of a defect. Please report it with this line.');
    void flush().then(() => process.exit(1));
  };
  process.on('uncaughtException', end);
}

async function announce(gate: Gate, container: Container, log: Log, seat: WorkerSeat | undefined): Promise<void> {
  const { developmentCaFile: ca } = (await ask(container, ServerCredentials)).current();
  if (seat) seat.say({ kind: 'ready', listening: gate.listening, ...(ca && { ca }) });
  else log.info({ listening: gate.listening, ...(ca && { ca }) }, `Fleetgate is ready on ${gate.listening.join(', ')}.`);
  if (!gate.firstStart) return;
  const { tenant, domain, adminUser, generated } = gate.firstStart;
  const where = generated ? `; the password is in ${generated.file}` : '';
  log.info({}, `First start: the tenants ${tenant} (domain ${domain}) and management were made, each with the administrator ${adminUser}${where}.`);
  log.info({}, 'Next, trust a CA: npx fleetgate trust add ca.pem --auto-registration (npx fleetgate pki root makes one to try it with).');
  // To the person at the terminal, and to nobody who reads a log.
  if (generated && process.stdout.isTTY) process.stdout.write(`\n  ${tenant}/${adminUser}  password  ${generated.password}\n\n`);
}

/** An error that was made for the operator says everything in its sentence; of any other, the place matters too. */
const beyondTheSentence = (error: Error): object => (error.constructor === Error && !('code' in error) ? {} : { error });

async function within(ms: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`it did not end within ${ms} ms`)), ms);
  await Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
