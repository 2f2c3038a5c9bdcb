import type { Figure } from '../figures/figure.ts';
import { token } from '../token.ts';

/**
 * What `Metrics` took down, of every process that belongs together.
 *
 * - Every figure of the catalogue is there, in its order, also where it has no value yet.
 * - Plain data: another process may be asked for its own, and `mergeFigures` makes one of several.
 * - Never rejects.
 */
export interface Figures {
  all(): Promise<readonly Figure[]>;
}

export const Figures = token<Figures>('Figures');

/** Those of this process alone: what `Figures` is made of. */
export const LocalFigures = token<Figures>('LocalFigures');
