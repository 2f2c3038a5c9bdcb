import { token } from '../token.ts';

/** Makes names nobody can guess: at least 122 bits of chance from the operating system, URL-safe characters. */
export interface Identifiers {
  next(): string;
}

export const Identifiers = token<Identifiers>('Identifiers');
