import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { auditEntry, hashedText, type AuditRow } from '../../../src/domain/audit/audit-entry.ts';
import { checkChain, MOST_PROBLEMS, type ChainHead } from '../../../src/domain/audit/check-chain.ts';
import { NOW } from '../../support/certificate-builders.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hashed = (row: AuditRow): AuditRow => ({ ...row, hash: sha256(hashedText(row.former, row)) });

function aChain(length: number): AuditRow[] {
  const rows: AuditRow[] = [];
  for (let seq = 1; seq <= length; seq += 1) {
    const entry = auditEntry({ what: 'device.blocked', tenant: 'main', by: 'main/admin', subject: `press-${seq}` }, NOW, { after: { reason: 'stolen' } });
    rows.push(hashed({ ...entry, seq, former: rows.at(-1)?.hash ?? '', hash: '' }));
  }
  return rows;
}

const endOf = (rows: readonly AuditRow[]): ChainHead => ({ seq: rows.at(-1)!.seq, hash: rows.at(-1)!.hash });

const check = async (rows: readonly AuditRow[], head: ChainHead | undefined) =>
  checkChain({
    tenant: 'main',
    head,
    rows: (async function* () {
      yield* [...rows].sort((a, b) => a.seq - b.seq);
    })(),
    sha256,
    seqOf: async (hash) => rows.find((row) => row.hash === hash)?.seq,
  });

type Spoil = (rows: AuditRow[]) => AuditRow[];
const changing = (seq: number, change: Partial<AuditRow>): Spoil => (rows) => rows.map((row) => (row.seq === seq ? { ...row, ...change } : row));
const without = (...seqs: readonly number[]): Spoil => (rows) => rows.filter(({ seq }) => !seqs.includes(seq));
/** The row that stands at `[from]` stands at `[to]` now. */
const renumbered = (places: Readonly<Record<number, number>>): Spoil => (rows) => rows.map((row) => ({ ...row, seq: places[row.seq] ?? row.seq }));

/** Why, which rows of ten are concerned and how, and the damage. */
const DAMAGES: readonly (readonly [string, readonly string[], Spoil])[] = [
  ['a subject', ['changed 4'], changing(4, { subject: 'press-5' })],
  ['who did it', ['changed 4'], changing(4, { by: 'main/eve' })],
  ['when', ['changed 4'], changing(4, { at: '2026-11-24T12:00:00.001Z' })],
  ['what', ['changed 4'], changing(4, { what: 'device.unblocked' })],
  ['whose', ['changed 4'], changing(4, { tenant: 'other' })],
  ['the state before', ['changed 4'], changing(4, { before: '{}' })],
  ['the state after', ['changed 4'], changing(4, { after: '' })],
  ['the first row', ['changed 1'], changing(1, { subject: 'x' })],
  ['the last row', ['changed 10'], changing(10, { subject: 'x' })],
  ['two rows', ['changed 4', 'changed 7'], (rows) => changing(7, { by: 'x' })(changing(4, { by: 'x' })(rows))],
  ['a row and its hash', ['unlinked 5'], (rows) => rows.map((row) => (row.seq === 4 ? hashed({ ...row, by: 'x' }) : row))],
  ['the last row and its hash', ['unlinked 10'], (rows) => rows.map((row) => (row.seq === 10 ? hashed({ ...row, by: 'x' }) : row))],
  ['the first is gone', ['missing 1'], without(1)],
  ['one is gone', ['missing 5'], without(5)],
  ['two in different places are gone', ['missing 3', 'missing 8'], without(3, 8)],
  ['the last is gone', ['missing 10'], without(10)],
  ['the last three are gone', ['missing 8'], without(8, 9, 10)],
  ['all are gone', ['missing 1'], () => []],
  ['one is gone and the others closed up', ['unlinked 5', 'missing 10'], (rows) => renumbered({ 6: 5, 7: 6, 8: 7, 9: 8, 10: 9 })(without(5)(rows))],
  ['two neighbours changed places', ['reordered 5', 'reordered 6'], renumbered({ 5: 6, 6: 5 })],
  ['the first two changed places', ['reordered 1', 'reordered 2'], renumbered({ 1: 2, 2: 1 })],
  ['two far from one another changed places', ['reordered 3', 'reordered 8'], renumbered({ 3: 8, 8: 3 })],
  ['one was moved back', ['reordered 5', 'reordered 6'], renumbered({ 8: 5, 5: 6, 6: 7, 7: 8 })],
  ['two changed places, a later one was changed', ['reordered 3', 'reordered 4', 'changed 7'], (rows) => renumbered({ 3: 4, 4: 3 })(changing(7, { by: 'x' })(rows))],
  ['only the numbers have a gap', ['reordered 7', 'unlinked 10'], renumbered({ 6: 7, 7: 8, 8: 9, 9: 10, 10: 11 })],
  ['one is gone, another is changed', ['missing 3', 'changed 7'], (rows) => without(3)(changing(7, { by: 'x' })(rows))],
];

describe('The chain of a tenant’s audit', () => {
  it.each([0, 1, 2, 10])('of %d rows holds as it was written', async (length) => {
    const rows = aChain(length);
    const head = length === 0 ? undefined : endOf(rows);
    expect(await check(rows, head)).toEqual({ tenant: 'main', rows: length, head, problems: [], complete: true });
  });

  it('holds with rows that were written after its end was looked up', async () => {
    const rows = aChain(10);
    expect((await check(rows, endOf(rows.slice(0, 7)))).problems).toEqual([]);
  });

  it.each(DAMAGES)('shows where it was damaged: %s', async (_why, expected, spoil) => {
    const rows = aChain(10);
    const { problems } = await check(spoil(rows), endOf(rows));
    expect(problems.map(({ kind, seq }) => `${kind} ${seq}`)).toEqual(expected);
    for (const { sentence, seq } of problems) expect(sentence).toMatch(new RegExp(`\\b${seq}\\b`));
  });

  it('says how many are missing in a row', async () => {
    const rows = aChain(10);
    expect((await check(without(3, 4, 5)(rows), endOf(rows))).problems).toEqual([{ kind: 'missing', seq: 3, until: 5, sentence: 'Rows 3 to 5 are missing.' }]);
  });

  it('is suspicious without a record of its end', async () => {
    expect((await check(aChain(3), undefined)).problems.map(({ kind, seq }) => `${kind} ${seq}`)).toEqual(['unlinked 3']);
  });

  it('says no more than anybody reads, and that there is more', async () => {
    const rows = aChain(400);
    const report = await check(rows.map((row) => ({ ...row, by: 'x' })), endOf(rows));
    expect([report.problems.length, report.complete]).toEqual([MOST_PROBLEMS, false]);
    let read = 0;
    const counted = (async function* () {
      for (const row of rows) yield ((read += 1), { ...row, by: 'x' });
    })();
    await checkChain({ tenant: 'main', head: endOf(rows), rows: counted, sha256, seqOf: async () => undefined });
    expect(read).toBe(MOST_PROBLEMS + 1);
    const all = await check(rows.map((row) => hashed({ ...row, by: 'x' })), endOf(rows));
    expect([all.problems.length, all.complete]).toEqual([MOST_PROBLEMS, false]);
  });
});
