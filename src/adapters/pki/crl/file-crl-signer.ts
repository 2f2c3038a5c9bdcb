import { randomBytes, sign, type KeyObject } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TenantId } from '../../../domain/trust/tenant.ts';
import type { Clock } from '../../../ports/driven/clock.ts';
import type { KeySeal } from '../../../ports/driven/key-seal.ts';
import type { Log } from '../../../ports/driven/log.ts';
import type { ListToSign, RevocationListSigner } from '../../../ports/driven/revocation-list-signer.ts';
import { signedBy, toBeSigned } from './crl-der.ts';
import { makeCrlKey, readCrlKey, type CrlKey } from './crl-key.ts';

/** Off the event loop. */
const signature = promisify((data: Uint8Array, key: KeyObject, done: (error: Error | null, made: Buffer) => void) => sign('sha256', data, key, done));

/** One PEM file a tenant, key (sealed, where keys are) and certificate, mode 0600, in a folder of mode 0700. */
export class FileCrlSigner implements RevocationListSigner {
  readonly #folder: string;
  readonly #seal: KeySeal;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #keys = new Map<TenantId, Promise<CrlKey>>();

  constructor({ folder, seal, clock, log }: { readonly folder: string; readonly seal: KeySeal; readonly clock: Clock; readonly log: Log }) {
    this.#folder = folder;
    this.#seal = seal;
    this.#clock = clock;
    this.#log = log;
  }

  async sign(tenant: TenantId, list: ListToSign): Promise<Uint8Array> {
    const { privateKey, issuer } = await this.#keyOf(tenant);
    const tbs = await toBeSigned(list, issuer);
    return signedBy(await signature(tbs, privateKey), tbs);
  }

  async certificateOf(tenant: TenantId): Promise<Uint8Array> {
    return (await this.#keyOf(tenant)).certificate;
  }

  #keyOf(tenant: TenantId): Promise<CrlKey> {
    const known = this.#keys.get(tenant);
    if (known) return known;
    const opened = this.#open(tenant);
    this.#keys.set(tenant, opened);
    opened.catch(() => this.#keys.delete(tenant));
    return opened;
  }

  async #open(tenant: TenantId): Promise<CrlKey> {
    // A tenant's id has nothing in it that would mean something in a path.
    const file = join(this.#folder, `${tenant}.pem`);
    const text = (await this.#read(file)) ?? (await this.#make(tenant, file));
    try {
      return readCrlKey(this.#seal.open(text, aboutOf(tenant)));
    } catch (error) {
      throw new Error(`the key file ${file} cannot be used: ${(error as Error).message}. Restore it from a backup; or remove it, and a new key is made.`, { cause: error });
    }
  }

  async #read(file: string): Promise<string | undefined> {
    const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (!found) return undefined;
    if ((found.mode & 0o077) !== 0) {
      await chmod(file, 0o600).catch(() => undefined);
      this.#log.warn({ path: file, mode: (found.mode & 0o777).toString(8) }, 'Others could read the key of a revocation list. The mode was corrected.');
    }
    return readFile(file, 'utf8');
  }

  /** Another process may be making one too: the first file that is there counts, for all. */
  async #make(tenant: TenantId, file: string): Promise<string> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const draft = `${file}.${randomBytes(6).toString('hex')}.draft`;
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(this.#seal.close(await makeCrlKey(tenant, this.#clock.now()), aboutOf(tenant)));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(draft, { force: true });
    return readFile(file, 'utf8');
  }
}

const aboutOf = (tenant: TenantId): string => `crl-keys/${tenant}.pem`;
