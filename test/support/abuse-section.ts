import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { ABUSE_CASES } from './abuse-cases.ts';

export const ABUSE_BEGIN = '<!-- abuse: written by npm run docs from the titles of the tests -->';
export const ABUSE_END = '<!-- /abuse -->';

const TESTS = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['domain', 'contracts', 'adapters', 'journey'];

/** Which files of tests name which ids in a string: a title, or a row from which titles are made. */
export function provenIn(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const file of filesOfTests()) {
    const source = ts.createSourceFile(file, readFileSync(join(TESTS, file), 'utf8'), ts.ScriptTarget.Latest);
    for (const id of idsIn(source)) found.set(id, [...(found.get(id) ?? []), file]);
  }
  return found;
}

const filesOfTests = (): readonly string[] =>
  FOLDERS.flatMap((folder) => readdirSync(join(TESTS, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name.replaceAll('\\', '/')}`))
    .filter((name) => /\.(test|contract)\.ts$/.test(name))
    .sort();

function idsIn(source: ts.SourceFile): ReadonlySet<string> {
  const ids = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) for (const [id] of node.text.matchAll(/\b[A-Z]\d\d\b/g)) ids.add(id);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return ids;
}

/** The table of test/README.md, as Markdown. */
export function abuseSection(): string {
  const proven = provenIn();
  const rows = ABUSE_CASES.map(({ id, what, without }) => {
    const where = (proven.get(id) ?? []).map((file) => `\`${file}\``).join(', ');
    return `| ${id} | ${what} | ${where || `not tested: ${without ?? 'no test has it yet'}`} |`;
  });
  return ['| id | case | where |', '|---|---|---|', ...rows].join('\n');
}
