import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

/** Acceptance of the gate: a regression test each, with the id at the start of its title or of the row that becomes its title. */
const ABUSE =
  'X01–X11 X14–X17 X20–X28 X31–X33 T01–T11 T16 M01–M26 S01–S03 S05–S11 J02–J05 J07 J08 J11–J13 R04 R08 R09 R11 R12 C01–C04 C06 C08 A01–A03 A05–A06';

const TESTS = import.meta.dirname;
const README = join(TESTS, '../src/domain/README.md');

const titles = sourcesOf(/[^/\\]+[/\\].*\.(test|contract)\.ts$/).flatMap(({ source }) => titlesIn(source));

/** `X21 REQ-12 in order, with the anchor` → X21, REQ-12. What stands further on in a title only mentions an id. */
const proven = new Set(titles.flatMap((title) => /^(?:(?:[A-Z]\d\d|REQ-\d+|D-\d+) )*/.exec(title)![0].split(' ')));

describe('A test whose title begins with its id proves', () => {
  it.each(ABUSE.split(' ').flatMap(idsOf))('the abuse case %s', (id) => {
    expect(proven).toContain(id);
  });

  it.each(readFileSync(README, 'utf8').match(/(?<=^\| )REQ-\d+(?= \|)/gm) ?? [])('the requirement %s', (id) => {
    expect(proven).toContain(id);
  });

  it('every one of the twelve requirements', () => {
    expect([...proven].filter((id) => id.startsWith('REQ-')).sort(byNumber)).toEqual(Array.from({ length: 12 }, (_, i) => `REQ-${i + 1}`));
  });
});

describe('A title', () => {
  const read = (source: string): readonly string[] => titlesIn(ts.createSourceFile('x.test.ts', source, ts.ScriptTarget.Latest, true));

  it.each([
    ['of a test', "it('X01 a', () => {})", ['X01 a']],
    ['of a group', "describe('X01 a', () => {})", ['X01 a']],
    ['of a table, and its rows', "it.each([['X01 a', 1]] as const)('X02 %s', () => {})", ['X01 a', 'X02 %s']],
    ['of a table by its interface', "it.each<Row>(ROWS)('X02 %s', () => {})", ['X02 %s']],
    ['with a hole', 'it(`X01 ${size} bytes`, () => {})', ['X01 ']],
    ['of a table that is declared before', "const ROWS: Row[] = [['X01 a', 1]];", ['X01 a']],
    ['of a test that takes a tool', "itWith('curl', 'X02 jq')('X01 a', () => {})", ['X01 a']],
    ['of a group that takes a tool, and of its tests', "describeWith('curl')('X01 a', () => { it('X02 b', () => {}); })", ['X01 a', 'X02 b']],
    ['of a test or a group with a reason against it', "itUnless(why)('X01 a', () => {}); describeUnless('X03 none')('X02 b', () => {})", ['X01 a', 'X02 b']],
    ['of a group on PostgreSQL', 'describeOnPostgres(`X01 ${rounds} rounds`, () => {})', ['X01 ']],
  ])('counts when it is that %s', (_which, source, expected) => {
    expect(read(source)).toEqual(expected);
  });

  // A letter is escaped in each sample here and below: whoever searches the tests for silenced ones finds none that is only a text.
  it.each([
    ['is skipped', "it.\x73kip('X01 a', () => {})"],
    ['stands in a skipped table', "it.\x73kip.each([['X01 a']])('X02 %s', () => {})"],
    ['is still to do', "it.\x74odo('X01 a')"],
    ['stands in a skipped group', "describe.\x73kip('b', () => { it('X01 a', () => {}); })"],
    ['names the tool of a test', "itWith('X01 a')(title, () => {})"],
    ['is only a comment', "// it('X01 a')"],
    ['is a text for something else', "expect('X01 a').toBe(log('X01 b'))"],
  ])('does not count when it %s', (_why, source) => {
    expect(read(source)).toEqual([]);
  });
});

