import fc, { type Arbitrary } from 'fast-check';
import { resolve, type ApiDocument, type Content, type Parameter, type Schema, type Target } from './api-document.ts';
import { ACCEPTS, CONTENT_TYPES, hostileBody, hostileQuery, hostileSegment, hostileText, hostileValue, ODD_CREDENTIALS, ODD_HEADERS } from './hostile-values.ts';

/** Who asks. `device` has a token, `certificate` shows one in TLS and sends no Authorization, `odd` has something that is no credential. */
export const CALLERS = ['management/admin', 'main/admin', 'main/registrar', 'device', 'other/admin', 'certificate', 'main/reader', 'main/nobody', 'nobody', 'odd'] as const;
const BY_PASSWORD: readonly Caller[] = ['management/admin', 'main/admin', 'main/registrar', 'other/admin'];
/** Those who get through are asked as more often. */
const SPOILERS: readonly Caller[] = [...CALLERS, 'management/admin', 'management/admin', 'main/admin', 'main/admin', 'main/admin', 'main/admin'];
export type Caller = (typeof CALLERS)[number];

/** Stands for a value that the world knows by this name: one given, or one that an earlier answer had. */
export interface Known {
  readonly $known: string;
  readonly index: number;
}
export const isKnown = (value: unknown): value is Known => typeof value === 'object' && value !== null && '$known' in value;

/** A request, before the names of what the world knows are filled in. */
export interface Question {
  readonly target: Target;
  readonly method: string;
  readonly caller: Caller;
  readonly credential: string;
  /** As they stand in the URL. */
  readonly segments: Readonly<Record<string, string | Known>>;
  readonly query: readonly (readonly [string, string | Known])[];
  readonly headers: Readonly<Record<string, string | Known>>;
  readonly body?: unknown;
  /** The body is as it is, not JSON of it. */
  readonly isRaw: boolean;
}

/** Members whose right values no schema tells: see `world.ts`. */
export type Knows = (name: string) => boolean;

interface Making {
  readonly document: ApiDocument;
  readonly knows: Knows;
  /** Nothing is spoilt on purpose. */
  readonly straight: boolean;
}

const knownOf = (name: string): Arbitrary<Known> => fc.nat({ max: 50 }).map((index) => ({ $known: name, index }));
const seldom = <T>(share: number, odd: Arbitrary<T>, usual: Arbitrary<T>): Arbitrary<T> => fc.oneof({ weight: share, arbitrary: odd }, { weight: 100 - share, arbitrary: usual });

/** A question to one operation. */
export function questionTo(target: Target, making: Making): Arbitrary<Question> {
  const { parameters, requestBody } = target.operation;
  const { straight } = making;
  const of = (place: Parameter['in']): readonly Parameter[] => parameters.filter((one) => one.in === place);
  const spoilt = <T>(share: number, odd: Arbitrary<T>, usual: Arbitrary<T>): Arbitrary<T> => (straight ? usual : seldom(share, odd, usual));
  const headers = fc.record({
    accept: spoilt<string | undefined>(20, fc.constantFrom(...ACCEPTS), fc.constant('application/json')),
    odd: spoilt<readonly (readonly [string, string])[]>(15, fc.array(fc.constantFrom(...ODD_HEADERS), { minLength: 1, maxLength: 3 }), fc.constant([])),
    own: ownHeaders(of('header'), making, spoilt),
  });
  return fc
    .record({
      caller: fc.constantFrom(...(straight ? callersOf(target) : SPOILERS)),
      credential: fc.constantFrom(...ODD_CREDENTIALS),
      segments: fc.record(Object.fromEntries(of('path').map((one) => [one.name, spoilt<string | Known>(20, hostileSegment, inUrl(one, making))]))),
      query: queryOf(of('query'), making),
      headers,
      head: straight ? fc.constant(false) : fc.nat({ max: 9 }).map((n) => n === 0),
      sent: requestBody ? bodyOf(requestBody.content, making) : spoilt<Sent>(10, oddBody, fc.constant({ isRaw: false })),
    })
    .map(({ headers: { accept, odd, own }, head, sent: { type, ...sent }, ...rest }) => ({
      target,
      method: head && target.method === 'GET' && own.flat().every(([, value]) => isKnown(value) || value.length < LARGE) ? 'HEAD' : target.method,
      ...rest,
      ...sent,
      headers: {
        ...Object.fromEntries(own.flat().filter(([, value]) => isKnown(value) || isHeader(value))),
        ...Object.fromEntries(odd),
        ...(accept !== undefined && { accept }),
        ...(type !== undefined && { 'content-type': type }),
      },
    }));
}

