/** A refusal whose code is one of `Code`. Functions that can refuse for few reasons say which. */
export interface RefusalOf<Code extends string> {
  readonly code: Code;
  /** Place in the path, the leaf being 0. */
  readonly depth?: number;
  /** Facts that the peer may see: from its own certificates and packets, never from another tenant. */
  readonly evidence?: Evidence;
}

export type Evidence = Readonly<Record<string, string | number>>;
