import fc from 'fast-check';
import { nameOf, targetsOf, type ApiDocument, type Target } from './api-document.ts';
import { judgeBy, type Judge } from './judge-answer.ts';
import { CALLERS, questionTo, type Question } from './questions.ts';
import { aWorld, type Asked, type World } from './world.ts';

export interface Wish {
  readonly seed: number;
  readonly seconds: number;
  /** Of a failure before: goes straight to it. */
  readonly path?: string;
}

export interface Report {
  readonly requests: number;
  /** What went wrong first, with the requests that led there. */
  readonly failure?: string;
  /** Operations that no request got a 2xx of: what they need is missing in `world.ts`, or the document is wrong about it. */
  readonly unreached: readonly string[];
  /** How often each operation answered what. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Questions of a run: on a gate of its own, so that a run can be repeated. */
const LONGEST_RUN = 30;
/** Good questions of each kind of caller to each operation, before anything is spoilt. */
const STRAIGHT = 5;
/** So often for an operation that needs luck, such as several values that fit each other. */
const ROUNDS = 8;

/** R01: asks every operation of the document, and holds every answer to it. */
export async function fuzz({ seed, seconds, path }: Wish): Promise<Report> {
  const ends = performance.now() + seconds * 1000;
  const run = await prepare();
  const report = (failure?: string): Report => ({ ...run.counted(), ...(failure !== undefined && { failure }) });
  if (path === undefined) {
    const failure = await askStraight(run, seed);
    if (failure !== undefined) return report(`${failure}\nseed ${seed}, before anything was spoilt`);
  }
  const questions = fc.array(fc.constantFrom(...run.targets).chain((target) => questionTo(target, { ...run, straight: false })), { minLength: LONGEST_RUN / 2, maxLength: LONGEST_RUN });
  const outcome = await fc.check(
    fc.asyncProperty(questions, async (all) => {
      const failure = await askAll(run, all);
      if (failure !== undefined) throw new Error(failure);
    }),
    { seed, ...(path !== undefined && { path }), numRuns: 1_000_000, interruptAfterTimeLimit: Math.max((seconds * 1000) / 3, ends - performance.now()), markInterruptAsFailure: false },
  );
  // Where the time was over before the first run was, it is called failed too, and nothing is wrong.
  if (!outcome.failed || (outcome.interrupted && outcome.counterexample === null)) return report();
  const told = outcome.errorInstance instanceof Error ? outcome.errorInstance.message : String(outcome.errorInstance);
  return report(`${told}\nseed ${seed}, path ${outcome.counterexamplePath}: npm run fuzz -- --seed ${seed} --path ${outcome.counterexamplePath}`);
}

interface Run {
  readonly document: ApiDocument;
  readonly targets: readonly Target[];
  readonly judge: Judge;
  readonly knows: (name: string) => boolean;
  readonly count: (target: Target, status: number) => void;
  readonly counted: () => Pick<Report, 'requests' | 'unreached' | 'answers'>;
}

async function prepare(): Promise<Run> {
  const world = await aWorld();
  const page = { target: { method: 'GET', path: '/openapi.json', operation: { parameters: [] } }, method: 'GET', caller: 'nobody', credential: '', segments: {}, query: [], headers: {}, isRaw: false };
  const document = JSON.parse((await world.ask(page as unknown as Question))!.body) as ApiDocument;
  const knows = (name: string): boolean => Object.hasOwn(world.values, name);
  await world.close();
  const targets = targetsOf(document);
  const answers = Object.fromEntries(targets.map((target) => [nameOf(target), {} as Record<string, number>]));
  return {
    document,
    targets,
    judge: judgeBy(document),
    knows,
    count: (target, status) => void (answers[nameOf(target)]![status] = (answers[nameOf(target)]![status] ?? 0) + 1),
    counted: () => ({
      requests: Object.values(answers).flatMap((one) => Object.values(one)).reduce((sum, n) => sum + n, 0),
      unreached: targets.filter(serves).map(nameOf).filter((name) => !Object.keys(answers[name]!).some((status) => status.startsWith('2'))),
      answers,
    }),
  };
}

/** Some serve nothing, on purpose, and the document says so: nothing is listed for them but refusals. */
const serves = ({ operation: { responses } }: Target): boolean => Object.keys(responses).some((status) => status.startsWith('2'));

/** Good questions by those who may, to each operation: what comes after would be worth little if none got through. */
async function askStraight(run: Run, seed: number): Promise<string | undefined> {
  for (const target of run.targets) {
    for (let round = 0; round === 0 || (round < ROUNDS && run.counted().unreached.includes(nameOf(target))); round += 1) {
      const samples = fc.sample(questionTo(target, { ...run, straight: true }), { seed: seed + round, numRuns: STRAIGHT * CALLERS.length });
      const failure = await askAll(run, samples);
      if (failure !== undefined) return failure;
    }
  }
  return undefined;
}

/** One gate, one question after the other. Undefined: every answer was right. */
async function askAll(run: Run, questions: readonly Question[]): Promise<string | undefined> {
  const world: World = await aWorld();
  const asked: string[] = [];
  try {
    for (const question of questions) {
      const { target, method, headers } = question;
      const answer = await world.ask(question).catch((error: unknown) => {
        throw new Error(`${String(error)}\n\nWhat was asked before, in this order:\n${asked.join('\n')}`, { cause: error });
      });
      if (answer === undefined) {
        asked.push(`# a large body to ${nameOf(target)} was cut off`);
        continue;
      }
      asked.push(`${answer.curl}\n  # ${answer.status} ${answer.body.slice(0, 300)}`);
      // What a path like /a/../b leads to is another operation, or none.
      const reached = reachedBy(question, answer) ? target : undefined;
      if (reached === undefined) continue;
      run.count(reached, answer.status);
      const wrong = run.judge(reached, { ...answer, method, accept: headers['accept'] as string | undefined }) ?? pollutedBy();
      if (wrong !== undefined) return `${nameOf(target)} ${wrong}\n\nWhat was asked, in this order:\n${asked.join('\n')}`;
    }
    return undefined;
  } finally {
    await world.close();
  }
}

/** An odd segment may make another path of it: a slash, nothing, or dots that are taken away before anything is looked up. */
const reachedBy = ({ segments }: Question, { status, body }: Asked): boolean =>
  status >= 500 || !Object.values(segments).some((value) => typeof value === 'string' && (value === '' || /^(\.|%2e){1,2}$/i.test(value) || /[/?#;]/.test(value) || body.includes('Nothing is served under')));

const pollutedBy = (): string | undefined => ('polluted' in {} ? 'changed the prototype of every object' : undefined);

