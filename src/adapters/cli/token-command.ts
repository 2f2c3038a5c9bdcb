import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { JSONWebKeySet } from 'jose';
import { grant } from '../../domain/shared/decision.ts';
import { adminCommand, conclude, said, withExamples, withPlace, type CommonOptions, type Said } from './admin-command.ts';
import { placeOrProfile } from './api-access.ts';
import { ApiClient } from './api-client.ts';
import { EXIT, fail, type Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { introspectAction, revokeAction } from './live-token.ts';
import { printable } from './printable.ts';
import { readToken, withToken, type TokenOptions } from './read-token.ts';
import { reasonOf } from './reason-of.ts';
import { tokenFetchCommand } from './token-fetch.ts';
import { verifyToken } from './verify-token.ts';

interface VerifyOptions extends CommonOptions, TokenOptions {
  readonly jwks?: string;
}

const LARGEST_KEY_SET = 1024 * 1024;
const JWKS_PATH = '/.well-known/jwks.json';
/** D-14: it is live state, which is not in the keys. */
const UNSEEN = 'The keys alone do not tell whether it was withdrawn, its device blocked or removed, or its CA disabled since it was issued: fleetgate token introspect asks the server.';

/** `fleetgate token`: what a device token says, and whether it is good. */
export function tokenCommand(needs: CliNeeds): Command {
  const verify = withToken(withPlace(new Command('verify')))
    .description('check a device token by the published keys, as any service would, and print its claims')
    .option('--jwks <file-or-url>', `the key set (default: ${JWKS_PATH} of the server)`);
  withExamples(verify, ['token verify < token.txt', 'token verify --file token.txt --jwks jwks.json']);
  verify.addHelpText('after', `\n${UNSEEN}\n`);
  verify.action(async (given: string | undefined, options: VerifyOptions) => {
    await conclude(verify, needs, options, () => verified(given, options, needs));
  });
  const command = new Command('token').description('device tokens').addCommand(verify).addCommand(tokenFetchCommand(needs));
  for (const action of [introspectAction(needs), revokeAction(needs)]) command.addCommand(adminCommand(action, needs));
  return command;
}

async function verified(given: string | undefined, options: VerifyOptions, needs: CliNeeds): Promise<Outcome<Said>> {
  const token = await readToken(given, options, needs);
  if (!token.granted) return token;
  const keys = await readKeys(options, needs);
  if (!keys.granted) return keys;
  const answer = await verifyToken(token.value, keys.value, needs.now());
  if (!answer.granted) return answer;
  const { header, claims, expiry } = answer.value;
  const lines = Object.entries(claims).map(([name, value]) => `  ${printable(name)}: ${printable(typeof value === 'string' ? value : JSON.stringify(value))}`);
  return said(
    answer.value,
    `The token is good ${expiry}.`,
    printable(`It was signed by the key ${String(header['kid'])} with ${String(header['alg'])}, and says:`),
    ...lines,
    UNSEEN,
  );
}

async function readKeys(options: VerifyOptions, needs: CliNeeds): Promise<Outcome<JSONWebKeySet>> {
  const { jwks } = options;
  const read = jwks === undefined || /^https?:\/\//.test(jwks) ? await fetchKeys(jwks, options, needs) : await keysInFile(jwks);
  if (!read.granted) return read;
  const keys = (read.value as { keys?: unknown } | null)?.keys;
  return Array.isArray(keys) ? grant(read.value as JSONWebKeySet) : fail(EXIT.failed, 'What was read is no key set: it has no list named keys (RFC 7517 §5).');
}

async function fetchKeys(url: string | undefined, options: VerifyOptions, needs: CliNeeds): Promise<Outcome<unknown>> {
  const place = placeOrProfile(needs, { ...options, ...(url !== undefined && { url }) });
  if (!place.granted) return place;
  return new ApiClient({ access: place.value, silenceMs: 10_000 }).get(url === undefined ? JWKS_PATH : '');
}

async function keysInFile(file: string): Promise<Outcome<unknown>> {
  try {
    const bytes = await readFile(file);
    if (bytes.length > LARGEST_KEY_SET) return fail(EXIT.usage, `'${file}' has ${bytes.length} bytes: that is no key set.`);
    return grant(JSON.parse(bytes.toString('utf8')) as unknown);
  } catch (error) {
    return fail(EXIT.usage, `The key set cannot be read: ${error instanceof SyntaxError ? `'${file}' is no JSON` : reasonOf(error)}.`);
  }
}
