import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import type { Refusal } from '../../../src/domain/refusal.ts';
import type { BulkRow } from '../../../src/ports/driving/registration-desk.ts';
import { CsvSplitter } from '../../../src/adapters/http/bulk/csv-splitter.ts';
import { csvRows } from '../../../src/adapters/http/bulk/csv-rows.ts';
import { keyBegin } from '../../support/key-armour.ts';

type Read = readonly BulkRow[] | Refusal;

/** The file in pieces of `size` bytes. */
async function* pieces(file: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
}

async function read(file: string | Uint8Array, size = 1 << 20): Promise<Read> {
  const rows = await csvRows(pieces(typeof file === 'string' ? Buffer.from(file) : file, size));
  if (!rows.granted) return rows.refusal;
  const all: BulkRow[] = [];
  for await (const row of rows.value) all.push(row);
  return all;
}

const idsOf = (rows: Read): unknown[] =>
  (rows as readonly BulkRow[]).map((row) => ('cells' in row ? [row.line, row.cells['ID']] : [row.line, row.unreadable.code]));

const HEAD = 'ID;AUTH_TYPE;NAME';

describe('The rows of a bulk file', () => {
  it.each([
    ['TAB', '\t'],
    [';', ';'],
    [',', ','],
  ])('C01 are read with the delimiter %s', async (_name, d) => {
    expect(await read(`ID${d}AUTH_TYPE\na${d}CERTIFICATES\n`)).toEqual([{ line: 2, cells: { ID: 'a', AUTH_TYPE: 'CERTIFICATES' } }]);
  });

  it('C01 are read with the delimiter that makes ID a column, whatever else stands in the header', async () => {
    expect(await read('Place, town\tID\nUlm, DE\ta\n')).toEqual([{ line: 2, cells: { 'Place, town': 'Ulm, DE', ID: 'a' } }]);
    expect(await read('ID;a,b,c,d\nx;y\n')).toEqual([{ line: 2, cells: { ID: 'x', 'a,b,c,d': 'y' } }]);
  });

  it('C01 are the same with a byte order mark, CRLF, quoted headers and columns in another order', async () => {
    const expected = [{ line: 2, cells: { NAME: 'Press', ID: 'a' } }];
    expect(await read('NAME;ID\nPress;a\n')).toEqual(expected);
    expect(await read('\uFEFFNAME;ID\r\nPress;a\r\n')).toEqual(expected);
    expect(await read('"NAME";"ID"\r\n"Press";"a"\r\n')).toEqual(expected);
    expect(await read('NAME;ID\nPress;a')).toEqual(expected);
    expect(await read('NAME;ID\r\nPress;"a"\r')).toEqual(expected);
  });

  it('C01 hold delimiters, line breaks and doubled quotes inside of quotes, and later lines keep their numbers', async () => {
    expect(await read('ID;NAME\n"a";"x;""y""\r\n\nz"\nb;\n"c\n";""\nd;e\n')).toEqual([
      { line: 2, cells: { ID: 'a', NAME: 'x;"y"\r\n\nz' } },
      { line: 5, cells: { ID: 'b', NAME: '' } },
      { line: 6, cells: { ID: 'c\n', NAME: '' } },
      { line: 8, cells: { ID: 'd', NAME: 'e' } },
    ]);
  });

  it('C01 are numbered by the lines of the file; blank lines are none, nor are lines of nothing but delimiters', async () => {
    expect(idsOf(await read(`\n \n${HEAD}\n\na;x;\n;;\n   \r\n;\nb;x;`))).toEqual([[5, 'a'], [9, 'b']]);
  });

  it('C03 keep a formula as the text it is', async () => {
    expect(await read('ID;NAME\na;=cmd|\' /C calc\'!A0\nb;"=1+1"\n')).toEqual([
      { line: 2, cells: { ID: 'a', NAME: "=cmd|' /C calc'!A0" } },
      { line: 3, cells: { ID: 'b', NAME: '=1+1' } },
    ]);
  });

  it('keep a column named __proto__ as a column', async () => {
    const [row] = (await read('ID;__proto__\na;x\n')) as readonly BulkRow[];
    expect(row && 'cells' in row && Object.entries(row.cells)).toEqual([['ID', 'a'], ['__proto__', 'x']]);
  });
});

