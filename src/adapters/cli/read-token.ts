import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import { grant } from '../../domain/shared/decision.ts';
import { EXIT, fail, type Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { readAll } from './read-all.ts';
import { reasonOf } from './reason-of.ts';

const LONGEST_TOKEN = 16 * 1024;

export interface TokenOptions {
  readonly file?: string;
}

/** How every command takes a token. */
export const withToken = (command: Command): Command =>
  command
    .argument('[-]', 'the token comes from standard input, also without this')
    .option('--file <file>', 'file with the token, with or without the 71, before it');

/** The token in a file, else that of standard input. Never from the command line, which others on the machine can see. */
export async function readToken(given: string | undefined, { file = '-' }: TokenOptions, { input }: Pick<CliNeeds, 'input'>): Promise<Outcome<string>> {
  if (given !== undefined && given !== '-') return fail(EXIT.usage, ON_THE_COMMAND_LINE);
  const place = file === '-' ? 'standard input' : file;
  try {
    const text = (await readAll(file === '-' ? input : createReadStream(file), LONGEST_TOKEN)).toString('utf8');
    const token = text.trim().replace(/^71,/, '');
    return token === '' ? fail(EXIT.usage, `There is no token ${file === '-' ? 'on' : 'in'} ${place}. Pipe one in, or name a file that holds one with --file.`) : grant(token);
  } catch (error) {
    return fail(EXIT.usage, `The token cannot be read from ${place}: ${reasonOf(error)}.`);
  }
}

const ON_THE_COMMAND_LINE =
  'A token is a secret, and the command line is seen in the list of processes and kept in the history of the shell. ' +
  'Give it on standard input or with --file: fleetgate token verify < token.txt. The one just given may have been seen: fleetgate token revoke withdraws it.';
