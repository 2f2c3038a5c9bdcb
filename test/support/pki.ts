/**
 * Real certificates for tests: keys are made at run time, none is checked in. What is asked for twice with the same words is made once
 * per test file; `mint` itself makes a new one each time. Domain values without bytes are in `certificate-builders.ts`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PeculiarCertificateMint } from '../../src/adapters/pki/mint/peculiar-certificate-mint.ts';
import type { Minted, MintWish } from '../../src/ports/driven/certificate-mint.ts';

/** Makes a new certificate at every call, valid from now on. */
export const mint = new PeculiarCertificateMint({ clock: { now: () => new Date() } });

const made = new Map<string, Promise<Minted>>();

function once(kind: string, issuer: Minted | undefined, words: object, make: () => Promise<Minted>): Promise<Minted> {
  const key = JSON.stringify([kind, issuer?.certificatePem, words]);
  const minted = made.get(key) ?? make();
  made.set(key, minted);
  return minted;
}

type Wish = Partial<MintWish>;

/** A root, `CN=Works Root`, P-256, unless the wish says otherwise. */
export function aRoot(wish: Wish = {}): Promise<Minted> {
  const whole = { commonName: 'Works Root', ...wish };
  return once('root', undefined, whole, () => mint.root(whole));
}

/** An intermediate, `CN=Works Intermediate`, below `aRoot()` or the issuer given. */
export async function anIntermediate(issuer?: Minted, wish: Wish = {}): Promise<Minted> {
  const above = issuer ?? (await aRoot());
  const whole = { commonName: 'Works Intermediate', ...wish };
  return once('intermediate', above, whole, () => mint.intermediate(above, whole));
}

/** A device, `CN=press-7`, below `aRoot()` or the issuer given. */
export async function aDevice(issuer?: Minted, wish: Wish = {}): Promise<Minted> {
  const above = issuer ?? (await aRoot());
  const whole = { commonName: 'press-7', ...wish };
  return once('device', above, whole, () => mint.device(above, whole));
}

/** A TLS server certificate for localhost, 127.0.0.1 and ::1, below a root of its own or the issuer given. */
export async function aServer(
  issuer?: Minted,
  names: readonly string[] = ['localhost', '127.0.0.1', '::1'],
  wish: Wish = {},
): Promise<Minted> {
  const above = issuer ?? (await aRoot({ commonName: 'Server Root' }));
  const whole = { commonName: names[0] ?? 'localhost', ...wish };
  return once('server', above, { ...whole, names }, () => mint.server(above, names, whole));
}

/** DER of the certificate and its issuers, leaf first, as a client sends them. `to` says how far up. */
export const derChain = (leaf: Minted, to: Extent = 'root'): Uint8Array[] => extent(leaf, to).map(({ der }) => der);

/** The same as PEM blocks. */
export const pemChain = (leaf: Minted, to: Extent = 'root'): string =>
  extent(leaf, to).map(({ certificatePem }) => certificatePem).join('');

/** `leaf`: it alone; `below-root`: with its intermediates; `root`: with everything. */
export type Extent = 'leaf' | 'below-root' | 'root';

function extent({ path }: Minted, to: Extent): readonly Minted[] {
  if (to === 'leaf') return path.slice(0, 1);
  return to === 'root' || path.length === 1 ? path : path.slice(0, -1);
}

/** The root that a certificate hangs from. */
export const rootOf = ({ path }: Minted): Minted => path[path.length - 1]!;

export interface PemFiles {
  /** The certificate alone. */
  readonly cert: string;
  /** PKCS#8, readable by its owner only. */
  readonly key: string;
  /** The certificate with its issuers and the root. */
  readonly chain: string;
  /** The root alone: what a client of this certificate trusts, or a tenant uploads. */
  readonly ca: string;
}

/** Writes the files that command-line clients want: `<name>.pem`, `<name>.key`, `<name>-chain.pem`, `<name>-ca.pem`. */
export function writePemFiles(directory: string, name: string, leaf: Minted, to: Extent = 'root'): PemFiles {
  const file = (suffix: string): string => join(directory, `${name}${suffix}`);
  const files = { cert: file('.pem'), key: file('.key'), chain: file('-chain.pem'), ca: file('-ca.pem') };
  mkdirSync(directory, { recursive: true });
  writeFileSync(files.cert, leaf.certificatePem);
  writeFileSync(files.key, leaf.keyPem, { mode: 0o600 });
  writeFileSync(files.chain, pemChain(leaf, to));
  writeFileSync(files.ca, rootOf(leaf).certificatePem);
  return files;
}

/** A directory of one's own. Call `remove` in `afterAll`. */
export function temporaryDirectory(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'fleetgate-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
