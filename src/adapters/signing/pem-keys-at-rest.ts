import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { replaceFile } from './durable-file.ts';
import type { KeysAtRest } from './keys-at-rest.ts';

const REMEDY = 'Put that key into the file again; where it is lost, put this file aside, and a new key is made:';
const REMEDIES = {
  'crl-keys': `${REMEDY} lists that are exported then have another signer.`,
  tls: `${REMEDY} clients must trust a new development CA then.`,
} as const;

/**
 * The private keys in PEM files of a data directory: those that sign revocation lists, and those of the development CA and of the server
 * certificate below it. A file that the operator named (`tlsKey`) is the operator's.
 */
export async function pemKeysAtRest({ dataDir, tlsKey }: { readonly dataDir: string; readonly tlsKey?: string | undefined }): Promise<readonly KeysAtRest[]> {
  const lists = (await namesIn(join(dataDir, 'crl-keys'))).filter((name) => name.endsWith('.pem')).sort();
  const abouts = [...lists.map((name) => `crl-keys/${name}`), 'tls/ca-key.pem', 'tls/server-key.pem'];
  const ours = abouts.filter((about) => tlsKey === undefined || resolve(tlsKey) !== resolve(dataDir, about));
  return (await Promise.all(ours.map((about) => keysIn(dataDir, about)))).flat();
}

async function keysIn(dataDir: string, about: string): Promise<readonly KeysAtRest[]> {
  const file = join(dataDir, about);
  const text = await readFile(file, 'utf8').catch(nothingThere);
  if (text === undefined) return [];
  const remedy = REMEDIES[about.startsWith('tls/') ? 'tls' : 'crl-keys'];
  return [{ place: file, text, about, remedy, replace: (next) => replaceFile(file, text, next) }];
}

const namesIn = async (folder: string): Promise<readonly string[]> => (await readdir(folder).catch(nothingThere)) ?? [];

function nothingThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
