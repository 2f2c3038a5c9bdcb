import { describe, expect, it } from '@jest/globals';
import { bulkRow, LONGEST_CELL, LONGEST_ROW } from '../../../src/domain/registration/bulk-row.ts';

const GOOD = { ID: 'press-7', AUTH_TYPE: 'CERTIFICATES', CREDENTIALS: '', TENANT: '', NAME: 'Press', 'a.b.c': '1', ICCID: '' };

type Cells = Record<string, string>;

describe('A row of a bulk file', () => {
  it('asks for a device with an id and with the columns that are filled', () => {
    expect(bulkRow(GOOD)).toEqual({ granted: true, value: { id: 'press-7', details: { NAME: 'Press', 'a.b.c': '1' } } });
  });

  it('REQ-7 may leave out CREDENTIALS and TENANT', () => {
    expect(bulkRow({ ID: 'press-7', AUTH_TYPE: 'CERTIFICATES' })).toEqual({ granted: true, value: { id: 'press-7', details: {} } });
  });

  it('names the tenant where TENANT is filled', () => {
    expect(bulkRow({ ...GOOD, TENANT: 't1' })).toMatchObject({ value: { tenant: 't1', id: 'press-7' } });
  });

  it('C03 keeps a formula cell as the text it is', () => {
    expect(bulkRow({ ...GOOD, NAME: '=HYPERLINK("http://x")', NOTE: '+1', PATH: '@SUM(A1)' })).toMatchObject({
      value: { details: { NAME: '=HYPERLINK("http://x")', NOTE: '+1', PATH: '@SUM(A1)' } },
    });
  });

  it('does not keep the one-time password of an enrolment', () => {
    expect(bulkRow({ ...GOOD, ENROLLMENT_OTP: 's3cret-otp' })).toMatchObject({ value: { details: { NAME: 'Press' } } });
    expect(JSON.stringify(bulkRow({ ...GOOD, ENROLLMENT_OTP: 's3cret-otp' }))).not.toContain('s3cret');
  });

  it('keeps a column named __proto__ as a column', () => {
    const cells = JSON.parse('{"ID":"press-7","AUTH_TYPE":"CERTIFICATES","__proto__":"x"}') as Cells;
    const decided = bulkRow(cells);
    expect(decided.granted && Object.entries(decided.value.details)).toEqual([['__proto__', 'x']]);
  });

  it('may have the longest cell and the longest row', () => {
    const cell = 'x'.repeat(LONGEST_CELL);
    const others = GOOD.ID.length + GOOD.AUTH_TYPE.length;
    const cells = { ID: GOOD.ID, AUTH_TYPE: GOOD.AUTH_TYPE, A: cell, B: cell, C: cell, D: 'x'.repeat(LONGEST_CELL - others) };
    expect(Object.values(cells).join('')).toHaveLength(LONGEST_ROW);
    expect(bulkRow(cells)).toMatchObject({ granted: true });
    expect(bulkRow({ ...cells, D: `${cells.D}x` })).toMatchObject({
      refusal: { code: 'bulk.row-too-large', evidence: { characters: LONGEST_ROW + 1 } },
    });
  });

  const SPOILT: readonly (readonly [string, string, Cells, Cells | undefined])[] = [
    ['has an empty ID', 'bulk.id-missing', { ID: '' }, undefined],
    ['has an ID with a character that topics use', 'identity.forbidden-character', { ID: 'a/b' }, { character: 'U+002F' }],
    ['has a blank before the ID', 'identity.forbidden-character', { ID: ' press-7' }, { character: 'U+0020' }],
    ['C04 has an ID that is not in normal form C', 'identity.not-normalised', { ID: 'cafe\u0301' }, undefined],
    ['has an ID of 255 characters', 'identity.length', { ID: 'x'.repeat(255) }, undefined],
    ['asks for a password device', 'bulk.auth-type', { AUTH_TYPE: 'BASIC' }, { AUTH_TYPE: "'BASIC'" }],
    ['has no AUTH_TYPE, which means BASIC', 'bulk.auth-type', { AUTH_TYPE: '' }, { AUTH_TYPE: "''" }],
    ['writes AUTH_TYPE in lower case', 'bulk.auth-type', { AUTH_TYPE: 'certificates' }, { AUTH_TYPE: "'certificates'" }],
    ['has a blank after AUTH_TYPE', 'bulk.auth-type', { AUTH_TYPE: 'CERTIFICATES ' }, { AUTH_TYPE: "'CERTIFICATES '" }],
    ['C02 brings CREDENTIALS', 'bulk.credentials-given', { CREDENTIALS: 'hunter2' }, undefined],
    ['brings CREDENTIALS of one blank', 'bulk.credentials-given', { CREDENTIALS: ' ' }, undefined],
    ['names a tenant that no tenant can be', 'bulk.tenant', { TENANT: 'T 1' }, { TENANT: "'T 1'" }],
    ['has a cell that is too long', 'bulk.row-too-large', { NAME: 'x'.repeat(LONGEST_CELL + 1) }, { column: "'NAME'" }],
  ];

  it.each(SPOILT)('is refused when it %s: %s', (_why, code, spoil, evidence) => {
    const decided = bulkRow({ ...GOOD, ...spoil });
    expect(decided).toMatchObject({ granted: false, refusal: { code, ...(evidence && { evidence }) } });
  });

  it('C02 never repeats CREDENTIALS in a refusal', () => {
    for (const [, , spoil] of SPOILT) {
      expect(JSON.stringify(bulkRow({ ...GOOD, CREDENTIALS: 'hunter2', ...spoil }))).not.toContain('hunter2');
    }
  });

  it('has a row here for every rule of one row', () => {
    const codes = new Set(SPOILT.map(([, code]) => code).filter((code) => code.startsWith('bulk.')));
    expect([...codes].sort()).toEqual(['bulk.auth-type', 'bulk.credentials-given', 'bulk.id-missing', 'bulk.row-too-large', 'bulk.tenant']);
  });
});
