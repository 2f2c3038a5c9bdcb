import { hostname } from 'node:os';
import type { CertificateMint } from '../../ports/driven/certificate-mint.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { KeySeal } from '../../ports/driven/key-seal.ts';
import type { Log } from '../../ports/driven/log.ts';
import { developmentCredential } from './development-credential.ts';
import { FileServerCredentials } from './file-server-credentials.ts';
import type { WatchTimes } from './file-watch.ts';

export interface OpenCredentialsNeeds {
  readonly settings: {
    readonly dataDir: string;
    readonly tlsCert?: string;
    readonly tlsKey?: string;
    /** For the development certificate, beside localhost and the name of the machine. */
    readonly serverNames: readonly string[];
  };
  readonly mint: CertificateMint;
  readonly seal: KeySeal;
  readonly clock: Clock;
  readonly log: Log;
  readonly times?: WatchTimes;
}

/** The operator's files where they are named, else a development CA and a certificate below it. Rejects with a sentence. */
export async function openServerCredentials({ settings, mint, ...needs }: OpenCredentialsNeeds): Promise<FileServerCredentials> {
  const { tlsCert, tlsKey, dataDir } = settings;
  if (tlsCert !== undefined && tlsKey !== undefined) {
    return FileServerCredentials.open({ ...needs, files: { certFile: tlsCert, keyFile: tlsKey } });
  }
  if (tlsCert !== undefined || tlsKey !== undefined) {
    throw new Error('FLEETGATE_TLS_CERT and FLEETGATE_TLS_KEY belong together: set both, or neither.');
  }
  const files = await developmentCredential({ dataDir, names: developmentNames(settings.serverNames), mint, seal: needs.seal, clock: needs.clock });
  needs.log.warn(
    { ca: files.developmentCaFile },
    `TLS uses a development CA made by Fleetgate. Clients must trust ${files.developmentCaFile}. For production set FLEETGATE_TLS_CERT and FLEETGATE_TLS_KEY.`,
  );
  return FileServerCredentials.open({ ...needs, files });
}

function developmentNames(wished: readonly string[]): string[] {
  const own = hostname().toLowerCase();
  // A machine may be called what no certificate can say; then it goes without.
  const named = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(own) ? [own] : [];
  return [...new Set(['localhost', '127.0.0.1', '::1', ...named, ...wished])];
}
