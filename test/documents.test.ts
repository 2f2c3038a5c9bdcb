import { describe, expect, it } from '@jest/globals';
import { CommanderError, type Command } from 'commander';
import { Readable } from 'node:stream';
import { commandLine } from '../src/adapters/composition/command-line.ts';
import { settingsTable } from '../src/adapters/config/settings-table.ts';
import { ABUSE_CASES } from './support/abuse-cases.ts';
import { provenIn } from './support/abuse-section.ts';
import { documents, inlineCode, isThere, linkTargets, pathsNamed, readmes, textOf, typedLines, type Document } from './support/documents.ts';
import { FIGURES_BEGIN, FIGURES_END, figuresSection } from './support/figures-section.ts';
import { withSection } from './support/generated-section.ts';
import { BOUNDS_BEGIN, BOUNDS_END, SETTINGS_BEGIN, SETTINGS_END, settingsSection } from './support/settings-section.ts';

const TAKEN = 'as the program takes it';
const README = readmes.find(({ file }) => file === 'README.md')!;
/** What is wrong, each with the file that says it. */
const wrongIn = (all: readonly Document[], find: (document: Document) => readonly string[]): readonly string[] =>
  all.flatMap((document) => find(document).map((what) => `${document.file}: ${what}`));
const matches = (text: string, pattern: RegExp): readonly string[] => [...text.matchAll(pattern)].map(([whole]) => whole);

describe('README.md', () => {
  it('has at most 200 lines', () => {
    expect(README.text.trimEnd().split('\n').length).toBeLessThanOrEqual(200);
  });

  it('begins with the two commands of a newcomer, each with what they print', () => {
    expect(typedLines(README).slice(0, 2)).toEqual(['npm ci && npm start', 'npm ci && npm test']);
  });

  it('has the table of the settings as they are (npm run docs writes it)', () => {
    expect(withSection(README.text, { begin: SETTINGS_BEGIN, end: SETTINGS_END, section: settingsSection() })).toBe(README.text);
    const bounds = textOf('src/adapters/config/README.md');
    expect(withSection(bounds, { begin: BOUNDS_BEGIN, end: BOUNDS_END, section: settingsSection(true) })).toBe(bounds);
    for (const { name, isBound } of settingsTable) expect(isBound ? bounds : README.text).toContain(`| \`${name}\` |`);
  });
});

it('src/adapters/metrics/README.md has the table of the figures as they are (npm run docs writes it)', () => {
  const text = textOf('src/adapters/metrics/README.md');
  expect(withSection(text, { begin: FIGURES_BEGIN, end: FIGURES_END, section: figuresSection() })).toBe(text);
});

describe('Every README of the repository', () => {
  it('is among those that are read here', () => {
    expect(readmes.map(({ file }) => file)).toEqual(expect.arrayContaining(['README.md', 'src/domain/README.md', 'src/ports/README.md', 'test/README.md']));
  });

  it('links to files that are there', () => {
    expect(wrongIn(readmes, (document) => linkTargets(document).filter((target) => !isThere(document, target)))).toEqual([]);
    expect(readmes.flatMap(linkTargets).length).toBeGreaterThan(5);
  });

  it('names paths that are there', () => {
    expect(wrongIn(readmes, (document) => pathsNamed(document).filter((path) => !isThere(document, path)))).toEqual([]);
    expect(readmes.flatMap(pathsNamed).length).toBeGreaterThan(50);
  });

  it('names scripts of npm that are there', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const named = ({ text }: Document) => [...text.matchAll(/\bnpm (?:run (?:-s )?([\w:-]+)|(start|test)\b)/g)].map(([, run, bare]) => run ?? bare!);
    expect(wrongIn(readmes, (document) => named(document).filter((script) => !(script in scripts)))).toEqual([]);
    expect(readmes.flatMap(named).length).toBeGreaterThan(10);
  });

  it('names settings that are there', () => {
    const known = new Set([...settingsTable.map(({ name }) => name as string), ...matches(helpOf(aProgram()), /FLEETGATE_[A-Z_]+/g)]);
    expect(wrongIn(readmes, ({ text }) => matches(text, /\bFLEETGATE_[A-Z_]+/g).filter((name) => !known.has(name)))).toEqual([]);
  });
});

