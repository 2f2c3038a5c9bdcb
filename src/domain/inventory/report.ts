import type { InventoryRefusalCode } from '../refusals/codes.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import type { Json, ObjectId } from './managed-object.ts';
import { isObjectText, judgeJson } from './object-rules.ts';

export const REPORT_KINDS = ['event', 'alarm', 'measurement'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

/** An event, alarm or measurement: its members as they came, with an id of ours. */
export interface Report {
  readonly id: ObjectId;
  readonly source: string;
  readonly members: { readonly [name: string]: Json };
}

/** The topic on which a device would have published the same (wire-contract §5.1). */
export const TOPICS: Readonly<Record<ReportKind, string>> = {
  event: 'event/events/create',
  alarm: 'alarm/alarms/create',
  measurement: 'measurement/measurements/create',
};

const SEVERITIES: readonly unknown[] = ['CRITICAL', 'MAJOR', 'MINOR', 'WARNING'];
/** RFC 3339, and the forms with `+0200` and without seconds that devices send. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/i;

const NEEDED: Readonly<Record<ReportKind, readonly string[]>> = {
  event: ['type', 'time', 'text'],
  alarm: ['type', 'time', 'text', 'severity'],
  measurement: ['type', 'time'],
};

const RULES: Readonly<Record<string, (value: Json) => boolean>> = {
  type: (value) => typeof value === 'string' && value !== '' && isObjectText(value),
  time: (value) => typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value.replace(',', '.'))),
  text: (value) => typeof value === 'string' && value !== '',
  severity: (value) => SEVERITIES.includes(value),
};

/** Decides whether what came is a report, and of what. Whose the source is, is not asked here. */
export function readReport(kind: ReportKind, given: unknown): Decision<Omit<Report, 'id'>, RefusalOf<InventoryRefusalCode>> {
  if (!isMembers(given)) return refuse({ code: 'inventory.unusable-report', evidence: { body: 'no JSON object' } });
  const judged = judgeJson(given);
  if (!judged.granted) return judged;
  const wrong = NEEDED[kind].find((name) => !Object.hasOwn(given, name) || !RULES[name]!(given[name]!));
  if (wrong !== undefined) return refuse({ code: 'inventory.unusable-report', evidence: { member: wrong } });
  const source = given['source'];
  const id = isMembers(source) ? source['id'] : undefined;
  if (typeof id !== 'string' || id === '') return refuse({ code: 'inventory.unusable-report', evidence: { member: 'source.id' } });
  return grant({ source: id, members: given });
}

const isMembers = (value: unknown): value is { readonly [name: string]: Json } => typeof value === 'object' && value !== null && !Array.isArray(value);