describe('A test that does not run', () => {
  const silent = (source: string): readonly string[] => silencedIn(ts.createSourceFile('x.test.ts', source, ts.ScriptTarget.Latest, true));

  it.each([
    ["it.\x73kip('a', () => {})", ['it.\x73kip']],
    ['(has ? it : it.\x73kip)(`a`, () => {})', ['it.\x73kip']],
    ["describe['skip']('a', () => {})", ["describe['skip']"]],
    ["test.skip.each(ROWS)('%s', () => {})", ['test.skip']],
    ["it.\x6fnly('a', () => {})", ['it.\x6fnly']],
    ["it.\x74odo('a')", ['it.\x74odo']],
    ["\x78it('a', () => {}); \x66describe('b', () => {})", ['\x78it', '\x66describe']],
    ["const { skip } = describe;", ['skip']],
    ["it('skips what it.\x73kip names', () => list.skipped())", []],
  ])('is seen in %s', (source, expected) => {
    expect(silent(source)).toEqual(expected);
  });

  it('says why in its title: only test/support/skips.ts skips', () => {
    const found = sourcesOf(/\.ts$/).flatMap(({ name, source }) => silencedIn(source).map((how) => `${name}: ${how}`));
    expect(found).toEqual(['support/skips.ts: it.skip', 'support/skips.ts: describe.skip']);
  });
});

/** `X01–X03` → X01, X02, X03. */
function idsOf(range: string): string[] {
  const [first = '', last = first] = range.split('–');
  const number = (id: string): number => Number(id.slice(1));
  return Array.from({ length: number(last) - number(first) + 1 }, (_, i) => `${first[0]}${String(number(first) + i).padStart(2, '0')}`);
}

function byNumber(a: string, b: string): number {
  return Number(a.slice(4)) - Number(b.slice(4));
}

function sourcesOf(pattern: RegExp): readonly { readonly name: string; readonly source: ts.SourceFile }[] {
  const names = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/')).filter((name) => pattern.test(name));
  return names.map((name) => ({ name, source: ts.createSourceFile(name, readFileSync(join(TESTS, name), 'utf8'), ts.ScriptTarget.Latest, true) }));
}

/** The titles of tests and groups, and the texts at the start of rows, without those that are skipped. */
function titlesIn(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isSkipped(node)) return;
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      const text = ts.isTemplateExpression(node) ? node.head.text : node.text;
      if (isTitle(node) || isStartOfRow(node)) found.push(text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Of `it`, `it.each(…)`, `describeOnPostgres` or `itWith('curl')`: of the last only the second call takes a title. */
function isTitle(node: ts.Node): boolean {
  const { parent } = node;
  const takesTitle = /^(?:(?:it|test|describe)\b|describeOnPostgres$|(?:it|describe)(?:With|Unless)\()/;
  return ts.isCallExpression(parent) && parent.arguments[0] === node && takesTitle.test(parent.expression.getText());
}

function isSkipped({ expression }: ts.CallExpression): boolean {
  return /^(it|test|describe)\.(skip|todo)\b|^x(it|test|describe)\b/.test(expression.getText());
}

/** A row is a list; the text from which a title is made is its first member. */
function isStartOfRow(node: ts.Node): boolean {
  return ts.isArrayLiteralExpression(node.parent) && node.parent.elements[0] === node;
}

/** Whatever keeps a test from running: `skip`, `todo` and `only` of Jest, however they are reached. */
function silencedIn(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isSilenced(node)) found.push(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isSilenced(node: ts.Node): boolean {
  const ofJest = (whose: ts.Expression): boolean => /^(it|test|describe)\b/.test(whose.getText());
  const silences = /^(?:skip|todo|only)$/;
  if (ts.isPropertyAccessExpression(node)) return ofJest(node.expression) && silences.test(node.name.text);
  if (ts.isElementAccessExpression(node)) return ofJest(node.expression) && ts.isStringLiteralLike(node.argumentExpression) && silences.test(node.argumentExpression.text);
  if (ts.isBindingElement(node)) return silences.test((node.propertyName ?? node.name).getText());
  return ts.isIdentifier(node) && /^(?:x(?:it|test|describe)|f(?:it|describe))$/.test(node.text) && ts.isCallExpression(node.parent) && node.parent.expression === node;
}
