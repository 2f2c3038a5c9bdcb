import { readFileSync, statSync } from 'node:fs';
import { databaseFailure, wordsOf } from '../database-failure.ts';

interface Login {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/**
 * The password that the first fitting line of `host:port:database:user:password` has; `*` fits all, `\` takes the next letter as it is
 * (postgresql.org/docs/current/libpq-pgpass.html). Empty where no file is named. Throws a sentence.
 */
export function passwordOf({ host, port, database, user }: Login, file: string | undefined): string {
  if (!file) return '';
  const wanted = [host, String(port), database, user];
  const fits = (fields: readonly string[]): boolean => fields.length >= 5 && wanted.every((it, i) => fields[i] === '*' || plain(fields[i]!) === it);
  const found = contentOf(file).split(/\r?\n/).filter((line) => !line.startsWith('#')).map(fieldsOf).find(fits);
  return found ? plain(found.slice(4).join(':')) : '';
}

const fieldsOf = (line: string): readonly string[] => line.match(/(?:\\.|[^:\\])*(?::|$)/g)?.map((field) => field.replace(/:$/, '')).slice(0, -1) ?? [];

const plain = (field: string): string => field.replaceAll(/\\(.)/g, '$1');

function contentOf(file: string): string {
  try {
    if ((statSync(file).mode & 0o077) !== 0) throw new Error('others than its owner may use it: chmod 600');
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw databaseFailure('database-url', `The file of PGPASSFILE, ${file}, cannot be used (${wordsOf(error)}).`);
  }
}
