/** Time-outs by a clock that never jumps. Tests hand in one that they move by hand. */
export interface Timers {
  /** Milliseconds since some fixed moment. */
  now(): number;
  /** Calls `what` once after `ms`; the returned function takes that back. */
  after(ms: number, what: () => void): () => void;
}

export const SYSTEM_TIMERS: Timers = {
  now: () => performance.now(),
  after: (ms, what) => {
    const timer = setTimeout(what, ms);
    return () => clearTimeout(timer);
  },
};
