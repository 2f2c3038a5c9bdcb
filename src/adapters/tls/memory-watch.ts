import { constants, PerformanceObserver, type PerformanceObserverEntryList } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

/** What the process has and may have, bytes. */
export interface MemoryFigures {
  /** Of V8's heap: what is in use, garbage with it, and where V8 gives up. */
  readonly heapUsed: number;
  readonly heapLimit: number;
  /** Of the whole process: what is resident, and what its cgroup allows it (`Infinity` is no bound). */
  readonly resident: number;
  readonly allowed: number;
}

type Collection = ReturnType<PerformanceObserverEntryList['getEntries']>[number] & { readonly detail?: { readonly kind?: number } };

/** Above this share of the heap V8 collects ever more often, and at the end it ends the process. */
const HEAP_SHARE = 0.8;
/** The kernel ends a process that takes more than its cgroup has. */
const RESIDENT_SHARE = 0.9;
const LOOK_MS = 250;

/**
 * Knows when there is no memory for more connections (F22): those that are here are worth more than one that comes, and a process that
 * has run out of memory loses all of them.
 *
 * What a heap has in use is mostly garbage between two collections, so that it counts only where the last full one left as much.
 */
export class MemoryWatch {
  readonly #look: () => MemoryFigures;
  readonly #collections: PerformanceObserver | undefined;
  #left = 0;
  #short = false;
  #lookedAt = -Infinity;

  constructor(look: () => MemoryFigures = memoryFigures(), watchCollections = true) {
    this.#look = look;
    if (!watchCollections) return;
    this.#collections = new PerformanceObserver((list) => {
      if ((list.getEntries() as Collection[]).some(({ detail }) => detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR)) this.collected();
    });
    this.#collections.observe({ entryTypes: ['gc'] });
  }

  /** A full collection has ended: what is in use now is in use. */
  collected(): void {
    this.#left = this.#look().heapUsed;
  }

  /** Looks anew at most four times a second: `now` is a clock that never jumps, ms. */
  isShort(now = performance.now()): boolean {
    if (now - this.#lookedAt < LOOK_MS) return this.#short;
    this.#lookedAt = now;
    const { heapUsed, heapLimit, resident, allowed } = this.#look();
    this.#short = Math.min(this.#left, heapUsed) > HEAP_SHARE * heapLimit || resident > RESIDENT_SHARE * allowed;
    return this.#short;
  }

  close(): void {
    this.#collections?.disconnect();
  }
}

/** Of this process; it may have its share of the cgroup, in which `processes` like it live. */
export const memoryFigures =
  (processes = 1): (() => MemoryFigures) =>
  () => {
    const { used_heap_size: heapUsed, heap_size_limit: heapLimit } = getHeapStatistics();
    const allowed = process.constrainedMemory();
    return { heapUsed, heapLimit, resident: process.memoryUsage.rss(), allowed: allowed > 0 ? allowed / processes : Infinity };
  };
