import type { Fingerprint } from '../certificates/certificate.ts';
import type { NameKey } from '../certificates/distinguished-name.ts';
import type { RevocableCertificate } from '../revocation/revocation.ts';

/** Of each certificate below the anchor, the leaf first: serial number, fingerprint, and `NameKey` of the issuer or nothing. */
export type PathClaim = readonly (readonly [serialNumber: string, fingerprint: string, issuer: string])[];

/** Characters. Ten certificates must fit into a header: a longer name is left out, and then a revocation of that serial number by any issuer concerns the token. */
const LONGEST_ISSUER = 200;

export const pathClaimOf = (path: readonly RevocableCertificate[]): PathClaim =>
  path.map(({ serialNumber, fingerprint, issuer }) => [serialNumber, fingerprint, issuer.length > LONGEST_ISSUER ? '' : issuer]);

/** Nothing of a token that is signed by us is made up by others. */
export const pathOfClaim = (claim: PathClaim): readonly RevocableCertificate[] =>
  claim.map(([serialNumber, fingerprint, issuer]) => ({ serialNumber, fingerprint: fingerprint as Fingerprint, issuer: issuer as NameKey }));
