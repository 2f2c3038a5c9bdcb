import { token } from '../token.ts';

/**
 * The certificate and key by which the listeners show themselves.
 *
 * - `current` is always a pair that fits and has been checked; a broken replacement keeps the former one and is logged.
 * - Listeners are told of a change after it took effect.
 */
export interface ServerCredentials {
  current(): ServerCredential;
  /** Returns a function that stops the telling. */
  onChange(tell: (credential: ServerCredential) => void): () => void;
}

export interface ServerCredential {
  /** PEM: the server's certificate, then its intermediates. */
  readonly cert: string;
  /** PEM, PKCS#8. Never logged. */
  readonly key: string;
  /** DNS names and IP addresses in the certificate. */
  readonly names: readonly string[];
  readonly notAfter: Date;
  /** File that clients may trust, where Fleetgate made its own development CA. */
  readonly developmentCaFile?: string;
}

export const ServerCredentials = token<ServerCredentials>('ServerCredentials');
