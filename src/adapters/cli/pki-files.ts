import { Buffer } from 'node:buffer';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Minted } from '../../ports/driven/certificate-mint.ts';
import { pemBlocks } from './pem-blocks.ts';

/** The files of one certificate. */
export interface PkiFiles {
  /** The certificate alone. */
  readonly certificate: string;
  /** It, its issuers and the root, leaf first; a root has none. */
  readonly chain?: string;
  /** PKCS#8. */
  readonly key: string;
}

/** `<base>.pem`, `<base>.key` and, below a root, `<base>-chain.pem`. */
export const pkiFilesOf = (base: string, isRoot: boolean): PkiFiles => ({
  certificate: `${base}.pem`,
  ...(!isRoot && { chain: `${base}-chain.pem` }),
  key: `${base}.key`,
});

/** A file name from a common name: what could lead out of the directory, or bother a shell, becomes `_`; short enough for every file system. */
export function fileNameOf(commonName: string): string {
  const safe = commonName.replace(/[^A-Za-z0-9._-]/gu, '_').replace(/^[.-]+/, '_').slice(0, 200);
  return safe || 'unnamed';
}

/** Throws, before anything is written, when a file is there already and `force` is not set. */
export function writePkiFiles(directory: string, files: PkiFiles, minted: Minted, force: boolean): void {
  const there = [files.certificate, files.chain, files.key].filter((file) => file !== undefined && existsSync(file));
  if (there.length > 0 && !force) {
    throw new Error(`${there.join(', ')} would be overwritten. Choose another --out or --name, or say --force.`);
  }
  mkdirSync(directory, { recursive: true });
  writeNew(files.key, minted.keyPem, 0o600);
  writeNew(files.certificate, minted.certificatePem, 0o644);
  if (files.chain) writeNew(files.chain, minted.path.map(({ certificatePem }) => certificatePem).join(''), 0o644);
}

/** Removes first: a file that is overwritten would keep the rights it had. */
function writeNew(file: string, text: string, mode: number): void {
  rmSync(file, { force: true });
  writeFileSync(file, text, { mode, flag: 'wx' });
}

export interface Issuer {
  readonly minted: Minted;
  /** Where its root lies; its own file where the root has none beside it. */
  readonly rootFile: string;
}

/** Finds the issuer by its base name in `directory`, or by a path without ending; the first of `names` that is there. */
export function readIssuer(directory: string, names: readonly string[]): Issuer {
  const bases = names.map((name) => (name.includes('/') ? name : join(directory, name)).replace(/\.pem$/, ''));
  const base = bases.find((each) => existsSync(`${each}.pem`));
  if (base === undefined) {
    throw new Error(
      `There is no issuer: looked for ${bases.map((each) => `${each}.pem`).join(', ')}. ` +
        `Make one first with: npx fleetgate pki root --out ${directory}`,
    );
  }
  const chain = existsSync(`${base}-chain.pem`) ? `${base}-chain.pem` : `${base}.pem`;
  const minted = mintedFrom(readFileSync(chain, 'utf8'), readKey(base), base);
  return { minted, rootFile: rootFileOf(minted, dirname(base)) ?? `${base}.pem` };
}

function rootFileOf({ path }: Minted, directory: string): string | undefined {
  const pem = path.at(-1)?.certificatePem;
  const files = readdirSync(directory).filter((file) => file.endsWith('.pem')).map((file) => join(directory, file));
  return files.find((file) => readFileSync(file, 'utf8') === pem);
}

function readKey(base: string): string {
  if (!existsSync(`${base}.key`)) throw new Error(`${base}.key is missing: the key of ${base}.pem is needed to sign.`);
  return readFileSync(`${base}.key`, 'utf8');
}

function mintedFrom(pem: string, keyPem: string, base: string): Minted {
  const path: Minted[] = [];
  for (const [depth, der] of pemBlocks(pem, 'CERTIFICATE').entries()) {
    path.push({ certificatePem: pemOf(der), keyPem: depth === 0 ? keyPem : '', der, path: [] });
  }
  const [own] = path;
  if (!own) throw new Error(`${base}.pem holds no PEM certificate.`);
  if (!new X509Certificate(own.der).checkPrivateKey(createPrivateKey(keyPem))) {
    throw new Error(`${base}.key is not the key of ${base}.pem.`);
  }
  return { ...own, path };
}

function pemOf(der: Uint8Array): string {
  const lines = Buffer.from(der).toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
