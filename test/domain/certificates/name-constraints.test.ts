import { describe, expect, it } from '@jest/globals';
import type { GeneralName, NameConstraints } from '../../../src/domain/certificates/general-name.ts';
import { generalNameText } from '../../../src/domain/certificates/general-name.ts';
import { breachOf } from '../../../src/domain/certificates/name-constraints.ts';
import { RULE_WORK, RuleWork } from '../../../src/domain/certificates/rule-work.ts';
import { aCertificate, aName } from '../../support/certificate-builders.ts';

const dns = (value: string): GeneralName => ({ form: 'dns', value });
const email = (value: string): GeneralName => ({ form: 'email', value });
const uri = (value: string): GeneralName => ({ form: 'uri', value });
const ip = (...bytes: number[]): GeneralName => ({ form: 'ip', bytes: Uint8Array.from(bytes) });
const dn = (text: string): GeneralName => ({ form: 'directory', name: aName(text) });
const odd = (tag: number): GeneralName => ({ form: 'other', tag });

const breach = (name: GeneralName, constraints: Partial<NameConstraints>) =>
  breachOf(aCertificate({ subject: aName(''), subjectAltNames: [name] }), [{ permitted: [], excluded: [], ...constraints }], new RuleWork())?.kind ?? 'none';

const NAMES: readonly [what: string, name: GeneralName, constraint: GeneralName, within: boolean | 'unclear'][] = [
  ['X13 DNS: the name itself', dns('example.com'), dns('example.com'), true],
  ['X13 DNS: in any case', dns('Press.EXAMPLE.com'), dns('example.COM'), true],
  ['X13 DNS: two labels below', dns('a.b.example.com'), dns('example.com'), true],
  ['X13 DNS: no whole label', dns('notexample.com'), dns('example.com'), false],
  ['X13 DNS: leading dot, below', dns('a.example.com'), dns('.example.com'), true],
  ['X13 DNS: leading dot, the name itself', dns('example.com'), dns('.example.com'), false],
  ['X13 DNS: everything', dns('example.com'), dns(''), true],
  ['X13 DNS: a name that is empty', dns(''), dns('example.com'), false],
  ['X13 DNS: a name with a trailing dot is no legal form', dns('example.com.'), dns('example.com'), 'unclear'],
  ['X13 DNS: a constraint with a trailing dot is no legal form', dns('example.com'), dns('example.com.'), 'unclear'],
  ['X13 DNS: a name with a leading dot is no legal form', dns('.example.com'), dns('example.com'), 'unclear'],
  ['X13 DNS: a name with NUL is no legal form', dns('a\u0000.example.com'), dns('example.com'), 'unclear'],
  ['X13 DNS: a wildcard below', dns('*.example.com'), dns('example.com'), true],
  ['mail: the mailbox', email('a@example.com'), email('a@example.com'), true],
  ['mail: the mailbox, host in another case', email('a@EXAMPLE.com'), email('a@example.com'), true],
  ['mail: the mailbox in another case', email('A@example.com'), email('a@example.com'), false],
  ['mail: quoted, the same characters', email('"\\f\\o\\o"@example.com'), email('foo@example.com'), true],
  ['mail: all of a host', email('a@example.com'), email('example.com'), true],
  ['mail: not of a host below', email('a@b.example.com'), email('example.com'), false],
  ['mail: below a domain', email('a@b.example.com'), email('.example.com'), true],
  ['mail: not of the domain itself', email('a@example.com'), email('.example.com'), false],
  ['mail: everything', email('a@example.com'), email(''), true],
  ['mail: no mailbox', email('a b@example.com'), email('example.com'), 'unclear'],
  ['mail: no host', email('a'), email('example.com'), 'unclear'],
  ['URI: the host', uri('https://user@example.com:8443/x?y#z'), uri('example.com'), true],
  ['URI: the host in another case', uri('https://EXAMPLE.com'), uri('example.com'), true],
  ['URI: not a host below', uri('https://a.example.com/'), uri('example.com'), false],
  ['URI: below a domain', uri('https://a.example.com/'), uri('.example.com'), true],
  ['URI: everything', uri('https://example.com/'), uri(''), true],
  ['URI: no authority', uri('urn:example:a'), uri('example.com'), 'unclear'],
  ['URI: a user before the host', uri('https://user:pw@example.com/'), uri('example.com'), true],
  ['URI: a host that some read as a user', uri('https://evil.com\\@example.com/'), uri('evil.com'), 'unclear'],
  ['URI: a character that no URI holds', uri('https://example.com/ b'), uri('example.com'), 'unclear'],
  ['URI: an IPv4 address', uri('http://10.0.0.1/'), uri('example.com'), 'unclear'],
  ['URI: an IPv6 address', uri('http://[2001:db8::1]:80/'), uri(''), 'unclear'],
  ['URI: a host hidden behind an @ in the path', uri('https://evil.com/@example.com'), uri('example.com'), false],
  ['IP: in the net', ip(10, 1, 2, 3), ip(10, 0, 0, 0, 255, 0, 0, 0), true],
  ['IP: beside the net', ip(11, 1, 2, 3), ip(10, 0, 0, 0, 255, 0, 0, 0), false],
  ['IP: the other family', ip(...Array<number>(16).fill(0)), ip(10, 0, 0, 0, 255, 0, 0, 0), false],
  ['IP: IPv4 against a constraint of IPv6 that begins alike', ip(10, 1, 2, 3), ip(10, 1, 2, 3, ...Array<number>(12).fill(0), 255, 255, 255, 255, ...Array<number>(12).fill(0)), false],
  ['IP: IPv6 against a constraint of IPv4 that begins alike', ip(10, ...Array<number>(15).fill(0)), ip(10, 0, 0, 0, 255, 0, 0, 0), false],
  ['IP: a mask with holes', ip(10, 1, 2, 3), ip(10, 0, 0, 0, 255, 0, 255, 0), 'unclear'],
  ['IP: a constraint of seven bytes', ip(10, 1, 2, 3), ip(10, 0, 0, 0, 255, 0, 0), 'unclear'],
  ['IP: a name of five bytes', ip(10, 1, 2, 3, 4), ip(10, 0, 0, 0, 255, 0, 0, 0), 'unclear'],
  ['DN: below', dn('CN=press-7, O=Works'), dn('O=Works'), true],
  ['DN: in another case and white space', dn('CN=press-7, O=works  ltd'), dn('O=Works Ltd'), true],
  ['DN: itself', dn('O=Works'), dn('O=Works'), true],
  ['DN: above', dn('O=Works'), dn('CN=press-7, O=Works'), false],
  ['DN: another', dn('CN=press-7, O=Other'), dn('O=Works'), false],
  ['DN: everything', dn('O=Works'), dn(''), true],
  ['X12 a form that nobody reads', odd(0xa0), odd(0xa0), 'unclear'],
];

