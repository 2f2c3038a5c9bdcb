import { describe, expect, it } from '@jest/globals';
import { Deadline } from '../../../src/adapters/mqtt/deadline.ts';
import type { Timers } from '../../../src/adapters/mqtt/timers.ts';

/** Timers of a process that was stopped: an alarm rings `lateMs` after its time. */
class LateTimers implements Timers {
  lateMs = 0;
  #now = 0;
  #alarm: { readonly at: number; readonly what: () => void } | undefined;

  now(): number {
    return this.#now;
  }

  after(ms: number, what: () => void): () => void {
    this.#alarm = { at: this.#now + ms, what };
    return () => (this.#alarm = undefined);
  }

  ring(): void {
    const { at, what } = this.#alarm!;
    this.#now = at + this.lateMs;
    what();
  }
}

function aDeadline(): { readonly timers: LateTimers; readonly deadline: Deadline; passed(): boolean } {
  const timers = new LateTimers();
  let passed = false;
  const deadline = new Deadline(timers, () => (passed = true));
  deadline.start(3_000);
  return { timers, deadline, passed: () => passed };
}

describe('A deadline', () => {
  it('passes when nobody has touched it in its time', () => {
    const { timers, passed } = aDeadline();
    timers.ring();
    expect(passed()).toBe(true);
  });

  it('that rings half a second late has rung in time', () => {
    const { timers, passed } = aDeadline();
    timers.lateMs = 500;
    timers.ring();
    expect(passed()).toBe(true);
  });

  it('F21 that rings later than that gives the peer another second, in which what lies in the kernel is read', () => {
    const { timers, deadline, passed } = aDeadline();
    timers.lateMs = 30_000;
    timers.ring();
    expect(passed()).toBe(false);
    deadline.touch();
    timers.lateMs = 0;
    timers.ring();
    expect([passed(), timers.now()]).toEqual([false, 34_000]);
  });

  it('F21 and passes after that second where nothing lay there', () => {
    const { timers, passed } = aDeadline();
    timers.lateMs = 30_000;
    timers.ring();
    timers.lateMs = 0;
    timers.ring();
    expect([passed(), timers.now()]).toEqual([true, 34_000]);
  });
});
