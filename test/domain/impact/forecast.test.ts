import { describe, expect, it } from '@jest/globals';
import { FORECAST_WEEKS, MOST_NAMED } from '../../../src/domain/impact/by-week.ts';
import { listThresholdOf, thresholdOf } from '../../../src/domain/impact/expiry-thresholds.ts';
import { expectedReturn, ForecastCount, type DeviceSight, type Standing } from '../../../src/domain/impact/forecast.ts';
import { aDeviceId, aFingerprint, after, DAY, NOW } from '../../support/certificate-builders.ts';

const WEEK = 7 * DAY;
const due = (id: string, nextUpdate: Date) => ({ id, anchor: aFingerprint('a'), issuer: 'CN=CA', nextUpdate });
const NEVER = after(9999 * DAY);
const between = (name: string, notAfter: Date) => ({ fingerprint: aFingerprint(name), subject: `CN=${name}`, notAfter });
const sight = (overrides: Partial<DeviceSight> = {}): DeviceSight => ({
  ...{ device: aDeviceId(), notAfter: NEVER, lastSeen: NOW, isOnline: false },
  ways: [{ anchor: aFingerprint('a'), intermediates: [] }],
  ...overrides,
});
const forecast = (sights: readonly DeviceSight[], anchors: Standing['anchors'] = [], server = NEVER, more: Partial<Standing> = {}) => {
  const count = new ForecastCount(NOW);
  for (const each of sights) count.add(each);
  return count.result({ anchors, server, ...more });
};

describe('The forecast', () => {
  it('has twenty-six weeks, one after the other from now on', () => {
    const { weeks, at } = forecast([]);
    expect([at, weeks.length, weeks[0]!.from, weeks[25]!.until]).toEqual([NOW, 26, NOW, after(26 * WEEK)]);
    for (const [i, week] of weeks.entries()) if (i > 0) expect(week.from).toEqual(weeks[i - 1]!.until);
  });

  it.each([
    ['ended', -1], ['0', 0], ['0', WEEK - 1], ['1', WEEK], ['25', 26 * WEEK - 1], ['later', 26 * WEEK],
  ])('puts what ends into its week, each kind alike: %s, %d ms ahead', (week, ahead) => {
    const notAfter = after(ahead);
    const more = { lists: [due('1', notAfter)], signingKeys: [{ id: 'k2', madeAt: NOW }, { id: 'k1', madeAt: NOW, checksUntil: notAfter }] };
    const { weeks, ended, later } = forecast([sight({ notAfter, ways: [{ anchor: aFingerprint('a'), intermediates: [between('i', notAfter)] }] })], [between('a', notAfter)], notAfter, more);
    const counts = [...weeks.map(({ leaves, intermediates, anchors, lists }) => ({ leaves, intermediates: intermediates.count, anchors: anchors.count, lists: lists.count })), ended, later];
    const place = week === 'ended' ? FORECAST_WEEKS : week === 'later' ? FORECAST_WEEKS + 1 : Number(week);
    for (const [i, count] of counts.entries()) expect([i, count]).toEqual([i, { leaves: i === place ? 1 : 0, intermediates: i === place ? 1 : 0, anchors: i === place ? 1 : 0, lists: i === place ? 1 : 0 }]);
    expect(weeks.map(({ serverCertificate }) => serverCertificate).indexOf(true)).toBe(place < FORECAST_WEEKS ? place : -1);
    expect(weeks.map(({ signingKeys }) => signingKeys).indexOf(1)).toBe(place < FORECAST_WEEKS ? place : -1);
  });

  it('names what ends with the devices that came by it, once, the first ends first', () => {
    const ways = (...intermediates: ReturnType<typeof between>[]) => [{ anchor: aFingerprint('a'), intermediates }, { anchor: aFingerprint('b'), intermediates }];
    const [soon, sooner] = [between('soon', after(DAY)), between('sooner', after(5))];
    const { weeks } = forecast([sight({ ways: ways(soon, sooner) }), sight({ ways: ways(soon) }), sight()], [between('b', after(2 * DAY)), between('a', after(DAY)), between('unused', after(1))]);
    expect(weeks[0]!.intermediates).toEqual({ count: 2, named: [{ ...sooner, devices: 1 }, { ...soon, devices: 2 }] });
    expect(weeks[0]!.anchors.named.map(({ subject, devices }) => [subject, devices])).toEqual([['CN=unused', 0], ['CN=a', 3], ['CN=b', 2]]);
  });

  it('counts all and names twenty', () => {
    const anchors = Array.from({ length: 50 }, (_, i) => between(`a${i}`, after(50 - i)));
    const { count, named } = forecast([], anchors).weeks[0]!.anchors;
    expect([count, named.length, named[0]!.subject, MOST_NAMED]).toEqual([50, 20, 'CN=a49', 20]);
  });

  it('names the revocation lists that are due, the first to come first, and the keys as they are', () => {
    const keys = [{ id: 'k2', madeAt: NOW }, { id: 'k1', madeAt: after(-DAY), checksUntil: after(DAY) }];
    const { weeks, signingKeys } = forecast([], [], NEVER, { lists: [due('2', after(2)), due('1', after(1))], signingKeys: keys });
    expect(weeks[0]!.lists).toEqual({ count: 2, named: [due('1', after(1)), due('2', after(2))] });
    expect([signingKeys, weeks.map((week) => week.signingKeys).filter(Boolean)]).toEqual([keys, [1]]);
  });

  it('says which end of each kind comes next, however far, and nothing of what has ended', () => {
    const ways = [{ anchor: aFingerprint('a'), intermediates: [between('gone', after(-1)), between('i', after(9 * WEEK))] }];
    const { next } = forecast([sight({ ways })], [between('b', after(50 * WEEK)), between('a', after(40 * WEEK)), between('c', after(-1))], NEVER, { lists: [due('1', after(0)), due('2', after(-1))] });
    expect(next).toEqual({ intermediate: after(9 * WEEK), anchor: after(40 * WEEK), list: after(0) });
    expect(forecast([], [between('c', after(-1))]).next).toEqual({});
  });

  it('says by when the first, a hundredth, a tenth and half of the certificates of devices have ended, those that have left out', () => {
    const ends = Array.from({ length: 200 }, (_, i) => sight({ notAfter: after((i + 1) * DAY - 1) }));
    const parts = (sights: readonly DeviceSight[]) => forecast(sights).leafQuantiles.map(({ part, by }) => [part, (by.getTime() - NOW.getTime()) / DAY]);
    expect(parts([sight({ notAfter: after(-1) }), ...ends])).toEqual([[0, 0], [0.01, 1], [0.1, 19], [0.5, 99]]);
    expect(parts([sight({ notAfter: after(5 * DAY + 7) })])).toEqual([[0, 5], [0.01, 5], [0.1, 5], [0.5, 5]]);
    expect(parts([sight({ notAfter: after(-1) })])).toEqual([]);
  });
});

