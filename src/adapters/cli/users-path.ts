import type { Command } from 'commander';
import { grant } from '../../domain/shared/decision.ts';
import type { CommonOptions, Said } from './admin-command.ts';
import type { ApiClient } from './api-client.ts';
import type { Outcome } from './cli-failure.ts';

export interface UserView {
  readonly userName: string;
  readonly displayName: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly enabled: boolean;
  readonly lastPasswordChange?: string;
  readonly roles: { readonly references: readonly { readonly role: { readonly id: string } }[] };
}

export interface UserOptions extends CommonOptions {
  readonly tenant?: string;
}

export const NAME = ['<name>', 'the user, without the tenant'] as const;

export const withTenant = (command: Command): Command =>
  command.option('--tenant <id>', 'another tenant than your own (as an administrator of the tenant management)');

export const rolesOf = ({ roles }: UserView): readonly string[] => roles.references.map(({ role }) => role.id);

/** Where the users of a tenant are: of one's own, unless another one is named. */
export async function usersPath(api: ApiClient, tenant: string | undefined): Promise<Outcome<string>> {
  const id = tenant === undefined ? await ownTenant(api) : grant(tenant);
  return id.granted ? grant(`/user/${encodeURIComponent(id.value)}/users`) : id;
}

/** The user name says which tenant; without a tenant in it the server does. */
export async function ownTenant(api: ApiClient): Promise<Outcome<string>> {
  const [tenant, user] = api.user?.split('/', 2) ?? [];
  if (tenant !== undefined && user !== undefined) return grant(tenant);
  const answer = await api.get('/tenant/currentTenant');
  return answer.granted ? grant((answer.value as { name: string }).name) : answer;
}

/** Runs something on the path of one user. */
export async function withUser(
  api: ApiClient,
  { name, tenant }: { readonly name: string; readonly tenant: string | undefined },
  run: (path: string) => Promise<Outcome<Said>>,
): Promise<Outcome<Said>> {
  const path = await usersPath(api, tenant);
  return path.granted ? run(`${path.value}/${encodeURIComponent(name)}`) : path;
}
