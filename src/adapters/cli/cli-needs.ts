/** What the commands need of the machine they run on. */
export interface CliNeeds {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Results: standard output. Whole lines, line ends included. */
  readonly write: (text: string) => void;
  /** Errors, warnings and progress: standard error. */
  readonly writeError: (text: string) => void;
  /** Whether errors go to a terminal, where progress may be drawn. */
  readonly isTerminal: boolean;
  /** Asks a person for a secret, without showing it; undefined where nobody can be asked. The answer is undefined where none was given. */
  readonly askHidden?: (question: string) => Promise<string | undefined>;
  /** Standard input. */
  readonly input: AsyncIterable<Uint8Array>;
  readonly now: () => Date;
  /** Goes along the audit in the database of a data directory, which nobody need be serving. Rejects with a sentence. */
  readonly verifyAudit?: (dataDir: string) => Promise<readonly AuditChainView[]>;
}

/** What was found in the audit of one tenant, by us or by a server. */
export interface AuditChainView {
  readonly tenant: string;
  readonly rows: number;
  readonly head?: { readonly seq: number; readonly hash: string } | undefined;
  readonly problems: readonly { readonly kind: string; readonly seq: number; readonly until?: number; readonly sentence: string }[];
  readonly complete: boolean;
}
