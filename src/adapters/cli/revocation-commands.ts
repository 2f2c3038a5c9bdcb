import { Buffer } from 'node:buffer';
import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { REVOCATION_REASONS } from '../../domain/revocation/revocation.ts';
import { grant } from '../../domain/shared/decision.ts';
import { adminCommand, said, type AdminAction, type CommonOptions } from './admin-command.ts';
import { EXIT, fail, type Outcome } from './cli-failure.ts';
import { careful, carefully, type CarefulOptions } from './careful-change.ts';
import type { CliNeeds } from './cli-needs.ts';
import { printable } from './printable.ts';
import { readCertificate } from './read-certificate.ts';
import { reasonOf } from './reason-of.ts';
import { table } from './table.ts';

/** A statement as the server shows it. */
interface RevocationView {
  readonly source: string;
  readonly serialNumber?: string;
  readonly issuer?: string;
  readonly fingerprint?: string;
  readonly reason: string;
  readonly since: string;
  readonly by: string;
  readonly note?: string;
}

interface ChoiceOptions extends CarefulOptions {
  readonly serial?: string;
  readonly issuer?: string;
  readonly fingerprint?: string;
}

interface RevokeOptions extends ChoiceOptions {
  readonly reason?: string;
  readonly since?: string;
  readonly note?: string;
}

const PATH = '/fleetgate/revocations';
const FILE = [['[file]', 'the certificate: PEM, DER or base64']] as const;

const withChoice = (command: Command): Command =>
  command
    .option('--serial <hex>', 'instead of the file: its serial number, of any issuer where --issuer is not given')
    .option('--issuer <fingerprint>', 'beside --serial: fingerprint of its CA, as `trust list` shows it')
    .option('--fingerprint <hex>', 'instead of the file: its SHA-1; where a device came with it, its SHA-256 too');

const withNote = (command: Command): Command => command.option('--note <text>', 'for you and your colleagues, in one line of at most 256 characters');

export const revoke = (needs: CliNeeds): AdminAction<RevokeOptions> => ({
  name: 'revoke',
  about: 'revoke a certificate for good: its connection and its tokens end now, and it is refused',
  arguments: FILE,
  examples: ["revoke press-7.pem --reason keyCompromise --note 'stolen on 3 May'", 'revoke --serial 0a1f2b --issuer 1f0c…', 'revoke line-ca.pem --dry-run'],
  as: 'own',
  options: careful((command) =>
    withNote(withChoice(command))
      .addOption(new Option('--reason <reason>', 'why, in the words of RFC 5280').choices(Object.keys(REVOCATION_REASONS).filter((reason) => reason !== 'certificateHold')))
      .option('--since <time>', 'since when, such as 2026-05-03T12:00:00Z (default: now)', time)),
  run: async (api, { args, options }) => {
    const name = await nameIn(args, options);
    if (!name.granted) return name;
    const { reason, since, note } = options;
    const body = { ...name.value, ...(reason !== undefined && { reason }), ...(since !== undefined && { since }), ...(note !== undefined && { note }) };
    return carefully({ send: (query) => api.post(`${PATH}${query}`, body), done: (answer) => said(answer, ...done('Revoked', answer)) }, { options }, needs);
  },
});

export const hold = (needs: CliNeeds): AdminAction<RevokeOptions> => ({
  name: 'hold',
  about: 'hold a certificate until it is released: its connection and its tokens end now, and it is refused',
  arguments: FILE,
  examples: ["hold press-7.pem --note 'lost; being looked for'", 'hold --serial 0a1f2b --issuer 1f0c… --dry-run'],
  as: 'own',
  options: careful((command) => withNote(withChoice(command))),
  run: async (api, { args, options }) => {
    const name = await nameIn(args, options);
    if (!name.granted) return name;
    const body = { ...name.value, ...(options.note !== undefined && { note: options.note }) };
    return carefully({ send: (query) => api.post(`${PATH}/hold${query}`, body), done: (answer) => said(answer, ...done('Holds', answer)) }, { options }, needs);
  },
});

export const RELEASE: AdminAction<ChoiceOptions> = {
  name: 'release',
  about: 'let a certificate in again that is on hold',
  arguments: FILE,
  examples: ['release press-7.pem', 'release --serial 0a1f2b --issuer 1f0c…'],
  as: 'own',
  options: withChoice,
  run: async (api, { args, options }) => {
    const name = await nameIn(args, options);
    if (!name.granted) return name;
    const answer = await api.post(`${PATH}/release`, name.value);
    if (!answer.granted) return answer;
    const { released, isStillRevoked } = answer.value as { released: RevocationView[]; isStillRevoked: boolean };
    const warning = isStillRevoked ? ['warning: it is revoked for good all the same, and stays out.'] : [];
    return said(answer.value, ...released.map((each) => `Released ${named(each)}.`), ...warning);
  },
};

