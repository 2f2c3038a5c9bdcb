import { describe, expect, it } from '@jest/globals';
import type { AnchoredPath } from '../../../src/domain/certificates/build-paths.ts';
import { MOST_WAYS, sameness, waysOf } from '../../../src/domain/impact/way.ts';
import { aCertificate, anAnchor, aTenantId } from '../../support/certificate-builders.ts';
import { ca, leaf } from '../../support/an-instance.ts';

const main = aTenantId();
const between = ca('Issuing', 'Root');
const path = (anchors: string[], below = [leaf('press-7', 'Issuing'), between], overrides = {}): AnchoredPath => {
  const top = ca(anchors[0]!);
  const trusted = anchors.map((name) => anAnchor({ certificate: ca(name), ...overrides }));
  return { certificates: [...below, top] as unknown as AnchoredPath['certificates'], signed: [], anchors: trusted as unknown as AnchoredPath['anchors'] };
};
const told = (...paths: AnchoredPath[]) => waysOf(paths, main).map(({ anchor, intermediates }) => [anchor, intermediates.length]);
const print = (name: string) => ca(name).fingerprint;

describe('The ways of a device', () => {
  it('name the anchor, and what stands between in the order from the device up', () => {
    const upper = ca('Upper', 'Root');
    const [way] = waysOf([path(['Root'], [leaf('press-7', 'Issuing'), between, upper])], main);
    expect(way).toEqual({ anchor: print('Root'), intermediates: [between, upper].map(({ fingerprint, notAfter }, i) => ({ fingerprint, subject: i ? 'CN=Upper' : 'CN=Issuing', notAfter })) });
  });

  it('have nothing between where the anchor issued the device, or is it', () => {
    const itself = anAnchor({ certificate: ca('press-7') });
    expect(told(path(['Root'], [leaf('press-7', 'Root')]), { certificates: [itself.certificate], signed: [], anchors: [itself] }).map(([, length]) => length)).toEqual([0, 0]);
  });

  it('are those to anchors in force of the tenant itself', () => {
    expect(told(path(['A'], undefined, { status: 'disabled' }), path(['B'], undefined, { inert: true }), path(['C'], undefined, { tenant: aTenantId('other') }))).toEqual([]);
  });

  it('are each there once, in the same order however they were found', () => {
    const [a, b] = [path(['A']), path(['B'])];
    expect(waysOf([b, a, a], main)).toEqual(waysOf([a, b], main));
    expect(told(a, b, a)).toHaveLength(2);
  });

  it('are sixteen at most, and hold every anchor before a second way to one', () => {
    // The one that comes first has all the ways but two.
    const [first, ...others] = ['A', 'B', 'C'].sort((a, b) => (print(a) < print(b) ? -1 : 1)) as [string, string, string];
    const many = Array.from({ length: 40 }, (_, i) => path([first], [aCertificate(), ca(`Issuing ${i}`)]));
    const ways = waysOf([...many, ...others.map((name) => path([name]))], main);
    expect(ways).toHaveLength(MOST_WAYS);
    expect(new Set(ways.slice(0, 3).map(({ anchor }) => anchor))).toEqual(new Set(['A', 'B', 'C'].map(print)));
  });

  it('are the same exactly where anchors and what stands between are', () => {
    const texts = [[path(['A'])], [path(['B'])], [path(['A'], [aCertificate()])], [path(['A']), path(['B'])]].map((paths) => sameness(waysOf(paths, main)));
    expect(new Set(texts).size).toBe(4);
    expect(sameness(waysOf([path(['A'])], main))).toBe(texts[0]);
  });
});
