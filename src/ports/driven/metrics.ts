import type { CountName, GaugeName, LabelsOf, TimeName } from '../figures/catalogue.ts';
import { token } from '../token.ts';

/**
 * Takes down what happens, as figures of the catalogue and no others (D-58).
 *
 * - Never throws, never waits, and costs less than a microsecond: it is called on the way of every connect and packet.
 * - A label's value that its row does not know, or one more than the row takes, is counted as `_other`.
 * - `watch`: the value is asked for when somebody reads the figures. Several may watch one figure; values with the same labels are
 *   merged as the row says. One that fails is left out, and told in the log once.
 */
export interface Metrics {
  /** `by` is not negative. */
  count<Name extends CountName>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  took<Name extends TimeName>(name: Name, labels: LabelsOf<Name>, seconds: number): void;
  watch<Name extends GaugeName | CountName>(name: Name, read: () => Reading<Name> | Promise<Reading<Name>>): void;
}

export type Reading<Name extends GaugeName | CountName> = readonly { readonly labels: LabelsOf<Name>; readonly value: number }[];

export const Metrics = token<Metrics>('Metrics');