describe('When a device is expected again', () => {
  it.each([
    ['as long after its last visit as that was after the one before', -DAY, -8 * DAY, 6 * DAY],
    ['after a multiple of it where that has passed', -10 * DAY, -13 * DAY, 2 * DAY],
    ['next time where it is expected at this very moment', -3 * DAY, -6 * DAY, 3 * DAY],
    ['as long again where it has just been here', 0, -3 * DAY, 3 * DAY],
  ])('is %s', (_how, lastSeen, seenBefore, expected) => {
    expect(expectedReturn({ lastSeen: after(lastSeen), seenBefore: after(seenBefore) }, NOW)).toEqual(after(expected));
  });

  it('is unknown after one visit, and where the clock was set back', () => {
    expect(expectedReturn({ lastSeen: NOW }, NOW)).toBeUndefined();
    expect(expectedReturn({ lastSeen: NOW, seenBefore: after(5) }, NOW)).toBeUndefined();
  });

  const away = { lastSeen: after(-DAY), seenBefore: after(-31 * DAY) }; // expected in 29 days
  it.each([
    ['ends before', { notAfter: after(29 * DAY - 1) }, 1, 0],
    ['is still good then', { notAfter: after(29 * DAY) }, 0, 0],
    ['has ended already', { notAfter: after(-1) }, 0, 0],
    ['ends, but it is here', { notAfter: after(DAY), isOnline: true }, 0, 0],
  ])('matters where its certificate %s', (_what, overrides, devices, unknown) => {
    expect(forecast([sight({ ...away, ...overrides })]).endsBeforeReturn).toMatchObject({ devices, unknown });
  });

  it('is said to be unknown of those that were seen once', () => {
    expect(forecast([sight(), sight({ isOnline: true }), sight({ notAfter: after(-1) })]).endsBeforeReturn).toEqual({ devices: 0, unknown: 1, named: [] });
  });

  it('is named for the twenty whose certificates end first', () => {
    const many = Array.from({ length: 50 }, (_, i) => sight({ ...away, device: aDeviceId(`press-${i}`), notAfter: after(DAY + (i * 7) % 50) }));
    const { devices, named } = forecast(many).endsBeforeReturn;
    expect([devices, named.length, named.map(({ notAfter }) => notAfter.getTime() - after(DAY).getTime())]).toEqual([50, 20, Array.from({ length: 20 }, (_, i) => i)]);
    expect(named[0]).toEqual({ device: 'press-0', notAfter: after(DAY), expected: after(29 * DAY) });
  });
});

it.each([[undefined, 30 * DAY + 1], [30, 30 * DAY], [30, 14 * DAY + 1], [14, 14 * DAY], [14, 7 * DAY + 1], [7, 7 * DAY], [7, DAY + 1], [1, DAY], [1, 0], [1, -DAY]])('Certificates are warned of at 30, 14, 7 and 1 days: %s', (threshold, ahead) => {
  expect(thresholdOf(after(ahead), NOW)).toBe(threshold);
});

describe('The threshold of a revocation list', () => {
  const at = (life: number, left: number) => listThresholdOf({ thisUpdate: after(left - life), nextUpdate: after(left) }, NOW);

  it.each([
    ['of a year is that of a certificate', 365, 30, 30],
    ['of a year is that of a certificate, to the last day', 365, 1, 1],
    ['of 120 days begins at 30 days', 120, 30, 30],
    ['of less begins when a quarter of its life is left', 119, 30, undefined],
    ['of less begins when a quarter of its life is left, and goes on from there', 119, 14, 14],
    ['of three days has none but its end', 3, 0.5, undefined],
    ['of a day has none but its end', 1, 0.1, undefined],
    ['is 0 where the next one is late', 1, -1 / 86_400_000, 0],
    ['is not 0 at the very moment at which it is due', 1, 0, undefined],
  ])('%s', (_what, life, left, threshold) => {
    expect(at(life * DAY, left * DAY)).toBe(threshold);
  });
});
