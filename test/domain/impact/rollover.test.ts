import { describe, expect, it } from '@jest/globals';
import { isCircle, placeOf, progressOf } from '../../../src/domain/impact/rollover.ts';
import { aFingerprint } from '../../support/certificate-builders.ts';

const link = (from: string, to: string) => ({ fingerprint: aFingerprint(from), successor: aFingerprint(to) });
const by = (...anchors: string[]) => anchors.map((anchor) => ({ anchor: aFingerprint(anchor), intermediates: [] }));

describe('A rollover', () => {
  it.each([
    ['has arrived on the successor', 'arrived', ['new']],
    ['has arrived where it came by both', 'arrived', ['old', 'new']],
    ['is a straggler on the former one alone', 'straggler', ['old', 'third']],
    ['does not count elsewhere', 'elsewhere', ['third']],
    ['does not count without a way', 'elsewhere', []],
  ] as const)('says of a device that it %s', (_what, place, anchors) => {
    expect(placeOf(by(...anchors), link('old', 'new'))).toBe(place);
  });

  it.each([[83, 17, 83], [999, 1, 99], [1, 0, 100], [0, 5, 0], [0, 0, 0], [1, 2, 33]])('tells how far it came, 100 only where all have arrived: %d and %d', (arrived, left, percent) => {
    expect(progressOf(arrived, left)).toEqual({ onSuccessor: arrived, stragglers: left, percent });
  });

  it.each([
    ['itself', link('a', 'a'), [], true],
    ['one that leads back', link('a', 'b'), [link('b', 'a')], true],
    ['one that leads back by way of others', link('a', 'b'), [link('b', 'c'), link('c', 'd'), link('d', 'a')], true],
    ['one that leads on', link('a', 'b'), [link('b', 'c'), link('z', 'a')], false],
    ['one of two that end in the same', link('a', 'c'), [link('b', 'c')], false],
    ['another than before', link('a', 'c'), [link('a', 'b'), link('b', 'c')], false],
    ['one in a circle without it', link('a', 'b'), [link('b', 'c'), link('c', 'b')], false],
  ])('is no circle unless it leads to where it began: %s', (_what, next, others, circle) => {
    expect(isCircle(next, others)).toBe(circle);
  });
});
