import 'reflect-metadata';
import { createHash, randomBytes, webcrypto, X509Certificate as NodeCertificate, type KeyObject } from 'node:crypto';
import { cryptoProvider, Name, X509Certificate, X509CertificateGenerator } from '@peculiar/x509';
import type { CertificateMint, Minted, MintWish } from '../../../ports/driven/certificate-mint.ts';
import type { MintKind } from '../../../ports/driven/breakage-facts.ts';
import type { Clock } from '../../../ports/driven/clock.ts';
import { breakPlan } from './break-plan.ts';
import { certificatePlan, type CertificatePlan, type NamePart } from './certificate-plan.ts';
import { contentOf, partsOf } from './der-writer.ts';
import { downgradeToVersion1 } from './downgrade-to-version-1.ts';
import { cryptoKeyOf, hashFor, makeKeyPair, makeKeyPairLike, pemOfKey, readKeyPair } from './mint-keys.ts';
import { planExtensions } from './plan-extensions.ts';

cryptoProvider.set(webcrypto as never); // the library's own look-up of a global would find another one under some test runners

/** Makes certificates by `@peculiar/x509`, and by hand what that cannot write. */
export class PeculiarCertificateMint implements CertificateMint {
  readonly #clock: Clock;

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  root(wish: MintWish): Promise<Minted> {
    return this.#make(this.#plan('root', wish), undefined);
  }

  intermediate(issuer: Minted, wish: MintWish): Promise<Minted> {
    return this.#make(this.#plan('intermediate', wish), issuer);
  }

  device(issuer: Minted, wish: MintWish): Promise<Minted> {
    return this.#make(this.#plan('device', wish), issuer);
  }

  server(issuer: Minted, names: readonly string[], wish: MintWish): Promise<Minted> {
    return this.#make(this.#plan('server', wish, names), issuer);
  }

  #plan(kind: MintKind, wish: MintWish, names: readonly string[] = []): CertificatePlan {
    const now = this.#clock.now();
    const plan = certificatePlan(kind, wish, now, names);
    return wish.broken === undefined ? plan : breakPlan(plan, wish.broken, now);
  }

  async #make(plan: CertificatePlan, issuer: Minted | undefined): Promise<Minted> {
    const above = issuer && (await this.#detour(plan.detour, issuer));
    const key = await makeKeyPair(plan.key);
    const signer = await signerOf(plan, above?.keyPem, key.privateKey);
    const subject = nameOf(plan.subject);
    const hash = plan.signsWithSha1 ? 'SHA-1' : hashFor(signer);
    const certificate = await X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject,
      issuer: plan.issuerName ? nameOf(plan.issuerName) : above ? new X509Certificate(above.der).subjectName : subject,
      notBefore: plan.notBefore,
      notAfter: plan.notAfter,
      publicKey: key.publicKey.export({ format: 'der', type: 'spki' }),
      signingKey: cryptoKeyOf(signer, hash),
      signingAlgorithm: { name: '', hash },
      extensions: planExtensions(plan, keyIdOf(key.publicKey), above && keyIdOf(new NodeCertificate(above.der).publicKey), ELSEWHERE),
    });
    const der = new Uint8Array(certificate.rawData);
    return minted(plan.version === 1 ? downgradeToVersion1(der, signer, hash) : der, pemOfKey(key.privateKey), above);
  }

  async #detour(length: number, issuer: Minted): Promise<Minted> {
    let above = issuer;
    for (let i = 0; i < length; i += 1) {
      const wish: MintWish = { commonName: `Detour ${i + 1}`, ...(i === 0 && { pathLength: 0 }) };
      above = await this.intermediate(above, wish);
    }
    return above;
  }
}

async function signerOf(plan: CertificatePlan, issuerKeyPem: string | undefined, ownKey: KeyObject): Promise<KeyObject> {
  const signer = issuerKeyPem === undefined ? ownKey : readKeyPair(issuerKeyPem).privateKey;
  if (plan.signsWithSha1 && signer.asymmetricKeyType === 'ed25519') {
    throw new Error('An Ed25519 key cannot sign with SHA-1. Make the issuer with --key p256 or rsa2048 for this fault.');
  }
  return plan.signedByStranger ? (await makeKeyPairLike(signer)).privateKey : signer;
}

/** As UTF8String (RFC 5280 §4.1.2.4), and never read as a hex or quoted form. */
const nameOf = (parts: readonly NamePart[]): Name => new Name(parts.map(({ type, text }) => ({ [type]: [{ utf8String: text }] })));

const ELSEWHERE = nameOf([{ type: 'O', text: 'Elsewhere' }]);

/** 16 bytes, positive, and never so small that fewer bytes would do (RFC 5280 §4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString('hex');
}

/** SHA-1 over the bits of the key (RFC 5280 §4.2.1.2 (1)), lower-case hex. */
function keyIdOf(key: KeyObject): string {
  const [, bits] = partsOf(key.export({ format: 'der', type: 'spki' }));
  return createHash('sha1').update(contentOf(bits!).subarray(1)).digest('hex');
}

function minted(der: Uint8Array, keyPem: string, issuer: Minted | undefined): Minted {
  const base64 = Buffer.from(der).toString('base64').match(/.{1,64}/g)!.join('\n');
  const path: Minted[] = [];
  const self = { certificatePem: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`, keyPem, der, path };
  path.push(self, ...(issuer?.path ?? []));
  return self;
}
