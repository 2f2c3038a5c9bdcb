import { said, type AdminAction, type Said } from './admin-command.ts';
import type { ApiClient } from './api-client.ts';
import { EXIT, fail, type Outcome } from './cli-failure.ts';
import { printable } from './printable.ts';
import { NAME, rolesOf, withTenant, withUser, type UserOptions, type UserView } from './users-path.ts';

interface RolesOptions extends UserOptions {
  readonly none?: true;
}

export interface ProfileOptions extends UserOptions {
  readonly displayName?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly email?: string;
}

const enabling = (name: 'enable' | 'disable', enabled: boolean): AdminAction<UserOptions> => ({
  name,
  about: enabled ? 'let a disabled user log in again' : 'let a user log in no more, from the next request on',
  arguments: [NAME],
  examples: [`user ${name} bob`],
  as: 'own',
  options: withTenant,
  run: async (api, { args: [user = ''], options: { tenant } }) =>
    withUser(api, { name: user, tenant }, async (path) => {
      const answer = await api.put(path, { enabled });
      return answer.granted ? said(answer.value, `The user ${printable(user)} is ${name}d.`) : answer;
    }),
});

export const ENABLE_USER = enabling('enable', true);
export const DISABLE_USER = enabling('disable', false);

export const CHANGE_USER: AdminAction<ProfileOptions> = {
  name: 'change',
  about: 'say anew how a user is called and reached: what is given; an empty text takes it away',
  arguments: [NAME],
  examples: ['user change bob --email bob@example.com', "user change bob --display-name 'Bob of the works' --email ''"],
  as: 'own',
  options: (command) =>
    withTenant(command)
      .option('--display-name <text>', 'how people call the user')
      .option('--first-name <text>', 'the first name')
      .option('--last-name <text>', 'the last name')
      .option('--email <address>', 'where people reach the user'),
  run: async (api, { args: [name = ''], options: { tenant, displayName, firstName, lastName, email } }) => {
    const wish = { displayName, firstName, lastName, email };
    if (Object.values(wish).every((text) => text === undefined)) {
      return fail(EXIT.usage, 'There is nothing to change. Give --display-name, --first-name, --last-name or --email; roles and passwords have commands of their own.');
    }
    return withUser(api, { name, tenant }, async (path) => {
      const answer = await api.put(path, wish);
      return answer.granted ? said(answer.value, `The user ${printable(name)} is changed.`) : answer;
    });
  },
};

export const USER_ROLES: AdminAction<RolesOptions> = {
  name: 'roles',
  about: 'the roles of a user; with roles, or --none, give exactly these; without a user, the roles there are',
  arguments: [['[name]', NAME[1]], ['[roles...]', 'such as ROLE_TENANT_ADMIN']],
  examples: ['user roles', 'user roles bob', 'user roles bob ROLE_TENANT_ADMIN ROLE_DEVICE_CONTROL_ADMIN', 'user roles bob --none'],
  as: 'own',
  options: (command) => withTenant(command).option('--none', 'take every role'),
  run: async (api, { args: [name, ...roles], options: { tenant, none } }) => {
    if (name === undefined) return none ? fail(EXIT.usage, 'Name the user whose roles are to be taken.') : rolesThereAre(api);
    if (none && roles.length > 0) return fail(EXIT.usage, 'Give roles or --none, not both.');
    return withUser(api, { name, tenant }, async (path) => {
      const answer = roles.length > 0 || none ? await api.put(path, { roles }) : await api.get(path);
      if (!answer.granted) return answer;
      const now = rolesOf(answer.value as UserView);
      return said({ userName: name, roles: now }, ...(now.length === 0 ? [`${printable(name)} has no role.`] : now.map(printable)));
    });
  },
};

async function rolesThereAre(api: ApiClient): Promise<Outcome<Said>> {
  const answer = await api.get('/user/roles');
  if (!answer.granted) return answer;
  const roles = (answer.value as { roles: readonly { id: string }[] }).roles.map(({ id }) => id);
  return said({ roles }, ...roles.map(printable));
}
