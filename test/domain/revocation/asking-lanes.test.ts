import { describe, expect, it } from '@jest/globals';
import { AskingLanes, LANE_LIMITS } from '../../../src/domain/revocation/asking-lanes.ts';
import { answered, refreshAt, restAfter, unanswered } from '../../../src/domain/revocation/asking-times.ts';
import { aKnown, anAnswer } from '../../support/answer-builders.ts';
import { after, NOW } from '../../support/certificate-builders.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const add = (lanes: AskingLanes<string>, lane: string, ...keys: readonly string[]) => keys.map((key) => lanes.add(lane, key, key));
const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `k${i}`);
const takeAll = (lanes: AskingLanes<string>, now = 0): string[] => {
  const taken: string[] = [];
  for (let next = lanes.take(now); next; next = lanes.take(now)) taken.push(`${next.lane} ${next.key}`);
  return taken;
};

describe('Who is asked next', () => {
  it('is whoever waits longest, two of a lane at a time, and lanes take turns', () => {
    const lanes = new AskingLanes<string>();
    add(lanes, 'a', '1', '2', '3');
    add(lanes, 'b', '1');
    expect(takeAll(lanes)).toEqual(['a 1', 'b 1', 'a 2']);
    lanes.done({ lane: 'a', key: '1' }, true, 0);
    expect(takeAll(lanes)).toEqual(['a 3']);
  });

  it('is nobody twice: neither who waits nor who is being asked', () => {
    const lanes = new AskingLanes<string>();
    expect(add(lanes, 'a', '1', '1')).toEqual([true, false]);
    takeAll(lanes);
    expect(add(lanes, 'a', '1')).toEqual([false]);
    lanes.done({ lane: 'a', key: '1' }, true, 0);
    expect(add(lanes, 'a', '1')).toEqual([true]);
  });

  it('X29 is bounded: a lane, all of them, and what is asked at once', () => {
    const lanes = new AskingLanes<string>();
    for (const lane of numbered(5)) {
      expect(add(lanes, lane, ...numbered(LANE_LIMITS.waiting)).every(Boolean)).toBe(true);
      expect(add(lanes, lane, 'one more')).toEqual([false]);
    }
    expect([add(lanes, 'a sixth', 'x'), lanes.spaceIn('a sixth', 0), lanes.spaceIn('k0', 0)]).toEqual([[false], 0, 0]);
    expect(takeAll(lanes)).toHaveLength(10);
    expect([add(lanes, 'a sixth', 'x'), lanes.spaceIn('k0', 0), lanes.spaceIn('a seventh', 0)]).toEqual([[true], 2, 9]);
    for (const lane of ['l1', 'l2', 'l3']) add(lanes, lane, '1', '2', '3');
    expect(takeAll(lanes)).toHaveLength(LANE_LIMITS.atOnceInAll - 10);
    expect(lanes.spaceIn('k0', 0)).toBeLessThanOrEqual(2);
  });

  it('is nobody of a lane whose responder failed, until it has rested, and others go on', () => {
    const lanes = new AskingLanes<string>();
    add(lanes, 'a', '1', '2', '3');
    lanes.take(0);
    lanes.done({ lane: 'a', key: '1' }, false, 0);
    add(lanes, 'b', '1');
    expect([takeAll(lanes, 5 * SECOND - 1), lanes.spaceIn('a', 5 * SECOND - 1)]).toEqual([['b 1'], 0]);
    expect(takeAll(lanes, 5 * SECOND)).toEqual(['a 2', 'a 3']);
    lanes.done({ lane: 'a', key: '2' }, false, 0);
    add(lanes, 'a', '4');
    expect(takeAll(lanes, 10 * SECOND - 1)).toEqual([]);
    lanes.done({ lane: 'a', key: '3' }, true, 0);
    expect(takeAll(lanes, 0)).toEqual(['a 4']);
  });

  it('is asked at once where the one before was not asked at all', () => {
    const lanes = new AskingLanes<string>();
    add(lanes, 'a', '1', '2', '3');
    takeAll(lanes);
    lanes.done({ lane: 'a', key: '1' }, undefined, 0);
    expect(takeAll(lanes)).toEqual(['a 3']);
  });
});

describe('When a certificate is asked about again', () => {
  const life = (ms: number, print = '0000') => refreshAt({ fingerprint: print.padStart(40, '0') as never }, anAnswer({ freshUntil: after(ms) })).getTime() - NOW.getTime();

  it('is before its answer ends, each at a moment of its own, not before 30 seconds and not after a day', () => {
    expect([life(HOUR), life(HOUR, 'ffff')]).toEqual([0.6 * HOUR, 0.8 * HOUR]);
    expect([life(SECOND), life(-HOUR), life(100 * 24 * HOUR)]).toEqual([30 * SECOND, 30 * SECOND, 24 * HOUR]);
  });

  it('is later and later where nothing came, up to an hour; what was known stays', () => {
    let known = aKnown({ answer: anAnswer() });
    const waits = Array.from({ length: 9 }, () => {
      known = unanswered(known, 'ocsp.not-asked', NOW);
      return (known.askAt.getTime() - NOW.getTime()) / SECOND;
    });
    expect(waits).toEqual([30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
    expect(known).toMatchObject({ answer: anAnswer(), problem: 'ocsp.not-asked', failures: 9 });
    const after_ = answered(known, anAnswer({ thisUpdate: after(1) }));
    expect([after_.failures, 'problem' in after_, after_.answer?.thisUpdate]).toEqual([0, false, after(1)]);
  });

  it('waits for a responder that failed so often in a row', () => {
    expect([1, 2, 3, 7, 99].map((failures) => restAfter(failures) / SECOND)).toEqual([5, 10, 20, 300, 300]);
  });
});
