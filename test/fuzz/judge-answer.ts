import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { resolve, type ApiDocument, type Response, type Target } from './api-document.ts';
import { CANARY } from './hostile-values.ts';

export interface Answered {
  readonly method: string;
  readonly accept: string | undefined;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly ms: number;
  /** What was logged meanwhile. */
  readonly log: string;
}

const SLOWEST_MS = 2000;

/** R13: what no error may hold. A text that was sent may be shown again where it is short; none that is sent looks like these, but for the canary. */
const LEAKS: readonly (readonly [string, RegExp])[] = [
  ['a stack', /\n\s+at |\bat \S+ \(|node:internal/],
  ['a path of the machine', /file:\/\/|node_modules|\/src\/|\/tmp\/|\/home\/|\.ts:\d/],
  ['SQL', /SQLITE|\bselect\b.+\bfrom\b|insert into|constraint failed|no such (table|column)/i],
  ['PEM', /-----BEGIN|MIGHAgEA|MII[A-Za-z0-9+/]{30}/],
  ['a token', /eyJ[\w-]{8,}\.[\w-]+\./],
  ['a secret that was sent', new RegExp(CANARY)],
  ['an object as text', /\[object \w+\]|\bundefined\b/],
];

/** Says what is wrong with an answer, undefined where nothing is. */
export type Judge = (target: Target, answered: Answered) => string | undefined;

export function judgeBy(document: ApiDocument): Judge {
  const ajv = new Ajv2020({ strict: false, allErrors: false, formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, uri: /^https?:\/\/[^\s<>"]+$/ } });
  ajv.addSchema(closed(document) as object, 'api');
  const validators = new Map<string, ValidateFunction>();
  const validatorOf = (target: Target, status: string, type: string): ValidateFunction => {
    const ref = refTo(target, status, type);
    const found = validators.get(ref) ?? ajv.compile({ $ref: `api#${ref}` });
    validators.set(ref, found);
    return found;
  };
  return (target, answered) => {
    const { status, headers, body, ms, log } = answered;
    if (status >= 500) return `answers ${status}: ${log.slice(0, 2000)}`;
    const given = target.operation.responses[String(status)];
    if (given === undefined) return `answers ${status}, which the document does not list for it (${Object.keys(target.operation.responses).join(', ')})`;
    if (ms > SLOWEST_MS) return `took ${Math.round(ms)} ms`;
    const leak = leakOf(answered);
    if (leak !== undefined) return leak;
    if (answered.method === 'HEAD') return body === '' ? undefined : 'answers HEAD with a body';
    const response = resolve<Response>(document, given);
    if (body === '') return mayBeEmpty(response, answered) ? undefined : `answers ${status} with an empty body`;
    const type = String(headers['content-type'] ?? '').split(';', 1)[0]!;
    if (response.content?.[type] === undefined) return `answers ${status} as ${type || 'no type at all'}, the document says ${Object.keys(response.content ?? {}).join(', ') || 'no body'}`;
    const validate = validatorOf(target, String(status), type);
    const value: unknown = /json/.test(type) ? JSON.parse(body) : body;
    return validate(value) ? undefined : `answers ${status} with a body that the document does not know: ${ajv.errorsText(validate.errors)}${extraOf(validate)}`;
  };
}

const extraOf = ({ errors }: ValidateFunction): string => (errors ?? []).map(({ params }) => ('additionalProperty' in params ? ` (${String(params['additionalProperty'])})` : '')).join('');

const mayBeEmpty = ({ content, 'x-empty-without-accept': without }: Response, { accept }: Answered): boolean =>
  content === undefined || (without === true && accept === undefined);

function leakOf({ status, headers, body, log }: Answered): string | undefined {
  const told = status >= 400 ? `${body}\n${JSON.stringify(headers)}` : '';
  const leak = LEAKS.find(([, pattern]) => pattern.test(told));
  if (leak) return `tells ${leak[0]}: ${leak[1].exec(told)![0]}`;
  return log.includes(CANARY) ? 'logs a secret that was sent' : undefined;
}

function refTo({ path, method, operation }: Target, status: string, type: string): string {
  const response = operation.responses[status]!;
  const base = '$ref' in response ? response.$ref.slice(1) : `/paths/${pointer(path)}/${method.toLowerCase()}/responses/${status}`;
  return encodeURI(`${base}/content/${pointer(type)}/schema`);
}

const pointer = (step: string): string => step.replaceAll('~', '~0').replaceAll('/', '~1');

/** An answer has no member that the document does not name: clients may ignore such, this test may not. */
function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closed);
  if (typeof part !== 'object' || part === null) return part;
  const whole = Object.fromEntries(Object.entries(part).map(([name, value]) => [name, closed(value)]));
  const isOpen = whole['type'] === 'object' && typeof whole['properties'] === 'object' && !('additionalProperties' in whole);
  return isOpen ? { ...whole, additionalProperties: false } : whole;
}
