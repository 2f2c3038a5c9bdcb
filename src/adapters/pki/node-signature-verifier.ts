import { constants, createPublicKey, verify, type KeyObject, type VerifyKeyObjectInput } from 'node:crypto';
import type { Certificate, PublicKey, SignatureAlgorithm } from '../../domain/certificates/certificate.ts';
import type { SignatureVerifier } from '../../ports/driven/signature-verifier.ts';
import { signedParts } from './der/signed-parts.ts';

/** A decoded key takes about 4 KB and 30–180 µs to make; issuers come again and again. */
const KEYS_KEPT = 1024;

/**
 * Verifies by OpenSSL over the bytes of the certificate as received; no padding is judged by code of ours.
 * A good signature stays good: it is remembered for as long as both certificates are in use, of which the reader gives the same object
 * again. A bad one is asked anew.
 * Keys are kept by their own bytes, so that the same CA sent by a thousand devices is decoded once; the least recently used goes first.
 */
export class NodeSignatureVerifier implements SignatureVerifier {
  /** `undefined` remembers that OpenSSL does not take the key. */
  readonly #keys = new Map<string, KeyObject | undefined>();

  readonly #good = new WeakMap<Certificate, WeakSet<Certificate>>();

  verifies(child: Certificate, issuer: Certificate): boolean {
    const known = this.#good.get(child);
    if (known?.has(issuer)) return true;
    if (!this.#verifyAnew(child, issuer)) return false;
    if (known) known.add(issuer);
    else this.#good.set(child, new WeakSet([issuer]));
    return true;
  }

  signedText(text: string, signature: Uint8Array, { publicKey }: Certificate): boolean {
    const key = publicKey.kind === 'unsupported' ? undefined : this.#keyOf(publicKey);
    if (!key) return false;
    try {
      return verify(publicKey.kind === 'ed25519' ? null : 'sha256', Buffer.from(text), { key, ...TEXT_OPTIONS[key.asymmetricKeyType!] }, signature);
    } catch {
      return false;
    }
  }

  #verifyAnew(child: Certificate, issuer: Certificate): boolean {
    const { signature } = child;
    if (signature.scheme === 'unknown' || KEY_KIND[signature.scheme] !== issuer.publicKey.kind) return false;
    const parts = signedParts(child.der);
    const key = this.#keyOf(issuer.publicKey);
    if (!parts || !key) return false;
    try {
      return verify(signature.hash, parts.signed, { key, ...optionsOf(signature) }, parts.signature);
    } catch {
      return false; // A key that OpenSSL does not let make this kind of signature.
    }
  }

  #keyOf({ spki }: PublicKey): KeyObject | undefined {
    const name = Buffer.from(spki.buffer, spki.byteOffset, spki.byteLength).toString('latin1');
    const isKnown = this.#keys.has(name);
    const key = isKnown ? this.#keys.get(name) : decoded(spki);
    this.#keys.delete(name);
    this.#keys.set(name, key);
    if (this.#keys.size > KEYS_KEPT) this.#keys.delete(this.#keys.keys().next().value!);
    return key;
  }
}

const TEXT_OPTIONS: Readonly<Record<string, Omit<VerifyKeyObjectInput, 'key'>>> = {
  rsa: { padding: constants.RSA_PKCS1_PADDING },
  ec: { dsaEncoding: 'der' },
};

const KEY_KIND = { 'rsa-pkcs1': 'rsa', 'rsa-pss': 'rsa', ecdsa: 'ec', ed25519: 'ed25519' } as const;

function decoded(spki: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

function optionsOf({ scheme, saltLength }: SignatureAlgorithm): Omit<VerifyKeyObjectInput, 'key'> {
  if (scheme === 'rsa-pkcs1') return { padding: constants.RSA_PKCS1_PADDING };
  if (scheme === 'rsa-pss') return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: saltLength! };
  return scheme === 'ecdsa' ? { dsaEncoding: 'der' } : {};
}