describe('A row that cannot be read spoils no other', () => {
  const long = 'x'.repeat(1024 * 1024);
  const nearly = 64 * 1024;
  const latin1 = Buffer.from('caf\xe9;CERTIFICATES;n\n', 'latin1');

  const SPOILT: readonly (readonly [string, string | Uint8Array, string])[] = [
    ['has a cell too few', 'bad;CERTIFICATES\n', 'bulk.ragged-row'],
    ['has a cell too many', 'bad;CERTIFICATES;n;m\n', 'bulk.ragged-row'],
    ['is the header once more', `${HEAD}\n`, 'bulk.header'],
    ['opens a quote and never closes it', '"bad;CERTIFICATES;n\n', 'bulk.bad-quoting'],
    ['opens a quote in its last cell and never closes it', 'bad;CERTIFICATES;"n\n', 'bulk.bad-quoting'],
    ['has a quote inside of a plain cell', 'b"ad;CERTIFICATES;n\n', 'bulk.bad-quoting'],
    ['goes on behind a closing quote', '"bad"x;CERTIFICATES;n\n', 'bulk.bad-quoting'],
    ['has a carriage return behind a closing quote', '"bad"\rx;CERTIFICATES;n\n', 'bulk.bad-quoting'],
    ['is in another encoding', latin1, 'bulk.not-utf-8'],
    ['is cut inside of a character', Buffer.from([0x62, 0xe2, 0x82, 0x3b, 0x3b, 0x0a]), 'bulk.not-utf-8'],
    ['holds a zero byte', 'b\0;CERTIFICATES;n\n', 'bulk.not-utf-8'],
    ['has a cell of 1 MB', `bad;CERTIFICATES;${long}\n`, 'bulk.row-too-large'],
    ['has a quoted cell of 1 MB', `bad;CERTIFICATES;"${long}"\n`, 'bulk.row-too-large'],
    ['is longer than 64 KiB', `${'x'.repeat(nearly + 1)}\n`, 'bulk.row-too-large'],
  ];

  for (const size of [1 << 20, 1, 65_536]) {
    it.each(SPOILT)(`C01 when it %s, in pieces of ${size} bytes`, async (_why, spoilt, code) => {
      const file = Buffer.concat([Buffer.from(`${HEAD}\na;CERTIFICATES;n\n`), Buffer.from(spoilt), Buffer.from('b;CERTIFICATES;"n"\nc;CERTIFICATES;"n;"""\n')]);
      expect(idsOf(await read(file, size))).toEqual([[2, 'a'], [3, code], [4, 'b'], [5, 'c']]);
    });
  }

  it.each(SPOILT)('C01 when it %s and is the last', async (_why, spoilt, code) => {
    const file = Buffer.concat([Buffer.from(`${HEAD}\na;CERTIFICATES;n\n`), Buffer.from(spoilt)]);
    expect(idsOf(await read(file.subarray(0, -1)))).toEqual([[2, 'a'], [3, code]]);
  });

  it('C01 tells how many cells a ragged row has, and how many it should', async () => {
    expect(await read('ID;NAME\na;b;c\n')).toEqual([
      { line: 2, unreadable: { code: 'bulk.ragged-row', evidence: { cells: 3, 'cells of the header': 2 } } },
    ]);
  });

  it('C01 may have 64 KiB with its line break', async () => {
    const id = 'x'.repeat(nearly - 1);
    for (const size of [1 << 20, 65_536, 1000]) {
      expect(idsOf(await read(`ID\n${id}\nb\n`, size))).toEqual([[2, id], [3, 'b']]);
      expect(idsOf(await read(`ID\n${id}x\nb\n`, size))).toEqual([[2, 'bulk.row-too-large'], [3, 'b']]);
    }
  });

  it('C01 may have 64 KiB over several lines, and no more', async () => {
    const id = `a\n${'x'.repeat(nearly - 5)}`;
    for (const size of [1 << 20, 65_536, 1000]) {
      expect(idsOf(await read(`ID\n"${id}"\nb\n`, size))).toEqual([[2, id], [4, 'b']]);
      expect(idsOf(await read(`ID\n"${id}x"\nb\n`, size))).toEqual([[2, 'bulk.bad-quoting'], [3, 'bulk.bad-quoting'], [4, 'b']]);
    }
  });

  it('C01 is not taken for whole where the bytes end for the moment, and its length would just do', () => {
    const record = `"a\n${'x'.repeat(nearly - 4)}"`;
    for (const rest of ['\n', '""\n']) {
      const splitter = new CsvSplitter({ delimiter: ';', line: 2 });
      expect(splitter.push(Buffer.from(record), false)).toEqual([]);
      expect(splitter.push(Buffer.from(rest), true)[0]).toMatchObject({ line: 2, unreadable: { code: 'bulk.bad-quoting' } });
    }
    expect(new CsvSplitter({ delimiter: ';', line: 2 }).push(Buffer.from(record), true)).toEqual([{ line: 2, cells: [record.slice(1, -1)] }]);
  });

  it('C01 when a byte order mark stands in the middle of the file', async () => {
    expect(idsOf(await read('ID\na\n\uFEFFb\n'))).toEqual([[2, 'a'], [3, '\uFEFFb']]);
  });
});

