import type { Api } from './an-api.ts';

type Schema = Readonly<Record<string, unknown>> & { readonly $ref?: string; readonly properties?: Readonly<Record<string, Schema>>; readonly required?: readonly string[]; readonly items?: Schema; readonly anyOf?: readonly Schema[]; readonly additionalProperties?: Schema | boolean };

/** Where an answer says more, less or other than the OpenAPI document: empty where the two agree. Members that the document does not name are faults. */
export async function documented(api: Api, operation: string, status: number, body: string): Promise<readonly string[]> {
  const document = (await api.ask('GET /openapi.json')).json<{ paths: Record<string, Record<string, { responses: Record<number, { content: Record<string, { schema: Schema }> }> }>>; components: { schemas: Record<string, Schema> } }>();
  const [method = '', path = ''] = operation.split(' ');
  const { schema } = document.paths[path]![method.toLowerCase()]!.responses[status]!.content['application/json']!;
  return faults(JSON.parse(body), schema, '$', (name) => document.components.schemas[name]!);
}

function faults(value: unknown, given: Schema, at: string, named: (name: string) => Schema): readonly string[] {
  const schema = given.$ref ? named(given.$ref.split('/').at(-1)!) : given;
  if (schema.anyOf) {
    const each = schema.anyOf.map((one) => faults(value, one, at, named));
    return each.find(({ length }) => length === 0) ?? each.flat();
  }
  const kind = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
  const allowed = [schema['type']].flat();
  if (!allowed.includes(kind) && !(kind === 'integer' && allowed.includes('number'))) return [`${at}: ${kind}, not ${allowed.join(' or ')}`];
  if (Array.isArray(value)) return value.flatMap((item, i) => faults(item, schema.items!, `${at}[${i}]`, named));
  if (typeof value !== 'object' || value === null) return Array.isArray(schema['enum']) && !schema['enum'].includes(value) ? [`${at}: ${String(value)}`] : [];
  const known = schema.properties ?? {};
  const others = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  return [
    ...(schema.required ?? []).filter((name) => !(name in value)).map((name) => `${at}.${name}: missing`),
    ...Object.entries(value).flatMap(([name, member]) => {
      const of = known[name] ?? others;
      return of ? faults(member, of, `${at}.${name}`, named) : [`${at}.${name}: not in the document`];
    }),
  ];
}
