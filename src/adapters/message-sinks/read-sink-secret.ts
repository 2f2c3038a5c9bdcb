import { readFile, stat } from 'node:fs/promises';
import type { Log } from '../../ports/driven/log.ts';

const NAME = 'FLEETGATE_SINK_SECRET_FILE';
const LARGEST = 16_384;

/**
 * The text of a file with a secret, without white space around it.
 * @throws a sentence for the operator, which never holds what is in the file
 */
export async function readSinkSecret(file: string, log: Log): Promise<string> {
  const complain = (what: string): Error => new Error(`${NAME}: the file ${file} ${what}`);
  const found = await stat(file).catch((error: Error) => Promise.reject(complain(`cannot be read (${error.message}).`)));
  if (!found.isFile() || found.size > LARGEST) throw complain(`is no file of at most ${LARGEST} bytes.`);
  if ((found.mode & 0o004) !== 0) log.warn({ file }, `${NAME}: everybody on this machine may read the file. Take that right away: chmod 600.`);
  const text = (await readFile(file, 'utf8').catch((error: Error) => Promise.reject(complain(`cannot be read (${error.message}).`)))).trim();
  if (text === '') throw complain('is empty.');
  return text;
}

/**
 * The key of a webhook: `whsec_` and 24–64 bytes in base64 (Standard Webhooks 1.0.0).
 * @throws a sentence for the operator
 */
export function webhookKeyOf(secret: string): Buffer {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const key = Buffer.from(base64 ?? '', 'base64');
  if (key.length >= 24 && key.length <= 64) return key;
  throw new Error(`${NAME}: expected is whsec_ and 24–64 bytes in base64. printf "whsec_%s" "$(openssl rand -base64 32)" makes one.`);
}
