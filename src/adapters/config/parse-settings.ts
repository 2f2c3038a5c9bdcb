import { join } from 'node:path';
import { grant, refuse, type Decision } from '../../domain/shared/decision.ts';
import { nearestName } from './nearest-name.ts';
import { SETTINGS, settingsTable, type SettingRow } from './settings-table.ts';
import type { Settings } from './settings.ts';

export interface SettingProblem {
  readonly name: string;
  /** What was wrong and what was expected; never the value of a secret. */
  readonly sentence: string;
}

export interface ParsedSettings {
  readonly settings: Settings;
  /** Sentences on names that look like settings and are none. */
  readonly warnings: readonly string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names that other parts of the program read. */
const READ_ELSEWHERE = ['FLEETGATE_URL', 'FLEETGATE_USER', 'FLEETGATE_PASSWORD', 'FLEETGATE_CA'];

/** Reads every setting at once, so that an operator sees all problems at the first try. A blank value counts as absent. */
export function parseSettings(environment: Environment): Decision<ParsedSettings, readonly SettingProblem[]> {
  const problems: SettingProblem[] = [];
  const read = <T>(row: SettingRow<T>): T => valueOf(row, environment, problems);
  // A value behind a problem is undefined whatever its type says; it is never looked at once there are problems.
  const parsed = Object.fromEntries(Object.entries(SETTINGS).map(([key, row]) => [key, read<unknown>(row)])) as Parsed;
  problems.push(...contradictions(parsed));
  return problems.length > 0 ? refuse(problems) : grant({ settings: settingsOf(parsed), warnings: strangersIn(environment) });
}

/** All problems as text for a terminal. */
export const problemsText = (problems: readonly SettingProblem[]): string =>
  [
    `Fleetgate does not start: ${problems.length} setting${problems.length === 1 ? ' is' : 's are'} wrong.`,
    ...problems.map(({ name, sentence }) => `  ${name}: ${sentence}`),
  ].join('\n');

type Parsed = { readonly [K in keyof typeof SETTINGS]: (typeof SETTINGS)[K] extends SettingRow<infer T> ? T : never };

function valueOf<T>(row: SettingRow<T>, environment: Environment, problems: SettingProblem[]): T {
  const given = environment[row.name]?.trim() ?? '';
  if (given === '' && row.optional) return undefined as T;
  const parsed = row.parse(given === '' ? row.default : given);
  if (!parsed) {
    const shown = row.secret ? 'the given value is not usable' : `${JSON.stringify(withoutPassword(row.shown?.(given) ?? given).slice(0, 200))} is not usable`;
    problems.push({ name: row.name, sentence: `${shown}; expected is ${row.form}.` });
  }
  return parsed?.value as T;
}

/** What is shown lands in logs, and a URL may hold the password of a database. */
const withoutPassword = (text: string): string => text.replace(/\/\/.*@/s, '//…@');

/** What no single setting can see: pairs that need each other, and ports taken twice. */
function contradictions(parsed: Parsed): SettingProblem[] {
  const problems: SettingProblem[] = [];
  if ((parsed.tlsCert === undefined) !== (parsed.tlsKey === undefined)) {
    const [set, missing] = parsed.tlsCert ? ['CERT', 'KEY'] : ['KEY', 'CERT'];
    problems.push({ name: `FLEETGATE_TLS_${missing}`, sentence: `is missing although FLEETGATE_TLS_${set} is set; expected are both, or neither.` });
  }
  if (parsed.sink?.kind === 'webhook' && parsed.sinkSecretFile === undefined) {
    const sentence = 'is missing although FLEETGATE_SINK is a webhook; expected is a file with whsec_ and 24–64 bytes in base64: printf "whsec_%s" "$(openssl rand -base64 32)" makes one.';
    problems.push({ name: SETTINGS.sinkSecretFile.name, sentence });
  }
  if (parsed.workers > 1 && parsed.databaseUrl === 'memory:') {
    problems.push({ name: SETTINGS.workers.name, sentence: `is ${parsed.workers}, but what is kept in memory is of one process; expected is 1, or a FLEETGATE_DATABASE_URL that is not memory:.` });
  }
  const taken = new Map<number, string>();
  const listeners: readonly [string, number | undefined][] = [
    ...(parsed.mqttTlsPorts ?? []).map((port): [string, number] => [SETTINGS.mqttTlsPorts.name, port]),
    [SETTINGS.mqttTcpPort.name, parsed.mqttTcpPort],
    [SETTINGS.httpsPort.name, parsed.httpsPort],
    [SETTINGS.mtlsPort.name, parsed.mtlsPort],
    [SETTINGS.httpPort.name, parsed.httpPort],
  ];
  for (const [name, port] of listeners) {
    if (!port) continue; // off, or any free one
    const other = taken.get(port);
    if (other) problems.push({ name, sentence: `port ${port} is taken by ${other} already; expected is another port, or off.` });
    taken.set(port, name);
  }
  return problems;
}

function settingsOf(parsed: Parsed): Settings {
  const { tenant, tenantDomain, adminUser, adminPassword, databaseUrl, ...rest } = parsed;
  return withoutUndefined({
    ...rest,
    databaseUrl: databaseUrl ?? `sqlite:${join(parsed.dataDir, 'fleetgate.sqlite')}`,
    firstTenant: withoutUndefined({ tenant, domain: tenantDomain, adminUser, adminPassword }),
  });
}

/** Absent means absent (`exactOptionalPropertyTypes`), not present with the value undefined. */
const withoutUndefined = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, it]) => it !== undefined)) as {
    [K in keyof T as undefined extends T[K] ? never : K]: T[K];
  } & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> };

/** A misspelt name would otherwise leave a default in force without a word. */
function strangersIn(environment: Environment): string[] {
  const known = [...settingsTable.map(({ name }) => name as string), ...READ_ELSEWHERE];
  return Object.keys(environment)
    .filter((name) => name.startsWith('FLEETGATE_') && !known.includes(name))
    .sort()
    .map((name) => {
      const near = nearestName(name, known);
      return `${name} is no setting of Fleetgate and has no effect${near ? `; did you mean ${near}?` : '.'}`;
    });
}
