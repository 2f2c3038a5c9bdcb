import { Command, InvalidArgumentError } from 'commander';
import { grant } from '../../domain/shared/decision.ts';
import { adminCommand, said, type AdminAction, type CommonOptions } from './admin-command.ts';
import type { ApiClient } from './api-client.ts';
import type { Outcome } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { printable } from './printable.ts';
import { table } from './table.ts';

interface EndView {
  readonly fingerprint: string;
  readonly status: string;
  readonly name?: string;
}
interface RolloverView {
  readonly former: EndView;
  readonly successor: EndView;
  readonly endDate?: string;
  readonly overdue: boolean;
  readonly progress: { readonly onSuccessor: number; readonly stragglers: number; readonly percent: number };
}
interface StragglerView {
  readonly id: string;
  readonly lastSeen: string;
  readonly notAfter: string;
  readonly online: boolean;
}
interface StartOptions extends CommonOptions {
  readonly until?: string;
}
interface ListOptions extends CommonOptions {
  readonly limit: number;
  readonly after?: string;
  readonly all?: true;
}

const LARGEST_PAGE = 1000;
const FORMER = [['<fingerprint>', 'of the former certificate, as `trust list` shows it']] as const;
const pathOf = (fingerprint: string): string => `/fleetgate/trust/${encodeURIComponent(fingerprint)}/successor`;

/** `fleetgate trust rollover`: from one CA to the next. */
export function rolloverCommand(needs: CliNeeds): Command {
  const command = new Command('rollover').description('lead your fleet from one CA certificate to the next');
  command.addCommand(adminCommand(START, needs)).addCommand(adminCommand(STRAGGLERS, needs));
  for (const action of [STATUS, ROLLBACK]) command.addCommand(adminCommand(action, needs));
  return command;
}

const START: AdminAction<StartOptions> = {
  name: 'start',
  about: 'say which certificate takes the place of another; it lets nobody in or out',
  arguments: [...FORMER, ['<successor>', 'fingerprint of the one that follows']],
  examples: ['trust rollover start 1f0c… 9ab3…', 'trust rollover start 1f0c… 9ab3… --until 2027-03-31'],
  as: 'own',
  options: (command) => command.option('--until <date>', 'when the former one shall no longer be needed; nothing happens then by itself'),
  run: async (api, { args: [former = '', successor = ''], options: { until } }) => {
    const answer = await api.put(pathOf(former), { successor, ...(until !== undefined && { endDate: until }) });
    return answer.granted ? said(answer.value, ...progressText(answer.value as RolloverView)) : answer;
  },
};

const STATUS: AdminAction<CommonOptions> = {
  name: 'status',
  about: 'how far the rollovers came: of one, or of all',
  arguments: [['[fingerprint]', 'of the former certificate']],
  examples: ['trust rollover status', 'trust rollover status 1f0c…'],
  as: 'own',
  run: async (api, { args: [former] }) => {
    const answer = await api.get(former === undefined ? '/fleetgate/rollovers' : pathOf(former));
    if (!answer.granted) return answer;
    if (former !== undefined) return said(answer.value, ...progressText(answer.value as RolloverView));
    const { rollovers } = answer.value as { readonly rollovers: readonly RolloverView[] };
    const rows = rollovers.map((each) => [each.former.fingerprint, each.successor.fingerprint, `${each.progress.percent} %`, String(each.progress.stragglers), endText(each)]);
    return said(rollovers, ...table(['FORMER', 'SUCCESSOR', 'DONE', 'STRAGGLERS', 'UNTIL'], rows));
  },
};

const endText = ({ endDate, overdue }: RolloverView): string => `${endDate?.slice(0, 10) ?? '-'}${overdue ? ' (overdue)' : ''}`;

function progressText(view: RolloverView): readonly string[] {
  const { onSuccessor, stragglers, percent } = view.progress;
  const side = ({ fingerprint, name, status }: EndView): string => `${fingerprint}${name ? ` (${name})` : ''}, ${status.toLowerCase()}`;
  return [
    printable(`former     ${side(view.former)}`),
    printable(`successor  ${side(view.successor)}`),
    `${percent} % of the devices on either were last seen on the successor: ${onSuccessor}, and ${stragglers} on the former one alone.`,
    ...(view.endDate === undefined ? [] : [printable(`The former one shall not be needed after ${endText(view)}.`)]),
    ...(stragglers > 0 ? [printable(`See them: fleetgate trust rollover stragglers ${view.former.fingerprint}`)] : []),
  ];
}

const STRAGGLERS: AdminAction<ListOptions> = {
  name: 'stragglers',
  about: 'the devices that are still on the former certificate, by id',
  arguments: FORMER,
  examples: ['trust rollover stragglers 1f0c…', 'trust rollover stragglers 1f0c… --all --json'],
  as: 'own',
  options: (command) =>
    command
      .option('--limit <n>', `how many, at most ${LARGEST_PAGE}`, limit, 100)
      .option('--after <id>', 'those after this id')
      .option('--all', 'all of them, page by page'),
  run: async (api, { args: [former = ''], options }) => {
    const found = await pages(api, former, options);
    if (!found.granted) return found;
    const { stragglers, hasMore } = found.value;
    const rows = stragglers.map(({ id, lastSeen, notAfter, online }) => [id, lastSeen, notAfter, online ? 'yes' : 'no']);
    const more = hasMore ? [`There are more: --after '${printable(stragglers.at(-1)!.id)}', or --all.`] : [];
    return said(found.value, ...table(['ID', 'LAST SEEN', 'CERTIFICATE UNTIL', 'ONLINE'], rows), ...more);
  },
};

async function pages(api: ApiClient, former: string, options: ListOptions): Promise<Outcome<{ readonly stragglers: readonly StragglerView[]; readonly hasMore: boolean }>> {
  const all: StragglerView[] = [];
  const size = options.all ? LARGEST_PAGE : options.limit;
  for (let after = options.after; ; after = all.at(-1)!.id) {
    const answer = await api.get(`${pathOf(former)}/stragglers?limit=${size}${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`);
    if (!answer.granted) return answer;
    const page = answer.value as { stragglers: StragglerView[]; next?: string };
    all.push(...page.stragglers);
    const hasMore = page.next !== undefined && page.stragglers.length > 0;
    if (!hasMore || !options.all) return grant({ stragglers: all, hasMore });
  }
}

const ROLLBACK: AdminAction<CommonOptions> = {
  name: 'rollback',
  about: 'take a rollover back: the certificate has no successor any more',
  arguments: FORMER,
  examples: ['trust rollover rollback 1f0c…'],
  as: 'own',
  run: async (api, { args: [former = ''] }) => {
    const answer = await api.delete(pathOf(former));
    return answer.granted ? said({ removed: former }, `${printable(former)} has no successor any more.`) : answer;
  },
};

function limit(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= LARGEST_PAGE) return number;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${LARGEST_PAGE}.`);
}
