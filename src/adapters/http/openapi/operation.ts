/**
 * A JSON Schema (2020-12), as OpenAPI 3.1 takes it. One with a `title` becomes a component of the document under that name, wherever it
 * stands: write it once, as a constant, and use the constant. Shared ones are in `schemas.ts`.
 */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The parts of the document. */
export type Tag = 'Trust' | 'Tenants' | 'Users' | 'Devices' | 'Registration' | 'Inventory' | 'Tokens' | 'Audit' | 'Instance';

/**
 * What the OpenAPI document says of a route. It describes and checks nothing: what a request must look like is the handler's question
 * (or that of the route's `schema`), and a fuzz test holds both to each other: no operation gives an answer that is not listed here.
 */
export interface Operation {
  readonly tag: Tag;
  /** A few words: "Trust a CA certificate". */
  readonly summary: string;
  /** Markdown, where a sentence more is needed. */
  readonly description?: string;
  /** Parameters of the path by name. Those not listed are texts. */
  readonly params?: Readonly<Record<string, JsonSchema>>;
  /** Parameters of the query by name; none is required. */
  readonly query?: Readonly<Record<string, JsonSchema>>;
  /** Headers by name, in lower case; none is required. */
  readonly headers?: Readonly<Record<string, JsonSchema>>;
  /** The body: JSON where it is one schema, else schemas by media type. */
  readonly body?: Content;
  /** The route lies on the port that asks for a certificate, and the certificate is the credential. */
  readonly byCertificate?: true;
  /** A device's token is the only credential, and the route itself asks for it. */
  readonly byToken?: true;
  /** The route itself asks for the usual credentials, where it asks for any. */
  readonly byItself?: true;
  /**
   * The answers that are this route's own. A text is the description of an answer without a body (2xx), or with the error body (4xx).
   * Left out are those that come before a handler (`shared-answers.ts`): 400, 401, 403, 408, 413, 414, 415, 429, 431, 500 and 503.
   */
  readonly answers: Readonly<Record<number, string | Answer>>;
}

export interface Answer {
  readonly is: string;
  /** JSON where it is one schema, else schemas by media type. Without `Accept`, POST and PUT answer with an empty body where `mayBeEmpty`. */
  readonly body: Content;
  readonly mayBeEmpty?: boolean;
  /** Headers by name that the answer has beside those of every answer. */
  readonly headers?: Readonly<Record<string, JsonSchema>>;
}

/** JSON where it is one schema, else schemas by media type. */
export type Content = JsonSchema | { readonly byType: Readonly<Record<string, JsonSchema>> };

/** Options of a route that say what it is for: `app.get(PATH, { ...mayRead, ...operation({…}) }, handler)`. */
export const operation = (of: Operation): { readonly config: { readonly operation: Operation } } => ({ config: { operation: of } });

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route has one. */
    readonly operation?: Operation;
    /** Set by `authenticate` on the routes behind it. */
    readonly isProtected?: true;
  }
}
