import type { Command } from 'commander';
import { adminCommand, said, type AdminAction, type CommonOptions } from './admin-command.ts';
import type { CliNeeds } from './cli-needs.ts';
import { printable } from './printable.ts';
import { table } from './table.ts';

interface Ending {
  readonly fingerprint: string;
  readonly subject: string;
  readonly notAfter: string;
  readonly devices: number;
}
interface Endings {
  readonly count: number;
  readonly named: readonly Ending[];
}
interface WeekView {
  readonly from: string;
  readonly leaves: number;
  readonly intermediates: Endings;
  readonly anchors: Endings;
  readonly serverCertificate: boolean;
  readonly lists: { readonly count: number; readonly named: readonly { readonly id: string; readonly issuer: string; readonly nextUpdate: string }[] };
  readonly signingKeys: number;
}
interface Counts {
  readonly leaves: number;
  readonly intermediates: number;
  readonly anchors: number;
  readonly lists: number;
}
interface ForecastView {
  readonly weeks: readonly WeekView[];
  readonly ended: Counts;
  readonly later: Counts;
  readonly signingKeys: readonly { readonly id: string; readonly madeAt: string; readonly checksUntil?: string }[];
  readonly endsBeforeReturn: { readonly devices: number; readonly unknown: number; readonly named: readonly { readonly id: string; readonly notAfter: string; readonly expected: string }[] };
}

/** `fleetgate forecast`: what ends when. */
export const forecastCommand = (needs: CliNeeds): Command => adminCommand(FORECAST, needs);

const FORECAST: AdminAction<CommonOptions> = {
  name: 'forecast',
  about: 'which certificates, revocation lists and keys of your fleet end in the next 26 weeks',
  examples: ['forecast', 'forecast --json'],
  as: 'own',
  run: async (api) => {
    const answer = await api.get('/fleetgate/forecast');
    return answer.granted ? said(answer.value, ...forecastText(answer.value as ForecastView)) : answer;
  },
};

function forecastText({ weeks, ended, later, endsBeforeReturn, signingKeys }: ForecastView): readonly string[] {
  const row = (when: string, { leaves, intermediates, anchors, lists }: Counts, keys = '', server = ''): string[] => [when, ...[leaves, intermediates, anchors, lists].map(String), keys, server];
  const rows = weeks
    .map((week) => row(week.from.slice(0, 10), { leaves: week.leaves, intermediates: week.intermediates.count, anchors: week.anchors.count, lists: week.lists.count }, String(week.signingKeys), week.serverCertificate ? 'ends' : ''))
    .filter((cells) => cells.slice(1).some((cell) => cell !== '0' && cell !== ''));
  const named = weeks.flatMap(({ anchors, intermediates, lists }) => [...anchors.named.map(ending('CA')), ...intermediates.named.map(ending('intermediate')), ...lists.named.map(listEnding)]);
  const { devices, unknown, named: late } = endsBeforeReturn;
  return [
    ...table(['WEEK FROM', 'DEVICES', 'INTERMEDIATES', 'CAS', 'LISTS', 'KEYS', 'SERVER'], [row('ended', ended), ...rows, row('later', later)]),
    ...(named.length > 0 ? ['', ...table(['ENDS', 'WHAT', 'DEVICES', 'FINGERPRINT OR ID', 'SUBJECT'], named)] : []),
    '',
    `Certificates that end before their devices usually return: ${devices}. Devices away of which nobody knows when they return: ${unknown}.`,
    ...late.map(({ id, notAfter, expected }) => printable(`  ${id} until ${notAfter.slice(0, 10)}, expected ${expected.slice(0, 10)}`)),
    ...signingKeys.slice(0, 1).map(({ id, madeAt }) => printable(`Tokens are signed by the key ${id}, made ${madeAt.slice(0, 10)}.`)),
  ];
}

const ending =
  (what: string) =>
  ({ fingerprint, subject, notAfter, devices }: Ending): string[] => [notAfter.slice(0, 10), what, String(devices), fingerprint, subject];

const listEnding = ({ id, issuer, nextUpdate }: WeekView['lists']['named'][number]): string[] => [nextUpdate.slice(0, 10), 'list', '', id, issuer];
