import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { grant } from '../../domain/shared/decision.ts';
import { fail, EXIT, type Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
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
}

export interface PlaceOptions {
  readonly url?: string;
  readonly ca?: string;
}

export function placeOf({ env }: CliNeeds, options: PlaceOptions): Outcome<ApiPlace> {
  const given = options.url ?? (env['FLEETGATE_URL'] || defaultUrl(env));
  const url = URL.parse(given);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    return fail(EXIT.usage, `FLEETGATE_URL or --url must be an http or https address such as ${DEFAULT_URL}, not '${given}'.`);
  }
  if (url.username !== '' || url.password !== '') {
    return fail(EXIT.usage, 'FLEETGATE_URL or --url must hold no user or password: addresses are shown and logged. Set FLEETGATE_USER and FLEETGATE_PASSWORD.');
  }
  const place = { url: `${url.origin}${url.pathname}`.replace(/\/+$/, '') };
  const ca = options.ca ?? (env['FLEETGATE_CA'] || undefined);
  if (ca === undefined) return grant(place);
  const pem = readText(ca);
  if (!pem?.includes('-----BEGIN CERTIFICATE-----')) {
    return fail(EXIT.usage, `FLEETGATE_CA or --ca must name a PEM file with a certificate; '${ca}' is none, or cannot be read.`);
  }
  return grant({ ...place, ca: [...getCACertificates('default'), pem] });
}

/** The server that is started in this folder listens where its own setting, perhaps in the same `.env`, says. */
const defaultUrl = ({ FLEETGATE_HTTP_PORT: port = '' }: CliNeeds['env']): string =>
  /^[1-9]\d{0,4}$/.test(port) ? `http://127.0.0.1:${port}` : DEFAULT_URL;

/**
 * The user and the password: as set, else those that the first start of a server on this machine left in its data directory.
 * `byDefault` is the tenant whose administrator the command needs.
 */
export function accessOf(needs: CliNeeds, options: PlaceOptions, byDefault: 'management' | 'own'): Outcome<ApiAccess> {
  const { env } = needs;
  const place = placeOf(needs, options);
  if (!place.granted) return place;
  const tenant = byDefault === 'management' ? 'management' : (env['FLEETGATE_TENANT'] || 'main');
  const user = env['FLEETGATE_USER'] || `${tenant}/${env['FLEETGATE_ADMIN_USER'] || 'admin'}`;
  const file = join(env['FLEETGATE_DATA_DIR'] || 'data', PASSWORD_FILE);
  const password = env['FLEETGATE_PASSWORD'] || (isHere(place.value) ? readText(file)?.trim() : undefined);
  if (password) return grant({ ...place.value, user, password });
  const looked = isHere(place.value) ? `, and ${file} cannot be read (${whyNot(file)})` : '';
  return fail(EXIT.usage, `There is no password: FLEETGATE_PASSWORD is not set${looked}. Set FLEETGATE_USER (tenant/user) and FLEETGATE_PASSWORD.`);
}

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