describe('X12 A name lies within a constraint or not (RFC 5280 §4.2.1.10)', () => {
  it.each(NAMES)('%s', (_what, name, constraint, within) => {
    expect(breach(name, { permitted: [constraint] })).toBe(within === true ? 'none' : 'not-permitted');
    expect(breach(name, { excluded: [constraint] })).toBe(within === false ? 'none' : 'excluded');
  });

  it.each([
    ['*.example.com', 'foo.example.com', 'excluded'],
    ['*.EXAMPLE.com', '.foo.example.com', 'excluded'],
    ['*.example.com', 'a.foo.example.com', 'none'],
    ['*.com', 'foo.example.com', 'none'],
  ])('a wildcard %s against the exclusion of %s: %s', (name, constraint, kind) => {
    expect(breach(dns(name), { excluded: [dns(constraint)] })).toBe(kind);
  });

  it('a wildcard is not permitted by a permitted name that it could stand for', () => {
    expect(breach(dns('*.example.com'), { permitted: [dns('foo.example.com')] })).toBe('not-permitted');
  });
});

describe('X12 Constraints of several forms and several CAs', () => {
  it.each([
    ['a constraint of one form leaves names of other forms alone', ip(10, 0, 0, 1), { permitted: [dns('example.com')] }, 'none'],
    ['unknown forms are told apart by their tag', odd(0x88), { permitted: [odd(0xa0)] }, 'none'],
    ['one of several permitted ones is enough', dns('b.com'), { permitted: [dns('a.com'), dns('b.com')] }, 'none'],
    ['an exclusion beats a permission', dns('a.b.com'), { permitted: [dns('b.com')], excluded: [dns('a.b.com')] }, 'excluded'],
  ] as const)('%s', (_what, name, constraints, kind) => {
    expect(breach(name, constraints as Partial<NameConstraints>)).toBe(kind);
  });

  it('what one CA permits another may still forbid', () => {
    const certificate = aCertificate({ subject: aName(''), subjectAltNames: [dns('foo.com')] });
    const above = [{ permitted: [dns('example.com')], excluded: [] }, { permitted: [dns('foo.com')], excluded: [] }];
    expect(breachOf(certificate, above, new RuleWork())).toMatchObject({ kind: 'not-permitted', constraint: dns('example.com') });
  });

  it('the subject is a name as well, and so is a mail address in it where no alternative name is one', () => {
    const subject = { rdns: aName('1.2.840.113549.1.9.1=a@evil.com').rdns, key: aName('1.2.840.113549.1.9.1=a@evil.com').key };
    const only = [{ permitted: [email('example.com')], excluded: [] }];
    expect(breachOf(aCertificate({ subject }), only, new RuleWork())?.kind).toBe('not-permitted');
    expect(breachOf(aCertificate({ subject, subjectAltNames: [email('a@example.com')] }), only, new RuleWork())).toBeUndefined();
    expect(breachOf(aCertificate(), [{ permitted: [dn('O=Works')], excluded: [] }], new RuleWork())?.kind).toBe('not-permitted');
  });

  it('only a mail address in the subject is one, and only an alternative one takes its place', () => {
    const only = [{ permitted: [email('example.com')], excluded: [] }];
    expect(breachOf(aCertificate(), only, new RuleWork())).toBeUndefined();
    const subject = aName('1.2.840.113549.1.9.1=a@evil.com');
    expect(breachOf(aCertificate({ subject, subjectAltNames: [dns('example.com')] }), only, new RuleWork())?.kind).toBe('not-permitted');
  });

  it('looks at no name where no CA constrains any', () => {
    const certificate = Object.defineProperty({ ...aCertificate() }, 'subjectAltNames', { get: () => expect(true).toBe(false) });
    expect(breachOf(certificate, [], new RuleWork())).toBeUndefined();
  });

  it.each<[string, Parameters<typeof aCertificate>[0], number]>([
    ['the subject alone', {}, 1],
    ['an alternative mail address and the subject', { subjectAltNames: [email('a@example.com')] }, 2],
  ])('X19 counts the names that it compares: %s', (_what, names, count) => {
    const above = (length: number) => [{ permitted: [], excluded: Array.from({ length }, () => dns('b.com')) }];
    expect(breachOf(aCertificate(names), above(RULE_WORK / count), new RuleWork())).toBeUndefined();
    expect(breachOf(aCertificate(names), above(RULE_WORK / count + 1), new RuleWork())).toEqual({ kind: 'budget' });
  });

  it('X19 work is counted, and what cannot be paid is no pass', () => {
    const work = new RuleWork();
    const names = Array.from({ length: 100 }, (_, i) => dns(`a${i}.com`));
    const certificate = aCertificate({ subject: aName(''), subjectAltNames: names });
    const above = [{ permitted: [], excluded: Array.from({ length: RULE_WORK / 100 }, () => dns('b.com')) }];
    expect(breachOf(certificate, above, work)).toBeUndefined();
    expect(work.isSpent).toBe(false);
    expect(breachOf(certificate, above, work)).toEqual({ kind: 'budget' });
    expect(work.isSpent).toBe(true);
  });

  it('names in evidence are short and printable', () => {
    expect(generalNameText(dns(`a\n${'b'.repeat(200)}`))).toBe(`DNS "a\\x0a${'b'.repeat(98)}"`);
    expect([ip(10, 0, 0, 1), dn('O=Works'), odd(0xa0)].map(generalNameText)).toEqual(['IP 0a000001', 'DN O=Works', 'a name with the tag 0xa0']);
  });
});
