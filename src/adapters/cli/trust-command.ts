import { basename, extname } from 'node:path';
import { Command } from 'commander';
import { adminCommand, said, type AdminAction, type CommonOptions } from './admin-command.ts';
import type { ApiClient } from './api-client.ts';
import type { CliNeeds } from './cli-needs.ts';
import { rolloverCommand } from './rollover-command.ts';
import { readCertificate } from './read-certificate.ts';
import { table } from './table.ts';
import { disable, remove } from './trust-withdrawal.ts';
import { CONFIRM, PROVE, VERIFY } from './trust-proof.ts';
import { described, pathOf, warningsOf, type TrustedView } from './trusted-view.ts';

interface AddOptions extends CommonOptions {
  readonly name?: string;
  readonly autoRegistration?: true;
  readonly disabled?: true;
}

interface EnableOptions extends CommonOptions {
  readonly autoRegistration?: boolean;
}

/** `fleetgate trust`: the CAs whose devices a tenant lets in. */
export function trustCommand(needs: CliNeeds): Command {
  const command = new Command('trust').description('the CA certificates whose devices your tenant lets in');
  command.addCommand(adminCommand(ADD, needs));
  command.addCommand(adminCommand(LIST, needs));
  for (const action of [disable(needs), remove(needs)]) command.addCommand(adminCommand(action, needs));
  command.addCommand(adminCommand(ENABLE, needs));
  command.addCommand(adminCommand(PROVE, needs)).addCommand(adminCommand(CONFIRM, needs));
  return command.addCommand(adminCommand(VERIFY, needs)).addCommand(rolloverCommand(needs));
}

const ADD: AdminAction<AddOptions> = {
  name: 'add',
  about: 'trust a CA certificate',
  arguments: [['<file>', 'the certificate: PEM, DER or base64']],
  examples: ['trust add ca.pem', 'trust add ca.pem --name "Works CA" --auto-registration'],
  as: 'own',
  options: (command) =>
    command
      .option('--name <name>', 'name for people (default: that of the file)')
      .option('--auto-registration', 'let its devices register by themselves when they first connect')
      .option('--disabled', 'store it, but let nobody in by it yet'),
  run: async (api, { args: [file = ''], options }) => {
    const certificate = await readCertificate(file);
    if (!certificate.granted) return certificate;
    const path = await pathOf(api);
    if (!path.granted) return path;
    const answer = await api.post(path.value, {
      name: options.name ?? basename(file, extname(file)),
      status: options.disabled ? 'DISABLED' : 'ENABLED',
      autoRegistrationEnabled: options.autoRegistration === true,
      certInPemFormat: certificate.value,
    });
    return answer.granted ? said(answer.value, ...described('Trusts', answer.value as TrustedView)) : answer;
  },
};

const LIST: AdminAction<CommonOptions> = {
  name: 'list',
  about: 'the CA certificates that your tenant trusts',
  examples: ['trust list'],
  as: 'own',
  run: async (api) => {
    const path = await pathOf(api);
    if (!path.granted) return path;
    const all: TrustedView[] = [];
    for (let page = 1; ; page += 1) {
      const answer = await api.get(`${path.value}?pageSize=2000&currentPage=${page}`);
      if (!answer.granted) return answer;
      const { certificates, next } = answer.value as { certificates: TrustedView[]; next?: string };
      all.push(...certificates);
      if (next === undefined) break;
    }
    const rows = all.map((each) => [each.fingerprint, each.status, each.autoRegistrationEnabled ? 'yes' : 'no', each.notAfter.slice(0, 10), each.name, each.subject]);
    return said(all, ...table(['FINGERPRINT', 'STATUS', 'AUTO', 'UNTIL', 'NAME', 'SUBJECT'], rows), ...all.flatMap(warningsOf));
  },
};

const FINGERPRINT = [['<fingerprint>', 'as `trust list` shows it']] as const;

const ENABLE: AdminAction<EnableOptions> = {
  name: 'enable',
  about: 'let devices in by a CA certificate',
  arguments: FINGERPRINT,
  examples: ['trust enable 1f0c…', 'trust enable 1f0c… --auto-registration'],
  as: 'own',
  options: (command) =>
    command
      .option('--auto-registration', 'let its devices register by themselves when they first connect')
      .option('--no-auto-registration', 'let in only devices that are registered'),
  run: (api, { args: [fingerprint = ''], options: { autoRegistration } }) =>
    change(api, fingerprint, { status: 'ENABLED', ...(autoRegistration !== undefined && { autoRegistrationEnabled: autoRegistration }) }, 'Enabled'),
};

async function change(api: ApiClient, fingerprint: string, wish: object, verb: string) {
  const path = await pathOf(api);
  if (!path.granted) return path;
  const answer = await api.put(`${path.value}/${encodeURIComponent(fingerprint)}`, wish);
  return answer.granted ? said(answer.value, ...described(verb, answer.value as TrustedView)) : answer;
}
