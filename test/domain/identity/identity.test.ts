import { describe, expect, it } from '@jest/globals';
import { distinguishedName, type NameAttribute, type StringType } from '../../../src/domain/certificates/distinguished-name.ts';
import type { TrustedLeaf } from '../../../src/domain/certificates/validate-path.ts';
import { userNameOf } from '../../../src/domain/identity/device-identity.ts';
import { parseDeviceId } from '../../../src/domain/identity/device-id-rules.ts';
import { readIdentity } from '../../../src/domain/identity/read-identity.ts';
import { aCertificate, aDeviceId, aName } from '../../support/certificate-builders.ts';

const cn = (value: string, stringType: StringType = 'UTF8String'): NameAttribute => ({ type: '2.5.4.3', stringType, value });
const leafNamed = (...rdns: NameAttribute[][]) => aCertificate({ subject: distinguishedName(rdns) }) as TrustedLeaf;
const asking = (clientId: string, acceptsAssignedId = true) => ({ clientId, acceptsAssignedId });

describe('A device id is what D-8 allows, or refused; it is never repaired', () => {
  it.each([
    ['one character', 'a'],
    ['254 characters', 'x'.repeat(254)],
    ['254 characters beyond the basic plane', '𝒳'.repeat(254)],
    ['composed accents', 'caf\u00e9'],
    ['X25 a homoglyph, which is another id', 'p\u0430ypal'],
    ['X26 the word admin', 'admin'],
    ['percent and underscore', '100%_a'],
    ['dots and dashes', 'a.b-c_d~e'],
    ['X26 two dots', '..'],
  ])('%s is legal', (_why, id) => {
    expect(parseDeviceId(id)).toEqual({ granted: true, value: id });
  });

  it.each([
    ['nothing', '', 'identity.length', { characters: 0 }],
    ['X25 255 characters', 'x'.repeat(255), 'identity.length', { characters: 255 }],
    ['X25 65,536 characters', 'x'.repeat(65_536), 'identity.length', { characters: 65_536 }],
    ['X26 a slash', 't1/device_x', 'identity.forbidden-character', { character: 'U+002F', at: 2 }],
    ['X26 a path upwards', '../x', 'identity.forbidden-character', { character: 'U+002F', at: 2 }],
    ['a backslash', 'a\\b', 'identity.forbidden-character', { character: 'U+005C', at: 1 }],
    ['a dollar', '$SYS', 'identity.forbidden-character', { character: 'U+0024', at: 0 }],
    ['a colon', 'd:x', 'identity.forbidden-character', { character: 'U+003A', at: 1 }],
    ['a plus', 'a+b', 'identity.forbidden-character', { character: 'U+002B', at: 1 }],
    ['X26 a hash', '#', 'identity.forbidden-character', { character: 'U+0023', at: 0 }],
    ['X25 a leading space', ' a', 'identity.forbidden-character', { character: 'U+0020', at: 0 }],
    ['a no-break space', 'a\u00a0b', 'identity.forbidden-character', { character: 'U+00A0', at: 1 }],
    ['a line separator', 'a\u2028b', 'identity.forbidden-character', { character: 'U+2028', at: 1 }],
    ['X25 NUL', 'a\u0000b', 'identity.forbidden-character', { character: 'U+0000', at: 1 }],
    ['a control character', 'a\u0085b', 'identity.forbidden-character', { character: 'U+0085', at: 1 }],
    ['X25 a bidirectional override', 'a\u202eb', 'identity.forbidden-character', { character: 'U+202E', at: 1 }],
    ['a zero-width joiner', 'a\u200db', 'identity.forbidden-character', { character: 'U+200D', at: 1 }],
    ['U+FFFD', 'a\ufffdb', 'identity.forbidden-character', { character: 'U+FFFD', at: 1 }],
    ['a lone surrogate', 'a\ud800b', 'identity.forbidden-character', { character: 'U+D800', at: 1 }],
  ])('%s is refused', (_why, id, code, evidence) => {
    expect(parseDeviceId(id)).toEqual({ granted: false, refusal: { code, evidence } });
  });

  it('X25 decomposed accents are refused, not composed', () => {
    expect(parseDeviceId('cafe\u0301')).toEqual({ granted: false, refusal: { code: 'identity.not-normalised' } });
  });
});

