/** An error of the database, with a sentence for the operator and a code for the caller. */
export type DatabaseFailure = Error & { readonly code: string };

export const databaseFailure = (code: string, sentence: string, cause?: unknown): DatabaseFailure =>
  Object.assign(new Error(sentence, cause === undefined ? {} : { cause }), { code });

/** Not by `instanceof`: errors cross threads and realms. */
const partOf = (error: unknown, part: 'code' | 'message'): string | undefined =>
  typeof error === 'object' && error !== null && part in error ? String((error as Record<typeof part, unknown>)[part]) : undefined;

export const codeOf = (error: unknown): string => partOf(error, 'code') ?? '';

export const wordsOf = (error: unknown): string => partOf(error, 'message') ?? String(error);

export const isBusy = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error));
