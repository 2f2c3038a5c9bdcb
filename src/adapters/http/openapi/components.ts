import type { JsonSchema } from './operation.ts';

/** Members of a schema that hold data, not schemas. */
const DATA: ReadonlySet<string> = new Set(['const', 'default', 'enum', 'example', 'examples', 'required']);

/** The named schemas of a document. Each stands in it once, however many operations use it. */
export class Components {
  readonly #schemas = new Map<string, JsonSchema>();

  /** The same schema with a reference in the place of every part that has a title. */
  referTo(schema: JsonSchema): JsonSchema {
    const { title } = schema;
    if (typeof title !== 'string') return this.#inside(schema);
    const before = this.#schemas.get(title);
    const own = this.#inside(schema);
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(own))
      throw new TypeError(`Two different schemas have the title ${title}: a title names a component of the OpenAPI document. Rename one of them.`);
    this.#schemas.set(title, own);
    return { $ref: `#/components/schemas/${title}` };
  }

  /** By name, in alphabetical order. */
  all(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #inside(schema: JsonSchema): JsonSchema {
    return Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, DATA.has(name) ? value : this.#replaced(value)]));
  }

  #replaced(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#replaced(item));
    return typeof value === 'object' && value !== null ? this.referTo(value as JsonSchema) : value;
  }
}
