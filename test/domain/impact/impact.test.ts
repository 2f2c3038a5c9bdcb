import { describe, expect, it } from '@jest/globals';
import { confirmAbove } from '../../../src/domain/impact/change-options.ts';
import { ImpactCount, isPassable, MOST_EXAMPLES, withdrawalFrom } from '../../../src/domain/impact/impact.ts';
import type { Way } from '../../../src/domain/impact/way.ts';
import { aDeviceId, aFingerprint, after, DAY, NOW } from '../../support/certificate-builders.ts';

const by = (anchor: string, ...ends: Date[]): Way => ({
  anchor: aFingerprint(anchor),
  intermediates: ends.map((notAfter) => ({ fingerprint: aFingerprint('between'), subject: 'CN=Issuing', notAfter })),
});
const seen = (days: number, isOnline = false, id = 'press-7') => ({ device: aDeviceId(id), lastSeen: after(-days * DAY), isOnline });
const counting = (tokenLifeMs = 0) => new ImpactCount({ at: NOW, tokenLifeMs });

describe('What it means for a device that an anchor goes', () => {
  const [a, b, again] = [by('a'), by('b'), by('a', NOW)];
  it.each([
    ['that it is out where it came by it alone', 'alone', [a]],
    ['that it is out where it came by it on two ways', 'alone', [a, again]],
    ['that it goes on where another way is open', 'another-way', [a, b]],
    ['that it goes on where only the other way is open', 'another-way', [b]],
    ['that it stays out where every way is closed', 'already-out', []],
  ] as const)('%s', (_what, effect, open) => {
    expect(withdrawalFrom(open, aFingerprint('a'))).toBe(effect);
  });

  it('a way is passable up to the last moment of its certificates, and not after', () => {
    expect(isPassable(by('a'), NOW, NOW)).toBe(true);
    expect(isPassable(by('a'), after(-1), NOW)).toBe(false);
    expect(isPassable(by('a', NOW, after(1)), NOW, NOW)).toBe(true);
    expect(isPassable(by('a', after(1), after(-1)), NOW, NOW)).toBe(false);
  });
});

describe('The figures of a change', () => {
  it('count each device once, by what it means for it', () => {
    const count = counting();
    for (const effect of ['alone', 'alone', 'another-way', 'already-out', 'untouched'] as const) count.add(effect, seen(0));
    expect(count.result({ registered: 9 }).devices).toEqual({ dependOnItAlone: 2, haveAnotherWay: 1, alreadyOut: 1, notSeenYet: 4 });
    expect(count.result({ registered: 1 }).devices.notSeenYet).toBe(0);
  });

  it.each([
    ['today', 0], ['today', 1], ['last7Days', 1.01], ['last7Days', 7], ['last30Days', 7.01], ['last30Days', 30], ['older', 30.01],
  ] as const)('say who was seen when: %s, %d days ago', (age, days) => {
    const count = counting();
    count.add('alone', seen(days));
    expect(count.result({ registered: 1 }).lastSeen).toEqual({ today: 0, last7Days: 0, last30Days: 0, older: 0, [age]: 1 });
  });

  it('take who is online as seen today, and look at nobody but those hit', () => {
    const count = counting();
    count.add('alone', seen(90, true));
    count.add('another-way', seen(0));
    expect(count.result({ registered: 2 }).lastSeen).toEqual({ today: 1, last7Days: 0, last30Days: 0, older: 0 });
  });

  it('estimate tokens by who is online, or was seen within a day and the life of a token', () => {
    const count = counting(DAY);
    for (const sight of [seen(90, true), seen(1.99), seen(2)]) count.add('alone', sight);
    count.add('another-way', seen(0));
    expect(count.result({ registered: 4 }).estimatedLiveTokens).toBe(2);
    const switchedOff = counting(0);
    switchedOff.add('alone', seen(0, true));
    expect(switchedOff.result({ registered: 1 }).estimatedLiveTokens).toBe(0);
  });

  it('name the first ten of those hit', () => {
    const count = counting();
    for (let i = 0; i < 30; i += 1) count.add(i % 2 ? 'alone' : 'another-way', seen(0, false, `press-${i}`));
    const { examples } = count.result({ registered: 30 });
    expect([examples.length, examples[0], examples[9]]).toEqual([MOST_EXAMPLES, 'press-1', 'press-19']);
  });
});

describe('The option that wants large changes confirmed', () => {
  it.each([[undefined, undefined], ['off', undefined], ['0', 0], ['500', 500], ['-1', undefined], ['many', undefined]])('is read: %s', (value, most) => {
    expect(confirmAbove(value)).toBe(most);
  });
});
