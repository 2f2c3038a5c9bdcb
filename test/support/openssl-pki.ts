/**
 * Certificates made by the `openssl` program alone, as an operator without our tools makes them. Keys are made at run time, none is
 * checked in. What only odd DER shows is in `der-builder.ts`; what our own mint makes is in `pki.ts`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface OpensslWish {
  /** `P-256` unless the wish says otherwise. */
  readonly key?: 'P-256' | 'RSA-2048';
  /** Extension lines of an openssl configuration, instead of the usual ones of the kind. */
  readonly extensions?: readonly string[];
  /** `YYYYMMDDHHMMSSZ`, both; from now for 30 days unless given. */
  readonly validity?: readonly [string, string];
}

export interface Issued {
  /** As asked for: `/O=Works/CN=press-7`. */
  readonly subject: string;
  /** PEM file of the certificate alone. */
  readonly file: string;
  readonly keyFile: string;
  readonly pem: string;
  readonly keyPem: string;
  /** SHA-1 of the DER, lower-case hex: how the API names a trusted certificate. */
  readonly fingerprint: string;
  /** This certificate and its issuers up to, and with, the root. */
  readonly path: readonly Issued[];
}

export interface ListWish {
  readonly number?: number;
  /** What `openssl ca` makes of a configuration that says nothing of lists. */
  readonly version?: 1;
  /** `YYYYMMDDHHMMSSZ`, both; from now for 30 days unless given. */
  readonly validity?: readonly [string, string];
  /** Lines of an openssl configuration beside the number. */
  readonly extensions?: readonly string[];
}

export interface ListFile {
  readonly file: string;
  readonly pem: string;
}

/** A certificate, and in which order the client sends what. */
export interface Shown {
  readonly leaf: Issued;
  readonly chain: readonly Issued[];
}

const CA = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign', 'subjectKeyIdentifier=hash'];
const DEVICE = ['basicConstraints=critical,CA:FALSE', 'keyUsage=critical,digitalSignature', 'extendedKeyUsage=clientAuth'];

/** A folder with everything that one test file has issued. Call `remove` in `afterAll`. */
export class OpensslPki {
  #folder: string | undefined;
  #count = 0;

