import { join } from 'node:path';
import { ContainerModule } from 'inversify';
import { Clock } from '../../ports/driven/clock.ts';
import { Log } from '../../ports/driven/log.ts';
import { TokenSigner } from '../../ports/driven/token-signer.ts';
import { SharedSecrets } from '../../ports/driven/shared-secrets.ts';
import { AdmissionEpoch } from '../../ports/driven/admission-epoch.ts';
import { provide } from '../composition/provide.ts';
import { Settings } from '../config/settings.ts';
import { openMemoryTokenSigner, openSharedTokenSigner, openTokenSigner } from './open-token-signer.ts';

/** By then every process has heard of a new key (D-64). */
const SETTLE_MS = 2_000;

/** Signs tokens by keys in the data directory. */
export const signingModule = new ContainerModule((options) => {
  provide(options, TokenSigner, { settings: Settings, clock: Clock, log: Log }, ({ settings, clock, log }) => {
    warnOfClearKeys(settings, log, 'the data directory, readable for this user alone (0600)');
    return openTokenSigner({
      dataDir: settings.dataDir,
      tracesOfFormerRuns: [join(settings.dataDir, 'initial-admin-password'), ...databaseFiles(settings.databaseUrl)],
      algorithm: settings.tokenAlgorithm,
      sealingKeyFile: settings.sealingKeyFile,
      clock,
      log,
      ...(settings.workers > 1 && { settleMs: SETTLE_MS }),
    });
  });
});

/** Signs tokens by keys that end with the process. */
export const inMemorySigningModule = new ContainerModule((options) => {
  provide(options, TokenSigner, { settings: Settings, clock: Clock }, ({ settings, clock }) =>
    openMemoryTokenSigner({ algorithm: settings.tokenAlgorithm, clock }),
  );
});

const warnOfClearKeys = ({ sealingKeyFile }: Settings, log: Log, place: string): void => {
  if (sealingKeyFile === undefined) log.warn({}, `Signing keys lie in clear in ${place}. FLEETGATE_SEALING_KEY_FILE seals them.`);
};

const databaseFiles = (url: string): string[] => (url.startsWith('sqlite:') ? [url.slice('sqlite:'.length)] : []);

/** Signs tokens by keys in the database, which is all that the nodes share. */
export const sharedSigningModule = new ContainerModule((options) => {
  const needs = { settings: Settings, clock: Clock, log: Log, secrets: SharedSecrets, epoch: AdmissionEpoch };
  provide(options, TokenSigner, needs, async ({ settings, clock, log, secrets, epoch }) => {
    warnOfClearKeys(settings, log, 'the table signing_key, readable for whoever reads the database');
    const ranBefore = (await epoch.current()) > 1;
    return openSharedTokenSigner({ secrets, clock, algorithm: settings.tokenAlgorithm, sealingKeyFile: settings.sealingKeyFile, ranBefore, settleMs: SETTLE_MS });
  });
});
