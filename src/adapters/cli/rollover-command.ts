import { Command } from 'commander';
import { adminCommand, said, type AdminAction, type CommonOptions } from './admin-command.ts';
import type { CliNeeds } from './cli-needs.ts';
import { listed, moreOf, withPages, type PageOptions } from './pages.ts';
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

const STRAGGLERS: AdminAction<CommonOptions & PageOptions> = {
  name: 'stragglers',
  about: 'the devices that are still on the former certificate, by id',
  arguments: FORMER,
  examples: ['trust rollover stragglers 1f0c…', 'trust rollover stragglers 1f0c… --all --json'],
  as: 'own',
  options: withPages,
  run: async (api, { args: [former = ''], options }) => {
    const found = await listed<StragglerView>(api, { path: `${pathOf(former)}/stragglers`, name: 'stragglers' }, options);
    if (!found.granted) return found;
    const { rows: stragglers, hasMore } = found.value;
    const rows = stragglers.map(({ id, lastSeen, notAfter, online }) => [id, lastSeen, notAfter, online ? 'yes' : 'no']);
    return said({ stragglers, hasMore }, ...table(['ID', 'LAST SEEN', 'CERTIFICATE UNTIL', 'ONLINE'], rows), ...moreOf(found.value));
  },
};

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
