import { grant } from '../../domain/shared/decision.ts';
import type { AdminAction, Said } from './admin-command.ts';
import type { ApiAccess } from './api-access.ts';
import type { ApiClient } from './api-client.ts';
import { EXIT, fail, type Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { printable } from './printable.ts';
import { readProfile, writeProfile } from './profile.ts';
import { askPassword, newPassword, readPasswordFile } from './read-password.ts';
import { ownTenant, withTenant, type UserOptions, type UserView } from './users-path.ts';

interface PasswordOptions extends UserOptions {
  readonly passwordFile?: string;
  readonly generate?: true;
}

export const passwordAction = (needs: CliNeeds): AdminAction<PasswordOptions> => ({
  name: 'password',
  about: 'give a user another password; it is asked for on the terminal, twice',
  arguments: [['<name>', 'the user, without the tenant; yourself too']],
  examples: ['user password bob', 'user password bob --generate', 'user password bob --password-file - < password.txt'],
  as: 'own',
  options: (command) =>
    withTenant(command).option('--password-file <file>', 'file with the new password, - for standard input').option('--generate', 'make one and show it once'),
  run: async (api, { args: [name = ''], options }, access) => {
    const next = await nextPassword(name, options, needs);
    if (!next.granted) return next;
    const own = await ownTenant(api);
    if (!own.granted) return own;
    const tenant = options.tenant ?? own.value;
    const isOwn = tenant === own.value && name === access.user.split('/').at(-1);
    const answer = isOwn ? await changeOwn(api, access, next.value) : await api.put(`/user/${encodeURIComponent(tenant)}/users/${encodeURIComponent(name)}`, { password: next.value });
    if (!answer.granted) return answer;
    const { lines, isFailure } = isOwn ? kept(access, next.value, needs) : { lines: [], isFailure: false };
    const made = options.generate ? [`It is ${next.value}`, 'It is shown this once.'] : [];
    return grant<Said>({
      json: { ...(answer.value as UserView), ...(options.generate && { password: next.value }), ...(isFailure && { warning: lines.join(' ') }) },
      text: [`The user ${printable(name)} has another password, from now on.`, ...made, ...lines],
      isFailure,
    });
  },
});

async function nextPassword(name: string, { passwordFile, generate }: PasswordOptions, needs: CliNeeds): Promise<Outcome<string>> {
  if (generate && passwordFile !== undefined) return fail(EXIT.usage, 'Give --generate or --password-file, not both.');
  if (generate) return grant(newPassword());
  if (passwordFile !== undefined) return readPasswordFile(passwordFile, needs);
  const first = await askPassword(`New password of ${printable(name)}: `, needs, 'Give the password with --password-file, or use --generate.');
  if (!first.granted) return first;
  const again = await askPassword('The same again: ', needs, '');
  if (!again.granted) return again;
  return again.value === first.value ? first : fail(EXIT.usage, 'These were two different passwords. Nothing was changed.');
}

/** The present password is the one that the command itself logs in with: nobody is asked for it again. */
const changeOwn = (api: ApiClient, { password }: ApiAccess, next: string): Promise<Outcome<unknown>> =>
  api.put('/user/currentUser/password', { currentUserPassword: password, newPassword: next });

/** Whoever is logged in stays so. What cannot be kept is said, but the password is changed by then. */
function kept(access: ApiAccess, password: string, { env }: CliNeeds): { readonly lines: readonly string[]; readonly isFailure: boolean } {
  if (access.profile === undefined) return { lines: ['Commands need it from now on: set FLEETGATE_PASSWORD, or log in: fleetgate login.'], isFailure: false };
  const profile = readProfile(env);
  if (!profile.granted) return notKept(access.profile, profile.refusal.message);
  const { value } = profile;
  // Another login may have come between.
  if (value?.url !== access.url || value.user !== access.user) return notKept(access.profile, 'it is of another login by now.');
  const written = writeProfile(env, { ...value, password });
  return written.granted ? { lines: [`The profile ${access.profile} has it.`], isFailure: false } : notKept(access.profile, written.refusal.message);
}

const notKept = (file: string, why: string) => ({ lines: [`warning: the profile ${file} does not have the new password: ${why} Log in again: fleetgate login.`], isFailure: true });
