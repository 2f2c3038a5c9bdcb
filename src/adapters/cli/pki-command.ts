import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { BREAKAGE_FACTS, type MintKind } from '../../ports/driven/breakage-facts.ts';
import { BREAKAGES, type Breakage, type CertificateMint, type KeyWish, type Minted, type MintWish } from '../../ports/driven/certificate-mint.ts';
import { fileNameOf, pkiFilesOf, readIssuer, writePkiFiles } from './pki-files.ts';
import { pkiReport } from './pki-report.ts';
import { reasonOf } from './reason-of.ts';

export interface PkiCommandNeeds {
  readonly mint: CertificateMint;
  /** Takes whole lines, line ends included. */
  readonly write: (text: string) => void;
}

interface PkiOptions {
  readonly out: string;
  readonly key: KeyWish;
  readonly days?: number;
  readonly pathLength?: number;
  readonly issuer?: string;
  readonly name?: string;
  readonly broken?: Breakage | 'list';
  readonly force?: true;
}

/** What is particular to one kind of certificate. */
interface Kind {
  readonly kind: MintKind;
  readonly about: string;
  readonly argument: string;
  readonly aboutArgument: string;
  /** Common name where none is given; absent: one must be given. */
  readonly usual?: string;
  readonly isCa: boolean;
  /** Where issuers are looked for when none is named. */
  readonly issuers: readonly string[];
  readonly examples: readonly string[];
}

const COMMON_NAME = { argument: '[common-name]', aboutArgument: 'its common name' } as const;

const KINDS: readonly Kind[] = [
  {
    ...COMMON_NAME,
    kind: 'root',
    about: 'make a CA that signs itself',
    usual: 'Fleetgate Root',
    isCa: true,
    issuers: [],
    examples: ['pki root', 'pki root "Works Root" --key rsa2048 --days 3650 --out works'],
  },
  {
    ...COMMON_NAME,
    kind: 'intermediate',
    about: 'make a CA below another',
    usual: 'Fleetgate Intermediate',
    isCa: true,
    issuers: ['root'],
    examples: ['pki intermediate', 'pki intermediate "Line 4" --path-length 0'],
  },
  {
    kind: 'device',
    about: 'make a device certificate',
    argument: '[device-id]',
    aboutArgument: 'its common name, which is the device id',
    isCa: false,
    issuers: ['intermediate', 'root'],
    examples: ['pki device press-7', 'pki device press-7 --issuer root --broken expired'],
  },
  {
    kind: 'server',
    about: 'make a TLS server certificate',
    argument: '[name...]',
    aboutArgument: 'its DNS names and IP addresses',
    usual: 'localhost',
    isCa: false,
    issuers: ['root'],
    examples: ['pki server gate.example.com 192.0.2.7 --out works'],
  },
];

const INTRODUCTION = `
Makes certificates for development and tests. Not a production CA: keys lie in plain files.

Examples:
  $ fleetgate pki root                      pki/root.pem, pki/root.key
  $ fleetgate pki intermediate              signed by pki/root
  $ fleetgate pki device press-7            signed by pki/intermediate, else by pki/root
  $ fleetgate pki device --broken list      what can be broken on purpose`;

/** `fleetgate pki`: CAs, devices and servers, sound or with one named fault, as files. */
export function pkiCommand(needs: PkiCommandNeeds): Command {
  const command = new Command('pki').description('make certificates for development and tests').addHelpText('after', INTRODUCTION);
  for (const kind of KINDS) command.addCommand(kindCommand(kind, needs));
  return command;
}

