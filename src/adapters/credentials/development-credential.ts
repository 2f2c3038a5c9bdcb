import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { CertificateMint, Minted } from '../../ports/driven/certificate-mint.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { KeySeal } from '../../ports/driven/key-seal.ts';
import { checkCredential } from './check-credential.ts';
import type { CredentialFiles } from './file-server-credentials.ts';

const DAY_MS = 86_400_000;
const CA_DAYS = 3650;
/** Apple's clients take no server certificate of more than 398 days, and none of more than 825 below a root of one's own. */
const SERVER_DAYS = 397;
const RENEW_BEFORE_DAYS = 30;

export interface DevelopmentNeeds {
  readonly dataDir: string;
  /** DNS names and IP addresses. */
  readonly names: readonly string[];
  readonly mint: CertificateMint;
  readonly seal: KeySeal;
  readonly clock: Clock;
}

/** What the two keys are sealed as. */
const CA_KEY = 'tls/ca-key.pem';
export const SERVER_KEY = 'tls/server-key.pem';

/**
 * The files of a server certificate below a development CA, kept in `<dataDir>/tls/` and reused from start to start. A certificate that nears
 * its end or lacks a name is made anew below the same CA, so that clients which trust the CA go on. Only files that fit each other are left behind.
 */
export async function developmentCredential(needs: DevelopmentNeeds): Promise<Required<CredentialFiles>> {
  const directory = join(needs.dataDir, 'tls');
  const file = (name: string): string => join(directory, name);
  const files = { certFile: file('server.pem'), keyFile: file('server-key.pem'), developmentCaFile: file('ca.pem') };
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const now = needs.clock.now();
  const kept = await pairOf(files.developmentCaFile, file('ca-key.pem'), (text) => needs.seal.open(text, CA_KEY));
  const ca = kept && isUsable(kept, now, needs.names, false) ? kept : await newCa(needs, files.developmentCaFile, file('ca-key.pem'));
  const server = await pairOf(files.certFile, files.keyFile, (text) => needs.seal.open(text, SERVER_KEY));
  if (server && isUsable(server, now, needs.names, true) && new X509Certificate(server.cert).verify(new X509Certificate(ca.cert).publicKey)) return files;
  const wish = { commonName: needs.names[0] ?? 'localhost', notAfter: after(now, SERVER_DAYS) };
  const minted = await needs.mint.server(asMinted(ca), needs.names, wish);
  await writePair(files.certFile, files.keyFile, { cert: minted.certificatePem, key: needs.seal.close(minted.keyPem, SERVER_KEY) });
  return files;
}

interface Pair {
  readonly cert: string;
  readonly key: string;
}

async function newCa({ mint, seal, clock }: DevelopmentNeeds, certFile: string, keyFile: string): Promise<Pair> {
  // The date keeps apart the CAs of several instances in a client's list.
  const now = clock.now();
  const commonName = `Fleetgate Development CA ${now.toISOString().slice(0, 10)}`;
  const { certificatePem: cert, keyPem: key } = await mint.root({ commonName, notAfter: after(now, CA_DAYS) });
  await writePair(certFile, keyFile, { cert, key: seal.close(key, CA_KEY) });
  return { cert, key };
}

const after = (now: Date, days: number): Date => new Date(now.getTime() + days * DAY_MS);

async function pairOf(certFile: string, keyFile: string, open: (text: string) => string): Promise<Pair | undefined> {
  try {
    return { cert: await readFile(certFile, 'latin1'), key: open(await readFile(keyFile, 'latin1')) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error; // not readable is no reason to write over it
  }
}

function isUsable(pair: Pair, now: Date, names: readonly string[], isServer: boolean): boolean {
  const checked = checkCredential({ ...pair, certFile: '', keyFile: '' }, now);
  if (!checked.fits || checked.credential.notAfter < after(now, RENEW_BEFORE_DAYS)) return false;
  if (!isServer) return true;
  const certificate = new X509Certificate(pair.cert);
  const has = (name: string): boolean => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined;
  return names.every(has) && checked.credential.names.length === names.length;
}

function asMinted({ cert, key }: Pair): Minted {
  const path: Minted[] = [];
  const minted = { certificatePem: cert, keyPem: key, der: new Uint8Array(new X509Certificate(cert).raw), path };
  path.push(minted);
  return minted;
}

/** The key first: a certificate without its key is remade at the next start, and nobody sees half a file. */
async function writePair(certFile: string, keyFile: string, { cert, key }: Pair): Promise<void> {
  await writeWhole(keyFile, key, 0o600);
  await writeWhole(certFile, cert, 0o644);
}

async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  const part = `${file}.${process.pid}.part`; // another process may be starting in the same directory
  await rm(part, { force: true });
  await writeFile(part, text, { mode, flag: 'wx' });
  await rename(part, file);
}
