import { grant } from '../../domain/shared/decision.ts';
import { EXIT, fail, type Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { readAll } from './read-all.ts';
import { reasonOf } from './reason-of.ts';

const LONGEST_TOKEN = 16 * 1024;

/** How every command takes a token. */
export const TOKEN_ARGUMENT = ['[token]', 'the token, with or without the 71, before it; - or nothing: from standard input, where no list of processes shows it'] as const;

/** The token that was given, or, for `-` or nothing, that of standard input. */
export async function readToken(given: string | undefined, { input }: Pick<CliNeeds, 'input'>): Promise<Outcome<string>> {
  try {
    const text = given === undefined || given === '-' ? (await readAll(input, LONGEST_TOKEN)).toString('utf8') : given;
    const token = text.trim().replace(/^71,/, '');
    return token === '' ? fail(EXIT.usage, 'There is no token on standard input. Pipe one in, or give it as argument.') : grant(token);
  } catch (error) {
    return fail(EXIT.usage, `The token cannot be read from standard input: ${reasonOf(error)}.`);
  }
}
