import { X509Certificate } from 'node:crypto';
import { BREAKAGE_FACTS, type MintKind } from '../../ports/driven/breakage-facts.ts';
import type { Breakage, Minted } from '../../ports/driven/certificate-mint.ts';
import type { PkiFiles } from './pki-files.ts';
import { printable } from './printable.ts';

export interface MadeCertificate {
  readonly kind: MintKind;
  readonly out: string;
  readonly files: PkiFiles;
  readonly minted: Minted;
  /** File of the root above it, or its own. */
  readonly anchor: string;
  readonly broken?: Breakage;
}

/** What was made, where it lies and what to type next. */
export function pkiReport(made: MadeCertificate): string {
  const { kind, files, minted, broken } = made;
  const { subject, issuer, validFrom, validTo } = new X509Certificate(minted.der);
  const by = kind === 'root' ? 'signed by itself' : `issued by ${oneLine(issuer)}`;
  return [
    `Made ${kind === 'intermediate' ? 'an' : 'a'} ${kind} certificate: ${oneLine(subject)}, ${by}, valid from ${day(validFrom)} to ${day(validTo)}.`,
    ...(broken ? [`Broken on purpose (${broken}): ${BREAKAGE_FACTS[broken].what}.${answerTo(kind, broken)}`] : []),
    ...table([
      [files.certificate, 'the certificate'],
      ...(files.chain ? [[files.chain, 'the certificate, its issuers and the root'] as const] : []),
      [files.key, 'its private key (only you can read it)'],
    ]),
    '',
    'Next:',
    ...nextSteps(made).map((step) => `  ${step}`),
    '',
  ].join('\n');
}

/** The gate judges no servers: their clients do. */
const answerTo = (kind: MintKind, broken: Breakage): string =>
  kind === 'server' ? '' : ` The gate answers ${BREAKAGE_FACTS[broken].refused}.`;

const day = (date: string): string => new Date(date).toISOString().slice(0, 10);
const oneLine = (name: string): string => printable(name.replaceAll('\n', ', '));

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([file]) => file.length));
  return rows.map(([file, what]) => `  ${file.padEnd(width)}  ${what}`);
}

function nextSteps(made: MadeCertificate): readonly string[] {
  const { kind, out, files } = made;
  const device = `npx fleetgate pki device press-7 --issuer ${word(base(files))} --out ${word(out)}`;
  switch (kind) {
    case 'root':
      return [device, `npx fleetgate trust add ${word(files.certificate)} --auto-registration`];
    case 'intermediate':
      return [device];
    case 'server':
      return [`FLEETGATE_TLS_CERT=${word(files.chain ?? '')} FLEETGATE_TLS_KEY=${word(files.key)} npm start`];
    case 'device':
      return deviceSteps(made);
  }
}

function deviceSteps({ files, minted, anchor }: MadeCertificate): readonly string[] {
  const chain = word(files.chain ?? files.certificate);
  const id = /^CN=([A-Za-z0-9._-]+)$/.exec(new X509Certificate(minted.der).subject)?.[1];
  const client = `--cert ${chain} --key ${word(files.key)} -i ${id} -t s/uat -e s/dat -n`;
  return [
    `npx fleetgate explain ${chain} --anchor ${word(anchor)}`,
    ...(id ? [`mosquitto_rr -V mqttv5 -h localhost -p 8883 --cafile SERVER_CA.pem ${client}`] : []),
  ];
}

const base = ({ certificate }: PkiFiles): string => certificate.replace(/\.pem$/, '');

/** A path as a shell takes it as one word. */
const word = (text: string): string => (/^[A-Za-z0-9._/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
