import { REFUSALS, type Refusal } from '../../domain/refusal.ts';
import type { RuleText } from '../../domain/refusals/rule-text.ts';
import type { Evidence } from '../../domain/shared/refusal-of.ts';
import type { Check, Explanation } from '../../ports/driving/explain-desk.ts';
import { printable } from './printable.ts';

type Paint = (colour: keyof typeof COLOURS, text: string) => string;

const COLOURS = { red: 31, green: 32, yellow: 33, grey: 90, bold: 1 } as const;
const MARKS = { holds: ['green', '✓'], broken: ['red', '✗'], reported: ['yellow', '!'], 'not-asked': ['grey', '–'] } as const;

/** What a running server adds: whose device it is, what to do in its own words, and the words of codes that may be newer than this program. */
export interface Told {
  readonly tenant?: string;
  readonly whatToDo: readonly string[];
  readonly text?: Pick<RuleText, 'requires' | 'cites'>;
}

/** An explanation for people: the verdict, the path it is about, and every check that was made. */
export function explanationText(explanation: Explanation, at: Date, colours: boolean, told?: Told): string {
  const paint: Paint = (colour, text) => (colours ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text);
  return [
    ...verdict(explanation, at, paint, told),
    '',
    ...pathLines(explanation),
    'Checks',
    ...checkLines(explanation, paint, told !== undefined),
    '',
  ].join('\n');
}

function verdict({ refusal, device }: Explanation, at: Date, paint: Paint, told: Told | undefined): readonly string[] {
  const moment = `at ${at.toISOString()}`;
  if (!refusal) {
    const who = device === undefined ? '' : ` as ${printable(device)}`;
    if (told) return [`${paint('green', 'ADMITTED')}${who}${told.tenant === undefined ? '' : `, of tenant ${printable(told.tenant)}`}, ${moment}`];
    return [`${paint('green', 'ADMITTED')}${who}, ${moment} (whether it is registered is not asked here)`];
  }
  const { code, depth } = refusal;
  const where = depth === undefined ? '' : ` at depth ${depth}${depth === 0 ? ' (the device)' : ''}`;
  return [`${paint('red', 'REFUSED')} ${paint('bold', code)}${where}, ${moment}`, ...because(refusal, told)];
}

/** What was expected, what was found, what to do. */
function because({ code, evidence }: Refusal, told: Told | undefined): readonly string[] {
  const { cites, requires } = told?.text ?? REFUSALS[code];
  const todo = told ? told.whatToDo : [REFUSALS[code].remedy];
  return [
    `  expected  ${printable(requires)} (${printable(cites)})`,
    ...(evidence && Object.keys(evidence).length > 0 ? [`  found     ${evidenceText(evidence)}`] : []),
    ...todo.map((what) => `  do        ${printable(what)}`),
  ];
}

const evidenceText = (evidence: Evidence): string =>
  Object.entries(evidence).map(([name, value]) => `${name} ${printable(String(value))}`).join(', ');

function pathLines({ path }: Explanation): readonly string[] {
  if (path.length === 0) return ['No path from the device to a trusted certificate was found.', ''];
  const lines = path.map(({ depth, subject, issuer, isAnchor }) => {
    const note = isAnchor ? 'trusted' : `issued by ${printable(issuer)}`;
    return `  ${depth}  ${printable(subject)}, ${note}`;
  });
  return ['Path, the device first', ...lines, ''];
}

/** With a heading wherever the checks come to another certificate. */
function checkLines({ checks, path }: Explanation, paint: Paint, isTold: boolean): readonly string[] {
  const width = Math.max(0, ...checks.map(({ code }) => code.length));
  return checks.flatMap((check, i) => {
    const { depth } = check;
    const isSame = i > 0 && checks[i - 1]!.depth === depth;
    const subject = path.find((certificate) => certificate.depth === depth)?.subject;
    const whole = i === 0 ? 'of the chain' : 'of the device';
    const heading = subject === undefined ? whole : `of certificate ${depth}: ${printable(subject)}`;
    return [...(isSame ? [] : [`  ${paint('bold', heading)}`]), ...linesOf(check, width, paint, isTold)];
  });
}

/** What to do stands here where no server said it above, in the order of importance. */
function linesOf({ code, outcome, requires, cites, evidence }: Check, width: number, paint: Paint, isTold: boolean): readonly string[] {
  const [colour, mark] = MARKS[outcome];
  const rest = `${printable(code).padEnd(width)}  ${printable(requires)} (${printable(cites)})`;
  if (outcome === 'not-asked') return [paint('grey', `  ${mark} ${rest}`)];
  const line = `  ${paint(colour, mark)} ${rest}`;
  if (outcome === 'holds') return [line, ...(evidence ? [`      found  ${evidenceText(evidence)}`] : [])];
  const todo = isTold ? [] : [`      do     ${REFUSALS[code].remedy}`];
  return [line, ...(evidence ? [`      found  ${evidenceText(evidence)}`] : []), ...todo];
}

/** An explanation for programs: the same, and nothing that has to be cut out of a sentence. */
export function explanationJson({ refusal, ...rest }: Explanation, at: Date): string {
  const texts = refusal && REFUSALS[refusal.code];
  return `${JSON.stringify({ admitted: !refusal, at, ...(refusal && { refusal: { ...refusal, ...texts } }), ...rest }, undefined, 2)}\n`;
}
