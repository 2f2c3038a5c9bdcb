import type { Clock } from '../../ports/driven/clock.ts';

/** The clock of the machine. */
export class SystemClock implements Clock {
  now(): Date {
    return new Date();
  }
}
