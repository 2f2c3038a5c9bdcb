import { hashedText, type AuditRow } from './audit-entry.ts';

/** Where the chain of a tenant ends, kept beside it: rows that are cut off at its end leave no gap. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

export interface ChainProblem {
  /**
   * - `changed`: the row is not what its hash stands for.
   * - `missing`: rows `seq` to `until` are not there.
   * - `reordered`: the row was written in another place.
   * - `unlinked`: the row was not written after the one before it, and the one it was written after is not there.
   */
  readonly kind: 'changed' | 'missing' | 'reordered' | 'unlinked';
  readonly seq: number;
  readonly until?: number;
  readonly sentence: string;
}

export interface ChainReport {
  readonly tenant: string;
  readonly rows: number;
  /** To be written down elsewhere: whoever can write the whole database can write a whole new chain, yet not one with this end. */
  readonly head: ChainHead | undefined;
  /** The first `MOST_PROBLEMS`, by row. */
  readonly problems: readonly ChainProblem[];
  /** False: there are more. */
  readonly complete: boolean;
}

export interface ChainQuestion {
  readonly tenant: string;
  /** All of the tenant's, by number. */
  readonly rows: AsyncIterable<AuditRow>;
  readonly head: ChainHead | undefined;
  /** SHA-256 in lower-case hex. */
  readonly sha256: (text: string) => string;
  /** The number of the row that has this hash. */
  readonly seqOf: (hash: string) => Promise<number | undefined>;
}

export const MOST_PROBLEMS = 100;

/** Rows that follow one another by number and by link, from `from` on; `after` is the hash that the first of them was written after. */
interface Run {
  readonly from: number;
  readonly after: string;
  /** Where the run before ends: its number and its hash. */
  readonly before: ChainHead;
}

/** Walks along the chain of one tenant and says what is wrong with it, and where. */
export async function checkChain({ tenant, rows, head, sha256, seqOf }: ChainQuestion): Promise<ChainReport> {
  const problems: ChainProblem[] = [];
  const runs: Run[] = [];
  let last: ChainHead = { seq: 0, hash: '' };
  let atHead = '';
  let count = 0;
  for await (const row of rows) {
    count += 1;
    const { seq, former, hash } = row;
    if (seq < 1) {
      problems.push({ kind: 'unlinked', seq, sentence: `Row ${seq} is none of ours: numbers begin with 1.` });
      continue;
    }
    if (sha256(hashedText(former, row)) !== hash) problems.push(changed(seq));
    const isGap = seq !== last.seq + 1 && former !== last.hash;
    if (isGap) problems.push(missing(last.seq + 1, seq - 1));
    else if (former !== last.hash || seq !== last.seq + 1) runs.push({ from: seq, after: former, before: last });
    last = { seq, hash };
    if (seq === head?.seq) atHead = hash;
    if (problems.length + runs.length > MOST_PROBLEMS) break;
  }
  const complete = problems.length + runs.length <= MOST_PROBLEMS;
  problems.push(...(await outOfPlace(runs, seqOf)));
  if (complete) problems.push(...wrongEnd(last, head, atHead));
  problems.sort((a, b) => a.seq - b.seq);
  return { tenant, rows: count, head, complete, problems: problems.slice(0, MOST_PROBLEMS) };
}

/** Each run belongs behind the row it was written after. Behind a run that was moved itself it may well be where it belongs. */
async function outOfPlace(runs: readonly Run[], seqOf: ChainQuestion['seqOf']): Promise<readonly ChainProblem[]> {
  const written = await Promise.all(runs.map(({ after, before }) => (after === '' ? 0 : after === before.hash ? before.seq : seqOf(after))));
  /** By how much the row stands before its place, by the links; undefined where they lead nowhere. */
  const shift = (seq: number, depth = 0): number | undefined => {
    const i = runs.findLastIndex(({ from }) => from <= seq);
    if (i === -1) return 0;
    const former = written[i];
    const beyond = former === undefined || depth > runs.length ? undefined : former === 0 ? 0 : shift(former, depth + 1);
    return beyond === undefined ? undefined : former! + beyond + 1 - runs[i]!.from;
  };
  return runs.flatMap(({ from, before }, i) => {
    if (written[i] === undefined) return [unlinked(from, before.seq)];
    return shift(from) === 0 ? [] : [reordered(from, written[i])];
  });
}

function wrongEnd(last: ChainHead, head: ChainHead | undefined, atHead: string): readonly ChainProblem[] {
  if (!head) return last.seq === 0 ? [] : [{ kind: 'unlinked', seq: last.seq, sentence: 'Where the chain ends is no longer on record: rows after this one may have been removed.' }];
  if (last.seq < head.seq) return [missing(last.seq + 1, head.seq)];
  // A row that is there under the number of the end, and is another one.
  return atHead !== '' && atHead !== head.hash ? [{ kind: 'unlinked', seq: head.seq, sentence: `Row ${head.seq} is not the one that was written there.` }] : [];
}

const changed = (seq: number): ChainProblem => ({ kind: 'changed', seq, sentence: `Row ${seq} was changed: its hash stands for something else.` });

const missing = (from: number, until: number): ChainProblem => ({
  ...{ kind: 'missing', seq: from, until },
  sentence: from === until ? `Row ${from} is missing.` : `Rows ${from} to ${until} are missing.`,
});

const reordered = (seq: number, former: number): ChainProblem => ({
  ...{ kind: 'reordered', seq },
  sentence: `Row ${seq} is out of order: ${former === 0 ? 'it was written as the first' : `it was written after what is row ${former} now`}.`,
});

const unlinked = (seq: number, before: number): ChainProblem => ({
  ...{ kind: 'unlinked', seq },
  sentence:
    before === 0
      ? `Row ${seq} was not written as the first: rows before it were removed.`
      : `Row ${seq} was not written after row ${before}: that row was replaced, or rows between them were removed.`,
});
