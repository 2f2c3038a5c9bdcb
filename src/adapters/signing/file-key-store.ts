import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../ports/driven/log.ts';
import type { KeyStore } from './key-store.ts';
import type { KeyRecord } from './signing-key.ts';

/** One JSON file a key, `<kid>.json`, mode 0600, in a folder of mode 0700. */
export class FileKeyStore implements KeyStore {
  readonly place: string;
  readonly #log: Log;

  constructor({ folder, log }: { readonly folder: string; readonly log: Log }) {
    this.place = folder;
    this.#log = log;
  }

  async load(): Promise<readonly KeyRecord[]> {
    const names = await readdir(this.place).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw new Error(`the key folder ${this.place} cannot be read (${error.message})`, { cause: error });
    });
    await this.#keepPrivate(this.place, 0o700);
    return Promise.all(names.filter((name) => name.endsWith('.json')).map((name) => this.#read(join(this.place, name))));
  }

  async save(record: KeyRecord): Promise<void> {
    await mkdir(this.place, { recursive: true, mode: 0o700 });
    const draft = join(this.place, `${record.kid}.${randomBytes(6).toString('hex')}.draft`);
    try {
      await writeDurably(draft, `${JSON.stringify(record, undefined, 2)}\n`);
      await rename(draft, this.#fileOf(record.kid));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    await syncFolder(this.place);
  }

  async remove(kid: string): Promise<void> {
    await rm(this.#fileOf(kid), { force: true });
    await syncFolder(this.place);
  }

  #fileOf(kid: string): string {
    return join(this.place, `${kid}.json`);
  }

  async #read(file: string): Promise<KeyRecord> {
    await this.#keepPrivate(file, 0o600);
    try {
      const record: unknown = JSON.parse(await readFile(file, 'utf8'));
      if (!isRecord(record)) throw new Error('expected are the members kid, alg, createdAt, publicKey and privateKey or retiredAt');
      return record;
    } catch (error) {
      // JSON.parse quotes what it could not read, and this file holds a private key.
      const why = error instanceof SyntaxError ? 'it is not JSON' : (error as Error).message;
      throw new Error(`the key file ${file} cannot be used: ${why}`);
    }
  }

  /** A backup that was copied back easily loses its modes. */
  async #keepPrivate(path: string, mode: number): Promise<void> {
    const found = await stat(path).catch(() => undefined);
    if (!found || (found.mode & 0o077) === 0) return;
    await chmod(path, mode).catch(() => undefined);
    this.#log.warn({ path, mode: (found.mode & 0o777).toString(8) }, 'Others could read the signing keys. The mode was corrected; consider fleetgate keys rotate.');
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A rename is durable only when the folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isRecord(it: unknown): it is KeyRecord {
  if (typeof it !== 'object' || it === null) return false;
  const { kid, alg, createdAt, retiredAt, publicKey, privateKey } = it as Record<string, unknown>;
  const texts = [kid, alg, createdAt, publicKey];
  const mayBeAbsent = [retiredAt, privateKey];
  return texts.every((text) => typeof text === 'string') && mayBeAbsent.every((text) => text === undefined || typeof text === 'string');
}
