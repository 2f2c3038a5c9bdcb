import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { ServerCredential } from '../../ports/driven/server-credentials.ts';

const DAY_MS = 86_400_000;

/** Where the two texts came from, for the sentences. */
export interface CredentialText {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export type CheckedCredential =
  | { readonly fits: true; readonly credential: ServerCredential; readonly facts: CredentialFacts; readonly warnings: readonly string[] }
  /** `why` is a sentence that names the file, what is wrong, and what to do. */
  | { readonly fits: false; readonly why: string };

/** What the log may show of it. */
export interface CredentialFacts {
  readonly subject: string;
  readonly names: readonly string[];
  readonly notAfter: string;
  readonly sha256: string;
  readonly key: string;
}

/** Whether a certificate chain and a key in PEM can serve TLS at `now`. */
export function checkCredential(text: CredentialText, now: Date): CheckedCredential {
  const chain = certificatesOf(text.cert);
  if (typeof chain === 'string') return no(`${text.certFile}: ${chain}`);
  const key = keyOf(text.key);
  if (typeof key === 'string') return no(`${text.keyFile}: ${key}`);
  const [leaf] = chain;
  const problem = whyNotPair(text, chain, key) ?? whyNotNow(text, leaf, now) ?? whyNotTls(text);
  if (problem !== undefined) return no(problem);
  const names = namesOf(leaf);
  const facts = {
    subject: leaf.subject.replaceAll('\n', ', '),
    names,
    notAfter: leaf.validToDate.toISOString(),
    sha256: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    key: `${key.asymmetricKeyType} ${key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyDetails?.modulusLength ?? ''}`.trim(),
  };
  const credential = {
    cert: chain.map((certificate) => certificate.toString()).join(''),
    key: key.export({ type: 'pkcs8', format: 'pem' }) as string,
    names,
    notAfter: leaf.validToDate,
  };
  return { fits: true, credential, facts, warnings: warningsOf(text, chain, names, now) };
}

const no = (why: string): CheckedCredential => ({ fits: false, why });

function certificatesOf(pem: string): [X509Certificate, ...X509Certificate[]] | string {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  const chain: X509Certificate[] = [];
  for (const [index, block] of blocks.entries()) {
    try {
      chain.push(new X509Certificate(block));
    } catch {
      return `certificate ${index + 1} of ${blocks.length} cannot be read. Write the file anew: the server's certificate first, then its intermediates, in PEM.`;
    }
  }
  const [leaf, ...others] = chain;
  if (leaf !== undefined) return [leaf, ...others];
  return `it holds no "${begin('CERTIFICATE')}" block. Give the server's certificate in PEM, followed by its intermediates.`;
}

/** The first line of a PEM block (RFC 7468 §2). */
const begin = (label: string): string => `-----BEGIN ${label}-----`;

function keyOf(pem: string): KeyObject | string {
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(pem)) {
    return 'the key is encrypted, and Fleetgate has no passphrase for it. Decrypt it (openssl pkey -in … -out …) and protect the file by its permissions.';
  }
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    return `it holds no "${begin('PRIVATE KEY')}" block. Give the private key of the server's certificate in PEM.`;
  }
  try {
    return createPrivateKey(pem);
  } catch {
    // The library's own words are left out: they could repeat what is in the file.
    return 'the private key cannot be read. Expected is an EC, RSA or Ed25519 key in PEM, as openssl writes it.';
  }
}

function whyNotPair({ certFile, keyFile }: CredentialText, chain: readonly [X509Certificate, ...X509Certificate[]], key: KeyObject): string | undefined {
  if (chain[0].checkPrivateKey(key)) return undefined;
  const place = chain.findIndex((certificate) => certificate.checkPrivateKey(key));
  return place === -1
    ? `${keyFile}: the key does not belong to the certificate in ${certFile}. Give the key that the certificate was issued for.`
    : `${certFile}: the key belongs to certificate ${place + 1} of the file. Put the server's certificate first, then its intermediates, each before its issuer.`;
}

function whyNotNow({ certFile }: CredentialText, leaf: X509Certificate, now: Date): string | undefined {
  if (now > leaf.validToDate) return `${certFile}: the certificate expired on ${leaf.validToDate.toISOString()}. Renew it.`;
  if (now < leaf.validFromDate) {
    return `${certFile}: the certificate is valid only from ${leaf.validFromDate.toISOString()} on. Check the clock of this machine, or give one that is valid now.`;
  }
  return undefined;
}

/** The last word is OpenSSL's: it refuses RSA keys below 2048 bits, for one. */
function whyNotTls({ cert, key, certFile }: CredentialText): string | undefined {
  try {
    createSecureContext({ cert, key });
    return undefined;
  } catch (error) {
    return `${certFile}: TLS cannot use this certificate (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}). Use a P-256 or RSA-2048 key signed with SHA-256.`;
  }
}

function warningsOf({ certFile }: CredentialText, chain: readonly [X509Certificate, ...X509Certificate[]], names: readonly string[], now: Date): string[] {
  const warnings: string[] = [];
  const days = Math.floor((chain[0].validToDate.getTime() - now.getTime()) / DAY_MS);
  if (days < 30) warnings.push(`${certFile}: the certificate expires in ${days} days. Renew it; Fleetgate takes the new file without a restart.`);
  if (names.length === 0) warnings.push(`${certFile}: the certificate names no host (subjectAltName). Most clients will refuse it.`);
  const stray = chain.findIndex((certificate, i) => i > 0 && !chain[i - 1]!.checkIssued(certificate));
  if (stray !== -1) warnings.push(`${certFile}: certificate ${stray + 1} is not the issuer of the one before it. Some clients cannot follow such a chain.`);
  return warnings;
}

/** DNS names and IP addresses of the subjectAltName. */
function namesOf({ subjectAltName }: X509Certificate): string[] {
  return [...(subjectAltName ?? '').matchAll(/(?:^|, )(?:DNS|IP Address):([^",\s]+)/g)].map(([, name]) => name!);
}