/** `fleetgate revocations`: what was said, and the list of it. */
export const revocationsCommand = (needs: CliNeeds): Command =>
  new Command('revocations').description('what your tenant revoked and holds').addCommand(adminCommand(LIST, needs)).addCommand(adminCommand(EXPORT, needs));

const LIST: AdminAction<CommonOptions & { readonly source?: string }> = {
  name: 'list',
  about: 'the certificates that your tenant revoked and holds, newest first',
  examples: ['revocations list', 'revocations list --source hold --json'],
  as: 'own',
  options: (command) => command.addOption(new Option('--source <source>', 'only these').choices(['manual', 'hold'])),
  run: async (api, { options: { source } }) => {
    const all: RevocationView[] = [];
    for (let page = 1; ; page += 1) {
      const answer = await api.get(`${PATH}?pageSize=2000&currentPage=${page}${source === undefined ? '' : `&source=${source}`}`);
      if (!answer.granted) return answer;
      const { revocations, next } = answer.value as { revocations: RevocationView[]; next?: string };
      all.push(...revocations);
      if (next === undefined) break;
    }
    const rows = all.map((each) => [each.since, each.source, each.serialNumber ?? '-', each.reason, each.by, each.issuer ?? (each.serialNumber ? 'any issuer' : each.fingerprint ?? ''), each.note ?? '']);
    return said(all, ...table(['SINCE', 'SOURCE', 'SERIAL NUMBER', 'REASON', 'BY', 'ISSUER OR FINGERPRINT', 'NOTE'], rows));
  },
};

interface ExportOptions extends CommonOptions {
  readonly out?: string;
  readonly signer?: string;
}

const EXPORT: AdminAction<ExportOptions> = {
  name: 'export',
  about: 'the signed list of what your tenant revoked and holds: a CRL, as PEM, or as DER into a file',
  examples: ['revocations export > revoked.pem', 'revocations export --out revoked.crl --signer signer.pem'],
  as: 'own',
  options: (command) => command.option('--out <file>', 'write the list in DER here').option('--signer <file>', 'write the certificate that it is checked with here, as PEM'),
  run: async (api, { options: { out, signer } }) => {
    const list = await api.download('/tenant/trusted-certificates/settings/crl');
    if (!list.granted) return list;
    const certificate = await api.download(`${PATH}/signer`);
    if (!certificate.granted) return certificate;
    const [crl, checkedWith] = [pem('X509 CRL', list.value), pem('CERTIFICATE', certificate.value)];
    for (const [file, content] of [[out, list.value], [signer, checkedWith]] as const) {
      const failed = file === undefined ? undefined : await writeFile(file, content).then(() => undefined, reasonOf);
      if (failed !== undefined) return fail(EXIT.failed, `The file cannot be written: ${failed}.`);
    }
    const written = [...(out === undefined ? [] : [`Wrote the list to ${printable(out)}.`]), ...(signer === undefined ? [] : [`Wrote the certificate of its signer to ${printable(signer)}.`])];
    return said({ crl, signer: checkedWith }, ...(out === undefined ? crl.trimEnd().split('\n') : written));
  },
};

/** Exactly one way to name a certificate, as a request has it. */
async function nameIn([file]: readonly (string | undefined)[], { serial, issuer, fingerprint }: ChoiceOptions): Promise<Outcome<object>> {
  const ways = [file, serial, fingerprint].filter((way) => way !== undefined).length;
  if (ways !== 1) return fail(EXIT.usage, 'Name one certificate: by its file, by --serial, or by --fingerprint.');
  if (issuer !== undefined && serial === undefined) return fail(EXIT.usage, '--issuer goes with --serial only.');
  if (file === undefined) return grant({ ...(serial !== undefined && { serialNumber: serial }), ...(issuer !== undefined && { issuer }), ...(fingerprint !== undefined && { fingerprint }) });
  const certificate = await readCertificate(file);
  return certificate.granted ? grant({ certInPemFormat: certificate.value }) : certificate;
}

function done(verb: string, answer: unknown): readonly string[] {
  const { revocation, sessionsEnded } = answer as { revocation: RevocationView; sessionsEnded: number };
  return [`${verb} ${named(revocation)} since ${printable(revocation.since)}; ${sessionsEnded} ${sessionsEnded === 1 ? 'session' : 'sessions'} ended.`];
}

const named = ({ serialNumber, issuer, fingerprint }: RevocationView): string =>
  printable(serialNumber === undefined ? `fingerprint ${fingerprint}` : `serial number ${serialNumber} of ${issuer ?? 'any issuer'}`);

const pem = (label: string, der: Uint8Array): string => `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64').match(/.{1,64}/g)!.join('\n')}\n-----END ${label}-----\n`;

function time(text: string): string {
  const [at, day] = [new Date(text), new Date(`${text.slice(0, 10)}T00:00:00Z`)];
  const isTime = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(at.getTime());
  // JavaScript takes 30 February for 2 March.
  if (isTime && day.toISOString().startsWith(text.slice(0, 10))) return at.toISOString();
  throw new InvalidArgumentError('Give a time such as 2026-05-03T12:00:00Z.');
}
