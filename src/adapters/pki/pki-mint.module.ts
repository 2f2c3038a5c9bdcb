import { ContainerModule } from 'inversify';
import { CertificateMint } from '../../ports/driven/certificate-mint.ts';
import { Clock } from '../../ports/driven/clock.ts';
import { provide } from '../composition/provide.ts';
import { PeculiarCertificateMint } from './mint/peculiar-certificate-mint.ts';

/** Making certificates: the development PKI and the `pki` command. */
export const pkiMintModule = new ContainerModule((options) => {
  provide(options, CertificateMint, { clock: Clock }, ({ clock }) => new PeculiarCertificateMint({ clock }));
});
