import { describe, expect, it } from '@jest/globals';
import { isSelfIssued, parseFingerprint, parseThumbprint } from '../../../src/domain/certificates/certificate.ts';
import { aCaCertificate, aCertificate, aName } from '../../support/certificate-builders.ts';

const PARSERS: readonly [what: string, digits: number, parse: (text: string) => string | undefined][] = [
  ['A fingerprint', 40, parseFingerprint],
  ['A thumbprint', 64, parseThumbprint],
];

describe.each(PARSERS)('%s of %i hex digits', (_what, digits, parse) => {
  const hex = '0123456789abcdef'.repeat(4).slice(0, digits);

  it.each([
    ['as it is printed', hex],
    ['in upper case', hex.toUpperCase()],
    ['with colons', hex.match(/../g)!.join(':')],
  ])('is read %s', (_how, text) => {
    expect(parse(text)).toBe(hex);
  });

  it.each([
    ['one digit less', hex.slice(1)],
    ['one digit more', `${hex}0`],
    ['something before it', ` ${hex}`],
    ['something after it', `${hex}\n`],
    ['a digit that is none', `${hex.slice(1)}g`],
    ['other separators', hex.match(/../g)!.join('-')],
    ['nothing', ''],
  ])('is refused with %s', (_what, text) => {
    expect(parse(text)).toBeUndefined();
  });
});

it('A certificate is self-issued when its two names match, whoever signed it and however they are written', () => {
  expect(isSelfIssued(aCertificate())).toBe(false);
  expect(isSelfIssued(aCaCertificate())).toBe(true);
  expect(isSelfIssued(aCaCertificate({ issuer: aName('CN=works  ca', 'PrintableString') }))).toBe(true);
});
