import type { RouteOptions } from 'fastify';
import type { Guard } from '../authorise.ts';
import { sharedAnswers, problemContent } from './shared-answers.ts';
import type { Components } from './components.ts';
import type { Answer, Content, JsonSchema, Operation } from './operation.ts';
import { PROBLEM, TEXT } from './schemas.ts';

/** What a wildcard stands for has no name in a route; in the document it has one. */
const named = (url: string): string => url.replace(/\*$/, ':rest');

/** `/a/{b}` of `/a/:b`, and `/a/{rest}` of `/a/*`. */
export const templateOf = (url: string): string => named(url).replaceAll(/:(\w+)/g, '{$1}');

/** The Operation Object of OpenAPI 3.1 (§4.8.10) for one method of a route. */
export function operationObject(method: string, route: RouteOptions, of: Operation, components: Components): object {
  const names = [...named(route.url).matchAll(/:(\w+)/g)].map(([, name]) => name!);
  const isProtected = route.config?.isProtected === true;
  const guards = [route.onRequest ?? []].flat() as readonly Partial<Guard>[];
  const body = of.body ?? (route.schema?.body as JsonSchema | undefined);
  return {
    operationId: idOf(method, named(route.url)),
    tags: [of.tag],
    summary: of.summary,
    ...described(of.description, whoOf(guards, isProtected)),
    security: securityOf(of, isProtected),
    parameters: [
      ...names.map((name) => parameter('path', name, paramSchema(route, of, name), components)),
      ...Object.entries(of.query ?? {}).map(([name, schema]) => parameter('query', name, schema, components)),
      ...Object.entries(of.headers ?? {}).map(([name, schema]) => parameter('header', name, schema, components)),
    ],
    ...(body && { requestBody: { required: true, content: contentOf(body, components) } }),
    responses: {
      ...sharedAnswers({ method, isProtected, isGuarded: guards.length > 0, hasParams: names.length > 0 }),
      ...Object.fromEntries(Object.entries(of.answers).map(([status, answer]) => [status, responseOf(Number(status), answer, components)])),
    },
  };
}

/** Made of method and path, so that no rewording of a summary renames what was generated from the document. */
const idOf = (method: string, url: string): string =>
  method.toLowerCase() +
  url
    .replaceAll(/:(\w+)/g, (_, name: string) => `By-${name}`)
    .replaceAll(/[^A-Za-z0-9]+(\w)?/g, (_, first: string = '') => first.toUpperCase());

const paramSchema = ({ schema }: RouteOptions, { params }: Operation, name: string): JsonSchema => {
  const validated = schema?.params as { readonly properties?: Readonly<Record<string, JsonSchema>> } | undefined;
  return params?.[name] ?? validated?.properties?.[name] ?? TEXT;
};

function parameter(place: 'path' | 'query' | 'header', name: string, schema: JsonSchema, components: Components): object {
  const { description, ...rest } = schema;
  return {
    name,
    in: place,
    ...(place === 'path' && { required: true }),
    ...(description !== undefined && { description }),
    schema: components.referTo(rest),
  };
}

/** "**Who**: administrators with `ROLE_A` or `ROLE_B`, of the tenant in the path." */
const whoOf = (guards: readonly Partial<Guard>[], isProtected: boolean): string | undefined => {
  const who = guards.flatMap((guard) => guard.who ?? []);
  if (who.length > 0) return `**Who**: ${who.join(', ')}.`;
  return isProtected ? '**Who**: every administrator and every device, for itself.' : undefined;
};

const described = (...sentences: readonly (string | undefined)[]): object => {
  const said = sentences.filter((sentence) => sentence !== undefined);
  return said.length > 0 ? { description: said.join('\n\n') } : {};
};

function securityOf({ byCertificate, byToken, byItself }: Operation, isProtected: boolean): readonly object[] {
  if (byCertificate) return [{ certificate: [] }];
  if (byToken) return [{ bearer: [] }];
  return isProtected || byItself ? [{ basic: [] }, { bearer: [] }] : [];
}

function responseOf(status: number, answer: string | Answer, components: Components): object {
  if (typeof answer === 'string')
    return { description: answer, ...(status >= 400 && { content: problemContent(components.referTo(PROBLEM)) }) };
  const { is, body, mayBeEmpty, headers } = answer;
  return {
    description: mayBeEmpty ? `${is} The body is empty where the request has no \`Accept\` header.` : is,
    ...(mayBeEmpty && { 'x-empty-without-accept': true }),
    ...(headers && { headers: Object.fromEntries(Object.entries(headers).map(([name, schema]) => [name, { schema: components.referTo(schema) }])) }),
    content: contentOf(body, components),
  };
}

function contentOf(body: Content, components: Components): object {
  const byType = 'byType' in body ? (body.byType as Readonly<Record<string, JsonSchema>>) : { 'application/json': body as JsonSchema };
  return Object.fromEntries(Object.entries(byType).map(([type, schema]) => [type, { schema: components.referTo(schema) }]));
}
