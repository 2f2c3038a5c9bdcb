import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A key that private keys are sealed under where they lie. */
export interface SealingKey {
  /** Names the key without telling it. */
  readonly id: string;
  readonly key: Buffer;
}

const MARK = 'sealed-1';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const HOW = 'Make one with: openssl rand -base64 32';

/** Reads a file of keys, one a line; the first one seals, and all of them open. @throws a sentence; it never holds a key */
export function readSealingKeys(file: string): readonly SealingKey[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`The file ${file} of FLEETGATE_SEALING_KEY_FILE cannot be read (${(error as Error).message}). Private keys are sealed under the key in it.`, { cause: error });
  }
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) throw new Error(`The file ${file} of FLEETGATE_SEALING_KEY_FILE holds no key. ${HOW}`);
  return lines.map((line, i) => {
    const key = Buffer.from(line, 'base64');
    if (key.length !== KEY_BYTES || key.toString('base64') !== line) throw new Error(`Key ${i + 1} in ${file} is not the base64 of ${KEY_BYTES} bytes. ${HOW}`);
    return { key, id: createHash('sha256').update('fleetgate-sealing-key').update(key).digest('hex').slice(0, 16) };
  });
}

/** AES-256-GCM; `about` is bound to it, so that what was sealed for one record opens in no other. */
export function seal(text: string, about: string, { id, key }: SealingKey): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(about));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return [MARK, id, ...[iv, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url'))].join(':');
}

/** The name of the key under which this was sealed; undefined where it was not. */
export const sealedUnder = (text: string): string | undefined => (text.startsWith(`${MARK}:`) ? text.split(':')[1] : undefined);

/** @throws a sentence where none of the keys opens it */
export function unseal(text: string, about: string, keys: readonly SealingKey[]): string {
  const [, id = '', iv = '', tag = '', sealed = ''] = text.split(':');
  const found = keys.find((each) => each.id === id);
  if (!found) throw new Error(`it is sealed under the key ${id.slice(0, 16)}, which is not in the file of FLEETGATE_SEALING_KEY_FILE${keys.length === 0 ? ' (the setting is absent)' : ''}`);
  try {
    const decipher = createDecipheriv('aes-256-gcm', found.key, Buffer.from(iv, 'base64url'), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(about)).setAuthTag(Buffer.from(tag, 'base64url'));
    return Buffer.concat([decipher.update(Buffer.from(sealed, 'base64url')), decipher.final()]).toString('utf8');
  } catch {
    throw new Error(`its seal is broken: it was changed, or belongs to another record`);
  }
}
