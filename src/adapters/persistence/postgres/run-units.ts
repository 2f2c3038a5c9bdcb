import { databaseFailure } from '../database-failure.ts';
import type { Statement } from '../query.ts';
import type { Step, StepResult, Unit, UnitAnswer } from '../unit.ts';
import type { Answered, Link, Outcome } from './link.ts';
import { explained, isCollision, isForAll, isLost, isStale } from './postgres-failure.ts';
import { STAMP, type Stamp } from './stamp.ts';

/** `again`: nothing of the unit took effect, and the next try may go better. */
export type Answer = UnitAnswer | { readonly kind: 'again'; readonly because: unknown };

/** The answer to a commit never came. */
export class LostCommit extends Error {
  readonly stamp: Stamp;
  readonly answers: readonly Answer[];

  constructor(stamp: Stamp, answers: readonly Answer[], cause: unknown) {
    super('the answer to a commit never came', { cause });
    this.stamp = stamp;
    this.answers = answers;
  }
}

/** Statements that are sent before the answer to the first of them is looked at. */
const AHEAD = 500;

/**
 * Runs the units in one transaction and returns after the commit is durable. They are sent without waiting for answers; where one is to be
 * undone, it and all behind it are rolled back, and those behind it are sent again. Rejects where the transaction as a whole failed.
 */
export async function runUnits(link: Link, units: readonly Unit[], place: string): Promise<readonly Answer[]> {
  const asked = units.map(askedFor);
  const answers: Answer[] = [];
  try {
    const stamp = await begin(link, units);
    const patience = new Patience();
    for (let size = asked.length; answers.length < asked.length; ) {
      const some = patience.isOver ? [patience.lastWord] : await runSome(link, asked.slice(answers.length, answers.length + size), place);
      answers.push(...some);
      size = some.at(-1)?.kind === 'done' ? size * 2 : 1;
      await patience.after(some.at(-1)!, link);
    }
    await commit(link, stamp, answers);
    return answers;
  } catch (error) {
    if (isLost(error)) link.cut();
    // A link that cannot even go back is of no use to anybody.
    else if (!(error instanceof LostCommit)) await link.say('rollback').catch(() => link.cut());
    throw error;
  }
}

/** Units that wait for a lock, one after the other, would keep the good ones of their batch waiting (F17). */
class Patience {
  #until = Infinity;
  #lastWord: Answer | undefined;

  get isOver(): boolean {
    return performance.now() > this.#until;
  }

  get lastWord(): Answer {
    return this.#lastWord!;
  }

  async after(answer: Answer, link: Link): Promise<void> {
    if (answer.kind !== 'failed' || !LOCKED.has(answer.code) || this.#lastWord) return;
    this.#lastWord = answer;
    this.#until = performance.now() + LATER_LOCKS_MS;
    await link.say('set local lock_timeout = 100');
  }
}

const LOCKED = new Set(['database-locked', 'database-slow']);
const LATER_LOCKS_MS = 1_000;

interface Asked {
  readonly guard?: Step['guard'];
  readonly statements: readonly Statement[];
}

const askedFor = (unit: Unit): readonly Asked[] =>
  unit.map(({ runs, guard }) => ({ ...(guard && { guard }), statements: runs.flatMap((query) => query.for('postgres') ?? []) }));

/** All locks in one order, so that no two transactions wait for each other; then the name of the transaction. */
async function begin(link: Link, units: readonly Unit[]): Promise<Stamp> {
  const names = [...new Set(units.flat().flatMap(({ holds }) => holds ?? []))].sort();
  const locks = names.length === 0 ? [] : [{ ...LOCK, parameters: [JSON.stringify(names)] }];
  return (await allWell(link, [BEGIN, ...locks, STAMP])).at(-1)!.rows[0] as Stamp;
}

/** Rejects with the first thing that went wrong. */
async function allWell(link: Link, statements: readonly Statement[]): Promise<readonly Answered[]> {
  const outcomes = await link.askAll(statements);
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}

const BEGIN: Statement = { sql: 'begin isolation level read committed', parameters: [], looks: false };
const LOCK = { sql: 'select pg_advisory_xact_lock(hashtextextended(name, 0)) from json_array_elements_text($1::json) as name', name: 'lock', looks: false };
const savepoint = (what: string, number: number): Statement => ({ sql: `${what} unit_${number}`, parameters: [], looks: false });

/** Answers at least the first of `units`, and all up to the first one that did not go well. */
async function runSome(link: Link, units: readonly (readonly Asked[])[], place: string): Promise<readonly Answer[]> {
  const sent = units.map((steps, i) => [savepoint('savepoint', i), ...steps.flatMap(({ statements }) => statements)]);
  const outcomes = await askInParts(link, sent.flat());
  const answers: Answer[] = [];
  let at = 0;
  for (const [i, steps] of units.entries()) {
    const answer = judge(steps, outcomes.slice(at + 1, at + sent[i]!.length), place);
    answers.push(answer);
    if (answer.kind !== 'done') {
      await allWell(link, [savepoint('rollback to savepoint', i), savepoint('release savepoint', 0)]);
      return answers;
    }
    at += sent[i]!.length;
  }
  await allWell(link, [savepoint('release savepoint', 0)]);
  return answers;
}

async function askInParts(link: Link, statements: readonly Statement[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let at = 0; at < statements.length; at += AHEAD) outcomes.push(...(await link.askAll(statements.slice(at, at + AHEAD))));
  return outcomes;
}

/** Step by step: what comes behind a guard that did not hold, or behind an error, does not count. */
function judge(steps: readonly Asked[], outcomes: readonly Outcome[], place: string): Answer {
  const results: StepResult[] = [];
  let at = 0;
  for (const { guard, statements } of steps) {
    const own = outcomes.slice(at, (at += statements.length));
    const failed = own.find((outcome) => outcome.status === 'rejected');
    if (failed) return answerTo(failed.reason, place);
    const given = own.map((outcome) => (outcome as Extract<Outcome, { status: 'fulfilled' }>).value);
    const changes = given.map(({ count }) => count);
    if (guard && changes.reduce((sum, count) => sum + count, 0) !== guard.rows) return { kind: 'undone', otherwise: guard.otherwise };
    results.push({ changes, rows: given.flatMap(({ rows }) => rows) });
  }
  return { kind: 'done', results };
}

/** What is wrong with the unit is its own affair; what is wrong with PostgreSQL ends the transaction. */
function answerTo(error: unknown, place: string): Answer {
  if (isLost(error) || isForAll(error)) throw error;
  if (isCollision(error) || isStale(error)) return { kind: 'again', because: error };
  const { code, message } = explained(error, place);
  return { kind: 'failed', code, sentence: message };
}

/**
 * Without a time limit of PostgreSQL's: it would end the wait for a synchronous standby and call that a commit. Ours ends it as one whose
 * outcome is not known.
 */
async function commit(link: Link, stamp: Stamp, answers: readonly Answer[]): Promise<void> {
  if (answers.every(({ kind }) => kind !== 'done')) return void (await link.say('rollback'));
  let said: string | undefined;
  try {
    said = (await allWell(link, [PATIENT, COMMIT])).at(-1)?.command;
  } catch (error) {
    if (isLost(error)) throw new LostCommit(stamp, answers, error);
    throw error;
  }
  if (said !== 'COMMIT') throw databaseFailure('database-failed', `PostgreSQL did not commit, but said ${said}. Try again.`);
}

const PATIENT: Statement = { sql: 'set local statement_timeout = 0', parameters: [], looks: false };
const COMMIT: Statement = { sql: 'commit', parameters: [], looks: false };
