import type { Fingerprint } from '../certificates/certificate.ts';
import type { DeviceId } from '../identity/device-identity.ts';
import type { Way } from './way.ts';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

export const FORECAST_WEEKS = 26;
/** Certificates named of one kind in one week, and devices named. The counts are of all. */
export const MOST_NAMED = 20;
/** Intermediates told apart: a CA that makes one for each device must not fill the memory. */
const MOST_INTERMEDIATES = 10_000;

/** What ends when, of what is known of one tenant at one moment (D-51). */
export interface Forecast {
  readonly at: Date;
  /** From `at` on, seven days each. */
  readonly weeks: readonly Week[];
  /** Ended already, and still the last that was seen; for anchors: and still enabled. */
  readonly ended: Counts;
  /** After the last week. */
  readonly later: Counts;
  readonly endsBeforeReturn: EndsBeforeReturn;
}

export interface Week {
  readonly from: Date;
  readonly until: Date;
  /** Certificates with which devices came last. */
  readonly leaves: number;
  readonly intermediates: Endings;
  readonly anchors: Endings;
  readonly serverCertificate: boolean;
}

export interface Endings {
  readonly count: number;
  /** The first `MOST_NAMED`, by their ends. */
  readonly named: readonly Ending[];
}

export interface Ending {
  readonly fingerprint: Fingerprint;
  readonly subject: string;
  readonly notAfter: Date;
  /** Devices that came by it last. */
  readonly devices: number;
}

export interface Counts {
  readonly leaves: number;
  readonly intermediates: number;
  readonly anchors: number;
}

/** Devices away whose certificate will have ended when they come as they use to. */
export interface EndsBeforeReturn {
  readonly devices: number;
  /** Seen on one day only, so that nobody can say when they return. */
  readonly unknown: number;
  /** The first by their ends. */
  readonly named: readonly Returning[];
}

export interface Returning {
  readonly device: DeviceId;
  readonly notAfter: Date;
  readonly expected: Date;
}

/** What is known of one device. */
export interface DeviceSight {
  readonly device: DeviceId;
  readonly notAfter: Date;
  readonly ways: readonly Way[];
  readonly lastSeen: Date;
  readonly seenBefore?: Date;
  readonly isOnline: boolean;
}

/**
 * When a device is likely to come again: as long after its last visit as that was after the one before, or, where that has passed, after
 * twice, three times … as long. Undefined where only one visit is known.
 */
export function expectedReturn({ lastSeen, seenBefore }: Pick<DeviceSight, 'lastSeen' | 'seenBefore'>, at: Date): Date | undefined {
  const away = seenBefore && lastSeen.getTime() - seenBefore.getTime();
  if (away === undefined || away <= 0) return undefined;
  const visits = Math.max(1, Math.floor((at.getTime() - lastSeen.getTime()) / away) + 1);
  return new Date(lastSeen.getTime() + visits * away);
}

type Named = Omit<Ending, 'devices'>;

/** Adds up devices one by one. */
export class ForecastCount {
  readonly #at: Date;
  readonly #leaves = new Spread();
  readonly #intermediates = new Map<Fingerprint, Named>();
  readonly #devicesBy = new Map<Fingerprint, number>();
  #returning: Returning[] = [];
  #late = 0;
  #unknown = 0;

  constructor(at: Date) {
    this.#at = at;
  }

