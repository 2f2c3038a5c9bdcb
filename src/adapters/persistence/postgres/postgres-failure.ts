import { codeOf, databaseFailure, wordsOf, type DatabaseFailure } from '../database-failure.ts';

/** The connection is gone, or PostgreSQL is: nothing is known of what was under way. */
const LOST = /^(57P0[1-5]|08\w{3}|ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT|EACCES)$/;
const LOST_WORDS = /^(Connection terminated|nothing was heard|timeout expired|Client has encountered a connection error|Client was closed|read |write )/;

/** PostgreSQL has gone back to where the transaction began because of another one: doing it again is what it asks for. */
const COLLISIONS = new Set(['40001', '40P01', '23505']);
/** The connection remembers what has changed since: a plan made before a migration, or a statement somebody dropped. */
const STALE = new Set(['0A000', '26000']);

/** Whatever is written next fares the same: no writes, no space, no memory. */
const FOR_ALL = /^(25006|53[12]00|58\w{3}|XX\w{3})$/;

export const isForAll = (error: unknown): boolean => FOR_ALL.test(codeOf(error));
/** It waited for a lock, or for something that waits for one, for as long as it may. */
export const isLockedOut = (error: unknown): boolean => codeOf(error) === '55P03' || codeOf(error) === '57014';
export const isLost = (error: unknown): boolean => LOST.test(codeOf(error)) || (codeOf(error) === '' && LOST_WORDS.test(wordsOf(error))) || codeOf(error) === 'database-unreachable';
/** A connection that was there is not any more, which says nothing about PostgreSQL: another one may do. */
export const wasCut = (error: unknown): boolean => isLost(error) && !isSilence(error) && codeOf(error) !== 'database-unreachable';
export const isStale = (error: unknown): boolean => STALE.has(codeOf(error));
export const isCollision = (error: unknown): boolean => COLLISIONS.has(codeOf(error));
const SILENCE = 'nothing was heard for some seconds';
/** PostgreSQL's own time limit ran out, and not even that was heard: the line is dead, and so may be all of them. */
export const silence = (): Error => new Error(SILENCE);
export const isSilence = (error: unknown): boolean => wordsOf(error) === SILENCE;

interface Explanation {
  readonly code: string;
  readonly advice: string;
}

const SAID: Readonly<Record<string, Explanation>> = {
  '25006': { code: 'database-read-only', advice: 'It takes no writes: it is a standby, or default_transaction_read_only is on. Known devices go on being served.' },
  '28000': { code: 'database-login', advice: 'Correct user and password in FLEETGATE_DATABASE_URL, or the rules of pg_hba.conf.' },
  '28P01': { code: 'database-login', advice: 'Correct user and password in FLEETGATE_DATABASE_URL.' },
  '3D000': { code: 'database-url', advice: 'Make it: createdb -E UTF8 -O <user> <database>.' },
  '42501': { code: 'database-rights', advice: 'Make the user of FLEETGATE_DATABASE_URL the owner of the database.' },
  '53100': { code: 'database-full', advice: 'Free space on its disk; no restart is needed.' },
  '53300': { code: 'database-overloaded', advice: 'It has no connection left: raise max_connections there, or lower connections= in FLEETGATE_DATABASE_URL.' },
  '55P03': { code: 'database-locked', advice: 'Another transaction holds a lock for too long (pg_stat_activity and pg_locks show which). End it, and try again.' },
  '57014': { code: 'database-slow', advice: 'A statement took too long and was cancelled. Look at the load of the server and at pg_locks.' },
};

/** What OpenSSL, Node and `pg` say when TLS comes to nothing; waiting helps none of it. */
const TLS_SAID: readonly { readonly when: RegExp; readonly sentence: (place: string, words: string) => string }[] = [
  {
    when: /^(UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF|CERT_UNTRUSTED|INVALID_CA)/,
    sentence: (place, words) => `Fleetgate does not trust the certificate of PostgreSQL at ${place} (${words}). Name the file of its CA in FLEETGATE_DATABASE_URL, with sslrootcert=<file>.`,
  },
  {
    when: /^ERR_TLS_CERT_ALTNAME_INVALID/,
    sentence: (place, words) => `The certificate of PostgreSQL at ${place} is for another name (${words}). Write the host in FLEETGATE_DATABASE_URL as its certificate has it, or give the server a certificate for this name.`,
  },
  { when: /^CERT_(HAS_EXPIRED|NOT_YET_VALID)/, sentence: (place, words) => `The certificate of PostgreSQL at ${place} is not valid now (${words}). Renew it, or correct the clock.` },
  {
    when: /^ The server does not support SSL/,
    sentence: (place) => `PostgreSQL at ${place} speaks no TLS, and FLEETGATE_DATABASE_URL asks for it. Turn it on there (ssl = on); sslmode=disable is for a server on this machine.`,
  },
];

/** For whoever asked: a code of ours, and a sentence. What is ours already stays as it is. */
export function explained(error: unknown, place: string): DatabaseFailure {
  if (codeOf(error).startsWith('database-')) return error as DatabaseFailure;
  const said = SAID[codeOf(error)];
  if (said) return databaseFailure(said.code, `PostgreSQL at ${place} refused: ${wordsOf(error)}. ${said.advice}`, error);
  const tls = TLS_SAID.find(({ when }) => when.test(`${codeOf(error)} ${wordsOf(error)}`));
  if (tls) return databaseFailure('database-tls', tls.sentence(place, wordsOf(error)), error);
  if (isLost(error)) return unreachable(place, wordsOf(error), error);
  return databaseFailure('database-failed', `PostgreSQL at ${place} refused: ${wordsOf(error)}.`, error);
}

export const unreachable = (place: string, why: string, cause?: unknown): DatabaseFailure =>
  databaseFailure('database-unreachable', `PostgreSQL at ${place} cannot be reached (${why}). Fleetgate goes on trying; no restart is needed.`, cause);

/** A commit whose answer never came. Whoever repeats it does no harm: keys settle what was there already (F15). */
export const unknownOutcome = (place: string, cause: unknown): DatabaseFailure =>
  databaseFailure('database-unreachable', `PostgreSQL at ${place} went away (${wordsOf(cause)}) before it confirmed a change: whether the change took effect is not known. Repeat it.`, cause);

/** Meant for the operator's correction, so that waiting does not help. */
export const isFinal = ({ code }: DatabaseFailure): boolean => /^database-(login|tls|url|rights|newer|encoding|unusable)$/.test(code);
