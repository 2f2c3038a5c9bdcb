import { InvalidArgumentError, type Command } from 'commander';
import { refuse } from '../../domain/shared/decision.ts';
import { said, type AdminAction, type CommonOptions, type Given, type Said } from './admin-command.ts';
import type { Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { impactText, type ImpactView } from './impact-text.ts';

export interface CarefulOptions extends CommonOptions {
  readonly dryRun?: true;
  readonly confirm?: number;
}

/** A change that can be looked at beforehand: how it is sent, and what to say when it is made. */
export interface CarefulChange {
  /** `query` begins with `?` or is empty. */
  readonly send: (query: string) => Promise<Outcome<unknown>>;
  readonly done: (answer: unknown) => Outcome<Said>;
}

type Options = NonNullable<AdminAction<CarefulOptions>['options']>;

/** Adds `--dry-run` and `--confirm` to what a command takes. */
export const careful =
  (more: Options = (command) => command): Options =>
  (command: Command) =>
    more(command)
      .option('--dry-run', 'change nothing, and say whom it would hit')
      .option('--confirm <n>', 'how many devices it may hit, where your tenant wants that confirmed', devices);

/** Makes the change, or says whom it would hit. Where it hits too many to be made unasked, a person at the terminal is asked. */
export async function carefully({ send, done }: CarefulChange, { options }: Pick<Given<CarefulOptions>, 'options'>, needs: CliNeeds): Promise<Outcome<Said>> {
  const { dryRun, confirm } = options;
  if (dryRun) {
    const foreseen = await send('?dryRun=true');
    return foreseen.granted ? said(foreseen.value, ...impactText(foreseen.value as ImpactView)) : foreseen;
  }
  const made = await send(confirm === undefined ? '' : `?confirm=${confirm}`);
  if (made.granted) return done(made.value);
  const wanted = numberWanted(made.refusal.details);
  if (wanted === undefined) return made;
  // The server speaks of its query, which is not what is typed here.
  const why = made.refusal.message.replace(/ If that is meant, .*$/, '');
  const typed = confirm === undefined && !options.json ? await needs.askHidden?.(`${why} Type ${wanted} to go on: `) : undefined;
  if (typed?.trim() !== String(wanted)) return refuse({ ...made.refusal, message: `${why} Look at it with --dry-run. If it is meant, add --confirm ${wanted}.` });
  const confirmed = await send(`?confirm=${wanted}`);
  return confirmed.granted ? done(confirmed.value) : confirmed;
}

/** The number that the server wants to hear, where that is why it refused. */
function numberWanted(details: unknown): number | undefined {
  const { code, evidence } = (details ?? {}) as { readonly code?: unknown; readonly evidence?: { readonly devices?: unknown } };
  return code === 'change.not-confirmed' && typeof evidence?.devices === 'number' ? evidence.devices : undefined;
}

function devices(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number of devices.');
}
