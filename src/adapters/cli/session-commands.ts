import { Command } from 'commander';
import { adminCommand, conclude, said, warnIfOpen, withExamples, type AdminAction, type CommonOptions, type Said } from './admin-command.ts';
import { placeOf } from './api-access.ts';
import { ApiClient } from './api-client.ts';
import { EXIT, fail, type Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { printable } from './printable.ts';
import { NO_PLACE, profileFile, removeProfile, writeProfile } from './profile.ts';
import { askPassword, readPasswordFile } from './read-password.ts';

interface LoginOptions {
  readonly user: string;
  readonly ca?: string;
  readonly passwordFile?: string;
  readonly json?: true;
}

/** `fleetgate login`, `logout` and `whoami`: a server and a user that need not be named each time. */
export const sessionCommands = (needs: CliNeeds): readonly Command[] => [loginCommand(needs), logoutCommand(needs), adminCommand(WHO_AM_I, needs)];

function loginCommand(needs: CliNeeds): Command {
  const command = new Command('login')
    .description('remember a server and an administrator, so that other commands need to be told neither')
    .argument('<url>', 'address of the HTTP API')
    .requiredOption('--user <tenant/user>', 'the administrator')
    .option('--ca <file>', 'PEM file of the CA that signed the certificate of an https server; it is remembered too')
    .option('--password-file <file>', 'file with the password, - for standard input (default: it is asked for on the terminal)')
    .option('--json', 'print JSON for programs');
  withExamples(command, [
    'login https://gate.example.com:4443 --user acme/ada',
    'login https://localhost:4443 --user main/admin --ca data/tls/ca.pem --password-file data/initial-admin-password',
  ]);
  command.addHelpText('after', '\nThe password is kept in a file that only you can read: ~/.config/fleetgate/profile.json, or what FLEETGATE_PROFILE names.\n');
  return command.action(async (url: string, options: LoginOptions) => {
    await conclude(command, needs, options, () => loggedIn(url, options, needs));
  });
}

async function loggedIn(url: string, { user, ca, passwordFile }: LoginOptions, needs: CliNeeds): Promise<Outcome<Said>> {
  // Only what the command line says counts here: a login is about a new place.
  const place = placeOf({ env: {} }, { url, ...(ca !== undefined && { ca }) });
  if (!place.granted) return place;
  if (profileFile(needs.env) === undefined) return NO_PLACE;
  warnIfOpen(place.value, needs);
  const asked = `Password of ${printable(user)} at ${place.value.url}: `;
  const password = passwordFile === undefined ? await askPassword(asked, needs, 'Give the password with --password-file.') : await readPasswordFile(passwordFile, needs);
  if (!password.granted) return password;
  const access = { ...place.value, user, password: password.value, ifWrong: 'Nothing was kept. Check --user (tenant/user) and the password.' };
  const found = await new ApiClient({ access }).get('/tenant/currentTenant');
  if (!found.granted) return found;
  const { name } = (found.value ?? {}) as { readonly name?: unknown };
  if (typeof name !== 'string') return fail(EXIT.failed, `${access.url} does not answer like Fleetgate. Check the address.`);
  const whole = `${name}/${user.replace(/^[^/]*\//, '')}`;
  const pem = access.ca?.at(-1);
  const file = writeProfile(needs.env, { url: access.url, user: whole, password: access.password, ...(pem !== undefined && { ca: pem }) });
  if (!file.granted) return file;
  const overruled = ['FLEETGATE_URL', 'FLEETGATE_USER', 'FLEETGATE_PASSWORD', 'FLEETGATE_CA'].filter((setting) => needs.env[setting]);
  if (overruled.length > 0) needs.writeError(`warning: ${overruled.join(', ')} in the environment, or in .env, go before the profile.\n`);
  return said({ url: access.url, user: whole, profile: file.value }, `Logged in as ${printable(whole)} at ${access.url}.`, `The profile is ${file.value}; fleetgate logout removes it.`);
}

function logoutCommand(needs: CliNeeds): Command {
  const command = new Command('logout').description('forget the server and the administrator of the last login').option('--json', 'print JSON for programs');
  withExamples(command, ['logout']);
  return command.action(async (options: CommonOptions) => {
    await conclude(command, needs, options, async () => {
      const removed = removeProfile(needs.env);
      if (!removed.granted) return removed;
      return said({ removed: removed.value ?? null }, removed.value === undefined ? 'Nobody was logged in.' : `Logged out: ${removed.value} is removed.`);
    });
  });
}

const WHO_AM_I: AdminAction<CommonOptions> = {
  name: 'whoami',
  about: 'where commands go, and as whom',
  examples: ['whoami', 'whoami --json'],
  as: 'own',
  run: async (api, _given, { url, user, profile }) => {
    const answer = await api.get('/user/currentUser');
    if (!answer.granted) return answer;
    const { effectiveRoles } = answer.value as { readonly effectiveRoles: readonly { readonly name: string }[] };
    const roles = effectiveRoles.map(({ name }) => name);
    const by = profile === undefined ? 'no profile' : `profile ${profile}`;
    return said({ user, url, roles, profile: profile ?? null }, `${printable(user)} at ${url} (${by})`, `roles: ${roles.map(printable).join(' ') || 'none'}`);
  },
};
