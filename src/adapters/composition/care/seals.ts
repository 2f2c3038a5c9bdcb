import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { checkOpens, countSeals, notUnder, type KeysAtRest } from '../../signing/keys-at-rest.ts';
import { pemKeysAtRest } from '../../signing/pem-keys-at-rest.ts';
import { sealsIn } from '../../signing/sealed-text.ts';
import { readSealingKeys, type SealingKey } from '../../signing/sealing-keys.ts';
import { recordsAtRest } from '../../signing/sealing-key-store.ts';
import type { KeyRecord } from '../../signing/signing-key.ts';
import type { DataInQuestion } from './data-in-question.ts';
import { bad, good, warning, type Finding } from './finding.ts';

/** How private keys lie: all under the first sealing key, if there is one. Of those that sign tokens, `keys` says whether they open. */
export async function sealsOf({ dataDir, settings: { sealingKeyFile, tlsKey } }: DataInQuestion): Promise<Finding[]> {
  let keys: readonly SealingKey[];
  try {
    keys = sealingKeyFile === undefined ? [] : readSealingKeys(sealingKeyFile);
  } catch (error) {
    return [bad('seals', (error as Error).message, 'Mend the file, or restore it: a server does not start without.')];
  }
  const inPem = await pemKeysAtRest({ dataDir, tlsKey });
  const closed = inPem.flatMap((each) => closedFor(each, keys));
  const [first] = keys;
  if (!first) return closed;
  const all = [...inPem, ...(await recordsIn(join(dataDir, 'keys')))];
  const others = notUnder(first.id, all).map((each) => warning('seals', otherwise(each, first.id), 'fleetgate keys reseal, while the server runs or not.'));
  const leftOver = await leftOverIn(dataDir, [...all.map(({ place }) => place), ...(tlsKey === undefined ? [] : [resolve(tlsKey)])]);
  if (closed.length + others.length + leftOver.length > 0) return [...closed, ...others, ...leftOver];
  return [good('seals', `All ${countSeals(all).get(first.id) ?? 0} private keys are sealed under the key ${first.id}, the first in ${sealingKeyFile}.`)];
}

function closedFor(each: KeysAtRest, keys: readonly SealingKey[]): Finding[] {
  try {
    checkOpens(each, keys);
    return [];
  } catch (error) {
    const { message } = error as Error;
    return [bad('seals', `${message[0]!.toUpperCase()}${message.slice(1)}`, 'A server does not start like this.')];
  }
}

function otherwise({ place, text }: KeysAtRest, first: string): string {
  const id = sealsIn(text).find((found) => found !== first);
  return id === undefined ? `The key ${place} lies in clear.` : `The key ${place} is sealed under the key ${id}, which is not the first and must stay in the file until then.`;
}

/** Without correcting modes, as the store of a server does. What is no record is left out here. */
async function recordsIn(folder: string): Promise<readonly KeysAtRest[]> {
  const names = await readdir(folder).catch(() => []);
  const records = await Promise.all(names.filter((name) => name.endsWith('.json')).map((name) => readFile(join(folder, name), 'utf8').then((text) => JSON.parse(text) as KeyRecord).catch(() => undefined)));
  return recordsAtRest(records.filter((record) => record !== undefined), { place: folder, replace: async () => false });
}

/** What a crash left, or somebody put aside: nothing seals it. */
async function leftOverIn(dataDir: string, known: readonly string[]): Promise<Finding[]> {
  const folders = (await readdir(dataDir).catch(() => [])).filter((name) => ['crl-keys', 'tls'].includes(name) || name.startsWith('keys'));
  const files = (await Promise.all(folders.map(async (name) => (await readdir(join(dataDir, name)).catch(() => [])).map((file) => join(dataDir, name, file))))).flat();
  const texts = await Promise.all(files.filter((file) => !known.includes(file)).map(async (file) => ({ file, text: await readFile(file, 'utf8').catch(() => '') })));
  return texts
    .filter(({ file, text }) => sealsIn(text.replaceAll('\\n', '\n')).includes(undefined) && !isRecordIn(dataDir, file))
    .map(({ file }) => warning('seals', `${file} holds a private key in clear, and no server reads it.`, 'Delete it, or keep it elsewhere.'));
}

/** Of these is said above how they lie. */
const isRecordIn = (dataDir: string, file: string): boolean => dirname(file) === join(dataDir, 'keys') && file.endsWith('.json');
