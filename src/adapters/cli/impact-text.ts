import { printable } from './printable.ts';
import { table } from './table.ts';

/** What the server says of a change that was not made. */
export interface ImpactView {
  readonly change: string;
  readonly subject: string;
  readonly devices: Readonly<Record<'dependOnItAlone' | 'haveAnotherWay' | 'alreadyOut' | 'notSeenYet', number>>;
  readonly sessionsOnline: number;
  readonly estimatedLiveTokens: number;
  readonly lastSeen: Readonly<Record<'today' | 'last7Days' | 'last30Days' | 'older', number>>;
  readonly examples: readonly string[];
  /** How many for each code; of some changes alone. */
  readonly reasons?: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
}

/** A small table of whom a change would hit. */
export function impactText({ change, subject, devices, sessionsOnline, estimatedLiveTokens, lastSeen, examples, reasons = {}, warnings }: ImpactView): readonly string[] {
  const figures: readonly (readonly [string, number])[] = [
    ['devices that would be out', devices.dependOnItAlone],
    ['  seen today', lastSeen.today],
    ['  in the last 7 days', lastSeen.last7Days],
    ['  in the last 30 days', lastSeen.last30Days],
    ['  longer ago', lastSeen.older],
    ['devices with another way in', devices.haveAnotherWay],
    ['devices that are out already', devices.alreadyOut],
    ['registered devices never seen', devices.notSeenYet],
    ['sessions that would end', sessionsOnline],
    ['live tokens (estimate)', estimatedLiveTokens],
  ];
  const width = Math.max(...figures.map(([, count]) => String(count).length), 'COUNT'.length);
  const more = devices.dependOnItAlone > examples.length ? ', …' : '';
  return [
    `Nothing was changed. ${printable(change)} ${printable(subject)} would hit:`,
    ...table(['WHAT', 'COUNT'.padStart(width)], figures.map(([what, count]) => [what, String(count).padStart(width)])),
    ...Object.entries(reasons).map(([code, count]) => `${printable(code)} would refuse ${count}`),
    ...(examples.length > 0 ? [`such as ${examples.map(printable).join(', ')}${more}`] : []),
    ...warnings.map((warning) => `warning: ${printable(warning)}`),
  ];
}
