import type { Fingerprint } from '../certificates/certificate.ts';
import type { DeviceId } from '../identity/device-identity.ts';
import { ByWeek, ENDED, EndDays, FORECAST_WEEKS, LATER, MOST_NAMED, weekAfter, weekOf } from './by-week.ts';
import type { Way } from './way.ts';

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
  /** Keys that sign or check tokens, the signing one first. */
  readonly signingKeys: readonly TokenKey[];
  /** Which end of each kind comes next, at whatever distance. */
  readonly next: Next;
  /** By when what part of the devices’ certificates that have not ended has ended, exact to a day; of none where there is none. */
  readonly leafQuantiles: readonly { readonly part: number; readonly by: Date }[];
}

export interface Next {
  readonly intermediate?: Date;
  readonly anchor?: Date;
  readonly list?: Date;
}

/** A key of which tokens are made. Only those that do so no longer have an end, which a rotation gives them. */
export interface TokenKey {
  readonly id: string;
  readonly madeAt: Date;
  readonly checksUntil?: Date;
}

export interface Week {
  readonly from: Date;
  readonly until: Date;
  /** Certificates with which devices came last. */
  readonly leaves: number;
  readonly intermediates: Endings;
  readonly anchors: Endings;
  readonly serverCertificate: boolean;
  /** Revocation lists in force whose next issue is due. */
  readonly lists: { readonly count: number; readonly named: readonly ListEnding[] };
  /** Former signing keys that stop checking tokens. */
  readonly signingKeys: number;
}

export interface ListEnding {
  readonly id: string;
  /** The trusted CA that it was brought to. */
  readonly anchor: Fingerprint;
  readonly issuer: string;
  readonly nextUpdate: Date;
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
  readonly lists: number;
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

/** What ends beside what devices showed. */
export interface Standing {
  /** Enabled. */
  readonly anchors: readonly Named[];
  /** When the certificate of the server ends. */
  readonly server: Date;
  readonly lists?: readonly ListEnding[];
  readonly signingKeys?: readonly TokenKey[];
}

export const LEAF_PARTS = [0, 0.01, 0.1, 0.5] as const;

/** Adds up devices one by one. */
export class ForecastCount {
  readonly #at: Date;
  readonly #leaves: ByWeek;
  readonly #leafDays: EndDays;
  readonly #intermediates = new Map<Fingerprint, Named>();
  readonly #devicesBy = new Map<Fingerprint, number>();
  #returning: Returning[] = [];
  #late = 0;
  #unknown = 0;

  constructor(at: Date) {
    this.#at = at;
    this.#leaves = new ByWeek(at);
    this.#leafDays = new EndDays(at);
  }

  add(sight: DeviceSight): void {
    this.#leaves.add(sight.notAfter);
    this.#leafDays.add(sight.notAfter);
    const intermediates = sight.ways.flatMap((way) => way.intermediates);
    for (const each of intermediates) if (this.#intermediates.size < MOST_INTERMEDIATES) this.#intermediates.set(each.fingerprint, each);
    const known = intermediates.map(({ fingerprint }) => fingerprint).filter((each) => this.#intermediates.has(each));
    const by = new Set([...sight.ways.map(({ anchor }) => anchor), ...known]);
    for (const each of by) this.#devicesBy.set(each, (this.#devicesBy.get(each) ?? 0) + 1);
    this.#addReturn(sight);
  }

  result({ anchors, server, lists = [], signingKeys = [] }: Standing): Forecast {
    const at = this.#at;
    const [above, between] = [anchors, [...this.#intermediates.values()]].map((all) => this.#byWeek(all)) as [ByWeek<Ending>, ByWeek<Ending>];
    const due = new ByWeek<ListEnding>(at);
    for (const list of [...lists].sort((a, b) => a.nextUpdate.getTime() - b.nextUpdate.getTime())) due.add(list.nextUpdate, list);
    const retiring = new ByWeek(at);
    for (const { checksUntil } of signingKeys) if (checksUntil) retiring.add(checksUntil);
    const counts = (week: number): Counts => ({ leaves: this.#leaves.count(week), intermediates: between.count(week), anchors: above.count(week), lists: due.count(week) });
    const weeks = Array.from({ length: FORECAST_WEEKS }, (_, week) => ({
      ...{ from: weekAfter(at, week), until: weekAfter(at, week + 1), leaves: this.#leaves.count(week) },
      ...{ intermediates: between.endings(week), anchors: above.endings(week), lists: due.endings(week) },
      serverCertificate: weekOf(server, at) === week,
      signingKeys: retiring.count(week),
    }));
    const endsBeforeReturn = { devices: this.#late, unknown: this.#unknown, named: this.#returning };
    const next = { ...(between.next && { intermediate: between.next }), ...(above.next && { anchor: above.next }), ...(due.next && { list: due.next }) };
    const leafQuantiles = LEAF_PARTS.map((part) => ({ part, by: this.#leafDays.by(part) })).filter((each): each is { part: typeof each.part; by: Date } => each.by !== undefined);
    return { at, weeks, ended: counts(ENDED), later: counts(LATER), endsBeforeReturn, signingKeys, next, leafQuantiles };
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

  #byWeek(all: readonly Named[]): ByWeek<Ending> {
    const weeks = new ByWeek<Ending>(this.#at);
    for (const { fingerprint, subject, notAfter } of byEnd(all)) weeks.add(notAfter, { fingerprint, subject, notAfter, devices: this.#devicesBy.get(fingerprint) ?? 0 });
    return weeks;
  }
}

const byEnd = <Item extends { readonly notAfter: Date }>(items: readonly Item[]): Item[] => [...items].sort((a, b) => a.notAfter.getTime() - b.notAfter.getTime());
