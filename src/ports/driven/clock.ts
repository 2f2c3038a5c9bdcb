import { token } from '../token.ts';

/** The time of day by which certificates and tokens are judged. Time-outs are measured elsewhere, by a clock that never jumps. */
export interface Clock {
  now(): Date;
}

export const Clock = token<Clock>('Clock');
