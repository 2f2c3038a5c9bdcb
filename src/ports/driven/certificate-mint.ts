import { token } from '../token.ts';

/**
 * Makes certificates for development, demonstrations and tests: CAs, intermediates, devices, servers, and deliberately broken ones.
 * Not a production CA.
 *
 * - Keys are made anew for every certificate. The caller decides where they are kept.
 * - Serial numbers are random, 16 bytes, positive.
 */
export interface CertificateMint {
  root(wish: MintWish): Promise<Minted>;
  intermediate(issuer: Minted, wish: MintWish): Promise<Minted>;
  device(issuer: Minted, wish: MintWish): Promise<Minted>;
  /** A TLS server certificate with `names` (DNS names or IP addresses) as subjectAltName. */
  server(issuer: Minted, names: readonly string[], wish: MintWish): Promise<Minted>;
}

export interface MintWish {
  readonly commonName: string;
  readonly key?: KeyWish;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Of a CA; absent means no pathLenConstraint. */
  readonly pathLength?: number;
  /** One named fault; see `BREAKAGES`. */
  readonly broken?: Breakage;
}

export type KeyWish = 'p256' | 'p384' | 'p521' | 'rsa2048' | 'rsa4096' | 'ed25519';

export interface Minted {
  readonly certificatePem: string;
  /** PKCS#8 PEM. */
  readonly keyPem: string;
  readonly der: Uint8Array;
  /** This certificate and its issuers up to, and with, the root: leaf first. */
  readonly path: readonly Minted[];
}

/** Faults that `mint` can put into a certificate on purpose, by the words a person would use. */
export const BREAKAGES = [
  'expired',
  'not-yet-valid',
  'no-ca',
  'no-basic-constraints',
  'no-key-cert-sign',
  'path-too-long',
  'wrong-key',
  'wrong-issuer-name',
  'sha1',
  'weak-rsa',
  'server-auth-only',
  'no-digital-signature',
  'unknown-critical-extension',
  'name-constraints',
  'version-1',
  'no-common-name',
  'two-common-names',
  'forbidden-character',
] as const;
export type Breakage = (typeof BREAKAGES)[number];

export const CertificateMint = token<CertificateMint>('CertificateMint');
