import { describe, expect, it } from '@jest/globals';
import { objectIdOf, parseObjectId, type Fragments, type Json } from '../../../src/domain/inventory/managed-object.ts';
import { mergeFragments } from '../../../src/domain/inventory/merge-fragments.ts';
import { isObjectText, judgeExternalId, judgeFragments, OBJECT_LIMITS } from '../../../src/domain/inventory/object-rules.ts';

const nested = (depth: number): Json => (depth === 0 ? 'x' : { a: nested(depth - 1) });
const proto = JSON.parse('{"a":{"__proto__":1}}') as Fragments;
/** JSON of exactly so many characters. */
const ofLength = (characters: number): Fragments => ({ a: 'x'.repeat(characters - '{"a":""}'.length) });
const many = (count: number): Fragments => Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, i]));

describe('An object id', () => {
  it.each(['1', '999999999999999', '100000000000007'])('is %s', (text) => expect(parseObjectId(text)).toBe(text));
  it.each(['', '0', '01', '1000000000000000', '-1', '1.0', '1e3', ' 1', '١', 'x'])('is not %j', (text) => expect(parseObjectId(text)).toBeUndefined());

  it('is made of chance, always of 15 digits, another for each', () => {
    const ids = Array.from({ length: 5_000 }, (_, i) => objectIdOf(`V1StGXR8_Z5jdHi6B-my${i}`));
    expect(new Set(ids).size).toBe(5_000);
    expect(ids.every((id) => id.length === 15 && parseObjectId(id) === id)).toBe(true);
    expect([objectIdOf(''), objectIdOf('~'.repeat(500)).length]).toEqual(['100000000000000', 15]);
  });
});

describe('Fragments', () => {
  it.each<[string, Fragments]>([
    ['none', {}],
    ['as many as may be', many(100)],
    ['as large as may be', ofLength(OBJECT_LIMITS.characters)],
    ['as deep as may be', { a: nested(7) }],
    ['with the longest name', { ['n'.repeat(128)]: null }],
    ['with dots, quotes and letters of the world', { "c8y.a b'\"é漢": [{ '%': '' }] }],
    ['named like members of every object', JSON.parse('{"constructor":1,"toString":{"hasOwnProperty":2}}') as Fragments],
  ])('may be: %s', (_what, fragments) => expect(judgeFragments(fragments)).toEqual({ granted: true, value: undefined }));

  it.each<[string, Fragments, string, object]>([
    ['one too many', many(101), 'inventory.object-too-large', { fragments: 101 }],
    ['one character too large', ofLength(16 * 1024 + 1), 'inventory.object-too-large', { characters: 16_385 }],
    ['one level too deep', { a: nested(9) }, 'inventory.unusable-fragment', { depth: 9 }],
    ['R02 a hundred thousand levels deep', { a: Array.from({ length: 100_000 }).reduce<Json>((inner) => [inner], 1) }, 'inventory.unusable-fragment', { depth: 9 }],
    ['a name of 129 characters', { ['n'.repeat(129)]: 1 }, 'inventory.unusable-fragment', { 'characters of a name': 129 }],
    ['no name', { '': 1 }, 'inventory.unusable-fragment', { 'characters of a name': 0 }],
    ['a line break in a name below', { a: [{ 'b\n': 1 }] }, 'inventory.unusable-fragment', { 'characters of a name': 2 }],
    ['R02 __proto__', proto, 'inventory.unusable-fragment', { 'characters of a name': 9 }],
    ['a member of every object', { self: {} }, 'inventory.unusable-fragment', { name: 'self', 'is a member of its own': 'self' }],
    ['half of a character', { a: ['\ud800'] }, 'inventory.unusable-fragment', { text: 'half of a character' }],
  ])('may not be: %s', (_what, fragments, code, evidence) => expect(judgeFragments(fragments)).toEqual({ granted: false, refusal: { code, evidence } }));

  it('are replaced one by one and as wholes; null takes one away', () => {
    expect(mergeFragments({ a: { x: 1, y: 2 }, b: 1, c: 1 }, { a: { x: 3 }, b: null, d: [], e: null })).toEqual({ a: { x: 3 }, c: 1, d: [] });
  });
});

describe('Texts of an object', () => {
  it.each(['', 'Press 7', 'x'.repeat(254), 'é漢\u{1F600}'])('may be %j', (text) => expect(isObjectText(text)).toBe(true));
  it.each(['x'.repeat(255), 'a\nb', 'a\0', '\u202e', '\ud800', '\u2028'])('may not be %j', (text) => expect(isObjectText(text)).toBe(false));
});

describe('An external id', () => {
  it.each([['c8y_Serial', 'press-7'], ['x', 'a/b c'], ['t'.repeat(254), 'e'.repeat(254)]])('may be %s %s', (type, externalId) => {
    expect(judgeExternalId({ type, externalId })).toEqual({ granted: true, value: { type, externalId } });
  });
  it.each([['', 'a', 'type'], ['a', '', 'externalId'], ['a', 'e'.repeat(255), 'externalId'], ['a\n', 'a', 'type']])('may not be %j %j', (type, externalId, member) => {
    expect(judgeExternalId({ type, externalId })).toMatchObject({ refusal: { code: 'inventory.unusable-external-id', evidence: { member } } });
  });
  it('is nobody’s to give where Fleetgate keeps its own', () => {
    expect(judgeExternalId({ type: 'fleetgate_Path', externalId: 'a' })).toEqual({ granted: false, refusal: { code: 'inventory.unusable-external-id', evidence: { type: 'fleetgate_Path' } } });
  });
});
