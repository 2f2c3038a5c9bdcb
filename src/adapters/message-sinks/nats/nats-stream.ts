import { DiscardPolicy, JetStreamApiCodes, JetStreamApiError, jetstreamManager, RetentionPolicy, StorageType, type JetStreamManager } from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import type { Log } from '../../../ports/driven/log.ts';
import { UPSTREAM } from './nats-subjects.ts';

const DAY_MS = 86_400_000;
/** A message that is sent again within this is stored once. Longer than any retry of ours. */
const DUPLICATES_MS = 120_000;
const SUBJECTS = `${UPSTREAM}.>`;

/**
 * Sees to it that a stream takes the messages: makes `name` where it is not there, and says what to do where nobody named one and none is there.
 * Never rejects: what is wrong is said, and every message that is not stored is not acknowledged.
 */
export async function ensureStream(connection: NatsConnection, name: string | undefined, log: Log): Promise<void> {
  try {
    const manager = await jetstreamManager(connection);
    if (name === undefined) await findAny(manager, log);
    else await findOrMake(manager, name, log);
  } catch (error) {
    log.error({ error: String(error), stream: name ?? '' }, 'It is not known whether a stream of NATS takes the messages of devices. Is JetStream on, and may this user ask?');
  }
}

async function findAny(manager: JetStreamManager, log: Log): Promise<void> {
  const streams = await manager.streams.names(SUBJECTS).next();
  if (streams.length === 0) {
    log.error({ subjects: SUBJECTS }, `No stream of NATS takes ${SUBJECTS}, so no message of a device is acknowledged. Make one, or name one in FLEETGATE_SINK_STREAM, which then is made.`);
  }
}

async function findOrMake(manager: JetStreamManager, name: string, log: Log): Promise<void> {
  const found = await manager.streams.info(name).catch((error: unknown) => (isNotFound(error) ? undefined : Promise.reject(error as Error)));
  if (found === undefined) {
    const bounds = { max_age: nanos(7 * DAY_MS), duplicate_window: nanos(DUPLICATES_MS), num_replicas: 1 };
    // Full means "not taken", which devices hear of; never "the oldest is gone", of which nobody hears.
    await manager.streams.add({ name, subjects: [SUBJECTS], storage: StorageType.File, retention: RetentionPolicy.Limits, discard: DiscardPolicy.New, ...bounds });
    log.info({ stream: name, subjects: SUBJECTS }, 'A stream of NATS was made for the messages of devices: on disk, one copy, seven days.');
  } else if (!found.config.subjects.includes(SUBJECTS)) {
    log.warn({ stream: name, subjects: found.config.subjects }, `The stream of NATS does not take ${SUBJECTS} as a whole: messages beyond what it takes are not acknowledged.`);
  }
}

const isNotFound = (error: unknown): boolean => error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
