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
}
interface Counts {
  readonly leaves: number;
  readonly intermediates: number;
  readonly anchors: number;
}
interface ForecastView {
  readonly weeks: readonly WeekView[];
  readonly ended: Counts;
  readonly later: Counts;
  readonly endsBeforeReturn: { readonly devices: number; readonly unknown: number; readonly named: readonly { readonly id: string; readonly notAfter: string; readonly expected: string }[] };
}

/** `fleetgate forecast`: what ends when. */
export const forecastCommand = (needs: CliNeeds): Command => adminCommand(FORECAST, needs);

const FORECAST: AdminAction<CommonOptions> = {
  name: 'forecast',
  about: 'which certificates of your fleet end in the next 26 weeks',
  examples: ['forecast', 'forecast --json'],
  as: 'own',
  run: async (api) => {
    const answer = await api.get('/fleetgate/forecast');
    return answer.granted ? said(answer.value, ...forecastText(answer.value as ForecastView)) : answer;
  },
};

function forecastText({ weeks, ended, later, endsBeforeReturn }: ForecastView): readonly string[] {
  const row = (when: string, { leaves, intermediates, anchors }: Counts, server = ''): string[] => [when, String(leaves), String(intermediates), String(anchors), server];
  const rows = weeks
    .map((week) => row(week.from.slice(0, 10), { leaves: week.leaves, intermediates: week.intermediates.count, anchors: week.anchors.count }, week.serverCertificate ? 'ends' : ''))
    .filter((cells) => cells.slice(1).some((cell) => cell !== '0' && cell !== ''));
  const named = weeks.flatMap(({ anchors, intermediates }) => [...anchors.named.map(ending('CA')), ...intermediates.named.map(ending('intermediate'))]);
  const { devices, unknown, named: late } = endsBeforeReturn;
  return [
    ...table(['WEEK FROM', 'DEVICES', 'INTERMEDIATES', 'CAS', 'SERVER'], [row('ended', ended), ...rows, row('later', later)]),
    ...(named.length > 0 ? ['', ...table(['ENDS', 'WHAT', 'DEVICES', 'FINGERPRINT', 'SUBJECT'], named)] : []),
    '',
    `Certificates that end before their devices usually return: ${devices}. Devices away of which nobody knows when they return: ${unknown}.`,
    ...late.map(({ id, notAfter, expected }) => printable(`  ${id} until ${notAfter.slice(0, 10)}, expected ${expected.slice(0, 10)}`)),
  ];
}

const ending =
  (what: string) =>
  ({ fingerprint, subject, notAfter, devices }: Ending): string[] => [notAfter.slice(0, 10), what, String(devices), fingerprint, subject];
