import { readFile } from 'node:fs/promises';
import type { Clock } from '../../ports/driven/clock.ts';
import type { KeySeal } from '../../ports/driven/key-seal.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { ServerCredential, ServerCredentials } from '../../ports/driven/server-credentials.ts';
import { checkCredential, type CheckedCredential } from './check-credential.ts';
import { SERVER_KEY } from './development-credential.ts';
import { stateOf, watchFiles, type WatchTimes } from './file-watch.ts';

export interface CredentialFiles {
  /** PEM: the server's certificate, then its intermediates. */
  readonly certFile: string;
  /** PEM, not encrypted. */
  readonly keyFile: string;
  readonly developmentCaFile?: string;
}

export interface FileServerCredentialsNeeds {
  readonly files: CredentialFiles;
  /** Opens the key where it is one that Fleetgate sealed. */
  readonly seal: KeySeal;
  readonly clock: Clock;
  readonly log: Log;
  readonly times?: WatchTimes;
}

type Fitting = Extract<CheckedCredential, { fits: true }>;

/** The certificate and key from two files, read anew when they change or SIGHUP comes. A pair that does not fit changes nothing (S14). */
export class FileServerCredentials implements ServerCredentials {
  readonly #needs: FileServerCredentialsNeeds;
  readonly #listeners = new Set<{ readonly tell: (credential: ServerCredential) => void }>();
  #current: ServerCredential;
  #stopWatching: () => void = () => undefined;
  #reloading: Promise<unknown> = Promise.resolve();

  /** Rejects with a sentence when the files cannot serve. */
  static async open(needs: FileServerCredentialsNeeds): Promise<FileServerCredentials> {
    const state = await stateOf([needs.files.certFile, needs.files.keyFile]);
    const checked = await readPair(needs);
    if (!checked.fits) throw new Error(`The server cannot start without a usable TLS certificate. ${checked.why}`);
    const credentials = new FileServerCredentials(needs, checked.credential);
    credentials.#report(checked, 'This TLS certificate is shown to clients.');
    credentials.#watch(state);
    return credentials;
  }

  private constructor(needs: FileServerCredentialsNeeds, first: ServerCredential) {
    this.#needs = needs;
    this.#current = first;
  }

  current(): ServerCredential {
    return this.#current;
  }

  onChange(tell: (credential: ServerCredential) => void): () => void {
    const listener = { tell };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves with whether another pair is in force now. One reading follows the other, so that the last file written wins. */
  reload(): Promise<boolean> {
    const next = this.#reloading.then(() => this.#reload());
    this.#reloading = next;
    return next;
  }

  /** Ends the watching. `current` stays. */
  close(): void {
    this.#stopWatching();
    this.#listeners.clear();
  }

  async #reload(): Promise<boolean> {
    const checked = await readPair(this.#needs);
    if (!checked.fits) {
      this.#needs.log.error({ inForceUntil: this.#current.notAfter.toISOString() }, `The new TLS certificate is not used; the former one stays. ${checked.why}`);
      return false;
    }
    const { credential } = checked;
    if (credential.cert === this.#current.cert && credential.key === this.#current.key) return false;
    this.#current = credential;
    this.#report(checked, 'From now on this TLS certificate is shown to clients.');
    for (const { tell } of this.#listeners) this.#tell(tell, credential);
    return true;
  }

  /** One listener that fails keeps no other from hearing of it. */
  #tell(tell: (credential: ServerCredential) => void, credential: ServerCredential): void {
    try {
      tell(credential);
    } catch (error) {
      this.#needs.log.error({ error: String(error) }, 'A listener could not take over the new TLS certificate. Restart the server.');
    }
  }

  #report({ facts, warnings }: Fitting, sentence: string): void {
    this.#needs.log.info(facts, sentence);
    for (const warning of warnings) this.#needs.log.warn({ notAfter: facts.notAfter }, warning);
  }

  #watch(since: string): void {
    const { files, times = { pollMs: 2_000, settleMs: 500 } } = this.#needs;
    const again = (): void => void this.reload();
    const unwatch = watchFiles([files.certFile, files.keyFile], since, times, again);
    // Who tries Fleetgate out in a terminal expects it to end with the terminal, which says so by SIGHUP.
    const hearsSignal = files.developmentCaFile === undefined;
    if (hearsSignal) process.on('SIGHUP', again);
    this.#stopWatching = () => {
      unwatch();
      process.off('SIGHUP', again);
    };
  }
}

async function readPair({ files, seal, clock }: FileServerCredentialsNeeds): Promise<CheckedCredential> {
  const { certFile, keyFile, developmentCaFile } = files;
  const [cert, key] = await Promise.all([textOf(certFile), textOf(keyFile, (text) => seal.open(text, SERVER_KEY))]);
  for (const text of [cert, key]) if ('why' in text) return { fits: false, why: text.why };
  const texts = { cert: (cert as { text: string }).text, key: (key as { text: string }).text, certFile, keyFile };
  const checked = checkCredential(texts, clock.now());
  if (!checked.fits || developmentCaFile === undefined) return checked;
  return { ...checked, credential: { ...checked.credential, developmentCaFile } };
}

async function textOf(file: string, open = (text: string): string => text): Promise<{ readonly text: string } | { readonly why: string }> {
  let text: string;
  try {
    text = await readFile(file, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { why: `${file}: the file cannot be read (${code}). Check the name, and that the user of this process may read it.` };
  }
  try {
    return { text: open(text) };
  } catch (error) {
    return { why: `${file}: the key cannot be opened: ${(error as Error).message}.` };
  }
}
