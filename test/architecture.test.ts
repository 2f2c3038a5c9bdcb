import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The import table of `src/domain/README.md`, read from the files' own imports. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));

const filesBelow = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();

/** Where each import of a file leads: a path from the root for our own files, the bare name for a package. */
function importsOf(file: string, text = readFileSync(join(ROOT, file), 'utf8')): string[] {
  const found = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  return found.map((name) => (name.startsWith('.') ? posix.join(posix.dirname(file), name) : name));
}

const familyOf = (file: string): string | undefined => /^src\/adapters\/([^/]+)\//.exec(file)?.[1];
/** Doors for whoever comes from outside. They let people in by one and the same TLS, which is a family of its own. */
const DOORS: readonly (string | undefined)[] = ['mqtt', 'http'];
const isTlsOfDoor = (target: string, file: string): boolean => familyOf(target) === 'tls' && DOORS.includes(familyOf(file));
const isModule = (file: string): boolean => file.endsWith('.module.ts') || file.startsWith('src/adapters/composition/');
const isOwn = (target: string): boolean => target.startsWith('src/');

interface ImportRule {
  readonly why: string;
  readonly who: (file: string) => boolean;
  readonly may: (target: string, file: string) => boolean;
}

const RULES: readonly ImportRule[] = [
  {
    why: 'rules know nothing of ports, node or packages',
    who: (file) => /^src\/domain\/(?!usecases\/)/.test(file),
    may: (target) => /^src\/domain\/(?!usecases\/)/.test(target),
  },
  {
    why: 'use cases reach the world through ports only',
    who: (file) => file.startsWith('src/domain/usecases/'),
    may: (target) => /^src\/(domain|ports)\//.test(target),
  },
  {
    why: 'a port speaks the language of the domain',
    who: (file) => file.startsWith('src/ports/'),
    may: (target) => /^src\/(ports\/|domain\/(?!usecases\/))/.test(target),
  },
  {
    why: 'an adapter is a plain class that knows the domain, the ports, its own family and its packages',
    who: (file) => familyOf(file) !== undefined && !isModule(file),
    may: (target, file) =>
      target !== 'inversify' &&
      (!isOwn(target) ||
        /^src\/(ports\/|domain\/(?!usecases\/))/.test(target) ||
        familyOf(target) === familyOf(file) ||
        isTlsOfDoor(target, file)),
  },
  {
    why: 'a module wires its own family, the settings and nothing else',
    who: (file) => file.endsWith('.module.ts') && familyOf(file) !== 'composition',
    may: (target, file) =>
      !isOwn(target) ||
      /^src\/(ports|domain)\//.test(target) ||
      isTlsOfDoor(target, file) ||
      ['config', 'composition', familyOf(file)].includes(familyOf(target)),
  },
  {
    why: 'the doors share the TLS family, so that no door has weaker limits than another; it knows none of them and no protocol above TLS',
    who: (file) => familyOf(file) === 'tls',
    may: (target) => !isOwn(target) || /^src\/(ports|domain\/access)\//.test(target) || familyOf(target) === 'tls',
  },
];

const files = filesBelow('src');

describe('The direction of imports', () => {
  it.each(RULES)('$why', ({ who, may }) => {
    const subjects = files.filter(who);
    expect(subjects.length).toBeGreaterThan(2);
    const trespasses = subjects.flatMap((file) => importsOf(file).filter((target) => !may(target, file)).map((target) => `${file} -> ${target}`));
    expect(trespasses).toEqual([]);
  });

  it.each([
    ['src/domain/trust/tenant.ts', 'node:fs'],
    ['src/domain/trust/tenant.ts', '../../ports/token.ts'],
    ['src/domain/trust/tenant.ts', '../usecases/connect-device.ts'],
    ['src/domain/usecases/connect-device.ts', 'node:crypto'],
    ['src/domain/usecases/connect-device.ts', '../../adapters/system/system-clock.ts'],
    ['src/ports/token.ts', '../adapters/config/settings.ts'],
    ['src/adapters/http/app.ts', 'inversify'],
    ['src/adapters/http/app.ts', '../mqtt/connection.ts'],
    ['src/adapters/http/app.ts', '../../domain/usecases/connect-device.ts'],
    ['src/adapters/http/http.module.ts', '../mqtt/connection.ts'],
    ['src/adapters/system/system-clock.ts', '../tls/tls-options.ts'],
    ['src/adapters/tls/tls-options.ts', '../../domain/trust/tenant.ts'],
  ])('a planted import is found: %s must not know %s', (file, planted) => {
    const [target] = importsOf(file, `import { x } from '${planted}';`);
    const broken = RULES.filter(({ who, may }) => who(file) && !may(target!, file));
    expect(broken).toHaveLength(1);
  });

  it('every import of our own names its file with its ending, so that node runs the sources as they are', () => {
    const wrong = files.flatMap((file) => importsOf(file).filter((target) => isOwn(target) && !/\.(ts|mjs)$/.test(target)).map((target) => `${file} -> ${target}`));
    expect(wrong).toEqual([]);
  });

  it('reflect-metadata is loaded where @peculiar/x509 needs it and nowhere else', () => {
    const users = files.filter((file) => importsOf(file).includes('@peculiar/x509'));
    for (const file of files.filter((f) => importsOf(f).includes('reflect-metadata'))) {
      expect(file).toMatch(/^src\/adapters\/pki\//);
    }
    expect(users.every((file) => file.startsWith('src/adapters/pki/'))).toBe(true);
  });
});

describe('A script of package.json that node runs itself', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Readonly<Record<string, string>> };
  const entries = Object.values(scripts).flatMap((script) => /^node (test\/\S+\.ts)/.exec(script)?.[1] ?? []);

  it.each(entries)('%s imports nothing that is there within Jest only', (entry) => {
    const ways = new Map([[entry, entry]]);
    for (const [file, way] of ways) for (const target of importsOf(file)) if (/^(?:src|test)\/.*\.(?:ts|mjs)$/.test(target) && !ways.has(target)) ways.set(target, `${way} -> ${target}`);
    expect([...ways].filter(([file]) => importsOf(file).includes('@jest/globals')).map(([, way]) => way)).toEqual([]);
  });

  it('is there more than once', () => expect(entries.length).toBeGreaterThan(5));
});

describe('The form of the house', () => {
  it('file names are kebab-case', () => {
    expect(files.filter((file) => !/^src\/(?:[a-z0-9-]+\/)*[a-z0-9.-]+\.(ts|mjs)$/.test(file))).toEqual([]);
  });

  it('no source file has more than 200 lines', () => {
    const long = files.map((file) => [readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1, file] as const).filter(([lines]) => lines > 200);
    expect(long).toEqual([]);
  });

  it('no class inherits, and no name says nothing', () => {
    const vague = /(?:^|\/)(?:utils?|helpers?|common|misc)(?:[-./]|$)/;
    expect(files.filter((file) => vague.test(file))).toEqual([]);
    const heirs = files.filter((file) => /\bclass \w+ extends (?!Error\b|Transform\b|Duplex\b)/.test(readFileSync(join(ROOT, file), 'utf8')));
    expect(heirs).toEqual([]);
  });
});
