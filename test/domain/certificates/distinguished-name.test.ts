import { describe, expect, it } from '@jest/globals';
import { distinguishedName, nameText } from '../../../src/domain/certificates/distinguished-name.ts';
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

  it('values that are no strings are compared by their bytes', () => {
    const other = (value: string) => distinguishedName([[{ type: CN, stringType: 'other', value }]]);
    expect(other('0401aa').key).not.toBe(other('0401ab').key);
    expect(other('61').key).not.toBe(aName('CN=61').key);
  });
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
});
