import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { grant } from '../../domain/shared/decision.ts';
import { conclude, said, withExamples, withPlace, type CommonOptions, type Said } from './admin-command.ts';
import { isHere, placeOf, type ApiPlace } from './api-access.ts';
import { ApiClient } from './api-client.ts';
import { EXIT, fail, type Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { reasonOf } from './reason-of.ts';

interface FetchOptions extends CommonOptions {
  readonly cert: string;
  readonly key: string;
  /** As curl calls `--ca`. */
  readonly cacert?: string;
}

const PATH = '/devicecontrol/deviceAccessToken';

/** `fleetgate token fetch`: prints the token alone, so that `TOKEN=$(fleetgate token fetch …)` has it. */
export function tokenFetchCommand(needs: CliNeeds): Command {
  const command = withPlace(new Command('fetch'), 'of the port for mutual TLS (default: the host of FLEETGATE_URL, else localhost, at FLEETGATE_MTLS_PORT, else at 8443)')
    .description('get a device token for a certificate, over mutual TLS, and print it')
    .requiredOption('--cert <file>', 'PEM: the certificate of the device, then its intermediates')
    .requiredOption('--key <file>', 'PEM: the private key of the device')
    .addOption(new Option('--cacert <file>').hideHelp());
  withExamples(command, [
    'token fetch --cert pki/press-7-chain.pem --key pki/press-7.key',
    'token fetch --cert chain.pem --key dev.key --url https://gate.example.com:8443 --ca ca.pem',
  ]);
  return command.action(async () => {
    const options = command.opts<FetchOptions>();
    await conclude(command, needs, options, () => fetched(options, needs));
  });
}

async function fetched({ cert, key, cacert, ...options }: FetchOptions, needs: CliNeeds): Promise<Outcome<Said>> {
  const client = readIdentity(cert, key);
  if (!client.granted) return client;
  const ca = options.ca ?? cacert;
  const place = placeOf(needs, { url: options.url ?? usualUrl(needs), ...(ca !== undefined && { ca }) });
  if (!place.granted) return place;
  if (!place.value.url.startsWith('https:')) return fail(EXIT.usage, `A certificate is shown in TLS: the address must begin with https, not '${place.value.url}'.`);
  const access = withDevelopmentCa(place.value, needs);
  if (!access.granted) return access;
  const answer = await new ApiClient({ access: { ...access.value, client: client.value }, silenceMs: 30_000 }).post(PATH);
  if (!answer.granted) return answer;
  const { accessToken } = answer.value as { readonly accessToken?: unknown };
  return typeof accessToken === 'string' ? said(answer.value, accessToken) : fail(EXIT.failed, `${place.value.url} answered without a token.`);
}

function readIdentity(cert: string, key: string): Outcome<NonNullable<ApiPlace['client']>> {
  try {
    const [certPem, keyPem] = [readFileSync(cert, 'utf8'), readFileSync(key, 'utf8')];
    if (!new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem))) {
      return fail(EXIT.usage, `'${key}' is not the key of the first certificate in '${cert}'.`);
    }
    return grant({ cert: certPem, key: keyPem });
  } catch (error) {
    return fail(EXIT.usage, `The certificate or its key cannot be read: ${reasonOf(error)}. Both are PEM files, the key not encrypted.`);
  }
}

function usualUrl({ env }: CliNeeds): string {
  const host = URL.parse(env['FLEETGATE_URL'] ?? '')?.hostname ?? 'localhost';
  const port = env['FLEETGATE_MTLS_PORT'] ?? '';
  return `https://${host}:${/^[1-9]\d{0,4}$/.test(port) ? port : '8443'}`;
}

/** A server of this folder that made its own certificate left its CA in the data directory. */
function withDevelopmentCa(place: ApiPlace, needs: CliNeeds): Outcome<ApiPlace> {
  const own = join(needs.env['FLEETGATE_DATA_DIR'] || 'data', 'tls', 'ca.pem');
  return place.ca === undefined && isHere(place) && existsSync(own) ? placeOf(needs, { url: place.url, ca: own }) : grant(place);
}
