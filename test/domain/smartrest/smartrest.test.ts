import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readLines, SMARTREST_LIMITS } from '../../../src/domain/smartrest/read-lines.ts';
import { readRequest } from '../../../src/domain/smartrest/read-request.ts';
import { smartrestLine } from '../../../src/domain/smartrest/write-line.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const lines = (text: string) => readLines(bytes(text));
const cells = (text: string) => lines(text).map((line) => line.cells);

describe('The lines of a SmartREST message', () => {
  it.each([
    ['one line', '100,Press,press', [['100', 'Press', 'press']]],
    ['lines that end in LF, CRLF or CR', '105\n123\r\n500\r114,x', [['105'], ['123'], ['500'], ['114', 'x']]],
    ['a line break at the end', '123\n', [['123']]],
    ['empty lines', '\n\n123\n\r\n\n', [['123']]],
    ['nothing', '', []],
    ['empty cells, the last one too', '100,,', [['100', '', '']]],
    ['a byte order mark', '\uFEFF123', [['123']]],
    ['spaces, which belong to their cell', ' 100 , a b ', [[' 100 ', ' a b ']]],
    ['quoted commas', '100,"a,b",c', [['100', 'a,b', 'c']]],
    ['doubled quotes', '100,"say ""hi""",c', [['100', 'say "hi"', 'c']]],
    ['a quoted line break, after which no new line begins', '113,"a\n100,x,y"\n123', [['113', 'a\n100,x,y'], ['123']]],
    ['an empty quoted cell', '100,"",c', [['100', '', 'c']]],
  ])('are read with %s', (_what, text, expected) => {
    expect(cells(text)).toEqual(expected);
    expect(lines(text).some((line) => 'broken' in line)).toBe(false);
  });

  it.each([
    ['a quote that is never closed', '123\n113,"a\n100,x,y'],
    ['text behind a closing quote', '123\n113,"a"b\n100,x,y'],
    ['a quote inside a cell', '123\n113,a"b"\n100,x,y'],
    ['a space before the quote', '123\n113, "a"\n100,x,y'],
  ])('are read up to %s, and nothing behind it', (_what, text) => {
    expect(lines(text)).toEqual([
      { number: 1, cells: ['123'] },
      expect.objectContaining({ number: 2, broken: 'quote' }),
    ]);
    expect(lines(text)[1]!.cells[0]).toBe('113');
  });

  it('are not read where they are not UTF-8, or pretend to be what could not be decoded', () => {
    const fault = [{ number: 1, cells: [], broken: 'not-utf-8' }];
    expect([readLines(Uint8Array.of(0x31, 0xff)), lines('100,\uFFFD')]).toEqual([fault, fault]);
  });

  it(`are at most ${SMARTREST_LIMITS.lines}`, () => {
    const most = '123\n'.repeat(SMARTREST_LIMITS.lines);
    expect(lines(`${most}\n\n`).map((line) => 'broken' in line)).toEqual(Array(SMARTREST_LIMITS.lines).fill(false));
    expect(lines(`${most}123\n123`).slice(-2)).toEqual([
      { number: SMARTREST_LIMITS.lines, cells: ['123'] },
      { number: SMARTREST_LIMITS.lines + 1, cells: [], broken: 'too-many-lines' },
    ]);
  });

  it(`have at most ${SMARTREST_LIMITS.cells} cells`, () => {
    const most = Array(SMARTREST_LIMITS.cells).fill('1').join(',');
    expect(lines(most)).toEqual([{ number: 1, cells: Array(SMARTREST_LIMITS.cells).fill('1') }]);
    expect(lines(`${most},1\n123`)).toEqual([expect.objectContaining({ number: 1, broken: 'too-many-cells' })]);
  });

  it('never fail, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => readLines(payload).length <= payload.length));
  });

  it('say what was written, whatever it is', () => {
    const cell = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\uFFFD') && text.isWellFormed());
    fc.assert(fc.property(fc.array(fc.array(cell, { minLength: 1 }).map((row) => ['1', ...row])), (rows) => {
      expect(cells(rows.map((row) => smartrestLine(...row)).join('\n'))).toEqual(rows);
    }));
  });
});

