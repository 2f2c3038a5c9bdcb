import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HandshakeGate, type Arrival, type GateLimits } from '../../../src/adapters/tls/handshake-gate.ts';

const LIMITS: GateLimits = { inFlight: 2, perAddress: 2, waiting: 8, stalled: 4, leaseMs: 250 };

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** A gate, and what it did to arrivals by name: `+a` started, `-a waiting-full` dropped. */
function aGate(limits: Partial<GateLimits> = {}) {
  const gate = new HandshakeGate({ limits: { ...LIMITS, ...limits } });
  const did: string[] = [];
  const arrivals = new Map<string, Arrival>();
  const arrive = (...names: readonly string[]): void => {
    for (const name of names) {
      const address = name.replace(/\d+$/, '');
      const arrival = { address, start: () => void did.push(`+${name}`), drop: (why: string) => void did.push(`-${name} ${why}`) };
      arrivals.set(name, arrival);
      gate.arrive(arrival);
    }
  };
  return { gate, did, arrive, leave: (name: string) => gate.leave(arrivals.get(name)!) };
}

describe('a handshake gate', () => {
  it('lets as many run as there are places, and the newest of the others next', () => {
    const { did, arrive, leave, gate } = aGate();
    arrive('a1', 'b1', 'c1', 'd1', 'e1');
    expect(did).toEqual(['+a1', '+b1']);
    expect(gate.counts()).toEqual({ running: 2, stalled: 0, waiting: 3 });
    leave('a1');
    leave('b1');
    expect(did).toEqual(['+a1', '+b1', '+e1', '+d1']);
  });

  it('never starts one that left while it waited', () => {
    const { did, arrive, leave } = aGate();
    arrive('a1', 'b1', 'c1', 'd1');
    leave('d1');
    leave('a1');
    expect(did).toEqual(['+a1', '+b1', '+c1']);
  });

  it('frees a place once, however often one leaves', () => {
    const { arrive, leave, gate } = aGate();
    arrive('a1', 'b1', 'c1', 'd1');
    leave('a1');
    leave('a1');
    expect(gate.counts()).toEqual({ running: 2, stalled: 0, waiting: 1 });
  });

  it('leaves places to others when one address has its share', () => {
    const { did, arrive, leave } = aGate({ inFlight: 3, perAddress: 2 });
    arrive('a1', 'a2', 'a3', 'b1');
    expect(did).toEqual(['+a1', '+a2', '+b1']);
    arrive('b2', 'a4');
    leave('b1');
    expect(did.at(-1)).toBe('+b2'); // a4 is newer, but its address has two
    leave('a1');
    expect(did.at(-1)).toBe('+a4');
  });

  it('drops the one that waited longest when too many wait', () => {
    const { did, arrive, gate } = aGate({ waiting: 3 });
    arrive('a1', 'b1', 'c1', 'd1', 'e1', 'f1');
    expect(did).toEqual(['+a1', '+b1', '-c1 waiting-full']);
    expect(gate.counts().waiting).toBe(3);
  });

  it('gives one address no more than half of the places to wait', () => {
    const { did, arrive } = aGate({ waiting: 4 });
    arrive('a1', 'a2', 'a3', 'a4', 'a5', 'b1');
    expect(did).toEqual(['+a1', '+a2', '-a5 address-waiting-full']);
  });

  it('counts those that left while they waited no more', () => {
    const { did, arrive, leave } = aGate({ waiting: 4 });
    arrive('a1', 'a2', 'a3', 'a4');
    leave('a3');
    arrive('a5');
    expect(did).toEqual(['+a1', '+a2']);
    arrive('a6');
    expect(did.at(-1)).toBe('-a6 address-waiting-full');
  });

  it('S10 takes the place from a handshake that lies unfinished, but not its connection', () => {
    const { did, arrive, gate, leave } = aGate();
    arrive('a1', 'b1', 'c1');
    jest.advanceTimersByTime(249);
    expect(did).toEqual(['+a1', '+b1']);
    jest.advanceTimersByTime(2);
    expect(did).toEqual(['+a1', '+b1', '+c1']);
    expect(gate.counts()).toEqual({ running: 1, stalled: 2, waiting: 0 });
    leave('a1');
    leave('b1');
    leave('c1');
    expect(gate.counts()).toEqual({ running: 0, stalled: 0, waiting: 0 });
  });

  it('lets a handshake take as long as it likes while nobody waits', () => {
    const { gate, arrive } = aGate();
    arrive('a1', 'b1');
    jest.advanceTimersByTime(60_000);
    expect(gate.counts()).toEqual({ running: 2, stalled: 0, waiting: 0 });
  });

  it('drops the oldest unfinished handshake when too many lie about', () => {
    const { did, arrive } = aGate({ stalled: 2 });
    arrive('a1', 'b1', 'c1');
    jest.advanceTimersByTime(251);
    arrive('d1', 'e1');
    jest.advanceTimersByTime(251);
    expect(did.filter((what) => what.startsWith('-'))).toEqual(['-a1 stalled-full']);
  });

  it('drops an unfinished handshake of the address that has half of them, not one of another', () => {
    const { did, arrive } = aGate({ stalled: 4, inFlight: 1 });
    arrive('good1', 'bad1');
    for (const next of ['bad2', 'bad3', 'bad4']) {
      jest.advanceTimersByTime(251);
      arrive(next);
    }
    jest.advanceTimersByTime(251);
    expect(did.filter((what) => what.startsWith('-'))).toEqual(['-bad1 stalled-full']);
  });

  it('drops everything when it closes, and whatever comes later', () => {
    const { did, arrive, gate } = aGate();
    arrive('a1', 'b1', 'c1');
    gate.close();
    arrive('d1');
    expect(did.slice(2)).toEqual(['a1', 'b1', 'c1', 'd1'].map((name) => `-${name} shutting-down`));
    expect(jest.getTimerCount()).toBe(0);
    expect(gate.counts()).toEqual({ running: 0, stalled: 0, waiting: 0 });
  });
});
