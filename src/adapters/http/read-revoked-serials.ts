import { grant, refuse, type Decision } from '../../domain/shared/decision.ts';
import { MOST_AT_ONCE } from '../../ports/driven/revocation-store.ts';
import type { RevokedSerial } from '../../ports/driving/revocation-desk.ts';
import { badRequest, type Problem } from './problem.ts';
import { problemOf } from './problems.ts';

type Serials = Decision<readonly RevokedSerial[], Problem>;

/** The text of the compatible API, letter for letter (wire-contract §1.5). */
const WRONG_DATE = "Unsupported date time format, supported format:yyyy-MM-dd'T'HH:mm:ss.SSS'Z'";
const wrong = (message: string): Problem => ({ status: 400, error: 'Device Certificates/Bad Request', message });

/** `{"crls":[{"serialNumberInHex","revocationDate"}]}` (wire-contract §1.9). Unknown members are ignored. */
export function readSerialList(body: unknown): Serials {
  const entries: unknown = isObject(body) ? body['crls'] : undefined;
  if (!Array.isArray(entries)) return refuse(badRequest('The body must be {"crls":[{"serialNumberInHex":"0a1f"}]}, each entry with a revocationDate or without.'));
  if (entries.length > MOST_AT_ONCE) return tooMany(entries.length);
  return each(entries, (entry, i) => {
    const { serialNumberInHex: serialNumber, revocationDate } = isObject(entry) ? entry : {};
    if (typeof serialNumber !== 'string') return refuse(badRequest(`crls[${i}]: serialNumberInHex must be a text, such as "0a1f".`));
    if (revocationDate == null) return grant({ serialNumber });
    return typeof revocationDate === 'string' ? dated(serialNumber, revocationDate, `crls[${i}]`) : refuse(wrong(WRONG_DATE));
  });
}

/** A CSV file with the header `SERIALNO,DATE`, in which a DATE may be empty (wire-contract §1.9). Blank lines are no rows. */
export function readSerialFile(file: Uint8Array): Serials {
  const text = textOf(file);
  if (text === undefined) return refuse(wrong('The file is not UTF-8. Save it as UTF-8.'));
  const [header, ...rows] = text.split(/\r\n|\n|\r/).map((line, i) => ({ line: i + 1, cells: line.split(delimiterIn(text)).map(unquoted) })).filter(({ cells }) => cells.some((cell) => cell !== ''));
  const names = header?.cells.map((name) => name.toUpperCase()) ?? [];
  if (names.length !== 2 || names[0] !== 'SERIALNO' || names[1] !== 'DATE') return refuse(wrong('The first line of the file must be SERIALNO,DATE.'));
  if (rows.length > MOST_AT_ONCE) return tooMany(rows.length);
  return each(rows, ({ line, cells }) => {
    const [serialNumber = '', date = '', ...more] = cells;
    if (more.length > 0) return refuse(wrong(`Line ${line}: a row has a serial number and a date, and no more.`));
    return date === '' ? grant({ serialNumber }) : dated(serialNumber, date, `Line ${line}`);
  });
}

/** RFC 3339 with milliseconds; beside the `Z` that is documented, an offset as Java writes it. */
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})(?:Z|([+-]\d\d):?(\d\d))$/;

/** Undefined where it is no time: 30 February is none. */
export function readTime(text: string): Date | undefined {
  const [, local, hours, minutes = '00'] = TIME.exec(text) ?? [];
  if (local === undefined) return undefined;
  const utc = new Date(`${local}Z`);
  if (Number.isNaN(utc.getTime()) || utc.toISOString() !== `${local}Z` || Number(minutes) > 59 || Math.abs(Number(hours ?? 0)) > 23) return undefined;
  return hours === undefined ? utc : new Date(`${local}${hours}:${minutes}`);
}

function dated(serialNumber: string, date: string, place: string): Decision<RevokedSerial, Problem> {
  const since = readTime(date);
  return since ? grant({ serialNumber, since }) : refuse({ ...wrong(WRONG_DATE), details: { place, remedy: 'Write the time in UTC, such as 2026-05-03T12:00:00.000Z, or leave it out.' } });
}

function each<Item>(items: readonly Item[], read: (item: Item, i: number) => Decision<RevokedSerial, Problem>): Serials {
  const serials: RevokedSerial[] = [];
  for (const [i, item] of items.entries()) {
    const serial = read(item, i);
    if (!serial.granted) return serial;
    serials.push(serial.value);
  }
  return grant(serials);
}

const tooMany = (entries: number): Decision<never, Problem> => refuse(problemOf({ code: 'revocation.too-many', evidence: { entries, most: MOST_AT_ONCE } }));

/** Spreadsheets of some countries part cells by semicolons. */
const delimiterIn = (text: string): string => (/^[^\r\n]*;/.test(text) ? ';' : ',');

const unquoted = (cell: string): string => cell.trim().replace(/^"(.*)"$/, '$1').trim();

function textOf(file: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