describe('A file is refused as a whole', () => {
  const utf16 = (text: string): Uint8Array => Buffer.from(text, 'utf16le');

  it.each<readonly [string, string | Uint8Array, string, object | undefined]>([
    ['has no bytes', '', 'bulk.empty', undefined],
    ['has only blank lines', '\n\r\n \n', 'bulk.empty', undefined],
    ['has only a byte order mark', '\uFEFF', 'bulk.empty', undefined],
    ['has a header and no row', `${HEAD}\n`, 'bulk.empty', { rows: 0 }],
    ['has a header without line break and no row', HEAD, 'bulk.empty', { rows: 0 }],
    ['has a header and blank lines', `${HEAD}\n\n;;\n`, 'bulk.empty', { rows: 0 }],
    ['has no column ID', 'id;AUTH_TYPE\na;b\n', 'bulk.header', { columns: "'id' 'AUTH_TYPE'" }],
    ['has a blank behind ID', 'ID ;AUTH_TYPE\na;b\n', 'bulk.header', { columns: "'ID ' 'AUTH_TYPE'" }],
    ['is a key instead of a table, which is not shown again', `${keyBegin()}\nMIGHAgEAMBMG\n`, 'bulk.header', { columns: 'a text of 27 characters' }],
    ['is a key in one line', `NAME;${'M'.repeat(41)}\na;b\n`, 'bulk.header', { columns: "'NAME' a text of 41 characters" }],
    ['names a column twice', 'ID;NAME;NAME\na;b;c\n', 'bulk.header', { 'column named twice': "'NAME'" }],
    ['has a column without a name', 'ID;;NAME\na;b;c\n', 'bulk.header', { 'column without a name': 2 }],
    ['has a quote in the wrong place of the header', 'ID;NA"ME\na;b\n', 'bulk.bad-quoting', { line: 'header' }],
    ['is UTF-16 with a mark', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16('ID;NAME\na;b\n')]), 'bulk.not-utf-8', undefined],
    ['is UTF-16 without a mark', utf16('ID;NAME\na;b\n'), 'bulk.not-utf-8', { 'zero byte at': 1 }],
    ['has a header in another encoding', Buffer.from('ID;Stra\xdfe\na;b\n', 'latin1'), 'bulk.not-utf-8', undefined],
    ['has a header of more than 64 KiB', `ID;${'x'.repeat(65_536)}\na;b\n`, 'bulk.row-too-large', { line: 1 }],
    ['has no line break at all', 'x'.repeat(200_000), 'bulk.row-too-large', { line: 1 }],
  ])('C01 when it %s', async (_why, file, code, evidence) => {
    for (const size of [1 << 20, 1]) expect(await read(file, size)).toMatchObject({ code, ...(evidence && { evidence }) });
  });
});

describe('Whatever is in the cells', () => {
  const cell = fc.oneof(fc.string(), fc.constantFrom('', 'a', '"', '""', ';', '\n', '\r\n', 'a"b', ' ', ',', '\t'), fc.string({ unit: 'grapheme' }));
  const quoted = (text: string, quote: boolean): string =>
    quote || /[";,\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

  it('C01 is read as csv-parse reads it, however the bytes are cut', async () => {
    const rows = fc.array(fc.tuple(cell, cell, fc.boolean()), { minLength: 1, maxLength: 8 });
    const property = fc.asyncProperty(rows, fc.integer({ min: 1, max: 40 }), fc.constantFrom('\n', '\r\n'), async (given, size, eol) => {
      const text = given.map(([a, b, quote]) => `${quoted(a, quote)};${quoted(b, quote)}`);
      const file = ['ID;NAME', ...text].join(eol) + eol;
      const readable = given.every(([a, b]) => !`${a}${b}`.includes('\0') && `${a}${b}`.isWellFormed());
      fc.pre(readable);
      const expected = (parse(file, { delimiter: ';', columns: true, record_delimiter: ['\n', '\r\n'] }) as { ID: string; NAME: string }[]).filter(
        ({ ID, NAME }) => `${ID}${NAME}`.trim() !== '',
      );
      const found = await read(file, size);
      expect('code' in found ? [] : found.map((row) => 'cells' in row && row.cells)).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 300 });
  });
});
