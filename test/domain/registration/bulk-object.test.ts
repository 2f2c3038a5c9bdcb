import { describe, expect, it } from '@jest/globals';
import { bulkObject } from '../../../src/domain/registration/bulk-object.ts';
import { bulkRow } from '../../../src/domain/registration/bulk-row.ts';
import { aDeviceId } from '../../support/certificate-builders.ts';

type Cells = Record<string, string>;
const GOOD: Cells = { ID: 'press-7', AUTH_TYPE: 'CERTIFICATES', TYPE: 'press', NAME: 'Press 7' };
const object = (cells: Cells = {}) => bulkObject(aDeviceId(), { ...GOOD, ...cells });
const groups = (count: number): string => Array.from({ length: count }, (_, i) => `g${i}`).join('/');

describe('The object of a bulk row', () => {
  it('has a name, a type and the serial, where TYPE and NAME are filled', () => {
    expect(object()).toEqual({
      granted: true,
      value: { name: 'Press 7', type: 'press', externalIds: [{ type: 'c8y_Serial', externalId: 'press-7' }], path: [], fragments: { c8y_IsDevice: {} }, operations: [] },
    });
  });

  it.each([{ TYPE: '' }, { NAME: ' ' }, { TYPE: '', NAME: '' }])('is none with %j, and then nothing of it is judged', (cells) => {
    expect(bulkRow({ ...GOOD, ...cells, SHELL: 'x', 'a.b': '1', a: '2' })).toEqual({ granted: true, value: { id: 'press-7', details: expect.objectContaining({ SHELL: 'x' }) } });
  });

  it.each<[string, Cells, object]>([
    ['IDTYPE', { IDTYPE: 'c8y_Imei' }, { externalIds: [{ type: 'c8y_Imei', externalId: 'press-7' }] }],
    ['external-<type>', { 'external-c8y_Imei': '42', 'external-x': 'y' }, { externalIds: [{ type: 'c8y_Serial', externalId: 'press-7' }, { type: 'c8y_Imei', externalId: '42' }, { type: 'x', externalId: 'y' }] }],
    ['external-<type> that says the serial again', { 'external-c8y_Serial': 'press-7' }, { externalIds: [{ type: 'c8y_Serial', externalId: 'press-7' }] }],
    ['ICCID', { ICCID: '8949' }, { fragments: { c8y_IsDevice: {}, c8y_Mobile: { iccid: '8949' } } }],
    ['ICCID beside other columns of that fragment', { ICCID: '8949', 'c8y_Mobile.imei': '1' }, { fragments: { c8y_IsDevice: {}, c8y_Mobile: { iccid: '8949', imei: '1' } } }],
    ['PATH', { PATH: 'works/hall 2/left' }, { path: ['works', 'hall 2', 'left'] }],
    ['PATH of ten groups', { PATH: groups(10) }, { path: groups(10).split('/') }],
    ['SHELL', { SHELL: '1' }, { operations: ['c8y_Command'] }],
    ['SHELL 0', { SHELL: '0' }, { operations: [] }],
    ['the agent', { 'com_cumulocity_model_Agent.active': 'True' }, { fragments: { c8y_IsDevice: {}, com_cumulocity_model_Agent: {} } }],
    ['no agent', { 'com_cumulocity_model_Agent.active': 'false' }, { fragments: { c8y_IsDevice: {} } }],
    ['C03 properties, nested and as text', { 'a.b.c': '1', 'a.b.d': '=2+3', e: 'true', 'c8y_IsDevice.x': 'y' }, { fragments: { c8y_IsDevice: { x: 'y' }, a: { b: { c: '1', d: '=2+3' } }, e: 'true' } }],
    ['eight levels', { 'a.b.c.d.e.f.g.h': '1' }, { fragments: { c8y_IsDevice: {}, a: { b: { c: { d: { e: { f: { g: { h: '1' } } } } } } } } }],
    ['columns named like members of every object', { 'constructor.prototype': '1', toString: '2' }, { fragments: { c8y_IsDevice: {}, constructor: { prototype: '1' }, toString: '2' } }],
  ])('has what the columns say: %s', (_what, cells, expected) => {
    expect(object(cells)).toMatchObject({ granted: true, value: expected });
  });

  it.each<[string, Cells, string, object]>([
    ['a value and something below it', { a: '1', 'a.b': '2' }, 'bulk.unusable-property', { column: "'a.b'" }],
    ['something and a value above it', { 'a.b': '2', a: '1' }, 'bulk.unusable-property', { column: "'a'" }],
    ['a deeper one below a value', { 'a.b': '1', 'a.b.c.d': '2' }, 'bulk.unusable-property', { column: "'a.b.c.d'" }],
    ['ICCID twice', { ICCID: '1', 'c8y_Mobile.iccid': '2' }, 'bulk.unusable-property', { column: "'c8y_Mobile.iccid'" }],
    ['ICCID below a value', { ICCID: '1', c8y_Mobile: '2' }, 'bulk.unusable-property', { column: "'c8y_Mobile'" }],
    ['SHELL beside the operations themselves', { SHELL: '1', c8y_SupportedOperations: 'x' }, 'bulk.unusable-property', { column: "'c8y_SupportedOperations'" }],
    ['an empty name in a column', { 'a..b': '1' }, 'bulk.unusable-property', { column: "'a..b'" }],
    ['a column that ends in a dot', { 'a.': '1' }, 'bulk.unusable-property', { column: "'a.'" }],
    ['nine levels', { 'a.b.c.d.e.f.g.h.i': '1' }, 'bulk.unusable-property', { column: "'a.b.c.d.e.f.g.h.i'" }],
    ['R02 __proto__ on the way', { 'a.__proto__.x': '1' }, 'bulk.unusable-property', { column: "'a.__proto__.x'" }],
    ['R02 __proto__', JSON.parse('{"__proto__":"1"}') as Cells, 'bulk.unusable-property', { column: "'__proto__'" }],
    ['a name of 129 characters', { ['n'.repeat(129)]: '1' }, 'bulk.unusable-property', { column: `'${'n'.repeat(64)}'` }],
    ['a member of every object', { 'owner.x': '1' }, 'inventory.unusable-fragment', { name: 'owner' }],
    ['a hundred and one fragments', Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, 'x'])), 'inventory.object-too-large', { fragments: 101 }],
    ['more than 16 KiB', { a: 'x'.repeat(9_000), b: 'x'.repeat(9_000) }, 'inventory.object-too-large', {}],
    ['SHELL of something else', { SHELL: 'yes' }, 'bulk.unusable-property', { column: "'SHELL'" }],
    ['an agent that is neither', { 'com_cumulocity_model_Agent.active': '1' }, 'bulk.unusable-property', { column: "'com_cumulocity_model_Agent.active'" }],
    ['an empty group', { PATH: 'a//b' }, 'bulk.unusable-property', { column: "'PATH'" }],
    ['a path that begins with a slash', { PATH: '/a' }, 'bulk.unusable-property', { column: "'PATH'" }],
    ['eleven groups', { PATH: groups(11) }, 'bulk.unusable-property', { column: "'PATH'" }],
    ['a path of 1,025 characters', { PATH: `${'p'.repeat(250)}/`.repeat(4) + 'p'.repeat(21) }, 'bulk.unusable-property', { column: "'PATH'" }],
    ['a name of 255 characters', { NAME: 'x'.repeat(255) }, 'bulk.unusable-property', { column: "'NAME'" }],
    ['a type with a line break', { TYPE: 'a\nb' }, 'bulk.unusable-property', { column: "'TYPE'" }],
    ['an external id without a type', { 'external-': 'x' }, 'inventory.unusable-external-id', { member: 'type' }],
    ['an external id of Fleetgate’s own', { 'external-fleetgate_Path': 'x' }, 'inventory.unusable-external-id', { type: 'fleetgate_Path' }],
    ['an IDTYPE of Fleetgate’s own', { IDTYPE: 'fleetgate_Path' }, 'inventory.unusable-external-id', { type: 'fleetgate_Path' }],
    ['twenty-one external ids', Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`external-t${i}`, 'x'])), 'inventory.unusable-external-id', { 'external ids': 21 }],
  ])('is refused: %s', (_what, cells, code, evidence) => {
    expect(object(cells)).toMatchObject({ granted: false, refusal: { code, evidence } });
  });
});
