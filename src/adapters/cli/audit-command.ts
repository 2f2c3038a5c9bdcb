import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { grant, refuse } from '../../domain/shared/decision.ts';
import { accessOf } from './api-access.ts';
import { ApiClient } from './api-client.ts';
import { adminCommand, conclude, said, warnIfOpen, withExamples, withPlace, type AdminAction, type CommonOptions, type Said } from './admin-command.ts';
import { EXIT, fail, type Outcome } from './cli-failure.ts';
import type { AuditChainView, CliNeeds } from './cli-needs.ts';
import { LARGEST_PAGE, withLimit } from './pages.ts';
import { printable } from './printable.ts';
import { reasonOf } from './reason-of.ts';
import { table } from './table.ts';

interface EntryView {
  readonly tenant: string;
  readonly seq: number;
  readonly time: string;
  readonly by: string;
  readonly what: string;
  readonly subject: string;
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
}

interface ListOptions extends CommonOptions {
  readonly tenant?: string;
  readonly subject?: string;
  readonly what?: string;
  readonly from?: string;
  readonly until?: string;
  readonly limit: number;
  readonly follow?: true;
}

interface VerifyOptions extends CommonOptions {
  readonly tenant?: string;
  readonly dataDir?: string;
}

const LOOK_EVERY_MS = 1_000;
const FILTERS = ['tenant', 'subject', 'what', 'from', 'until'] as const;

/** `fleetgate audit`: who did what, and whether the record of it is as it was written. */
export const auditCommand = (needs: CliNeeds): Command =>
  new Command('audit').description('who did what, and whether that is still as it was written').addCommand(adminCommand(listAction(needs), needs)).addCommand(verifyCommand(needs));

const listAction = (needs: CliNeeds): AdminAction<ListOptions> => ({
  name: 'list',
  about: 'the last entries of the audit, the newest at the end',
  examples: ['audit list', 'audit list --subject press-7', 'audit list --what anchor.changed --from 2026-11-01T00:00:00Z --json', 'audit list --follow'],
  as: 'own',
  options: (command) =>
    withLimit(command, 50)
      .option('--tenant <id>', 'of this tenant (as an administrator of the tenant management)')
      .option('--subject <text>', 'about this alone: a fingerprint, an id, a user, an option, a refusal code')
      .option('--what <text>', 'of this kind alone: anchor.changed, device.blocked, …')
      .option('--from <time>', 'not before this time (RFC 3339)')
      .option('--until <time>', 'before this time')
      .option('--follow', 'go on with what happens from now on, until Ctrl-C'),
  run: async (api, { options }) => {
    const answer = await api.get(pathOf(options, { limit: `${options.limit}` }));
    if (!answer.granted) return answer;
    const entries = (answer.value as { entries: EntryView[] }).entries.toReversed();
    if (!options.follow) return said({ entries }, ...table(['NO', 'TIME', 'BY', 'WHAT', 'SUBJECT', 'CHANGE'], entries.map(cellsOf)));
    return follow(api, options, entries, needs);
  },
});

/** Ends only where the server no longer answers, or no longer lets us. */
async function follow(api: ApiClient, options: ListOptions, first: readonly EntryView[], { write }: CliNeeds): Promise<Outcome<Said>> {
  const show = (entry: EntryView): void => write(options.json ? `${JSON.stringify(entry)}\n` : `${cellsOf(entry).map(printable).join('  ').trimEnd()}\n`);
  first.forEach(show);
  for (let last = first.at(-1)?.seq ?? 0; ; ) {
    const answer = await api.get(pathOf(options, { limit: `${LARGEST_PAGE}`, after: `${last}` }));
    if (!answer.granted) return answer;
    const { entries } = answer.value as { entries: EntryView[] };
    entries.forEach(show);
    last = entries.at(-1)?.seq ?? last;
    if (entries.length < LARGEST_PAGE) await pause(LOOK_EVERY_MS);
  }
}

function pathOf(options: ListOptions, more: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(more);
  for (const name of FILTERS) if (options[name] !== undefined) query.set(name, options[name]);
  return `/fleetgate/audit?${query.toString()}`;
}

const cellsOf = ({ seq, time, by, what, subject, before, after }: EntryView): readonly string[] => [`${seq}`, time, by, what, subject, changeOf(before, after)];

/** `status: enabled → disabled`; of what came or went, the one state. */
function changeOf(before: EntryView['before'] = {}, after: EntryView['after'] = {}): string {
  const word = (value: unknown): string => (value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value));
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const both = Object.keys(before).length > 0 && Object.keys(after).length > 0;
  const text = names.map((name) => `${name}: ${both ? `${word(before[name])} → ` : ''}${word(after[name] ?? before[name])}`).join(', ');
  return text.length > 200 ? `${text.slice(0, 200)}… (--json shows all)` : text;
}

function verifyCommand(needs: CliNeeds): Command {
  const command = withPlace(new Command('verify').description('go along the chain of the audit, and name every entry that was changed, removed or moved; ends with 1 where there is one'))
    .option('--tenant <id>', 'of this tenant alone (as an administrator of the tenant management)')
    .option('--data-dir <folder>', 'look into the database of this data directory instead of asking a server: of a stopped server, or of a backup');
  withExamples(command, ['audit verify', 'audit verify --tenant acme', 'audit verify --data-dir /var/lib/fleetgate --json']);
  return command.action(async () => {
    const options = command.opts<VerifyOptions>();
    await conclude(command, needs, options, async () => {
      const chains = options.dataDir === undefined ? await chainsOfServer(needs, options) : await chainsOfFolder(needs, options.dataDir, options.tenant);
      return chains.granted ? reportOf(chains.value) : chains;
    });
  });
}

async function chainsOfServer(needs: CliNeeds, options: VerifyOptions): Promise<Outcome<readonly AuditChainView[]>> {
  const access = accessOf(needs, options, 'own');
  if (!access.granted) return access;
  warnIfOpen(access.value, needs);
  const query = options.tenant === undefined ? '' : `?tenant=${encodeURIComponent(options.tenant)}`;
  const answer = await new ApiClient({ access: access.value }).get(`/fleetgate/audit/verify${query}`);
  return answer.granted ? grant((answer.value as { chains: AuditChainView[] }).chains) : answer;
}

async function chainsOfFolder({ verifyAudit }: CliNeeds, folder: string, tenant: string | undefined): Promise<Outcome<readonly AuditChainView[]>> {
  if (!verifyAudit) return fail(EXIT.usage, '--data-dir cannot be used here.');
  try {
    return grant((await verifyAudit(folder)).filter((chain) => tenant === undefined || chain.tenant === tenant));
  } catch (error) {
    return refuse({ exit: EXIT.failed, message: reasonOf(error) });
  }
}

function reportOf(chains: readonly AuditChainView[]): Outcome<Said> {
  const text = chains.flatMap(({ tenant, rows, head, problems, complete }) => [
    `${printable(tenant)}: ${problems.length === 0 ? `${rows} entries, as they were written` : `${problems.length}${complete ? '' : ' or more'} of ${rows} entries are not as they were written`}${head ? `; the end is ${head.seq}:${printable(head.hash)}` : ''}.`,
    ...problems.map(({ sentence }) => `  ✗ ${printable(sentence)}`),
  ]);
  const intact = chains.every(({ problems }) => problems.length === 0);
  return grant({ json: { intact, chains }, text: chains.length === 0 ? ['There is no audit yet.'] : text, isFailure: !intact });
}
