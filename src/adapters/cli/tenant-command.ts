import { Command } from 'commander';
import { grant } from '../../domain/shared/decision.ts';
import { adminCommand, said, type AdminAction, type CommonOptions } from './admin-command.ts';
import type { ApiClient } from './api-client.ts';
import { careful, carefully, type CarefulOptions } from './careful-change.ts';
import { EXIT, fail, type Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { optionCommand } from './option-command.ts';
import { printable } from './printable.ts';
import { newPassword, readPasswordFile } from './read-password.ts';
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
  const command = new Command('tenant').description('the tenants of the instance (as an administrator of the tenant management)');
  command.addCommand(adminCommand(create(needs), needs));
  command.addCommand(adminCommand(LIST, needs)).addCommand(adminCommand(suspend(needs), needs)).addCommand(adminCommand(ACTIVATE, needs));
  return command.addCommand(optionCommand(needs, 'tenant option'));
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
    const password = adminPasswordFile === undefined ? grant(newPassword()) : await readPasswordFile(adminPasswordFile, needs);
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

const suspend = (needs: CliNeeds): AdminAction<CarefulOptions> => ({
  name: 'suspend',
  about: 'refuse all devices and administrators of a tenant from now on',
  arguments: [['<id>', 'the tenant']],
  examples: ['tenant suspend acme --dry-run', 'tenant suspend acme'],
  as: 'management',
  options: careful(),
  run: (api, { args: [id = ''], options }) => {
    const send = (query: string) => api.put(`/tenant/tenants/${encodeURIComponent(id)}${query}`, { status: 'SUSPENDED' });
    return carefully({ send, done: (answer) => said(answer, `The tenant ${printable(id)} is suspended.`) }, { options }, needs);
  },
});

const ACTIVATE: AdminAction<CommonOptions> = {
  name: 'activate',
  about: 'let a suspended tenant work again',
  arguments: [['<id>', 'the tenant']],
  examples: ['tenant activate acme'],
  as: 'management',
  run: async (api, { args: [id = ''] }) => {
    const answer = await api.put(`/tenant/tenants/${encodeURIComponent(id)}`, { status: 'ACTIVE' });
    return answer.granted ? said(answer.value, `The tenant ${printable(id)} is active.`) : answer;
  },
};
