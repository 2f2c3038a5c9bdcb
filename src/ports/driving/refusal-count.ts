import { token } from '../token.ts';

/** Counts what was refused, for the audit: one entry for each class and minute, however many there are. Never throws. */
export interface RefusalCount {
  count(refused: Refused): void;
}

export interface Refused {
  readonly what: 'device.refused' | 'token.refused' | 'login.limited' | 'possession.refused' | 'request.refused';
  /** Whose it is; undefined where nobody knows: then it is the operator's. */
  readonly tenant: string | undefined;
  /** The class: a refusal code, or the like. There are only so many of them. */
  readonly code: string;
  /** An address, or the name of who asked. */
  readonly from?: string;
}

export const RefusalCount = token<RefusalCount>('RefusalCount');
