import { describe, expect, it } from '@jest/globals';
import { decidePath, parsePathTemplate, type PathTemplate } from '../../../src/domain/access/path-template.ts';
import { readRequestPath } from '../../../src/domain/access/request-path.ts';
import { aDeviceId, aTenantId } from '../../support/certificate-builders.ts';

const WHOSE = { tenant: aTenantId(), device: aDeviceId('press-7') };
const templates = (...texts: readonly string[]): PathTemplate[] =>
  texts.map((text) => {
    const template = parsePathTemplate(text);
    if (!template) throw new Error(`no template: ${text}`);
    return template;
  });
const codeOf = (uris: readonly string[], of = ['/files/{tenant}/{device}/**'], whose = WHOSE): string => {
  const decision = decidePath(templates(...of), uris, whose);
  return decision.granted ? 'granted' : decision.refusal.code;
};

describe('The path of a request has one reading', () => {
  it.each([
    ['/', ['']],
    ['/a', ['a']],
    ['/a/', ['a', '']],
    ['/a/b?c=//../%2e', ['a', 'b']],
    ["/A-Z_a.z~0/!$&'()*+,=:@", ['A-Z_a.z~0', "!$&'()*+,=:@"]],
    ['/pr%C3%BCfstand/pr%c3%bcfstand', ['prüfstand', 'prüfstand']],
    ['/a%20b/a%40b/%E2%82%AC', ['a b', 'a@b', '€']],
    ['/...', ['...']],
    ['/.well-known', ['.well-known']],
    [`/${'x'.repeat(8191)}`, ['x'.repeat(8191)]],
  ])('%j', (uri, segments) => {
    expect(readRequestPath(uri)).toEqual({ granted: true, value: segments });
  });

  it.each([
    ['nothing', ''],
    ['no slash', 'a/b'],
    ['a scheme', 'https://host/a'],
    ['//', '//a'],
    ['//', '/a//b'],
    ['// at the end', '/a//'],
    ['..', '/a/../b'],
    ['.. at the end', '/a/..'],
    ['.', '/a/./b'],
    ['an encoded ..', '/a/%2e%2e/b'],
    ['a half encoded ..', '/a/.%2E/b'],
    ['a doubly encoded ..', '/a/%252e%252e/b'],
    ['an encoded slash', '/a%2fb'],
    ['an encoded slash in capitals', '/a%2Fb'],
    ['an encoded backslash', '/a%5Cb'],
    ['a backslash', '/a\\b'],
    ['an encoded percent sign', '/a%25b'],
    ['a semicolon', '/a;b/c'],
    ['an encoded semicolon', '/a%3Bb'],
    ['..;', '/a/..;/b'],
    ['an encoded NUL', '/a%00'],
    ['an encoded line break', '/a%0d%0ab'],
    ['an encoded delete', '/a%7F'],
    ['an encoded C1 control', '/a%C2%85'],
    ['a NUL', '/a\0'],
    ['a space', '/a b'],
    ['two values of one header', '/a, /b'],
    ['two values of one header, the first with a query', '/a?b, /c'],
    ['a line break in the query', '/a?b\nc'],
    ['bare Unicode in the query', '/a?\xe9'],
    ['a fragment', '/a#b'],
    ['an encoded letter', '/%61'],
    ['an encoded tilde', '/%7e'],
    ['half an encoding', '/a%2'],
    ['a bare percent sign', '/a%'],
    ['no hexadecimal digits', '/a%zz'],
    ['no UTF-8', '/a%ff'],
    ['an overlong slash', '/a%c0%af'],
    ['half a surrogate pair', '/a%ED%A0%80'],
    ['bare Unicode', '/prüfstand'],
    ['quotes', '/a"b'],
    ['braces', '/{tenant}'],
    ['one character too many', `/${'x'.repeat(8192)}`],
  ])('R06 and none with %s: %j', (_what, uri) => {
    expect(readRequestPath(uri)).toMatchObject({ granted: false, refusal: { code: 'access.path-malformed' } });
  });
});

describe('A template of paths', () => {
  it.each(['/', '/files/{tenant}/{device}/**', '/{device}', '/**', '/a/*/b', '/a/'])('may be %j', (text) => {
    expect(parsePathTemplate(text)).toBeDefined();
  });

  it.each(['', 'files', '/a/**/b', '/x-{device}', '/{device}.json', '/{user}', '/a*', '/***', '/a//b', '/a/..', '/a?b', '/a%20b', '/{tenant', '/+{tenant}', '/a b', '/a;b'])('is not %j', (text) => {
    expect(parsePathTemplate(text)).toBeUndefined();
  });
});

describe('Where a device may go', () => {
  it.each([
    ['/files/main/press-7/'],
    ['/files/main/press-7'],
    ['/files/main/press-7/a/b.bin?x=1'],
  ])('%s is its own', (uri) => {
    expect(codeOf([uri])).toBe('granted');
  });

  it.each([
    ['another device', '/files/main/press-8/a'],
    ['another tenant', '/files/other/press-7/a'],
    ['another case', '/files/main/PRESS-7/a'],
    ['a longer id', '/files/main/press-77'],
    ['a shorter path', '/files/main'],
    ['another place', '/file/main/press-7/a'],
    ['the same place further down', '/x/files/main/press-7/a'],
    ['the root', '/'],
  ])('T08 %s is not: %s', (_what, uri) => {
    expect(codeOf([uri])).toBe('access.path-not-permitted');
  });

  it('T08 a path that only looks like its own is refused as it is', () => {
    for (const uri of ['/files/main/press-7/../press-8', '/files/main/press-7/%2e%2e/press-8', '/files/main/press-7/..%2fpress-8', '/files/main//press-7'])
      expect(codeOf([uri])).toBe('access.path-malformed');
  });

  it('follows from any of several templates', () => {
    const of = ['/me/{device}', '/shared/{tenant}/*', '/static/**'];
    for (const uri of ['/me/press-7', '/shared/main/x', '/static', '/static/a/b/']) expect(codeOf([uri], of)).toBe('granted');
    for (const uri of ['/me/press-7/', '/me', '/shared/main/', '/shared/main/x/y', '/shared/other/x']) expect(codeOf([uri], of)).toBe('access.path-not-permitted');
  });

  it('is told by the decoded segment, for ids with other letters', () => {
    const device = aDeviceId('prüfstand@2');
    expect(codeOf(['/files/main/pr%C3%BCfstand@2/a'], undefined, { ...WHOSE, device })).toBe('granted');
    expect(codeOf(['/files/main/pr%c3%bcfstand%402/a'], undefined, { ...WHOSE, device })).toBe('granted');
    expect(codeOf(['/files/main/pru%CC%88fstand@2/a'], undefined, { ...WHOSE, device })).toBe('access.path-not-permitted');
  });

  it('is unknown where nobody says it, or several say different things', () => {
    expect(codeOf([])).toBe('access.path-unknown');
    expect(codeOf(['/files/main/press-7/a', '/files/main/press-8/a'])).toBe('access.path-unknown');
    expect(codeOf(['/files/main/press-7/a', '/files/main/press-7/a'])).toBe('granted');
  });
});
