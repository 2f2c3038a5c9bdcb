/** The parts of an OpenAPI document that the fuzz test reads. */
export type Schema = Readonly<Record<string, unknown>>;
export type Content = Readonly<Record<string, { readonly schema: Schema }>>;

export interface Response {
  readonly content?: Content;
  readonly 'x-empty-without-accept'?: true;
}
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Schema;
}
export interface Operation {
  readonly operationId: string;
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Response | { readonly $ref: string }>>;
}
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** An operation and where it stands. */
export interface Target {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

export const targetsOf = ({ paths }: ApiDocument): readonly Target[] =>
  Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })));

export const nameOf = ({ method, path }: Target): string => `${method} ${path}`;

/** What `part` is, or refers to. */
export function resolve<T>(document: ApiDocument, part: T | { readonly $ref: string }): T {
  if (typeof part !== 'object' || part === null || !('$ref' in part)) return part as T;
  const steps = part.$ref.replace(/^#\//, '').split('/');
  return resolve(document, steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], document) as T);
}