function kindCommand(kind: Kind, needs: PkiCommandNeeds): Command {
  const command = new Command(kind.kind)
    .description(kind.about)
    .argument(kind.argument, kind.aboutArgument)
    .option('--out <dir>', 'directory of the files', 'pki')
    .option('--name <name>', 'name of the files without ending (default: from the kind, the device id and the fault)')
    .addOption(new Option('--key <kind>', 'kind of key').choices(['p256', 'p384', 'p521', 'rsa2048', 'rsa4096', 'ed25519']).default('p256'))
    .option('--days <n>', 'days until it expires', wholeNumber(1, 100_000))
    .addOption(new Option('--broken <fault>', 'put one fault in; "list" prints them').choices(['list', ...BREAKAGES]))
    .option('--force', 'overwrite files that are there')
    .addHelpText('after', `\nExamples:\n${kind.examples.map((line) => `  $ fleetgate ${line}\n`).join('')}`);
  if (kind.issuers.length > 0) command.option('--issuer <name>', `who signs: a name in --out or a path (default: ${kind.issuers.join(', else ')})`);
  if (kind.isCa) command.option('--path-length <n>', 'how many CAs may stand below', wholeNumber(0, 100));
  return command.action(async (given: string | string[] | undefined, options: PkiOptions) => {
    if (options.broken === 'list') return needs.write(faultList(kind.kind));
    const named = [given ?? []].flat();
    const names = named.length === 0 && kind.usual !== undefined ? [kind.usual] : named;
    if (names.length === 0) {
      return command.error(`error: the device id is missing. Write: fleetgate ${kind.examples[0]}`, { exitCode: 2 });
    }
    try {
      await make(kind, names, options, needs);
    } catch (error) {
      command.error(`error: ${reasonOf(error)}`, { exitCode: 1 });
    }
  });
}

/** `names` is never empty; the first is the common name. */
async function make(kind: Kind, names: readonly string[], options: PkiOptions, { mint, write }: PkiCommandNeeds): Promise<void> {
  const { out, force } = options;
  const broken = options.broken === 'list' ? undefined : options.broken;
  const plain = kind.kind === 'device' ? names[0]! : kind.kind;
  const files = pkiFilesOf(join(out, fileNameOf(options.name ?? (broken ? `${plain}-${broken}` : plain))), kind.kind === 'root');
  const issuer = kind.issuers.length > 0 ? readIssuer(out, options.issuer ? [options.issuer] : kind.issuers) : undefined;
  const minted = await mintOf(mint, kind.kind, issuer?.minted, names, wishOf(names[0]!, options));
  writePkiFiles(out, files, minted, force === true);
  write(pkiReport({ kind: kind.kind, out, files, minted, anchor: issuer?.rootFile ?? files.certificate, ...(broken && { broken }) }));
}

function wishOf(commonName: string, { key, days, pathLength, broken }: PkiOptions): MintWish {
  return {
    commonName,
    key,
    ...(days !== undefined && { notAfter: new Date(Date.now() + days * 86_400_000) }),
    ...(pathLength !== undefined && { pathLength }),
    ...(broken && broken !== 'list' && { broken }),
  };
}

function mintOf(mint: CertificateMint, kind: MintKind, issuer: Minted | undefined, names: readonly string[], wish: MintWish): Promise<Minted> {
  if (issuer === undefined) return mint.root(wish);
  if (kind === 'server') return mint.server(issuer, names, wish);
  return kind === 'device' ? mint.device(issuer, wish) : mint.intermediate(issuer, wish);
}

const wholeNumber = (least: number, most: number) => (text: string): number => {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
};

function faultList(kind: MintKind): string {
  const faults = BREAKAGES.filter((broken) => BREAKAGE_FACTS[broken].in.includes(kind));
  const width = Math.max(...faults.map(({ length }) => length));
  const lines = faults.map((broken) => {
    const { what, refused } = BREAKAGE_FACTS[broken];
    const answer = kind === 'server' ? '' : `  ${' '.repeat(width)}  the gate answers ${refused}\n`;
    return `  ${broken.padEnd(width)}  ${what}\n${answer}`;
  });
  return `Faults that a ${kind} certificate can have (--broken <fault>):\n${lines.join('')}`;
}