describe('Commands of fleetgate in the READMEs', () => {
  const inDocument = (document: Document): readonly string[] =>
    [...typedLines(document), ...inlineCode(document)].flatMap((line) => /^(?:npx )?fleetgate (.+?)(?: [|<>&;].*)?$/.exec(line)?.[1] ?? []);

  it('parse in the program, with their options and the values of these', async () => {
    const lines = [...new Set(readmes.flatMap(inDocument))];
    expect(lines.length).toBeGreaterThanOrEqual(10);
    const answers = await Promise.all(lines.map(async (line) => [line, await parsed(line)]));
    expect(answers.filter(([, answer]) => answer !== TAKEN)).toEqual([]);
  });

  it.each([
    ['trsut add ca.pem', "unknown command 'trsut'"],
    ['trust add ca.pem --auto', "unknown option '--auto'"],
    ['pki device press-7 --broken badly', "argument 'badly' is invalid"],
    ['devices show a b', 'too many arguments'],
  ])('would be found wrong: fleetgate %s', async (line, why) => {
    await expect(parsed(line)).resolves.toContain(why);
  });
});

describe('The repository', () => {
  it('defines every decision and requirement that it cites', () => {
    const defined = new Set(matches(textOf('src/domain/README.md'), /(?<=^\| )(?:D|REQ)-\d+(?= \|)/gm));
    expect(defined.size).toBeGreaterThanOrEqual(34);
    const cited = ({ text }: Document) => matches(text, /\b(?:D|REQ)-\d+\b/g).filter((id) => !defined.has(id));
    expect(wrongIn(documents.filter(({ file }) => /^src\/|README/.test(file)), cited)).toEqual([]);
  });

  it('leaves nothing to be done later', () => {
    const later = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`, 'g');
    expect(wrongIn(documents, ({ text }) => matches(text, later))).toEqual([]);
  });

  it('names no folder of anybody’s machine', () => {
    expect(wrongIn(documents, ({ text }) => matches(text, /(?<![\w.}])\/(?:home|Users|root|work)\/[\w.-]+/g))).toEqual([]);
  });

  it('holds no private key', () => {
    expect(wrongIn(documents, ({ text }) => matches(text, /PRIVATE KEY-----(?:\\n|\s)*[A-Za-z0-9+/]{48}/g))).toEqual([]);
  });

  it('holds nothing outside of src that looks like one: tests take test/support/key-armour.ts', () => {
    const others = documents.filter(({ file }) => !file.startsWith('src/')); // the program has to know the marker
    expect(wrongIn(others, ({ text }) => matches(text, /-{4,} ?(?:BEGIN|END) [A-Z0-9 ]*PRIVATE\b/g))).toEqual([]);
  });
});

describe('The table of abuse cases in test/README.md', () => {
  const table = textOf('test/README.md');
  const proven = provenIn();

  it('has a row for each, with its tests or the reason why there is none', () => {
    expect(ABUSE_CASES.filter(({ id }) => !table.includes(`| ${id} |`))).toEqual([]);
    expect(ABUSE_CASES.filter(({ id, without }) => !proven.has(id) && without === undefined)).toEqual([]);
  });

  it('names no test that does not have the id (npm run docs writes it)', () => {
    const rows = [...table.matchAll(/^\| ([A-Z]\d\d) \|.*\| (`.*`) \|$/gm)];
    expect(rows.length).toBeGreaterThan(90);
    const wrong = rows.flatMap(([, id, files]) => matches(files!, /[\w/.-]+\.ts/g).filter((file) => !proven.get(id!)?.includes(file)).map((file) => `${id} ${file}`));
    expect(wrong).toEqual([]);
  });
});

/** The whole program, with actions that do nothing. */
function aProgram(): Command {
  const program = commandLine({ env: {}, write: () => undefined, writeError: () => undefined, isTerminal: false, input: Readable.from([]), now: () => new Date() });
  const still = (command: Command): void => {
    if (command.commands.length === 0) command.action(() => undefined);
    command.commands.forEach(still);
  };
  still(program);
  return program;
}

function helpOf(program: Command): string {
  let help = '';
  program.configureOutput({ writeOut: (text) => (help += text) });
  program.outputHelp();
  return help;
}

/** The name of a command alone is a mention, for which its arguments may be missing. */
const MENTIONS = ['commander.help', 'commander.helpDisplayed', 'commander.missingArgument'];

async function parsed(line: string): Promise<string> {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!).filter((word) => word !== '…');
  try {
    await aProgram().parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError) || !MENTIONS.includes(error.code)) return (error as Error).message;
  }
  return TAKEN;
}
