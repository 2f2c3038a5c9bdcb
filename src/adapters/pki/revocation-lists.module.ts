import { join } from 'node:path';
import { ContainerModule } from 'inversify';
import { Clock } from '../../ports/driven/clock.ts';
import { KeySeal } from '../../ports/driven/key-seal.ts';
import { Log } from '../../ports/driven/log.ts';
import { RevocationListSigner } from '../../ports/driven/revocation-list-signer.ts';
import { provide } from '../composition/provide.ts';
import { Settings } from '../config/settings.ts';
import { FileCrlSigner } from './crl/file-crl-signer.ts';

/** Signs what operators revoked, by keys in the data directory. */
export const revocationListsModule = new ContainerModule((options) => {
  provide(options, RevocationListSigner, { settings: Settings, seal: KeySeal, clock: Clock, log: Log }, ({ settings, seal, clock, log }) =>
    new FileCrlSigner({ folder: join(settings.dataDir, 'crl-keys'), seal, clock, log }),
  );
});
