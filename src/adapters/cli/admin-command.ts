import { Command } from 'commander';
import { grant } from '../../domain/shared/decision.ts';
import { accessOf, DEFAULT_URL, isHere, type ApiAccess, type ApiPlace, type PlaceOptions } from './api-access.ts';
import { ApiClient } from './api-client.ts';
import { EXIT, failureJson, failureText, type CliFailure, type Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { reasonOf } from './reason-of.ts';

export interface CommonOptions extends PlaceOptions {
  readonly json?: true;
}

/** What a command says when it is done. */
export interface Said {
  /** For `--json`. */
  readonly json: unknown;
  /** For people: lines. */
  readonly text: readonly string[];
  /** The command did what it could, yet not all. */
  readonly isFailure?: boolean;
}

export interface AdminAction<O extends CommonOptions> {
  readonly name: string;
  readonly about: string;
  /** `<id>` and the like, each with what it is. */
  readonly arguments?: readonly (readonly [string, string])[];
  readonly examples: readonly string[];
  /** Whose administrator the command needs where FLEETGATE_USER is not set. */
  readonly as: 'management' | 'own';
  readonly options?: (command: Command) => Command;
  readonly run: (api: ApiClient, given: Given<O>, access: ApiAccess) => Promise<Outcome<Said>>;
}

export interface Given<O> {
  readonly args: readonly string[];
  readonly options: O;
}

/** A subcommand that speaks to the HTTP API of a running server. */
export function adminCommand<O extends CommonOptions>(action: AdminAction<O>, needs: CliNeeds): Command {
  const command = withPlace(new Command(action.name).description(action.about));
  for (const [name, about] of action.arguments ?? []) command.argument(name, about);
  action.options?.(command);
  withExamples(command, action.examples);
  return command.action(async () => {
    const options = command.opts<O>();
    const access = accessOf(needs, options, action.as);
    if (!access.granted) return end(command, access.refusal, options, needs);
    warnIfOpen(access.value, needs);
    const api = new ApiClient({ access: access.value });
    await conclude(command, needs, options, () => action.run(api, { args: command.processedArgs.flat() as string[], options }, access.value));
  });
}

/** Says so before a password crosses a network that can read it. */
export function warnIfOpen(place: ApiPlace, { writeError }: Pick<CliNeeds, 'writeError'>): void {
  if (place.url.startsWith('http:') && !isHere(place)) writeError('warning: the password goes over the network unencrypted. Use https.\n');
}

export const withPlace = (command: Command, where = `of the HTTP API (default: FLEETGATE_URL, else that of the last login, else ${DEFAULT_URL})`): Command =>
  command
    .option('--url <url>', `address ${where}`)
    .option('--ca <file>', 'PEM file of the CA that signed the certificate of an https server')
    .option('--json', 'print JSON for programs');

export const withExamples = (command: Command, examples: readonly string[]): Command =>
  command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  $ fleetgate ${line}\n`).join('')}`);

/** Prints what came out of `run`, and ends the process by its exit code where that is not 0. */
export async function conclude(command: Command, needs: CliNeeds, options: { json?: true }, run: () => Promise<Outcome<Said>>): Promise<void> {
  const outcome = await run().catch((error: unknown): Outcome<Said> => ({ granted: false, refusal: { exit: EXIT.failed, message: reasonOf(error) } }));
  if (!outcome.granted) return end(command, outcome.refusal, options, needs);
  const { json, text, isFailure } = outcome.value;
  needs.write(options.json ? `${JSON.stringify(json)}\n` : text.map((line) => `${line}\n`).join(''));
  if (isFailure) command.error('', { exitCode: EXIT.failed });
}

function end(command: Command, failure: CliFailure, options: { json?: true }, { writeError }: CliNeeds): void {
  writeError(options.json ? failureJson(failure) : failureText(failure));
  command.error('', { exitCode: failure.exit });
}

export const said = (json: unknown, ...text: readonly string[]): Outcome<Said> => grant({ json, text });
