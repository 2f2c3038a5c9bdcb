import { describe, expect, it } from '@jest/globals';
import { auditEntry, difference, type Facts } from '../../../src/domain/audit/audit-entry.ts';
import { importEntries } from '../../../src/domain/audit/import-entries.ts';
import { aDevice, aDeviceId, aTenantId, NOW } from '../../support/certificate-builders.ts';
import { keyBlock } from '../../support/key-armour.ts';

const entry = (over: { readonly subject?: string; readonly by?: string; readonly after?: Facts }) =>
  auditEntry({ what: 'device.blocked', tenant: 'main', by: 'main/admin', subject: 'press-7', ...over }, NOW, { ...(over.after && { after: over.after }) });

describe('An entry of the audit', () => {
  it('is texts only', () => {
    expect(auditEntry({ what: 'w', tenant: 't', by: 'b', subject: 's' }, NOW, { before: { a: NOW, b: [1, true, null] } })).toEqual({
      ...{ what: 'w', tenant: 't', by: 'b', subject: 's', at: '2026-11-24T12:00:00.000Z' },
      ...{ before: '{"a":"2026-11-24T12:00:00.000Z","b":[1,true,null]}', after: '' },
    });
  });

  it.each([
    ['a line break', 'a\nb', 'a\\u{a}b'],
    ['a terminal command', '\u001b[2J', '\\u{1b}[2J'],
    ['a bidirectional override', 'a\u202eb', 'a\\u{202e}b'],
    ['a NUL', 'a\0b', 'a\\u{0}b'],
    ['half a surrogate pair', 'a\ud800b', 'a\\u{d800}b'],
    ['a private key', keyBlock('MHc', 'EC PRIVATE KEY').trimEnd(), '[masked]'],
    ['a token', 'x eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJkZXZpY2VfMSJ9.c2ln y', 'x [masked] y'],
    ['an authorization header', 'Basic bWFpbi9hZG1pbjpzZWNyZXQ=', '[masked]'],
  ])('shows nothing else than it says, and no secret: %s', (_what, text, shown) => {
    const { subject, by, after } = entry({ subject: text, by: text, after: { [text]: [text] } });
    expect([subject, by, JSON.parse(after)]).toEqual([shown, shown, { [shown]: [shown] }]);
  });

  it('is bounded in every direction', () => {
    const long = 'x'.repeat(1_000_000);
    const { subject, by, after } = entry({ subject: long, by: long, after: { value: long } });
    expect([subject.length, by.length]).toEqual([322, 322]);
    expect(after.length).toBeLessThan(4_200);
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`n${i}`, 'x'.repeat(4_000)]));
    expect(JSON.parse(entry({ after: many }).after)).toEqual({ cut: expect.stringMatching(/^\d+ characters$/) });
    expect(Object.keys(JSON.parse(entry({ after: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`n${i}`, i])) }).after))).toHaveLength(40);
  });

  it('keeps the longest option whole', () => {
    expect(JSON.parse(entry({ after: { value: 'x'.repeat(4_096) } }).after)).toEqual({ value: 'x'.repeat(4_096) });
  });
});

it('A difference holds what changed, what came and what went', () => {
  expect(difference({ a: 1, b: ['x'], c: 'gone', same: { at: NOW } }, { a: 2, b: ['y'], d: 'new', same: { at: NOW } })).toEqual({
    before: { a: 1, b: ['x'], c: 'gone' },
    after: { a: 2, b: ['y'], d: 'new' },
  });
});

describe('What is said of devices that a file registers', () => {
  const named = (id: string, tenant = 'main') => aDevice({ tenant: aTenantId(tenant), id: aDeviceId(id) });
  const idsOf = (entries: ReturnType<typeof importEntries>) => entries.map(({ tenant, after }) => [tenant, (JSON.parse(after) as { devices: string[] }).devices]);

  it('names every id once, by tenant', () => {
    const entries = importEntries([named('a'), named('b', 'other'), named('c')], 'main/admin', NOW);
    expect(idsOf(entries)).toEqual([['main', ['a', 'c']], ['other', ['b']]]);
    expect(entries.map(({ subject, what, by }) => [subject, what, by])).toEqual([['2 devices', 'devices.imported', 'main/admin'], ['b', 'devices.imported', 'main/admin']]);
    expect(importEntries([], 'main/admin', NOW)).toEqual([]);
  });

  it.each([[500, 20], [500, 254], [3_000, 1]])('loses none of %d ids of %d characters', (many, length) => {
    const ids = Array.from({ length: many }, (_, i) => `${i}`.padStart(length, 'x'));
    const entries = importEntries(ids.map((id) => named(id)), 'main/admin', NOW);
    expect(idsOf(entries).flatMap(([, each]) => each)).toEqual(ids);
    for (const { after } of entries) expect(after.length).toBeLessThan(16_000);
  });
});
