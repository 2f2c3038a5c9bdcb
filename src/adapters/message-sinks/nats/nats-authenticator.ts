import { credsAuthenticator, nkeyAuthenticator, tokenAuthenticator, usernamePasswordAuthenticator, type Authenticator } from '@nats-io/transport-node';

/** What a file with credentials holds: a `.creds` file, the seed of an nkey, `user:password`, or else a token. */
export function natsAuthenticator(secret: string): Authenticator {
  if (secret.includes('-----BEGIN NATS USER JWT-----')) return credsAuthenticator(new TextEncoder().encode(secret));
  if (/^SU[A-Z2-7]{56}$/.test(secret)) return nkeyAuthenticator(new TextEncoder().encode(secret));
  const [, user, password] = /^([^:\s]+):(.+)$/.exec(secret) ?? [];
  return user === undefined ? tokenAuthenticator(secret) : usernamePasswordAuthenticator(user, password);
}
