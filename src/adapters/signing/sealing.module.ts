import { ContainerModule } from 'inversify';
import { KeySeal } from '../../ports/driven/key-seal.ts';
import { provide } from '../composition/provide.ts';
import { Settings } from '../config/settings.ts';
import { FileKeySeal } from './file-key-seal.ts';
import { sealAnew } from './keys-at-rest.ts';
import { pemKeysAtRest } from './pem-keys-at-rest.ts';

/** Seals private keys where they lie. Whoever asks for it first has the PEM files of the data directory sealed, or hears which cannot be opened. */
export const sealingModule = new ContainerModule((options) => {
  provide(options, KeySeal, { settings: Settings }, async ({ settings: { dataDir, tlsKey, sealingKeyFile } }) => {
    const seal = new FileKeySeal({ file: sealingKeyFile });
    await sealAnew(await pemKeysAtRest({ dataDir, tlsKey }), seal.keys());
    return seal;
  });
});
