/** An error of the database, with a sentence for the operator and a code for the caller. */
export type DatabaseFailure = Error & { readonly code: string };

export const databaseFailure = (code: string, sentence: string, cause?: unknown): DatabaseFailure =>
  Object.assign(new Error(sentence, cause === undefined ? {} : { cause }), { code });

/** Not `instanceof`: errors cross threads and realms. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

export const isBusy = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error));

export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