/** A request with headers beyond the bound is refused before its method is read: that answer has a body, to HEAD too, and a client of Node takes offence. */
const LARGE = 60_000;

/** Node sends no other header. */
const isHeader = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value);

/** Those who may get through, by what the document says the operation takes. */
const callersOf = ({ operation: { security } }: Target): readonly Caller[] => {
  const takes = (scheme: string): boolean => security.length === 0 || security.some((one) => scheme in one);
  return [...(takes('basic') ? BY_PASSWORD : []), ...(takes('bearer') ? ['device' as const] : []), ...(takes('certificate') ? ['certificate' as const] : [])];
};

type Header = readonly [name: string, value: string | Known];

/** None is required. Their good values are known by `header:` and the name. */
const ownHeaders = (parameters: readonly Parameter[], making: Making, spoilt: <T>(share: number, odd: Arbitrary<T>, usual: Arbitrary<T>) => Arbitrary<T>): Arbitrary<readonly (readonly Header[])[]> =>
  fc.tuple(...parameters.map(({ name, schema }) => {
    const usual = fc.option(valueOf(schema, `header:${name}`, making), { freq: 2, nil: undefined }).map((value): readonly Header[] => (value === undefined ? [] : [[name, isKnown(value) ? value : String(value)]]));
    return spoilt<readonly Header[]>(20, hostileText.map((value) => [[name, value]]), usual);
  }));

/** The good value of a parameter, as it stands in the URL. */
const inUrl = ({ name, schema }: Parameter, making: Making): Arbitrary<string | Known> =>
  valueOf(schema, name, making).map((value) => (isKnown(value) ? value : encodeURIComponent(String(value).toWellFormed())));

function queryOf(parameters: readonly Parameter[], making: Making): Arbitrary<Question['query']> {
  const given = parameters.map((one) =>
    fc.option(inUrl(one, making), { freq: 2, nil: undefined }).map((value): Question['query'] => (value === undefined ? [] : [[one.name, value]])));
  const usual = fc.tuple(...given).map((pairs) => pairs.flat());
  if (making.straight) return usual;
  const names = fc.constantFrom(...parameters.map(({ name }) => name), 'unknown', '__proto__', 'a[b]', '');
  const odd = fc.array(fc.tuple(names, hostileQuery), { minLength: 1, maxLength: 3 });
  return seldom(30, fc.tuple(usual, odd).map((both) => both.flat()), usual);
}

interface Sent {
  readonly body?: unknown;
  readonly isRaw: boolean;
  readonly type?: string | undefined;
}

const oddBody: Arbitrary<Sent> = fc.record({ body: hostileBody, type: fc.constantFrom(...CONTENT_TYPES) }).map((sent) => ({ ...sent, isRaw: true }));

const BOUNDARY = 'fuzz-boundary';

function bodyOf(content: Content, making: Making): Arbitrary<Sent> {
  const good = fc.oneof(...Object.entries(content).map(([type, { schema }]) => goodBody(type, schema, making)));
  if (making.straight) return good;
  const otherType = fc.tuple(good, fc.constantFrom(...CONTENT_TYPES)).map(([sent, type]) => ({ ...sent, type }));
  const spoilt = fc.tuple(good, hostileValue, fc.nat(), fc.constantFrom('replace', 'drop', 'add')).map(([sent, value, at, how]): Sent =>
    sent.isRaw ? sent : { ...sent, body: spoil(sent.body, value, at, how) });
  return fc.oneof({ weight: 35, arbitrary: good }, { weight: 35, arbitrary: spoilt }, { weight: 15, arbitrary: otherType }, { weight: 15, arbitrary: oddBody });
}

