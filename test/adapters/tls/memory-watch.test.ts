import { describe, expect, it, jest } from '@jest/globals';
import { memoryFigures, MemoryWatch, type MemoryFigures } from '../../../src/adapters/tls/memory-watch.ts';

const MB = 2 ** 20;
const ROOMY: MemoryFigures = { heapUsed: 50 * MB, heapLimit: 100 * MB, resident: 200 * MB, allowed: Infinity };

function aWatch(wish: Partial<MemoryFigures> = {}): { readonly watch: MemoryWatch; has(wish: Partial<MemoryFigures>): void } {
  let figures = { ...ROOMY, ...wish };
  return { watch: new MemoryWatch(() => figures, false), has: (more) => void (figures = { ...figures, ...more }) };
}

describe('The watch over memory', () => {
  it('F22 is content with a heap that is full of garbage', () => {
    const { watch, has } = aWatch();
    watch.collected();
    has({ heapUsed: 99 * MB });
    expect(watch.isShort(0)).toBe(false);
  });

  it('F22 calls memory short when a full collection leaves more than four fifths of the heap', () => {
    const { watch, has } = aWatch({ heapUsed: 81 * MB });
    watch.collected();
    has({ heapUsed: 90 * MB });
    expect(watch.isShort(0)).toBe(true);
  });

  it('F22 and not when it leaves four fifths', () => {
    const { watch } = aWatch({ heapUsed: 80 * MB });
    watch.collected();
    expect(watch.isShort(0)).toBe(false);
  });

  it('F22 sees that there is room again before the next full collection', () => {
    const { watch, has } = aWatch({ heapUsed: 85 * MB });
    watch.collected();
    expect(watch.isShort(0)).toBe(true);
    has({ heapUsed: 79 * MB });
    expect([watch.isShort(249), watch.isShort(250)]).toEqual([true, false]);
  });

  it('F22 calls memory short when the process is about to have more than its cgroup allows', () => {
    const { watch, has } = aWatch({ resident: 225 * MB, allowed: 250 * MB });
    expect(watch.isShort(0)).toBe(false);
    has({ resident: 226 * MB });
    expect(watch.isShort(1000)).toBe(true);
  });

  it('F22 takes of the cgroup the share of one of several workers', () => {
    const cgroup = jest.spyOn(process, 'constrainedMemory').mockReturnValue(400 * MB);
    try {
      expect([memoryFigures()().allowed, memoryFigures(4)().allowed]).toEqual([400 * MB, 100 * MB]);
      cgroup.mockReturnValue(0); // none
      expect(memoryFigures(4)().allowed).toBe(Infinity);
    } finally {
      cgroup.mockRestore();
    }
  });

  it('finds memory enough in a process that has just begun', () => {
    const watch = new MemoryWatch();
    expect(watch.isShort()).toBe(false);
    watch.close();
  });
});
