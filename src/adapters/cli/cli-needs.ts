import type { Outcome } from './cli-failure.ts';

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
  /** Seals the private keys at this machine under the first sealing key. Rejects with a sentence. */
  readonly resealKeys?: () => Promise<Outcome<Resealed>>;
}

/** What became of private keys that lie sealed. */
export interface Resealed {
  /** Id of the key that seals them now. */
  readonly sealingKey: string;
  /** How many were under it before. */
  readonly already: number;
  /** How many were sealed anew, by the key they were under; without one they lay in clear. */
  readonly sealed: readonly { readonly under?: string; readonly count: number }[];
  /** The file of sealing keys, and how many it holds besides the first. */
  readonly file: string;
  readonly spare: number;
  /** Whether other nodes have key files of their own. */
  readonly nodes: boolean;
}

/** What was found in the audit of one tenant, by us or by a server. */
export interface AuditChainView {
  readonly tenant: string;
  readonly rows: number;
  readonly head?: { readonly seq: number; readonly hash: string } | undefined;
  readonly problems: readonly { readonly kind: string; readonly seq: number; readonly until?: number; readonly sentence: string }[];
  readonly complete: boolean;
}
