import { Command } from 'commander';
import { grant } from '../../domain/shared/decision.ts';
import { adminCommand, said, type AdminAction } from './admin-command.ts';
import type { CliNeeds } from './cli-needs.ts';
import { printable } from './printable.ts';
import { newPassword, readPasswordFile } from './read-password.ts';
import { table } from './table.ts';
import { CHANGE_USER, DISABLE_USER, ENABLE_USER, USER_ROLES } from './user-changes.ts';
import { passwordAction } from './user-password.ts';
import { NAME, rolesOf, usersPath, withTenant, withUser, type UserOptions, type UserView } from './users-path.ts';

interface AddOptions extends UserOptions {
  readonly role: readonly string[];
  readonly displayName?: string;
  readonly email?: string;
  readonly passwordFile?: string;
}

interface ListOptions extends UserOptions {
  readonly prefix?: string;
}

/** `fleetgate user`: who administers a tenant. */
export function userCommand(needs: CliNeeds): Command {
  const command = new Command('user').description('the administrators of your tenant, and what they may');
  command.addCommand(adminCommand(LIST, needs));
  command.addCommand(adminCommand(SHOW, needs));
  command.addCommand(adminCommand(add(needs), needs));
  command.addCommand(adminCommand(CHANGE_USER, needs));
  command.addCommand(adminCommand(USER_ROLES, needs));
  command.addCommand(adminCommand(passwordAction(needs), needs));
  for (const action of [DISABLE_USER, ENABLE_USER, REMOVE]) command.addCommand(adminCommand(action, needs));
  return command;
}

const add = (needs: CliNeeds): AdminAction<AddOptions> => ({
  name: 'add',
  about: 'make a user, who can log in at once',
  arguments: [NAME],
  examples: ['user add bob --role ROLE_TENANT_MANAGEMENT_READ', 'user add ci --role ROLE_DEVICE_CONTROL_ADMIN --password-file - < password.txt'],
  as: 'own',
  options: (command) =>
    withTenant(command)
      .option('--role <role>', 'one of fleetgate user roles; may be given several times', (role: string, all: readonly string[]) => [...all, role], [])
      .option('--display-name <text>', 'how people call the user')
      .option('--email <address>', 'where people reach the user')
      .option('--password-file <file>', 'file with the password, - for standard input (default: one is made and shown once)'),
  run: async (api, { args: [name = ''], options: { tenant, role, displayName, email, passwordFile } }) => {
    const password = passwordFile === undefined ? grant(newPassword()) : await readPasswordFile(passwordFile, needs);
    if (!password.granted) return password;
    const path = await usersPath(api, tenant);
    if (!path.granted) return path;
    const answer = await api.post(path.value, { userName: name, password: password.value, roles: role, displayName, email });
    if (!answer.granted) return answer;
    const isNew = passwordFile === undefined;
    return said(
      { ...(answer.value as UserView), ...(isNew && { password: password.value }) },
      `Made the user ${printable(name)} with ${role.length === 0 ? 'no role' : role.map(printable).join(' ')}.`,
      ...(isNew ? [`The password is ${password.value}`, 'It is shown this once.'] : []),
    );
  },
});

const LIST: AdminAction<ListOptions> = {
  name: 'list',
  about: 'all users of a tenant, or those whose names begin so',
  examples: ['user list', 'user list --prefix ci-', 'user list --tenant acme --json'],
  as: 'own',
  options: (command) => withTenant(command).option('--prefix <text>', 'the beginning of the names'),
  run: async (api, { options: { tenant, prefix } }) => {
    const path = await usersPath(api, tenant);
    if (!path.granted) return path;
    const those = prefix === undefined ? '' : `&username=${encodeURIComponent(prefix)}`;
    const all: UserView[] = [];
    for (let page = 1; ; page += 1) {
      const answer = await api.get(`${path.value}?pageSize=2000&currentPage=${page}${those}`);
      if (!answer.granted) return answer;
      const { users, next } = answer.value as { users: UserView[]; next?: string };
      all.push(...users);
      if (next === undefined) break;
    }
    return said(all, ...table(['NAME', 'STATE', 'EMAIL', 'ROLES'], all.map((user) => [user.userName, stateOf(user), user.email, rolesOf(user).join(' ')])));
  },
};

const stateOf = ({ enabled }: UserView): string => (enabled ? 'enabled' : 'disabled');

const SHOW: AdminAction<UserOptions> = {
  name: 'show',
  about: 'one user',
  arguments: [NAME],
  examples: ['user show bob', 'user show bob --json'],
  as: 'own',
  options: withTenant,
  run: async (api, { args: [name = ''], options: { tenant } }) =>
    withUser(api, { name, tenant }, async (path) => {
      const answer = await api.get(path);
      return answer.granted ? said(answer.value, ...linesOf(answer.value as UserView)) : answer;
    }),
};

/** What is known. The user of a device has less than others. */
const linesOf = (user: UserView): readonly string[] =>
  Object.entries({
    name: user.userName,
    state: stateOf(user),
    roles: rolesOf(user).join(' ') || 'none',
    called: user.displayName,
    'first name': user.firstName,
    'last name': user.lastName,
    email: user.email,
    'password of': user.lastPasswordChange,
  }).flatMap(([what, text]) => (text ? [`${what.padEnd(11)}  ${printable(text)}`] : []));

const REMOVE: AdminAction<UserOptions> = {
  name: 'remove',
  about: 'remove a user',
  arguments: [NAME],
  examples: ['user remove bob'],
  as: 'own',
  options: withTenant,
  run: async (api, { args: [name = ''], options: { tenant } }) =>
    withUser(api, { name, tenant }, async (path) => {
      const answer = await api.delete(path);
      return answer.granted ? said({ removed: name }, `The user ${printable(name)} is removed.`) : answer;
    }),
};
