import { describe, expect, it } from '@jest/globals';
import { COMMON_NAME, distinguishedName, nameKeyText, nameText, rdnKeys, shortNameText } from '../../../src/domain/certificates/distinguished-name.ts';
import { aName } from '../../support/certificate-builders.ts';

const CN = '2.5.4.3';

describe('Names are compared as RFC 5280 §7.1 says', () => {
  it.each([
    ['case', 'CN=Works CA, O=ACME', 'CN=WORKS ca, O=acme'],
    ['white space inside and around', 'CN=Works  CA', 'CN= Works CA '],
    ['order of attributes inside one RDN', 'CN=a+O=b', 'O=b+CN=a'],
  ])('%s does not matter', (_what, one, other) => {
    expect(aName(one).key).toBe(aName(other).key);
  });

  it('the string type does not matter', () => {
    expect(aName('CN=Works', 'PrintableString').key).toBe(aName('CN=Works', 'UTF8String').key);
  });

  it.each([
    ['order of RDNs', 'CN=a, O=b', 'O=b, CN=a'],
    ['one RDN or two', 'CN=a+O=b', 'CN=a, O=b'],
    ['type of an attribute', 'CN=a', 'O=a'],
    ['accents', 'CN=café', 'CN=cafe'],
    ['an empty name', '', 'CN='],
  ])('%s matters', (_what, one, other) => {
    expect(aName(one).key).not.toBe(aName(other).key);
  });

  it('no value can pretend to be two', () => {
    const one = distinguishedName([[{ type: CN, stringType: 'UTF8String', value: `a\u0001${CN}=b` }]]);
    const other = distinguishedName([[{ type: CN, stringType: 'UTF8String', value: `a\u0002${CN}=b` }]]);
    const two = aName('CN=b, CN=a');
    const pair = aName('CN=a+CN=b');
    expect(new Set([one.key, other.key, two.key, pair.key])).toHaveProperty('size', 4);
    expect(aName('CN=a\\\\1').key).not.toBe(distinguishedName([[{ type: CN, stringType: 'UTF8String', value: 'a\u0001' }]]).key);
  });

  it('X17 a value that would grow eighteenfold is compared as it stands', () => {
    const long = (value: string) => distinguishedName([[{ type: CN, stringType: 'UTF8String', value }]]).key;
    expect(long('\ufdfa'.repeat(257)).length).toBeLessThan(300);
    expect(long('A'.repeat(257))).not.toBe(long('a'.repeat(257)));
    expect(long('A'.repeat(256))).toBe(long('a'.repeat(256)));
    expect(long('\ufdfa'.repeat(10)).length).toBeLessThan(20);
    expect(long('\ufb01n')).toBe(long('FIN'));
    expect([long('\ufb01'), long('a \ufb01')]).toEqual([long('FI'), long('A FI')]);
  });

  it('X17 folding ends at 256 characters, and where a value would grow by more than 32', () => {
    const key = (value: string) => distinguishedName([[{ type: CN, stringType: 'UTF8String', value }]]).key;
    expect(key(`É${'A'.repeat(255)}`)).toBe(key(`é${'a'.repeat(255)}`));
    expect(key(`É${'A'.repeat(256)}`)).not.toBe(key(`é${'a'.repeat(256)}`));
    expect(key('\ufb03'.repeat(16))).toBe(key('ffi'.repeat(16)));
    expect(key(`${'\ufb03'.repeat(16)}\ufb01`)).not.toBe(key(`${'ffi'.repeat(16)}fi`));
  });

  it.each([['a backslash', '\\'], ['NUL', '\u0000'], ['what stands between RDNs', '\u0001'], ['what stands between attributes', '\u0002']])('%s in a value counts', (_what, character) => {
    const key = (value: string) => distinguishedName([[{ type: CN, stringType: 'UTF8String', value }]]).key;
    expect(key(`a${character}b`)).not.toBe(key('ab'));
  });

  it('values that are no strings are compared by their bytes', () => {
    const other = (value: string) => distinguishedName([[{ type: CN, stringType: 'other', value }]]);
    expect(other('0401aa').key).not.toBe(other('0401ab').key);
    expect(other('61').key).not.toBe(aName('CN=61').key);
  });
});

it('A name in evidence is short', () => {
  expect(shortNameText(aName(`CN=${'x'.repeat(300)}`))).toBe(`"CN=${'x'.repeat(157)}…"`);
  expect(shortNameText(aName('CN=press-7'))).toBe('"CN=press-7"');
  const many = aName(Array.from({ length: 400 }, (_, i) => `O=${i}`).join(', '));
  expect(shortNameText(many)).toBe(`"${nameText(many).slice(0, 160)}…"`);
  expect(shortNameText(aName(`CN=${'x'.repeat(157)}`))).toBe(`"CN=${'x'.repeat(157)}"`);
  expect(shortNameText(aName(`CN=${'x'.repeat(158)}`))).toBe(`"CN=${'x'.repeat(157)}…"`);
});