describe('The identity is the one common name of the leaf', () => {
  it.each<[string, NameAttribute[][]]>([
    ['alone', [[cn('press-7')]]],
    ['X28 in a multi-valued RDN', [[{ type: '2.5.4.10', stringType: 'UTF8String', value: 'Works' }, cn('press-7')]]],
    ['X28 as the last RDN', [[{ type: '2.5.4.10', stringType: 'UTF8String', value: 'Works' }], [cn('press-7')]]],
    ['X28 as a BMPString', [[cn('press-7', 'BMPString')]]],
    ['as a PrintableString', [[cn('press-7', 'PrintableString')]]],
    ['as an IA5String', [[cn('press-7', 'IA5String')]]],
  ])('%s', (_how, rdns) => {
    expect(readIdentity(leafNamed(...rdns), asking('press-7'))).toEqual({ granted: true, value: { device: 'press-7' } });
  });

  it.each<[string, NameAttribute[][], string]>([
    ['X25 none', [[{ type: '2.5.4.10', stringType: 'UTF8String', value: 'press-7' }]], 'identity.no-common-name'],
    ['no subject at all', [], 'identity.no-common-name'],
    ['X25 two', [[cn('press-7')], [cn('press-7')]], 'identity.several-common-names'],
    ['X25 two in one RDN', [[cn('press-7'), cn('press-8')]], 'identity.several-common-names'],
    ['X28 a T61String', [[cn('press-7', 'T61String')]], 'identity.common-name-type'],
    ['a UniversalString', [[cn('press-7', 'UniversalString')]], 'identity.common-name-type'],
    ['no string', [[cn('0c07', 'other')]], 'identity.common-name-type'],
    ['X25 an empty one', [[cn('')]], 'identity.length'],
    ['X25 one with a space', [[cn('press 7')]], 'identity.forbidden-character'],
  ])('%s is refused at depth 0', (_why, rdns, code) => {
    expect(readIdentity(leafNamed(...rdns), asking('press-7'))).toMatchObject({ granted: false, refusal: { code, depth: 0 } });
  });

  it('X26 a device called admin has a user name that no operator can have', () => {
    expect(userNameOf(aDeviceId('admin'))).toBe('device_admin');
  });

  it('X24 X27 takes nothing else into account: not the key, not the alternative names', () => {
    const other = { ...aCertificate({ subject: aName('CN=other') }), publicKey: aCertificate().publicKey } as TrustedLeaf;
    expect(readIdentity(other, asking('other'))).toMatchObject({ value: { device: 'other' } });
    expect(readIdentity(other, asking('press-7'))).toMatchObject({ refusal: { code: 'identity.client-id-differs' } });
  });
});

describe('The client id says the same as the certificate', () => {
  const leaf = aCertificate() as TrustedLeaf;

  it.each(['press-7', 'd:press-7', 'd:press-7:', 'd:press-7:templates'])('%s is the device press-7', (clientId) => {
    expect(readIdentity(leaf, asking(clientId))).toEqual({ granted: true, value: { device: 'press-7' } });
  });

  it('an empty one takes the id of the certificate, where the peer accepts that', () => {
    expect(readIdentity(leaf, asking(''))).toEqual({ granted: true, value: { device: 'press-7', assignedClientId: 'press-7' } });
  });

  it.each([
    ['T05 another device', 'press-8', 'identity.client-id-differs'],
    ['another case', 'PRESS-7', 'identity.client-id-differs'],
    ['another device in the long form', 'd:press-8:t', 'identity.client-id-differs'],
    ['a device called d', 'd', 'identity.client-id-differs'],
    ['another connection type', 'x:press-7', 'identity.client-id-syntax'],
    ['templates without the type', 'press-7:t', 'identity.client-id-syntax'],
    ['too many parts', 'd:press-7:t:u', 'identity.client-id-syntax'],
    ['no id in the long form', 'd:', 'identity.client-id-syntax'],
    ['T05 a tenant before the id', 'b/press-7', 'identity.client-id-syntax'],
    ['a wildcard', '#', 'identity.client-id-syntax'],
    ['M08 NUL', 'press-7\u0000', 'identity.client-id-syntax'],
    ['M08 65,535 characters', 'x'.repeat(65_535), 'identity.client-id-syntax'],
    ['a space in the templates', 'd:press-7:a b', 'identity.client-id-syntax'],
  ])('%s is refused', (_why, clientId, code) => {
    expect(readIdentity(leaf, asking(clientId))).toMatchObject({ granted: false, refusal: { code } });
  });

  it('M07 an empty one is refused where the peer keeps its session', () => {
    expect(readIdentity(leaf, asking('', false))).toEqual({ granted: false, refusal: { code: 'identity.client-id-empty' } });
  });
});
