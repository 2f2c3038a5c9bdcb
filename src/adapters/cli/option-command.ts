import { Command } from 'commander';
import { grant } from '../../domain/shared/decision.ts';
import { isSecret } from '../../domain/trust/tenant-option.ts';
import { adminCommand, said, type AdminAction, type CommonOptions } from './admin-command.ts';
import type { ApiClient } from './api-client.ts';
import { EXIT, fail, type Outcome } from './cli-failure.ts';
import { careful, carefully, type CarefulOptions } from './careful-change.ts';
import type { CliNeeds } from './cli-needs.ts';
import { printable } from './printable.ts';
import { askPassword, readSecretFile } from './read-password.ts';
import { table } from './table.ts';

interface OptionView {
  readonly category: string;
  readonly key: string;
  readonly value: string;
}

interface ListOptions extends CommonOptions {
  readonly system?: true;
}

interface SetOptions extends CarefulOptions {
  readonly valueFile?: string;
}

/** `fleetgate option`: what a tenant chose for itself. `typed` is how it is called, for the examples. */
export function optionCommand(needs: CliNeeds, typed = 'option'): Command {
  const command = new Command('option').description('what your tenant chose for itself');
  command.addCommand(adminCommand(list(typed), needs));
  command.addCommand(adminCommand(set(typed, needs), needs));
  command.addCommand(adminCommand(get(typed), needs));
  command.addCommand(adminCommand(remove(typed, needs), needs));
  return command;
}

const OPTION = [
  ['<category>', 'such as oauth.internal'],
  ['<key>', 'such as device-token.lifespan.seconds'],
] as const;
const pathOf = (category: string, key: string): string => `/tenant/options/${encodeURIComponent(category)}/${encodeURIComponent(key)}`;

const get = (typed: string): AdminAction<CommonOptions> => ({
  name: 'get',
  about: 'the value in force, of your own tenant',
  arguments: OPTION,
  examples: [`${typed} get oauth.internal device-token.enabled`],
  as: 'own',
  run: async (api, { args: [category = '', key = ''] }) => {
    const answer = await api.get(pathOf(category, key));
    return answer.granted ? said(answer.value, printable((answer.value as OptionView).value)) : answer;
  },
});

const set = (typed: string, needs: CliNeeds): AdminAction<SetOptions> => ({
  name: 'set',
  about: 'choose a value for your own tenant',
  arguments: [...OPTION, ['[value]', 'the new value; a secret (its key begins with credentials.) is asked for instead']],
  examples: [`${typed} set oauth.internal device-token.lifespan.seconds 1800`, `${typed} set fleetgate check.key-sizes enforce --dry-run`, `${typed} set mail credentials.password --value-file - < password.txt`],
  as: 'own',
  options: careful((command) => command.option('--value-file <file>', 'file with the value, - for standard input')),
  run: async (api, { args: [category = '', key = '', value], options }) => {
    const next = await valueFor(key, { value, file: options.valueFile }, needs);
    if (!next.granted) return next;
    const name = `${printable(category)}/${printable(key)}`;
    const told = isSecret(key) ? `${name} is set. No command shows it.` : `${name} is ${printable(next.value)} now.`;
    const send = (query: string) => api.put(`${pathOf(category, key)}${query}`, { value: next.value });
    return carefully({ send, done: (answer) => said(answer, told) }, { options }, needs);
  },
});

/** A secret is never taken from the command line, which others on the machine can see, and which shells remember. */
async function valueFor(key: string, given: { readonly value: string | undefined; readonly file: string | undefined }, needs: CliNeeds): Promise<Outcome<string>> {
  if (given.value !== undefined && given.file !== undefined) return fail(EXIT.usage, 'Give the value or --value-file, not both.');
  if (given.file !== undefined) return readSecretFile(given.file, 'value', needs);
  if (!isSecret(key)) return given.value === undefined ? fail(EXIT.usage, 'There is no value. Give it after the key, or with --value-file.') : grant(given.value);
  if (given.value === undefined) return askPassword(`Value of ${printable(key)}: `, needs, 'Give the value with --value-file.');
  return fail(EXIT.usage, `${key} is a secret, and others on this machine can see a command line. Nothing was sent. Leave the value out to be asked for it, or use --value-file.`);
}

const list = (typed: string): AdminAction<ListOptions> => ({
  name: 'list',
  about: 'the options that were set; secrets show as <<Encrypted>>',
  examples: [`${typed} list`, `${typed} list --json`, `${typed} list --system`],
  as: 'own',
  options: (command) => command.option('--system', 'those of the whole instance instead, which its settings decide'),
  run: async (api, { options }) => {
    const found = options.system ? await systemOptions(api) : await allOptions(api);
    if (!found.granted) return found;
    return said(found.value, ...table(['CATEGORY', 'KEY', 'VALUE'], found.value.map(({ category, key, value }) => [category, key, value])));
  },
});

async function systemOptions(api: ApiClient): Promise<Outcome<readonly OptionView[]>> {
  const answer = await api.get('/tenant/system/options');
  return answer.granted ? grant((answer.value as { options: OptionView[] }).options) : answer;
}

async function allOptions(api: ApiClient): Promise<Outcome<readonly OptionView[]>> {
  const all: OptionView[] = [];
  for (let page = 1; ; page += 1) {
    const answer = await api.get(`/tenant/options?pageSize=2000&currentPage=${page}`);
    if (!answer.granted) return answer;
    const { options, next } = answer.value as { options: OptionView[]; next?: string };
    all.push(...options);
    if (next === undefined) return grant(all);
  }
}

const remove = (typed: string, needs: CliNeeds): AdminAction<CarefulOptions> => ({
  name: 'remove',
  about: 'forget what was chosen: the default is in force again, if there is one',
  arguments: OPTION,
  examples: [`${typed} remove oauth.internal device-token.lifespan.seconds`],
  as: 'own',
  options: careful(),
  run: async (api, { args: [category = '', key = ''], options }) => {
    const done = () => said({ removed: { category, key } }, `${printable(category)}/${printable(key)} is no longer set.`);
    return carefully({ send: (query) => api.delete(`${pathOf(category, key)}${query}`), done }, { options }, needs);
  },
});
