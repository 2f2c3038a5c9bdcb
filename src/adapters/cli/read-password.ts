import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { grant } from '../../domain/shared/decision.ts';
import { EXIT, fail, type Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { readAll } from './read-all.ts';
import { reasonOf } from './reason-of.ts';

/** In bytes: more than any password or option has. */
const LONGEST = 16 * 1024;

/** One that nobody guesses, of letters that every terminal carries. */
export const newPassword = (): string => randomBytes(15).toString('base64url');

/** The whole of a file, `-` for standard input, without the line end that closes it. Never from the command line, which others on the machine can see. */
export const readPasswordFile = (file: string, needs: Pick<CliNeeds, 'input'>): Promise<Outcome<string>> => readSecretFile(file, 'password', needs);

/** As `readPasswordFile`, for what is called otherwise. */
export async function readSecretFile(file: string, what: string, { input }: Pick<CliNeeds, 'input'>): Promise<Outcome<string>> {
  try {
    const bytes = file === '-' ? await readAll(input, LONGEST) : await readFile(file);
    const secret = bytes.toString('utf8').replace(/\r?\n$/, '');
    return secret === '' ? fail(EXIT.usage, `${file === '-' ? 'Standard input' : file} holds no ${what}.`) : grant(secret);
  } catch (error) {
    return fail(EXIT.usage, `The ${what} cannot be read: ${reasonOf(error)}.`);
  }
}

/** Asks a person once, and shows nothing of the answer. `instead` says how to give it where there is nobody to ask. */
export async function askPassword(question: string, { askHidden }: Pick<CliNeeds, 'askHidden'>, instead: string): Promise<Outcome<string>> {
  if (!askHidden) return fail(EXIT.usage, `There is no terminal on which to ask. ${instead}`);
  const typed = await askHidden(question);
  return typed ? grant(typed) : fail(EXIT.usage, 'Nothing was typed, and nothing was changed.');
}
