import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { grant } from '../../domain/shared/decision.ts';
import { adminCommand, said, type AdminAction, type CommonOptions } from './admin-command.ts';
import type { ApiClient } from './api-client.ts';
import { EXIT, fail, type Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { printable } from './printable.ts';
import { readAll } from './read-all.ts';
import { reasonOf } from './reason-of.ts';
import { table } from './table.ts';

interface TenantView {
  readonly id: string;
  readonly domain: string;
  readonly status: string;
  readonly creationTime: string;
}

interface CreateOptions extends CommonOptions {
  readonly domain?: string;
  readonly admin?: string;
  readonly adminPasswordFile?: string;
}

/** `fleetgate tenant`: the tenants of the instance, and the options of one's own. */
export function tenantCommand(needs: CliNeeds): Command {
  const option = new Command('option').description('what a tenant chose for itself');
  for (const action of [GET_OPTION, SET_OPTION]) option.addCommand(adminCommand(action, needs));
  const command = new Command('tenant').description('the tenants of the instance (as an administrator of the tenant management)');
  command.addCommand(adminCommand(create(needs), needs));
  for (const action of [LIST, statusAction('suspend', 'SUSPENDED'), statusAction('activate', 'ACTIVE')]) {
    command.addCommand(adminCommand(action, needs));
  }
  return command.addCommand(option);
}

const create = (needs: CliNeeds): AdminAction<CreateOptions> => ({
  name: 'create',
  about: 'make a tenant, with its first administrator if you name one',
  arguments: [['<id>', '1-32 characters of a-z, 0-9, - and _']],
  examples: [
    'tenant create acme --domain acme.example.com --admin ada',
    'tenant create acme --admin ada --admin-password-file - < password.txt',
  ],
  as: 'management',
  options: (command) =>
    command
      .option('--domain <host>', 'iss and aud of its tokens (default: <id>.localhost)')
      .option('--admin <name>', 'name of its first administrator')
      .option('--admin-password-file <file>', 'file with the password, - for standard input (default: one is made and printed once)'),
  run: async (api, { args: [id = ''], options: { domain, admin, adminPasswordFile } }) => {
    if (adminPasswordFile !== undefined && admin === undefined) {
      return fail(EXIT.usage, '--admin-password-file needs --admin, the name that the password is for.');
    }
    const password = adminPasswordFile === undefined ? grant(randomBytes(15).toString('base64url')) : await readPassword(adminPasswordFile, needs);
    if (!password.granted) return password;
    const answer = await api.post('/tenant/tenants', { id, domain, ...(admin !== undefined && { adminName: admin, adminPass: password.value }) });
    if (!answer.granted) return answer;
    const made = answer.value as TenantView;
    const isNew = admin !== undefined && adminPasswordFile === undefined;
    return said(
      { ...made, ...(isNew && { administrator: `${made.id}/${admin}`, password: password.value }) },
      `Made the tenant ${printable(made.id)} with the domain ${printable(made.domain)}.`,
      ...(isNew ? [`Its administrator is ${printable(`${made.id}/${admin}`)} with the password ${password.value}`, 'It is shown this once.'] : []),
    );
  },
});

async function readPassword(file: string, { input }: CliNeeds): Promise<Outcome<string>> {
  try {
    const bytes = file === '-' ? await readAll(input, 4096) : await readFile(file);
    const password = bytes.toString('utf8').replace(/\r?\n$/, '');
    return password === '' ? fail(EXIT.usage, `${file === '-' ? 'Standard input' : file} holds no password.`) : grant(password);
  } catch (error) {
    return fail(EXIT.usage, `The password cannot be read: ${reasonOf(error)}.`);
  }
}

const LIST: AdminAction<CommonOptions> = {
  name: 'list',
  about: 'all tenants',
  examples: ['tenant list', 'tenant list --json'],
  as: 'management',
  run: async (api) => {
    const found = await allPages(api);
    if (!found.granted) return found;
    const rows = found.value.map(({ id, domain, status, creationTime }) => [id, status, creationTime, domain]);
    return said(found.value, ...table(['ID', 'STATUS', 'MADE', 'DOMAIN'], rows));
  },
};

async function allPages(api: ApiClient): Promise<Outcome<readonly TenantView[]>> {
  const all: TenantView[] = [];
  for (let page = 1; ; page += 1) {
    const answer = await api.get(`/tenant/tenants?pageSize=2000&currentPage=${page}`);
    if (!answer.granted) return answer;
    const { tenants, next } = answer.value as { tenants: TenantView[]; next?: string };
    all.push(...tenants);
    if (next === undefined) return grant(all);
  }
}

const statusAction = (name: 'suspend' | 'activate', status: string): AdminAction<CommonOptions> => ({
  name,
  about: name === 'suspend' ? 'refuse all devices and administrators of a tenant from now on' : 'let a suspended tenant work again',
  arguments: [['<id>', 'the tenant']],
  examples: [`tenant ${name} acme`],
  as: 'management',
  run: async (api, { args: [id = ''] }) => {
    const answer = await api.put(`/tenant/tenants/${encodeURIComponent(id)}`, { status });
    return answer.granted ? said(answer.value, `The tenant ${printable(id)} is ${status === 'ACTIVE' ? 'active' : 'suspended'}.`) : answer;
  },
});

const OPTION = [
  ['<category>', 'such as oauth.internal'],
  ['<key>', 'such as device-token.lifespan.seconds'],
] as const;
const pathOf = (category: string, key: string): string => `/tenant/options/${encodeURIComponent(category)}/${encodeURIComponent(key)}`;

const GET_OPTION: AdminAction<CommonOptions> = {
  name: 'get',
  about: 'the value in force, of your own tenant',
  arguments: OPTION,
  examples: ['tenant option get oauth.internal device-token.enabled'],
  as: 'own',
  run: async (api, { args: [category = '', key = ''] }) => {
    const answer = await api.get(pathOf(category, key));
    return answer.granted ? said(answer.value, printable((answer.value as { value: string }).value)) : answer;
  },
};

const SET_OPTION: AdminAction<CommonOptions> = {
  name: 'set',
  about: 'choose a value for your own tenant',
  arguments: [...OPTION, ['<value>', 'the new value']],
  examples: ['tenant option set oauth.internal device-token.lifespan.seconds 1800'],
  as: 'own',
  run: async (api, { args: [category = '', key = '', value = ''] }) => {
    const answer = await api.put(pathOf(category, key), { value });
    return answer.granted ? said(answer.value, `${printable(category)}/${printable(key)} is ${printable(value)} now.`) : answer;
  },
};
