import { token } from '../token.ts';

/** What the running program tells its operator. Facts as fields, one sentence of text; never a password, token, private key or certificate body. */
export interface Log {
  info(facts: object, sentence: string): void;
  warn(facts: object, sentence: string): void;
  error(facts: object, sentence: string): void;
}

export const Log = token<Log>('Log');
