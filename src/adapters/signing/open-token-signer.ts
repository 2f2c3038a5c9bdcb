import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { SharedSecrets } from '../../ports/driven/shared-secrets.ts';
import { FileKeySeal } from './file-key-seal.ts';
import { FileKeyStore } from './file-key-store.ts';
import { JoseTokenSigner } from './jose-token-signer.ts';
import { openKeyRing } from './key-ring.ts';
import { MemoryKeyStore, type RawKeyStore } from './key-store.ts';
import { SealingKeyStore } from './sealing-key-store.ts';
import { SharedKeyStore } from './shared-key-store.ts';
import type { TokenAlgorithm } from './signing-key.ts';

export interface TokenSignerNeeds {
  /** Where the folder `keys` is. */
  readonly dataDir: string;
  /** Files that only a Fleetgate that ran before leaves behind. */
  readonly tracesOfFormerRuns: readonly string[];
  readonly algorithm: TokenAlgorithm;
  /** File of the keys under which private keys are sealed; in clear where absent. */
  readonly sealingKeyFile?: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** For a ring that several processes share. */
  readonly settleMs?: number;
}

/** Opens the key ring of the data directory; at the first start it makes the first key. Ask for it before the database is made. */
export async function openTokenSigner({ dataDir, tracesOfFormerRuns, algorithm, sealingKeyFile, clock, log, settleMs }: TokenSignerNeeds): Promise<JoseTokenSigner> {
  const store = storeIn(join(dataDir, 'keys'), sealingKeyFile, log);
  const ranBefore = tracesOfFormerRuns.some((file) => existsSync(file));
  return new JoseTokenSigner({ ring: await openKeyRing({ store, clock, algorithm, ranBefore, ...(settleMs !== undefined && { settleMs }) }) });
}

export interface SharedSignerNeeds extends Pick<TokenSignerNeeds, 'algorithm' | 'sealingKeyFile' | 'clock' | 'settleMs'> {
  readonly secrets: SharedSecrets;
  readonly ranBefore: boolean;
}

/** Opens the key ring of all nodes. Nodes that start for the first time must do so one after the other. */
export async function openSharedTokenSigner({ secrets, sealingKeyFile, ...needs }: SharedSignerNeeds): Promise<JoseTokenSigner> {
  return new JoseTokenSigner({ ring: await openKeyRing({ store: sealed(new SharedKeyStore({ secrets }), sealingKeyFile), ...needs }) });
}

/** A signer whose keys end with the process: for tests and throw-away instances. */
export async function openMemoryTokenSigner({ algorithm, clock }: Pick<TokenSignerNeeds, 'algorithm' | 'clock'>): Promise<JoseTokenSigner> {
  return new JoseTokenSigner({ ring: await openKeyRing({ store: new MemoryKeyStore(), clock, algorithm, ranBefore: false }) });
}

/**
 * Puts the keys of the data directory aside and makes a new ring of one key: what `serve --new-signing-key` does.
 * Resolves with the folder in which the former keys now are, if there were any.
 */
export async function startNewKeyRing({ dataDir, algorithm, sealingKeyFile, clock, log }: Omit<TokenSignerNeeds, 'tracesOfFormerRuns'>): Promise<string | undefined> {
  const folder = join(dataDir, 'keys');
  const aside = existsSync(folder) ? `${folder}-put-aside-${clock.now().toISOString().replaceAll(/[:.]/g, '-')}` : undefined;
  if (aside) await rename(folder, aside);
  await openKeyRing({ store: storeIn(folder, sealingKeyFile, log), clock, algorithm, ranBefore: false });
  return aside;
}

const storeIn = (folder: string, sealingKeyFile: string | undefined, log: Log): SealingKeyStore => sealed(new FileKeyStore({ folder, log }), sealingKeyFile);

const sealed = (store: RawKeyStore, file: string | undefined): SealingKeyStore => new SealingKeyStore({ store, seal: new FileKeySeal({ file }) });