  add(sight: DeviceSight): void {
    this.#leaves.add(weekOf(sight.notAfter, this.#at));
    const intermediates = sight.ways.flatMap((way) => way.intermediates);
    for (const each of intermediates) if (this.#intermediates.size < MOST_INTERMEDIATES) this.#intermediates.set(each.fingerprint, each);
    const known = intermediates.map(({ fingerprint }) => fingerprint).filter((each) => this.#intermediates.has(each));
    const by = new Set([...sight.ways.map(({ anchor }) => anchor), ...known]);
    for (const each of by) this.#devicesBy.set(each, (this.#devicesBy.get(each) ?? 0) + 1);
    this.#addReturn(sight);
  }

  /** `anchors` are those that are enabled; `server` is the end of the server's certificate. */
  result(anchors: readonly Named[], server: Date): Forecast {
    const [above, between] = [anchors, [...this.#intermediates.values()]].map((all) => this.#byWeek(all)) as [Spread<Ending>, Spread<Ending>];
    const counts = (week: number): Counts => ({ leaves: this.#leaves.count(week), intermediates: between.count(week), anchors: above.count(week) });
    const weeks = Array.from({ length: FORECAST_WEEKS }, (_, week) => ({
      from: this.#after(week),
      until: this.#after(week + 1),
      leaves: this.#leaves.count(week),
      intermediates: between.endings(week),
      anchors: above.endings(week),
      serverCertificate: weekOf(server, this.#at) === week,
    }));
    const endsBeforeReturn = { devices: this.#late, unknown: this.#unknown, named: this.#returning };
    return { at: this.#at, weeks, ended: counts(ENDED), later: counts(FORECAST_WEEKS), endsBeforeReturn };
  }

  #addReturn(sight: DeviceSight): void {
    // Who is here can be given another certificate now; whose certificate has ended does not return with it.
    if (sight.isOnline || sight.notAfter < this.#at) return;
    const expected = expectedReturn(sight, this.#at);
    if (!expected) this.#unknown += 1;
    if (!expected || expected <= sight.notAfter) return;
    this.#late += 1;
    const { device, notAfter } = sight;
    this.#returning = byEnd([...this.#returning, { device, notAfter, expected }]).slice(0, MOST_NAMED);
  }

  #byWeek(all: readonly Named[]): Spread<Ending> {
    const spread = new Spread<Ending>();
    for (const { fingerprint, subject, notAfter } of byEnd(all)) {
      spread.add(weekOf(notAfter, this.#at), { fingerprint, subject, notAfter, devices: this.#devicesBy.get(fingerprint) ?? 0 });
    }
    return spread;
  }

  #after(weeks: number): Date {
    return new Date(this.#at.getTime() + weeks * WEEK_MS);
  }
}

const ENDED = -1;

/** Counts and first items by week; `ENDED` before the first, `FORECAST_WEEKS` after the last. */
class Spread<Item = never> {
  readonly #weeks = new Map<number, { count: number; named: Item[] }>();

  add(week: number, item?: Item): void {
    const known = this.#weeks.get(week) ?? { count: 0, named: [] };
    this.#weeks.set(week, known);
    known.count += 1;
    if (item !== undefined && known.named.length < MOST_NAMED) known.named.push(item);
  }

  count(week: number): number {
    return this.#weeks.get(week)?.count ?? 0;
  }

  endings(week: number): { readonly count: number; readonly named: readonly Item[] } {
    return this.#weeks.get(week) ?? { count: 0, named: [] };
  }
}

/** A certificate is good up to its last moment. */
function weekOf(notAfter: Date, at: Date): number {
  const ahead = notAfter.getTime() - at.getTime();
  return ahead < 0 ? ENDED : Math.min(Math.floor(ahead / WEEK_MS), FORECAST_WEEKS);
}

const byEnd = <Item extends { readonly notAfter: Date }>(items: readonly Item[]): Item[] => [...items].sort((a, b) => a.notAfter.getTime() - b.notAfter.getTime());

/** Days before the end at which a certificate is warned of. */
export const WARN_DAYS = [1, 7, 30] as const;

/** The least threshold that has been reached; undefined where the end is further away than all. An end that has passed counts as the least. */
export function thresholdOf(notAfter: Date, at: Date): (typeof WARN_DAYS)[number] | undefined {
  const days = (notAfter.getTime() - at.getTime()) / DAY_MS;
  return WARN_DAYS.find((threshold) => days <= threshold);
}
