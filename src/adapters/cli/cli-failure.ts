import { refuse, type Decision } from '../../domain/shared/decision.ts';
import { printable } from './printable.ts';

/** What the process ends with. Documented in `fleetgate --help`. */
export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3 } as const;

/** Why a command did not do what it was asked, in words. */
export interface CliFailure {
  readonly exit: Exclude<(typeof EXIT)[keyof typeof EXIT], 0>;
  readonly message: string;
  /** The `details` of the server's answer, where it sent any. */
  readonly details?: unknown;
}

export type Outcome<T> = Decision<T, CliFailure>;

export const fail = (exit: CliFailure['exit'], message: string): { readonly granted: false; readonly refusal: CliFailure } =>
  refuse({ exit, message });

/** For people: the message, and what the server added that the message does not say already. */
export function failureText({ message, details }: CliFailure): string {
  const lines = [`error: ${message}`];
  const { code, remedy } = (typeof details === 'object' && details !== null ? details : {}) as Record<string, unknown>;
  if (typeof code === 'string' && !message.includes(code)) lines.push(`  code: ${code}`);
  if (typeof remedy === 'string' && !message.includes(remedy)) lines.push(`  what to do: ${remedy}`);
  return `${lines.map(printable).join('\n')}\n`;
}

export const failureJson = ({ message, details }: CliFailure): string =>
  `${JSON.stringify({ error: message, ...(details !== undefined && { details }) })}\n`;
