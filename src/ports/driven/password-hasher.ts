import { token } from '../token.ts';

/**
 * Makes and checks hashes of passwords by a memory-hard function.
 *
 * - A hash carries its own parameters and salt, and differs each time.
 * - `verify` without a hash (there is no such user) takes as long as with one, and says no.
 * - Neither blocks the event loop; how many run at once is bounded.
 */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  verify(password: string, hash: string | undefined): Promise<boolean>;
}

export const PasswordHasher = token<PasswordHasher>('PasswordHasher');
