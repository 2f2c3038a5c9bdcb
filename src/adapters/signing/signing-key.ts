import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, exportJWK } from 'jose';

export const TOKEN_ALGORITHMS = ['ES256', 'RS256', 'EdDSA'] as const;
export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

/** A key of the ring. Only one signs; the others lost their private half when they were superseded and verify until `retiredAt`. */
export interface RingKey {
  /** RFC 7638 thumbprint: 43 characters of base64url, so that it is safe as a file name. */
  readonly kid: string;
  readonly alg: TokenAlgorithm;
  readonly createdAt: Date;
  /** From then on the key neither verifies nor is published. */
  readonly retiredAt?: Date;
  readonly publicKey: KeyObject;
  readonly privateKey?: KeyObject;
  /** RFC 7517 §4, public members only. */
  readonly jwk: Readonly<Record<string, string>>;
}

export interface SigningKey extends RingKey {
  readonly privateKey: KeyObject;
}

/** A key as it is stored. Times are ISO 8601. */
export interface KeyRecord {
  readonly kid: string;
  readonly alg: string;
  readonly createdAt: string;
  readonly retiredAt?: string;
  /** SPKI PEM. */
  readonly publicKey: string;
  /** PKCS#8 PEM. */
  readonly privateKey?: string;
}

export const canSign = (key: RingKey): key is SigningKey => key.privateKey !== undefined && key.retiredAt === undefined;

const generate = promisify(generateKeyPair);

export async function makeSigningKey(alg: TokenAlgorithm, createdAt: Date): Promise<SigningKey> {
  const { privateKey, publicKey } = await keyPair(alg);
  return { ...(await namesOf(publicKey, alg)), alg, createdAt, publicKey, privateKey };
}

/** RSA of 3072 bits: 128-bit strength like P-256 (NIST SP 800-57 part 1 §5.6.1). */
const keyPair = (alg: TokenAlgorithm): Promise<{ privateKey: KeyObject; publicKey: KeyObject }> =>
  alg === 'ES256'
    ? generate('ec', { namedCurve: 'P-256' })
    : alg === 'EdDSA'
      ? generate('ed25519')
      : generate('rsa', { modulusLength: 3072 });

/** @throws a sentence on what is wrong with the record: a key that is not what it says signs nothing */
export async function keyOf(record: KeyRecord): Promise<RingKey> {
  const alg = TOKEN_ALGORITHMS.find((known) => known === record.alg);
  if (!alg) throw new Error(`its alg is ${JSON.stringify(record.alg)}; expected is one of ${TOKEN_ALGORITHMS.join(', ')}`);
  const publicKey = createPublicKey(record.publicKey);
  if (algorithmOf(publicKey) !== alg) throw new Error(`its key is no key for ${alg}`);
  const names = await namesOf(publicKey, alg);
  if (names.kid !== record.kid) throw new Error(`its kid is not the thumbprint of its key, which is ${names.kid}`);
  const key = { ...names, alg, createdAt: dateOf(record.createdAt), publicKey };
  if (record.retiredAt !== undefined) return { ...key, retiredAt: dateOf(record.retiredAt) };
  if (record.privateKey === undefined) throw new Error('it has neither a private key nor a time of retirement');
  const privateKey = createPrivateKey(record.privateKey);
  if (!createPublicKey(privateKey).equals(publicKey)) throw new Error('its private key does not belong to its public key');
  return { ...key, privateKey };
}

export const recordOf = ({ kid, alg, createdAt, retiredAt, publicKey, privateKey }: RingKey): KeyRecord => ({
  kid,
  alg,
  createdAt: createdAt.toISOString(),
  ...(retiredAt && { retiredAt: retiredAt.toISOString() }),
  publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ...(privateKey && { privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }),
});

async function namesOf(publicKey: KeyObject, alg: TokenAlgorithm): Promise<Pick<RingKey, 'kid' | 'jwk'>> {
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, jwk: { ...(jwk as Record<string, string>), kid, alg, use: 'sig' } };
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): TokenAlgorithm | undefined {
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256';
  if (asymmetricKeyType === 'ed25519') return 'EdDSA';
  return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048 ? 'RS256' : undefined;
}

function dateOf(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new Error(`${JSON.stringify(text)} is no time`);
  return date;
}
