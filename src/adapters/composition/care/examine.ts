import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { faultsIn } from '../../persistence/back-up.ts';
import { MIGRATIONS } from '../../persistence/migrations/all-migrations.ts';
import { openForReading } from '../../persistence/sqlite-file.ts';
import { openRecord } from '../../signing/sealing-key-store.ts';
import { readSealingKeys } from '../../signing/sealing-keys.ts';
import { canSign, keyOf, type KeyRecord } from '../../signing/signing-key.ts';
import type { DataInQuestion } from './data-in-question.ts';
import { bad, good, warning, type Finding } from './finding.ts';
import { sealsOf } from './seals.ts';

export type { Finding } from './finding.ts';

const RESTORE = 'Stop the server, put this file aside, and restore a backup (src/adapters/persistence/README.md).';
const SOON_MS = 30 * 86_400_000;
const EARLIEST = Date.UTC(2020, 0, 1);
const DAY_MS = 86_400_000;

/** Looks at everything that a server of these settings would rest on. It only reads; a server may be running. */
export async function examine(data: DataInQuestion, now: Date): Promise<readonly Finding[]> {
  if (!existsSync(data.dataDir)) return [bad('directory', `There is no directory ${data.dataDir}.`, 'Name the one of the server by --data-dir or FLEETGATE_DATA_DIR.')];
  return [...modesOf(data), ...databaseOf(data, now), ...(await keysOf(data)), ...(await sealsOf(data)), ...certificatesOf(data, now), ...passwordOf(data)];
}

/** Whoever reads the directory owns the gate. */
function modesOf({ dataDir, file }: DataInQuestion): Finding[] {
  const inside = ['keys', 'crl-keys', 'tls'].flatMap((folder) => [join(dataDir, folder), ...namesIn(join(dataDir, folder)).map((name) => join(dataDir, folder, name))]);
  const secret = [dataDir, file, `${file}-wal`, `${file}-shm`, join(dataDir, 'initial-admin-password'), ...inside].filter((path) => !/\/(ca|server)\.pem$/.test(path));
  const open = secret.filter((path) => existsSync(path) && (statSync(path).mode & 0o077) !== 0);
  if (open.length === 0) return [good('modes', `${dataDir} and what is secret in it are closed to others.`)];
  return open.map((path) => bad('modes', `Others may get at ${path} (mode ${(statSync(path).mode & 0o777).toString(8)}).`, `chmod go= ${path}; then consider fleetgate keys rotate.`));
}

function databaseOf({ file }: DataInQuestion, now: Date): Finding[] {
  if (!existsSync(file)) return [bad('database', `There is no database ${file}.`, 'It is made at the first start; where there was one, restore a backup.')];
  try {
    const faults = faultsIn(file);
    if (faults.length > 0) return [bad('database', `${file} is damaged: ${faults[0]}`, RESTORE)];
    return [good('database', `${file} is sound.`), schemaOf(file), clockOf(file, now)];
  } catch (error) {
    return [bad('database', `${file} cannot be read: ${(error as Error).message}.`, RESTORE)];
  }
}

function schemaOf(file: string): Finding {
  const version = askOne<number>(file, 'select max(version) from schema_version') ?? 0;
  const known = MIGRATIONS.length;
  if (version > known) return bad('schema', `The schema has version ${version}; this Fleetgate knows versions up to ${known}.`, 'Start the newer Fleetgate that wrote it, or restore the backup made before the upgrade.');
  if (version < known) return warning('schema', `The schema has version ${version}; the next start brings it to ${known}.`, 'Make a backup before.');
  return good('schema', `The schema has version ${version}, as it should.`);
}

/** F18, F19: certificates and tokens are judged by it. */
function clockOf(file: string, now: Date): Finding {
  if (now.getTime() < EARLIEST) return bad('clock', `The clock stands at ${now.toISOString()}, before 2020.`, 'Set it, or let NTP set it.');
  const last = askOne<string>(file, 'select max(at) from audit_entry');
  if (last && new Date(last).getTime() > now.getTime() + DAY_MS) return bad('clock', `The clock stands at ${now.toISOString()}, and the audit has an entry of ${last}.`, 'Set the clock; tokens and certificates are judged by it.');
  return good('clock', `The clock stands at ${now.toISOString()}.`);
}

async function keysOf({ dataDir, settings: { sealingKeyFile } }: DataInQuestion): Promise<Finding[]> {
  const folder = join(dataDir, 'keys');
  const remedy = `Restore ${folder} from a backup. A server refuses to start beside an old database without it.`;
  let signing = 0;
  for (const name of namesIn(folder).filter((each) => each.endsWith('.json'))) {
    try {
      const record = JSON.parse(readFileSync(join(folder, name), 'utf8')) as KeyRecord;
      const opened = openRecord(record, sealingKeyFile === undefined ? [] : readSealingKeys(sealingKeyFile), folder);
      if (canSign(await keyOf(opened))) signing += 1;
    } catch (error) {
      // JSON.parse quotes what it could not read, and this file holds a private key.
      return [bad('keys', `${join(folder, name)} cannot be used: ${error instanceof SyntaxError ? 'it is not JSON' : (error as Error).message}.`, remedy)];
    }
  }
  return [signing > 0 ? good('keys', 'There is a key to sign tokens with.') : bad('keys', `There is no key to sign tokens with in ${folder}.`, remedy)];
}

function certificatesOf({ dataDir, file, settings }: DataInQuestion, now: Date): Finding[] {
  const server = settings.tlsCert ?? join(dataDir, 'tls/server.pem');
  const all: [string, Buffer][] = existsSync(server) ? [[`The server certificate ${server}`, readFileSync(server)]] : [];
  try {
    const anchors = ask<{ tenant: string; name: string; der_base64: string }>(file, "select tenant, name, der_base64 from trust_anchor where status = 'enabled'");
    all.push(...anchors.map(({ tenant, name, der_base64: der }): [string, Buffer] => [`The CA ${JSON.stringify(name)} of tenant ${tenant}`, Buffer.from(der, 'base64')]));
  } catch {
    // What is wrong with the database is said above.
  }
  const found = all.flatMap(([what, bytes]) => endOf(what, bytes, now));
  return found.length > 0 ? found : [good('certificates', `${all.length} certificates, of the server and of CAs, are good for 30 days and more.`)];
}

function endOf(what: string, bytes: Buffer, now: Date): Finding[] {
  try {
    const left = new Date(new X509Certificate(bytes).validTo).getTime() - now.getTime();
    if (left > SOON_MS) return [];
    const when = left < 0 ? 'has ended' : `ends in ${Math.floor(left / DAY_MS)} days`;
    return [(left < 0 ? bad : warning)('certificates', `${what} ${when}.`, 'Renew it; of a CA, trust the successor before.')];
  } catch {
    return [bad('certificates', `${what} cannot be read.`, 'Upload or put it in place again; until then it lets nobody in.')]; // F32
  }
}

const passwordOf = ({ dataDir }: DataInQuestion): Finding[] =>
  existsSync(join(dataDir, 'initial-admin-password')) ? [warning('password', 'The first administrator’s password still lies in initial-admin-password.', 'Delete the file once you know the password.')] : [];

const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);

function ask<Row>(file: string, sql: string): readonly Row[] {
  const db = openForReading(file);
  try {
    return db.prepare(sql).all() as Row[];
  } finally {
    db.close();
  }
}

const askOne = <T>(file: string, sql: string): T | null => Object.values(ask<Record<string, T | null>>(file, sql)[0] ?? {})[0] ?? null;