it.each([['RDNs', 1_000, 1], ['attributes', 1, 1_000]])('X17 Of a name of many %s, evidence reads no more than it shows', (_what, rdns, attributes) => {
  let reads = 0;
  const attribute = { type: CN, stringType: 'UTF8String' as const, get value() { reads += 1; return 'x'; } };
  const name = { ...aName(''), rdns: Array.from({ length: rdns }, () => Array.from({ length: attributes }, () => attribute)) };
  expect(shortNameText(name)).toHaveLength(163);
  expect(reads).toBeLessThanOrEqual(2 * 160);
});

describe('Names are printed for people', () => {
  it('with the last RDN first, as the compatible API does', () => {
    const name = distinguishedName([
      [{ type: CN, stringType: 'UTF8String', value: 'tedge04' }],
      [{ type: '2.5.4.10', stringType: 'UTF8String', value: 'Thin Edge' }],
      [{ type: '2.5.4.11', stringType: 'UTF8String', value: 'Test Device' }],
    ]);
    expect(nameText(name)).toBe('OU=Test Device, O=Thin Edge, CN=tedge04');
  });

  it('with nothing in them that would end a line, start an attribute or turn the reading direction', () => {
    expect(nameText(aName('CN=a\\, O\\=b'))).toBe('CN=a\\, O\\=b');
    expect(nameText(distinguishedName([[{ type: CN, stringType: 'UTF8String', value: 'a\nb\u202Ec' }]]))).toBe('CN=a\\0ab\\202ec');
  });

  it('with what is between RDNs and between the attributes of one', () => {
    expect(nameText(aName('CN=Press 7, OU=Test+O=Thin Edge'))).toBe('CN=Press 7, OU=Test+O=Thin Edge');
  });

  it.each([
    [COMMON_NAME, 'CN'], ['2.5.4.3', 'CN'], ['2.5.4.4', 'SURNAME'], ['2.5.4.5', 'SERIALNUMBER'], ['2.5.4.6', 'C'], ['2.5.4.7', 'L'], ['2.5.4.8', 'ST'], ['2.5.4.9', 'STREET'], ['2.5.4.10', 'O'], ['2.5.4.11', 'OU'],
    ['0.9.2342.19200300.100.1.25', 'DC'], ['0.9.2342.19200300.100.1.1', 'UID'], ['1.2.840.113549.1.9.1', 'EMAILADDRESS'], ['1.2.3.4', '1.2.3.4'],
  ])('with %s as %s, from the name and from its key', (type, short) => {
    const name = distinguishedName([[{ type, stringType: 'UTF8String', value: 'x' }]]);
    expect([nameText(name), nameKeyText(name.key)]).toEqual([`${short}=x`, `${short}=x`]);
  });

  it('with a backslash before every character that means something', () => {
    const value = ',+"\\<>;=';
    const name = distinguishedName([[{ type: CN, stringType: 'UTF8String', value }]]);
    expect(nameText(name)).toBe('CN=\\,\\+\\"\\\\\\<\\>\\;\\=');
  });

  it.each([[0x00], [0x1f], [0x7f], [0x9f], [0x202a], [0x202e], [0x2066], [0x2069]])('with control character %i as hex', (code) => {
    const name = distinguishedName([[{ type: CN, stringType: 'UTF8String', value: `a${String.fromCharCode(code)}b` }]]);
    expect(nameText(name)).toBe(`CN=a\\${code.toString(16).padStart(2, '0')}b`);
  });

  it('from a key: the last RDN first, the attributes of one RDN together, folded', () => {
    expect(nameKeyText(aName('CN=Press 7, OU=Test+O=Thin Edge').key)).toBe('CN=press 7, O=thin edge+OU=test');
    expect(nameKeyText(aName('CN=a\\=b#c').key)).toBe('CN=a\\=b#c');
    expect(nameKeyText(distinguishedName([[{ type: CN, stringType: 'other', value: '0401aa' }]]).key)).toBe('CN=0401aa');
  });
});

describe('The keys of the RDNs', () => {
  it('are one for each RDN, the first one first', () => {
    expect(rdnKeys(aName('CN=Press, O=Works'))).toEqual(['2.5.4.10=works', '2.5.4.3=press']);
    expect(rdnKeys(aName('CN=Press'))).toEqual(['2.5.4.3=press']);
  });

  it('are none for a name without RDNs', () => {
    expect(rdnKeys(aName(''))).toEqual([]);
  });
});
