import { describe, expect, it } from '@jest/globals';
import { RandomIdentifiers } from '../../../src/adapters/system/random-identifiers.ts';
import { SystemClock } from '../../../src/adapters/system/system-clock.ts';
import { identifiersContract } from '../../contracts/identifiers.contract.ts';

identifiersContract('RandomIdentifiers', () => new RandomIdentifiers());

describe('SystemClock', () => {
  it('tells the time of the machine, anew each time', () => {
    const before = Date.now();
    const [one, two] = [new SystemClock().now(), new SystemClock().now()];
    expect(one.getTime()).toBeGreaterThanOrEqual(before);
    expect(two.getTime()).toBeLessThanOrEqual(Date.now());
    expect(one).not.toBe(two);
  });
});
