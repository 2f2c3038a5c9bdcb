import { FIGURES, type CountName, type FigureName, type GaugeName, type LabelsOf, type TimeName } from '../../ports/figures/catalogue.ts';
import { OTHER, TIME_BOUNDS, type Figure, type FigureRow, type LabelRule, type Labels, type Sample, type TimeSample } from '../../ports/figures/figure.ts';
import { mergedSamples, samplesAsOne } from '../../ports/figures/merge-figures.ts';
import type { Figures } from '../../ports/driven/figures.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { Metrics, Reading } from '../../ports/driven/metrics.ts';

interface Times {
  readonly labels: Labels;
  readonly counts: number[];
  sum: number;
}
interface Count {
  readonly labels: Labels;
  value: number;
}
type Watch = () => readonly Sample[] | Promise<readonly Sample[]>;

/** The figures of this process. A figure costs a look-up in a map, and its series are as many as its labels allow. */
export class InMemoryMetrics implements Metrics, Figures {
  readonly #log: Log;
  readonly #kept = new Map<FigureName, Kept>();
  readonly #failing = new Set<string>();

  constructor({ log }: { log: Log }) {
    this.#log = log;
    for (const [name, row] of Object.entries(FIGURES)) this.#kept.set(name as FigureName, new Kept(row));
  }

  count<Name extends CountName>(name: Name, labels: LabelsOf<Name>, by = 1): void {
    if (by >= 0) this.#kept.get(name)!.countOf(labels).value += by;
  }

  took<Name extends TimeName>(name: Name, labels: LabelsOf<Name>, seconds: number): void {
    const times = this.#kept.get(name)!.timesOf(labels);
    const bucket = TIME_BOUNDS.findIndex((bound) => seconds <= bound);
    times.counts[bucket === -1 ? TIME_BOUNDS.length : bucket]! += 1;
    times.sum += seconds;
  }

  watch<Name extends GaugeName | CountName>(name: Name, read: () => Reading<Name> | Promise<Reading<Name>>): void {
    this.#kept.get(name)!.watches.push(read);
  }

  async all(): Promise<readonly Figure[]> {
    return Promise.all([...this.#kept].map(async ([name, kept]) => ({ name, samples: await this.#samplesOf(name, kept) })));
  }

  async #samplesOf(name: string, kept: Kept): Promise<readonly (Sample | TimeSample)[]> {
    if (kept.watches.length === 0) return kept.samples();
    const watched = await Promise.all(kept.watches.map((read) => this.#ask(name, read)));
    const known = watched.map((samples) => samplesAsOne(samples.map((sample) => ({ ...sample, labels: kept.known(sample.labels) })), name));
    return mergedSamples([...(kept.samples() as readonly Sample[]), ...known.flat()], name);
  }

  async #ask(name: string, read: Watch): Promise<readonly Sample[]> {
    try {
      return await read();
    } catch (error) {
      if (!this.#failing.has(name)) this.#log.warn({ figure: name, error: String(error) }, 'A figure cannot be found out, and is left out of the metrics.');
      this.#failing.add(name);
      return [];
    }
  }
}

/** One figure with its series. */
class Kept {
  readonly watches: Watch[] = [];
  readonly #labels: readonly (readonly [string, Allowed])[];
  readonly #kind: FigureRow['kind'];
  readonly #series = new Map<string, Count | Times>();

  constructor({ kind, labels }: FigureRow) {
    this.#kind = kind;
    this.#labels = Object.entries(labels).map(([label, rule]) => [label, new Allowed(rule)] as const);
    // What has no labels is there from the start: a rate needs its zero.
    if (this.#labels.length === 0 && kind !== 'gauge') this.#find({});
  }

  countOf(labels: Labels): Count {
    return this.#find(labels) as Count;
  }

  timesOf(labels: Labels): Times {
    return this.#find(labels) as Times;
  }

  /** A copy: what is read does not move any more. */
  samples(): readonly (Sample | TimeSample)[] {
    return [...this.#series.values()].map((each) => ('counts' in each ? { ...each, counts: [...each.counts] } : { ...each }));
  }

  known(labels: Labels): Labels {
    return Object.fromEntries(this.#labels.map(([label, allowed]) => [label, allowed.orOther(labels[label] ?? '')]));
  }

  #find(labels: Labels): Count | Times {
    let key = '';
    for (const [label, allowed] of this.#labels) key += `${allowed.orOther(labels[label] ?? '')}\n`;
    let series = this.#series.get(key);
    if (series === undefined) {
      const known = this.known(labels);
      series = this.#kind === 'time' ? { labels: known, counts: new Array<number>(TIME_BOUNDS.length + 1).fill(0), sum: 0 } : { labels: known, value: 0 };
      this.#series.set(key, series);
    }
    return series;
  }
}

/** The values of one label. */
class Allowed {
  readonly #most: number;
  readonly #values: Set<string>;

  constructor(rule: LabelRule) {
    const isList = Array.isArray(rule);
    this.#values = new Set(isList ? (rule as readonly string[]) : []);
    this.#most = isList ? 0 : (rule as { readonly most: number }).most;
  }

  orOther(value: string): string {
    if (this.#values.has(value)) return value;
    if (this.#values.size >= this.#most) return OTHER;
    this.#values.add(value);
    return value;
  }
}