describe('A line of SmartREST', () => {
  const read = (text: string) => readRequest(cells(text)[0]!);

  it.each([
    ['100,Press,press', { asks: 'introduce', id: '100', name: 'Press', type: 'press' }],
    ['100', { asks: 'introduce', id: '100', name: '', type: '' }],
    ['105', { asks: 'children', id: '105' }],
    ['123', { asks: 'object-id', id: '123' }],
    ['123,whatever', { asks: 'object-id', id: '123' }],
  ])('%s asks for an answer', (text, request) => {
    expect(read(text)).toEqual(request);
  });

  it.each([
    ['110,4711,M2,rev 3', { c8y_Hardware: { serialNumber: '4711', model: 'M2', revision: 'rev 3' } }],
    ['110,4711,,rev 3', { c8y_Hardware: { serialNumber: '4711', revision: 'rev 3' } }],
    ['113,"a=1\nb=2"', { c8y_Configuration: { config: 'a=1\nb=2' } }],
    ['114,c8y_Restart,,c8y_Command', { c8y_SupportedOperations: ['c8y_Restart', 'c8y_Command'] }],
    ['114', { c8y_SupportedOperations: [] }],
    ['115,os,1.0,https://x', { c8y_Firmware: { name: 'os', version: '1.0', url: 'https://x' } }],
    ['116,a,1,u,b,2', { c8y_SoftwareList: [{ name: 'a', version: '1', url: 'u' }, { name: 'b', version: '2' }] }],
    ['116,a,1,u,,2,v', { c8y_SoftwareList: [{ name: 'a', version: '1', url: 'u' }] }],
    ['117,10', { c8y_RequiredAvailability: { responseInterval: 10 } }],
    ['117,-5', { c8y_RequiredAvailability: { responseInterval: -5 } }],
    ['118,syslog,dmesg', { c8y_SupportedLogs: ['syslog', 'dmesg'] }],
    ['119,agent.conf', { c8y_SupportedConfigurations: ['agent.conf'] }],
    ['122,agent,1.2,https://x,works', { c8y_Agent: { name: 'agent', version: '1.2', url: 'https://x', maintainer: 'works' } }],
    ['143,apt,docker', { c8y_SupportedSoftwareTypes: ['apt', 'docker'] }],
  ])('%s sets a fragment', (text, fragments) => {
    expect(read(text)).toEqual({ asks: 'fragments', id: text.slice(0, 3), fragments });
  });

  it.each(['101', '199', '200,c8y_Temperature,T,20', '301', '400,x,y', '500', '503,c8y_Restart', '599'])('%s is known, and left to the message sink', (text) => {
    expect(read(text)).toMatchObject({ asks: 'nothing' });
  });

  it.each(['99', '600', '999,x', '1000', 'dm100,x', ' 100', '1e2', '१००', 'constructor', '__proto__'])('%s is no template', (text) => {
    expect(read(text)).toEqual({ asks: 'unknown', id: text.split(',')[0] });
  });

  it('whose template is long or holds control characters does not get it back', () => {
    expect([read('9'.repeat(20)).id, read('9'.repeat(21)).id, read('"9\n9"').id]).toEqual(['9'.repeat(20), '', '']);
  });

  it.each(['117', '117,', '117,soon', '117,1.5', '117,1234567890', '117, 1'])('%s does not say how many minutes', (text) => {
    expect(read(text)).toMatchObject({ asks: 'unfit', id: '117' });
  });

  it.each(['100,a,b', '105', '123', '114,x', '117,soon', '200'])('%s about a child device is left to the message sink', (text) => {
    expect(readRequest(cells(text)[0]!, true)).toMatchObject({ asks: 'nothing' });
  });
  it('without a template is none about a child device either', () => {
    expect(readRequest(['999'], true)).toMatchObject({ asks: 'unknown' });
  });
});

describe('A reply', () => {
  it.each([
    [['41', '100', 'Device already existing'], '41,100,Device already existing'],
    [['106', 'a,b', 'say "hi"', 'x\ny', ''], '106,"a,b","say ""hi""","x\ny",'],
  ])('quotes what has a separator: %j', (row, expected) => {
    expect(smartrestLine(...row)).toBe(expected);
  });
});
