import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { grant } from '../../domain/shared/decision.ts';
import { fail, EXIT, type Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { profileFile, readProfile, type Profile } from './profile.ts';
import { reasonOf } from './reason-of.ts';

export const DEFAULT_URL = 'http://127.0.0.1:8080';
const PASSWORD_FILE = 'initial-admin-password';

/** Where the server is. */
export interface ApiPlace {
  /** Without a trailing slash. */
  readonly url: string;
  /** PEM: whom TLS trusts. Undefined: as Node does, `NODE_EXTRA_CA_CERTS` included. */
  readonly ca?: readonly string[];
  /** PEM: what to show where the server asks for a certificate. */
  readonly client?: { readonly cert: string; readonly key: string };
}

/** And who asks. */
export interface ApiAccess extends ApiPlace {
  /** `tenant/user`, or `user`. */
  readonly user: string;
  readonly password: string;
  /** What to check where the server says that user or password are wrong: it depends on where they are from. */
  readonly ifWrong: string;
  /** File of the profile that the password is from. */
  readonly profile?: string;
}

export interface PlaceOptions {
  readonly url?: string;
  readonly ca?: string;
}

export function placeOf({ env }: Pick<CliNeeds, 'env'>, options: PlaceOptions, profile?: Profile): Outcome<ApiPlace> {
  const given = options.url ?? (env['FLEETGATE_URL'] || (profile?.url ?? defaultUrl(env)));
  const url = URL.parse(given);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    return fail(EXIT.usage, `FLEETGATE_URL or --url must be an http or https address such as ${DEFAULT_URL}, not '${given}'.`);
  }
  if (url.username !== '' || url.password !== '') {
    return fail(EXIT.usage, 'FLEETGATE_URL or --url must hold no user or password: addresses are shown and logged. Set FLEETGATE_USER and FLEETGATE_PASSWORD.');
  }
  const place = { url: `${url.origin}${url.pathname}`.replace(/\/+$/, '') };
  const ca = options.ca ?? (env['FLEETGATE_CA'] || undefined);
  const pem = ca === undefined ? (profile?.url === place.url ? profile.ca : undefined) : readText(ca);
  if (ca === undefined && pem === undefined) return grant(place);
  if (!pem?.includes('-----BEGIN CERTIFICATE-----')) {
    return fail(EXIT.usage, `FLEETGATE_CA or --ca must name a PEM file with a certificate; '${ca ?? 'the profile'}' is none, or cannot be read.`);
  }
  return grant({ ...place, ca: [...getCACertificates('default'), pem] });
}

/** As `placeOf`, and where nothing names the server, the one of the last login. */
export function placeOrProfile(needs: CliNeeds, options: PlaceOptions): Outcome<ApiPlace> {
  const profile = readProfile(needs.env);
  if (profile.granted) return placeOf(needs, options, profile.value);
  return (options.url ?? needs.env['FLEETGATE_URL']) ? placeOf(needs, options) : profile;
}

/** The server that is started in this folder listens where its own setting, perhaps in the same `.env`, says. */
const defaultUrl = ({ FLEETGATE_HTTP_PORT: port = '' }: CliNeeds['env']): string =>
  /^[1-9]\d{0,4}$/.test(port) ? `http://127.0.0.1:${port}` : DEFAULT_URL;

/**
 * The user and the password: as set, else those of the last login, where they are for this server and user, else those that the first
 * start of a server on this machine left in its data directory. `byDefault` is the tenant whose administrator the command needs.
 */
export function accessOf(needs: CliNeeds, options: PlaceOptions, byDefault: 'management' | 'own'): Outcome<ApiAccess> {
  const { env } = needs;
  const read = isAllSet(env, options) ? grant(undefined) : readProfile(env);
  if (!read.granted) return read;
  const place = placeOf(needs, options, read.value);
  if (!place.granted) return place;
  const profile = read.value?.url === place.value.url ? read.value : undefined;
  const tenant = byDefault === 'management' ? 'management' : (env['FLEETGATE_TENANT'] || 'main');
  const user = env['FLEETGATE_USER'] || (profile?.user ?? `${tenant}/${env['FLEETGATE_ADMIN_USER'] || 'admin'}`);
  const found = passwordOf(env, { ...place.value, user }, profile);
  if (found) return grant({ ...place.value, user, ...found });
  const file = firstPasswordFile(env);
  const looked = isHere(place.value) ? `, and ${file} cannot be read (${whyNot(file)})` : '';
  return fail(EXIT.usage, `There is no password: FLEETGATE_PASSWORD is not set${looked}. Set FLEETGATE_USER (tenant/user) and FLEETGATE_PASSWORD, or log in: fleetgate login.`);
}

type Found = Pick<ApiAccess, 'password' | 'ifWrong' | 'profile'>;

function passwordOf(env: CliNeeds['env'], asked: ApiPlace & { readonly user: string }, profile: Profile | undefined): Found | undefined {
  const set = env['FLEETGATE_PASSWORD'];
  if (set) return { password: set, ifWrong: 'Check FLEETGATE_USER (tenant/user) and FLEETGATE_PASSWORD.' };
  const kept = profileFile(env);
  if (profile?.user === asked.user && kept !== undefined) {
    return { password: profile.password, profile: kept, ifWrong: `What ${kept} says is no longer right. Log in again: fleetgate login ${profile.url} --user ${profile.user}.` };
  }
  const file = firstPasswordFile(env);
  const first = isHere(asked) ? readText(file)?.trim() : undefined;
  return first ? { password: first, ifWrong: `The password in ${file} is that of the first start. If it was changed since, log in with the new one: fleetgate login.` } : undefined;
}

const firstPasswordFile = (env: CliNeeds['env']): string => join(env['FLEETGATE_DATA_DIR'] || 'data', PASSWORD_FILE);

/** Then no profile is looked at, not even to find fault with it. */
const isAllSet = (env: CliNeeds['env'], { url }: PlaceOptions): boolean =>
  Boolean((url ?? env['FLEETGATE_URL']) && env['FLEETGATE_USER'] && env['FLEETGATE_PASSWORD']);

/** Whether the server is on this machine: a password found here is sent to no other. */
export const isHere = ({ url }: ApiPlace): boolean =>
  /^(localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function whyNot(file: string): string {
  try {
    readFileSync(file);
    return 'it is empty';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? reasonOf(error);
  }
}
