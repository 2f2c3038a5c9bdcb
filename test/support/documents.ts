import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { ROOT } from './running-gate.ts';

export interface Document {
  /** From the root of the checkout. */
  readonly file: string;
  readonly text: string;
}

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));

/** What belongs to the project, and not what its users made beside it. */
const ownFiles = [
  ...['src', 'test', '.ci', 'deploy'].flatMap(filesBelow),
  ...readdirSync(ROOT).filter((name) => /\.(md|mjs|json)$|^(LICENSE|\.gitignore|\.npmrc)$/.test(name) && name !== 'package-lock.json'),
].filter((file) => statSync(join(ROOT, file)).size < 2 ** 20);

export const documents: readonly Document[] = ownFiles.map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));
export const readmes: readonly Document[] = documents.filter(({ file }) => basename(file) === 'README.md');
export const textOf = (file: string): string => documents.find((document) => document.file === file)!.text;

/** Code in line: what stands between single backticks outside of fenced blocks. */
export const inlineCode = ({ text }: Document): readonly string[] =>
  [...text.replaceAll(/^ *```[^]*?^ *```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);

/** Lines that a person types: behind `$ ` in fenced blocks, those that go on with `\` as one. */
export const typedLines = ({ text }: Document): readonly string[] =>
  [...text.replaceAll(/\\\n\s*/g, '').matchAll(/^ *\$ (.+)$/gm)].map(([, line]) => line!);

/** Targets of links that lead to files, without their anchors. */
export const linkTargets = ({ text }: Document): readonly string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!.split('#')[0]!).filter((target) => target !== '' && !/^[a-z]+:/.test(target));

const LOOKS_LIKE_A_FILE = /^(?:[\w.-]+\/)*[\w.-]+\.(?:ts|mjs|md)$|^(?:src|test)(?:\/[\w.-]+)*\/?$/;

/** Paths in backticks; a pattern or a placeholder is none. */
export const pathsNamed = (document: Document): readonly string[] => inlineCode(document).filter((code) => LOOKS_LIKE_A_FILE.test(code));

/** From the folder of the document, from the root or from `src`; a bare name may lie anywhere below the document's folder. */
export function isThere({ file }: Document, path: string): boolean {
  const folder = dirname(file);
  if ([folder, '.', 'src'].some((start) => existsSync(join(ROOT, start, path)))) return true;
  return !path.includes('/') && ownFiles.some((own) => basename(own) === path && (folder === '.' || own.startsWith(`${folder}/`)));
}
