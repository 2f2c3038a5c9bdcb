import { join, resolve } from 'node:path';
import { auditEntry } from '../../../domain/audit/audit-entry.ts';
import { grant } from '../../../domain/shared/decision.ts';
import { MANAGEMENT } from '../../../domain/trust/tenant.ts';
import type { AuditTrail } from '../../../ports/driven/audit-trail.ts';
import type { Log } from '../../../ports/driven/log.ts';
import { EXIT, fail, type Outcome } from '../../cli/cli-failure.ts';
import type { CliNeeds, Resealed } from '../../cli/cli-needs.ts';
import { parseSettings, problemsText } from '../../config/parse-settings.ts';
import { isOnManyNodes, type Settings } from '../../config/settings.ts';
import type { Database } from '../../persistence/database.ts';
import { KyselyAuditTrail } from '../../persistence/kysely-audit-trail.ts';
import { KyselySharedSecrets } from '../../persistence/kysely-shared-secrets.ts';
import { FileKeyStore } from '../../signing/file-key-store.ts';
import type { RawKeyStore } from '../../signing/key-store.ts';
import { checkOpens, countSeals, notUnder, sealAnew, type KeysAtRest } from '../../signing/keys-at-rest.ts';
import { pemKeysAtRest } from '../../signing/pem-keys-at-rest.ts';
import { readSealingKeys, type SealingKey } from '../../signing/sealing-keys.ts';
import { recordsAtRest } from '../../signing/sealing-key-store.ts';
import { SharedKeyStore } from '../../signing/shared-key-store.ts';
import { openPresentDatabase } from './present-database.ts';

/** A server that runs may write a key while we do: then another look is due. */
const MOST_ROUNDS = 5;

/**
 * Seals every private key of this machine, and of the nodes' table, under the first key of the file; a server may be running. Each is
 * replaced as a whole, so that whoever is cut off may begin again. Refuses, or throws a sentence, before anything is written.
 */
export async function resealKeys({ env, now, writeError }: Pick<CliNeeds, 'env' | 'now' | 'writeError'>): Promise<Outcome<Resealed>> {
  const parsed = parseSettings(env);
  if (!parsed.granted) return fail(EXIT.usage, problemsText(parsed.refusal));
  const { settings } = parsed.value;
  const { sealingKeyFile: file, databaseUrl } = settings;
  if (file === undefined) return fail(EXIT.usage, 'No file of sealing keys is named: set FLEETGATE_SEALING_KEY_FILE to the one of the server. (openssl rand -base64 32 makes a key; put it in the first line.)');
  if (databaseUrl === 'memory:') return fail(EXIT.usage, 'FLEETGATE_DATABASE_URL is memory: such a server seals its keys when it starts.');
  const keys = keysIn(file);
  if (typeof keys === 'string') return fail(EXIT.usage, keys);
  const nothing = (): void => undefined;
  const log: Log = { info: nothing, warn: (_facts, sentence) => writeError(`warning: ${sentence}\n`), error: (_facts, sentence) => writeError(`error: ${sentence}\n`) };
  const db = await openPresentDatabase(settings, env, log);
  try {
    const trail = new KyselyAuditTrail({ db });
    return grant({ file: resolve(file), spare: keys.length - 1, nodes: isOnManyNodes(settings), ...(await reseal(placesOf(settings, db, log), keys, trail, now)) });
  } finally {
    await db.close();
  }
}

/** The keys, or what is wrong with the file. */
function keysIn(file: string): readonly [SealingKey, ...SealingKey[]] | string {
  try {
    const [first, ...others] = readSealingKeys(file);
    return [first!, ...others];
  } catch (error) {
    return (error as Error).message;
  }
}

/** Looks anew each time it is asked. */
function placesOf(settings: Settings, db: Database, log: Log): () => Promise<readonly KeysAtRest[]> {
  const { dataDir, tlsKey } = settings;
  const store: RawKeyStore = isOnManyNodes(settings) ? new SharedKeyStore({ secrets: new KyselySharedSecrets({ db }) }) : new FileKeyStore({ folder: join(dataDir, 'keys'), log });
  return async () => [...(await pemKeysAtRest({ dataDir, tlsKey })), ...recordsAtRest(await store.load(), store)];
}

type Counts = Pick<Resealed, 'sealingKey' | 'sealed' | 'already'>;

async function reseal(look: () => Promise<readonly KeysAtRest[]>, keys: readonly [SealingKey, ...SealingKey[]], trail: AuditTrail, now: () => Date): Promise<Counts> {
  const [{ id }] = keys;
  const found = await look();
  if (countSeals(found).size === 0) throw new Error('There is no private key here: the first start makes them, and seals them.');
  for (const each of found) checkOpens({ remedy: 'Put that key into the file again, below the first. Nothing was changed.', ...each }, keys);
  const already = countSeals(found).get(id) ?? 0;
  if (notUnder(id, found).length === 0) return { sealingKey: id, already, sealed: [] };
  // The keys are in files, which no transaction takes along: what is begun is in the audit before, and what came of it afterwards.
  await trail.append([auditEntry({ ...SAID, what: 'keys.reseal-asked', subject: id }, now())]);
  const done = await sealAll(look, keys);
  const sealed = [...countSeals(done)].filter(([under]) => under !== id).map(([under, count]) => ({ ...(under !== undefined && { under }), count }));
  await trail.append([auditEntry({ ...SAID, what: 'keys.resealed', subject: id }, now(), { after: { sealed: sealed.reduce((total, { count }) => total + count, 0), already } })]);
  return { sealingKey: id, already, sealed };
}

const SAID = { tenant: MANAGEMENT, by: 'keys reseal' } as const;

/** Resolves with what was sealed anew, as it was before. */
async function sealAll(look: () => Promise<readonly KeysAtRest[]>, keys: readonly [SealingKey, ...SealingKey[]]): Promise<readonly KeysAtRest[]> {
  const done: KeysAtRest[] = [];
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const found = await look();
    if (notUnder(keys[0].id, found).length === 0) return done;
    done.push(...(await sealAnew(found, keys)));
  }
  throw new Error('A server goes on sealing keys under another key: give it the same file of sealing keys, and run this again. What was sealed anew stays so.');
}
