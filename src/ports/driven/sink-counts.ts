import { token } from '../token.ts';

/**
 * What the message sink has done since the start, for whoever shows figures.
 *
 * - Synchronous, costs nothing, never throws. All are 0 where the sink counts nothing.
 */
export type SinkCounts = () => SinkFigures;

export interface SinkFigures {
  /** Messages taken, which were acknowledged to their devices. */
  readonly accepted: number;
  /** Messages not taken: there was no room, or the sink was out of order. */
  readonly refused: number;
  /** Attempts to hand on that failed and were made again. */
  readonly retried: number;
  /** Messages handed on to their end. */
  readonly delivered: number;
  /** Messages set aside because the receiver refuses them for good. */
  readonly deadLettered: number;
  /** Messages taken and not handed on yet, and their bytes on disk. */
  readonly queued: number;
  readonly queuedBytes: number;
}

export const SinkCounts = token<SinkCounts>('SinkCounts');
