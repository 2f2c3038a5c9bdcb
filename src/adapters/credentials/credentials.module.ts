import { ContainerModule } from 'inversify';
import { CertificateMint } from '../../ports/driven/certificate-mint.ts';
import { Clock } from '../../ports/driven/clock.ts';
import { KeySeal } from '../../ports/driven/key-seal.ts';
import { Log } from '../../ports/driven/log.ts';
import { ServerCredentials } from '../../ports/driven/server-credentials.ts';
import { provide } from '../composition/provide.ts';
import { Settings } from '../config/settings.ts';
import type { FileServerCredentials } from './file-server-credentials.ts';
import { openServerCredentials } from './open-server-credentials.ts';

/** The certificate that the listeners show: the operator's files, or a development CA's. Asked for asynchronously. */
export const credentialsModule = new ContainerModule((options) => {
  provide(
    options,
    ServerCredentials,
    { settings: Settings, mint: CertificateMint, seal: KeySeal, clock: Clock, log: Log },
    (given) => openServerCredentials(given),
  ).onDeactivation((credentials) => (credentials as FileServerCredentials).close());
});
