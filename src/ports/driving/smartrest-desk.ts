import type { DeviceSession } from '../../domain/sessions/device-session.ts';
import { token } from '../token.ts';

/**
 * Answers what devices ask by SmartREST on `s/us` (wire-contract §5.4).
 *
 * - When it resolves, what the message changed is durable.
 * - It never rejects: a line that could not be worked on has its reply, and `failure` is for the log.
 * - What one message costs is bounded, whatever is in it.
 */
export interface SmartrestDesk {
  answer(message: SmartrestMessage): Promise<SmartrestAnswer>;
}

export interface SmartrestMessage {
  readonly device: Pick<DeviceSession, 'tenant' | 'device'>;
  readonly payload: Uint8Array;
  /** It came on `s/us/<child>`: about another device below this one. */
  readonly isAboutChild: boolean;
  /** Asked once for each line that costs work or has a reply, before it is worked on. False leaves the line out. */
  readonly mayWork: () => boolean;
}

export interface SmartrestAnswer {
  /** In the order of the lines. */
  readonly replies: readonly SmartrestReply[];
  /** Lines that were left out because there were too many. */
  readonly dropped: number;
  /** Why the last line could not be worked on. */
  readonly failure?: string;
}

export interface SmartrestReply {
  readonly topic: 's/ds' | 's/e';
  readonly payload: string;
}

export const SmartrestDesk = token<SmartrestDesk>('SmartrestDesk');
