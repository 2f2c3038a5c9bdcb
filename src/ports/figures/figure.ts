/** A label has one of few values, or as many as `most`; any other is told as `OTHER`, so that no client and no mistake makes figures grow. */
export type LabelRule = readonly string[] | { readonly most: number };

/** In no tenant's id, and no code. */
export const OTHER = '_other';

/** What a figure is. Its name, meaning and labels are public, like a refusal's code: dashboards rest on them. */
export interface FigureRow {
  /** `count` only grows, `gauge` stands where it stands, `time` is how often something took how many seconds. */
  readonly kind: 'count' | 'gauge' | 'time';
  readonly help: string;
  readonly labels: Readonly<Record<string, LabelRule>>;
  /** What becomes of several processes' values of a gauge. Counts and times are added up. */
  readonly merged: Merging;
  /** The same for values of several tenants, where they are told as one; as `merged` where absent. */
  readonly overTenants?: Merging;
}

export type Merging = 'sum' | 'max' | 'min';

export type Labels = Readonly<Record<string, string>>;

/** One value of a figure: plain data, so that it crosses processes. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** How often something took up to each of `TIME_BOUNDS`, and longer: one more count than bounds. */
export interface TimeSample {
  readonly labels: Labels;
  readonly counts: readonly number[];
  /** Seconds in all. */
  readonly sum: number;
}

/** A figure with its values at one moment. */
export interface Figure {
  readonly name: string;
  readonly samples: readonly (Sample | TimeSample)[];
}

/** Seconds. The aims of a quiet machine lie in the lower half, a storm in the upper one. */
export const TIME_BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