  /** Made when it is first asked for: a test that is skipped leaves nothing behind. */
  get folder(): string {
    return (this.#folder ??= mkdtempSync(join(tmpdir(), 'fleetgate-openssl-')));
  }

  /** `subject` as openssl wants it: `/CN=Works Root`. */
  root(subject: string, wish: OpensslWish = {}): Issued {
    return this.#issue(undefined, subject, CA, wish);
  }

  intermediate(issuer: Issued, subject: string, wish: OpensslWish = {}): Issued {
    return this.#issue(issuer, subject, [...CA, 'authorityKeyIdentifier=keyid'], wish);
  }

  device(issuer: Issued, subject: string, wish: OpensslWish = {}): Issued {
    return this.#issue(issuer, subject, DEVICE, wish);
  }

  /** A revocation list as `openssl ca -gencrl` makes it: version 2, with a number, as PEM. */
  list(ca: Issued, revoked: readonly Issued[], { number = 1, version, validity, extensions = ['authorityKeyIdentifier=keyid'] }: ListWish = {}): ListFile {
    const [file, config, index, numberFile] = ['list.pem', 'openssl.cnf', 'index.txt', 'crlnumber'].map((suffix) => this.newFile(suffix)) as [string, string, string, string];
    const ofVersion2 = version === undefined ? `[works]\ncrlnumber = ${numberFile}\ncrl_extensions = extensions\n` : '';
    writeFileSync(config, `${configuration(extensions, index, this.folder)}${ofVersion2}`);
    writeFileSync(numberFile, number.toString(16).padStart(2, '0'));
    const by = ['-config', config, '-cert', ca.file, '-keyfile', ca.keyFile];
    for (const each of revoked) openssl(config, ['ca', ...by, '-revoke', each.file, '-crl_reason', 'keyCompromise']);
    const when = validity ? ['-crl_lastupdate', validity[0], '-crl_nextupdate', validity[1]] : ['-crldays', '30'];
    openssl(config, ['ca', ...by, '-gencrl', ...when, '-out', file]);
    return { file, pem: readFileSync(file, 'utf8') };
  }

  /** PEM file of these certificates in this order: what clients call their chain or certificate file. */
  chainFile(chain: readonly Issued[]): string {
    const file = this.newFile('chain.pem');
    writeFileSync(file, pemOf(chain));
    return file;
  }

  /** A path for a file that nothing else uses. */
  newFile(suffix: string): string {
    return join(this.folder, `${++this.#count}-${suffix}`);
  }

  remove(): void {
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  #issue(issuer: Issued | undefined, subject: string, usual: readonly string[], { key = 'P-256', extensions = usual, validity }: OpensslWish): Issued {
    const [file, keyFile, request, config] = ['cert.pem', 'key.pem', 'request.pem', 'openssl.cnf'].map((suffix) => this.newFile(suffix)) as [string, string, string, string];
    writeFileSync(config, configuration(extensions, this.newFile('index.txt'), this.folder));
    const newKey = key === 'P-256' ? ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-pkeyopt', 'ec_param_enc:named_curve'] : ['rsa:2048'];
    openssl(config, ['req', '-new', '-config', config, '-utf8', '-newkey', ...newKey, '-nodes', '-keyout', keyFile, '-out', request, '-subj', subject]);
    const by = issuer ? ['-cert', issuer.file, '-keyfile', issuer.keyFile] : ['-selfsign', '-keyfile', keyFile];
    const when = validity ? ['-startdate', validity[0], '-enddate', validity[1]] : ['-days', '30'];
    openssl(config, ['ca', '-batch', '-notext', '-config', config, '-utf8', '-preserveDN', ...by, ...when, '-in', request, '-out', file]);
    const pem = readFileSync(file, 'utf8');
    const own = { subject, file, keyFile, pem, keyPem: readFileSync(keyFile, 'utf8'), fingerprint: fingerprintOf(pem) };
    const issued: Issued = { ...own, get path(): readonly Issued[] { return [issued, ...(issuer?.path ?? [])]; } };
    return issued;
  }
}

export const pemOf = (chain: readonly Issued[]): string => chain.map(({ pem }) => pem).join('');

/** All that stands below the root: what a well-configured device sends. */
export const belowRoot = (leaf: Issued): Shown => ({ leaf, chain: leaf.path.slice(0, -1) });

/** JWK → PEM, raw r||s → DER, and `openssl dgst -verify`: whether openssl takes an ES256 token for signed by this key. */
export function opensslVerifies(pki: OpensslPki, jwt: string, publicKeyPem: string): boolean {
  const [header = '', claims = '', signature = ''] = jwt.split('.');
  const [keyFile, signatureFile, signedFile] = [pki.newFile('jwk.pem'), pki.newFile('signature.der'), pki.newFile('signed.txt')];
  writeFileSync(keyFile, publicKeyPem);
  writeFileSync(signatureFile, ecdsaDer(Buffer.from(signature, 'base64url')));
  writeFileSync(signedFile, `${header}.${claims}`);
  const { stdout } = spawnSync('openssl', ['dgst', '-sha256', '-verify', keyFile, '-signature', signatureFile, signedFile], { encoding: 'utf8' });
  return stdout.includes('Verified OK');
}

/** RFC 7515 §3.4 has r and s side by side, openssl wants `SEQUENCE { INTEGER r, INTEGER s }` (RFC 3279 §2.2.3). */
function ecdsaDer(raw: Buffer): Buffer {
  const integers = [raw.subarray(0, 32), raw.subarray(32)].map((part) => {
    const short = part.subarray(part.findIndex((byte) => byte !== 0));
    const positive = short[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), short]) : short;
    return Buffer.concat([Buffer.of(0x02, positive.length), positive]);
  });
  const body = Buffer.concat(integers);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}

export const derOf = ({ pem }: Pick<Issued, 'pem'>): Uint8Array => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');

const fingerprintOf = (pem: string): string => createHash('sha1').update(derOf({ pem })).digest('hex');

/** `[names]` lifts openssl's own limit of 64 characters for a common name, which is not ours. */
const configuration = (extensions: readonly string[], index: string, folder: string): string => {
  writeFileSync(index, '');
  writeFileSync(`${index}.attr`, 'unique_subject = no\n');
  return `
openssl_conf = start
[start]
stbl_section = names
[names]
CN = min:1, max:400
[req]
distinguished_name = subject
string_mask = utf8only
[subject]
[ca]
default_ca = works
[works]
database = ${index}
new_certs_dir = ${folder}
rand_serial = yes
default_md = sha256
policy = anything
x509_extensions = extensions
unique_subject = no
[anything]
[extensions]
${extensions.join('\n')}
`;
};

function openssl(config: string, args: readonly string[]): void {
  try {
    execFileSync('openssl', args, { env: { ...process.env, OPENSSL_CONF: config, RANDFILE: `${config}.rnd` }, stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    throw new Error(`openssl ${args.join(' ')} failed: ${String((error as { stderr?: Buffer }).stderr)}`, { cause: error });
  }
}
