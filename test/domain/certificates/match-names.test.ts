import { describe, expect, it } from '@jest/globals';
import type { GeneralName } from '../../../src/domain/certificates/general-name.ts';
import { matchName, type Match } from '../../../src/domain/certificates/match-names.ts';
import { aName } from '../../support/certificate-builders.ts';

type TextForm = 'dns' | 'email' | 'uri';
const text = (form: TextForm, value: string): GeneralName => ({ form, value });
const ip = (...bytes: number[]): GeneralName => ({ form: 'ip', bytes: Uint8Array.from(bytes) });

/** The longest label, and a host of `length` characters made of such. */
const LABEL = 'a'.repeat(63);
const host = (length: number): string => `${`${LABEL}.`.repeat(4)}`.slice(0, length);
const local = (length: number): string => 'b'.repeat(length);

/** Of `name-constraints.test.ts`, which asks what becomes of an answer, these are the edges of each form. */
const EDGES: readonly [match: Match, form: TextForm, name: string, constraint: string][] = [
  ['outside', 'dns', host(253), 'example.com'],
  ['unclear', 'dns', `${host(253)}b`, 'example.com'],
  ['within', 'dns', `${LABEL}.example.com`, 'example.com'],
  ['unclear', 'dns', `a${LABEL}.example.com`, 'example.com'],
  ['within', 'dns', 'a.com', 'a.com'],
  ['within', 'dns', 'a_b-1.example.com', '.example.com'],
  ['outside', 'dns', '', 'example.com'],
  ['unclear', 'dns', 'a.example.com', 'b..example.com'],
  ['unclear', 'dns', 'a..example.com', 'b.com'],
  ['unclear', 'dns', '*.*.example.com', 'b.com'],
  ['within', 'email', `${local(64)}@example.com`, 'example.com'],
  ['unclear', 'email', `${local(65)}@example.com`, 'example.com'],
  ['within', 'email', 'a.bc.d@example.com', 'example.com'],
  ['unclear', 'email', 'a..b@example.com', 'example.com'],
  ['unclear', 'email', '.a@example.com', 'example.com'],
  ['unclear', 'email', 'a.@example.com', 'example.com'],
  ['unclear', 'email', '@example.com', 'example.com'],
  ['unclear', 'email', 'example.com', 'example.com'],
  ['within', 'email', '"a b@c"@example.com', 'example.com'],
  ['unclear', 'email', 'a"b"@example.com', 'example.com'],
  ['unclear', 'email', '"a"b@example.com', 'example.com'],
  ['unclear', 'email', '"a"b"@example.com', 'example.com'],
  ['unclear', 'email', '"a\\"@example.com', 'example.com'],
  ['outside', 'email', 'a@example.com', 'a@example.org'],
  ['unclear', 'email', 'a@example.com', 'a b@example.com'],
  ['unclear', 'email', 'a@example.com', 'example.com.'],
  ['unclear', 'email', 'a@example.com.', 'example.com'],
  ['within', 'uri', 'A1+.-x://example.com', 'example.com'],
  ['unclear', 'uri', '1a://example.com', 'example.com'],
  ['unclear', 'uri', '://example.com', 'example.com'],
  ['within', 'uri', 'https://press7/', 'press7'],
  ['within', 'uri', 'https://7press/', '7press'],
  ['unclear', 'uri', 'https://7.7/', '7.7'],
  ['unclear', 'uri', 'https:///', 'example.com'],
  ['unclear', 'uri', 'https://example.com:http/', 'example.com'],
  ['within', 'uri', 'https://example.com:/', 'example.com'],
  ['within', 'uri', 'https://example.com?', 'example.com'],
  ['within', 'uri', 'https://example.com#', 'example.com'],
  ['unclear', 'uri', 'https://a@b@example.com/', 'example.com'],
  ['unclear', 'uri', 'https://example.com/é', 'example.com'],
  ['unclear', 'uri', 'https://example.com/', 'example.com.'],
];

describe('The edge of each form (RFC 5280 §4.2.1.10)', () => {
  it.each(EDGES)('%s: %s "%s" of "%s"', (match, form, name, constraint) => {
    expect(matchName(text(form, name), text(form, constraint), false)).toBe(match);
    expect(matchName(text(form, name), text(form, constraint), true)).toBe(match);
  });

  it.each<[match: Match, name: GeneralName, constraint: GeneralName]>([
    ['within', ip(10, 9, 8, 7), ip(10, 9, 8, 7, 255, 255, 255, 255)],
    ['outside', ip(10, 9, 8, 6), ip(10, 9, 8, 7, 255, 255, 255, 255)],
    ['within', ip(10, 9, 8, 6), ip(10, 9, 8, 7, 255, 255, 255, 254)],
    ['within', ip(10, 9, 8, 6), ip(1, 2, 3, 4, 0, 0, 0, 0)],
    ['unclear', ip(10, 1, 8, 7), ip(10, 1, 8, 7, 255, 1, 0, 0)],
    ['unclear', ip(10, 9, 8, 7), ip(10, 9, 8, 7, 0, 255, 255, 255, 255, 0)],
    ['unclear', ip(10, 9, 8), ip(10, 9, 8, 255, 255, 255)],
    ['unclear', ip(), ip()],
  ])('%s: IP %j of %j', (match, name, constraint) => {
    expect(matchName(name, constraint, false)).toBe(match);
  });
});

it('Nobody can say whether a name of one form lies within a constraint of another, or of a form that nobody reads', () => {
  const names: readonly GeneralName[] = [text('dns', 'https://a/'), text('email', 'https://a/'), text('uri', 'https://a/'), ip(1, 2, 3, 4), { form: 'directory', name: aName('') }, { form: 'other', tag: 0xa0 }];
  const everything: readonly GeneralName[] = [text('dns', ''), text('email', ''), text('uri', ''), ip(0, 0, 0, 0, 0, 0, 0, 0), { form: 'directory', name: aName('') }];
  const others = everything.flatMap((constraint) => names.filter(({ form }) => form !== constraint.form).map((name) => [name, constraint] as const));
  expect(others).toHaveLength(25);
  for (const [name, constraint] of [...others, [names[5]!, names[5]!] as const]) expect(matchName(name, constraint, false)).toBe('unclear');
});