function goodBody(type: string, schema: Schema, making: Making): Arbitrary<Sent> {
  if (/json/.test(type)) return valueOf(schema, '', making).map((body) => ({ body, isRaw: false, type }));
  if (type === 'application/x-www-form-urlencoded') return valueOf(schema, '', making).map((body) => ({ body: { $urlencoded: body }, isRaw: true, type }));
  if (!type.startsWith('multipart/')) return valueOf(schema, type, making).map((body) => ({ body: isKnown(body) ? body : String(body), isRaw: true, type }));
  const { properties = {} } = resolve(making.document, schema) as { properties?: Readonly<Record<string, Schema>> };
  const parts = Object.entries(properties).map(([name, part]) => {
    const known = `form:${String(part['contentMediaType'] ?? name)}`;
    return fc.option(valueOf(part, known, making), { freq: 5, nil: undefined }).map((value) => (value === undefined ? [] : [{ name, value, isFile: isFile(part) }]));
  });
  return fc.tuple(...parts).map((body) => ({ body: { $form: body.flat(), boundary: BOUNDARY }, isRaw: true, type: `${type}; boundary=${BOUNDARY}` }));
}

const isFile = (part: Schema): boolean => 'contentMediaType' in part || part['format'] === 'binary';

/** One member, at whatever depth, replaced, left out or added. */
function spoil(value: unknown, other: unknown, at: number, how: string): unknown {
  if (typeof value !== 'object' || value === null || isKnown(value)) return other;
  const entries = Object.entries(value);
  if (how === 'add' || entries.length === 0) return Array.isArray(value) ? [...value, other] : { ...value, stranger: other };
  const [name, inner] = entries[at % entries.length]!;
  const rest = Math.floor(at / entries.length);
  const goesDeeper = typeof inner === 'object' && inner !== null && !isKnown(inner) && rest % 2 === 1;
  const next = goesDeeper ? spoil(inner, other, rest, how) : other;
  if (Array.isArray(value)) return how === 'drop' && !goesDeeper ? value.filter((_, i) => String(i) !== name) : value.map((item, i) => (String(i) === name ? next : item));
  return how === 'drop' && !goesDeeper ? Object.fromEntries(entries.filter(([key]) => key !== name)) : { ...value, [name]: next };
}

/** A value that the schema allows, or one that the world knows by this name. */
export function valueOf(given: Schema, name: string, making: Making): Arbitrary<unknown> {
  const schema = resolve<Schema>(making.document, given as { $ref: string });
  const made = fromSchema(schema, name, making);
  return making.knows(name) ? fc.oneof({ weight: 4, arbitrary: knownOf(name) }, { weight: making.straight ? 0 : 1, arbitrary: made }) : made;
}

function fromSchema(schema: Schema, name: string, making: Making): Arbitrary<unknown> {
  const either = (schema['anyOf'] ?? schema['oneOf']) as readonly Schema[] | undefined;
  if (either) return fc.oneof(...either.map((one) => valueOf(one, name, making)));
  if (Array.isArray(schema['enum'])) return fc.constantFrom<unknown>(...schema['enum']);
  if ('const' in schema) return fc.constant(schema['const']);
  const types = [schema['type'] ?? 'object'].flat() as unknown as readonly string[];
  return fc.oneof(...types.map((type) => ofType(type, schema, making)));
}

function ofType(type: string, schema: Schema, making: Making): Arbitrary<unknown> {
  const { minimum = 0, maximum = 1000, minLength = 0, maxLength = 30, minItems = 0, maxItems = 3 } = schema as Readonly<Record<string, number | undefined>>;
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: minimum, max: Math.max(minimum, maximum) });
    case 'number':
      return fc.double({ min: minimum, max: Math.max(minimum, maximum), noNaN: true });
    case 'array':
      return fc.array(valueOf((schema['items'] ?? {}) as Schema, '', making), { minLength: minItems, maxLength: Math.max(minItems, Math.min(3, maxItems)) });
    case 'string':
      if (typeof schema['pattern'] === 'string') return fc.stringMatching(new RegExp(schema['pattern']));
      if (schema['format'] === 'date-time') return fc.date({ min: new Date(0), max: new Date('2099-01-01'), noInvalidDate: true }).map((at) => at.toISOString());
      return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(30, maxLength)) });
    default: {
      const { properties, required = [], additionalProperties: others } = schema as { properties?: Readonly<Record<string, Schema>>; required?: readonly string[]; additionalProperties?: boolean | Schema };
      if (properties === undefined && typeof others === 'object') return fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), valueOf(others, '', making), { minKeys: 1, maxKeys: 3, noNullPrototype: true });
      const members = Object.fromEntries(Object.entries(properties ?? {}).map(([name, member]) => [name, valueOf(member, name, making)]));
      return fc.record(members, { requiredKeys: required.filter((name) => name in members), noNullPrototype: true });
    }
  }
}
