import { chmod, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Log } from '../../ports/driven/log.ts';
import { replaceFile, syncFolder, writeFileWhole } from './durable-file.ts';
import type { RawKeyStore } from './key-store.ts';
import type { KeyRecord } from './signing-key.ts';

/** One JSON file a key, `<kid>.json`, mode 0600, in a folder of mode 0700. */
export class FileKeyStore implements RawKeyStore {
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
    await writeFileWhole(this.#fileOf(record.kid), fileText(record));
  }

  async replace(former: KeyRecord, next: KeyRecord): Promise<boolean> {
    const file = this.#fileOf(former.kid);
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined || !isDeepStrictEqual(JSON.parse(text), former)) return false;
    return replaceFile(file, text, fileText(next));
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

const fileText = (record: KeyRecord): string => `${JSON.stringify(record, undefined, 2)}\n`;

function isRecord(it: unknown): it is KeyRecord {
  if (typeof it !== 'object' || it === null) return false;
  const { kid, alg, createdAt, retiredAt, publicKey, privateKey } = it as Record<string, unknown>;
  const texts = [kid, alg, createdAt, publicKey];
  const mayBeAbsent = [retiredAt, privateKey];
  return texts.every((text) => typeof text === 'string') && mayBeAbsent.every((text) => text === undefined || typeof text === 'string');
}
