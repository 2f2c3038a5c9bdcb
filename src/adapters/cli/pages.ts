import { InvalidArgumentError, type Command } from 'commander';
import { grant } from '../../domain/shared/decision.ts';
import type { ApiClient } from './api-client.ts';
import type { Outcome } from './cli-failure.ts';
import { printable } from './printable.ts';

/** Of the server. */
export const LARGEST_PAGE = 1000;

/** How many rows a command asks for. */
export const withLimit = (command: Command, otherwise: number): Command => command.option('--limit <n>', `how many, at most ${LARGEST_PAGE}`, limit, otherwise);

function limit(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= LARGEST_PAGE) return number;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${LARGEST_PAGE}.`);
}

/** Which part of a list by id. */
export interface PageOptions {
  readonly limit: number;
  readonly after?: string;
  readonly all?: true;
}

export const withPages = (command: Command): Command => withLimit(command, 100).option('--after <id>', 'those after this id').option('--all', 'all of them, page by page');

export interface Listed<Row> {
  readonly rows: readonly Row[];
  readonly hasMore: boolean;
}

/** What `options` wish of the list by id at `path`, which the server answers under `name`. */
export async function listed<Row extends { readonly id: string }>(api: ApiClient, { path, name }: { readonly path: string; readonly name: string }, options: PageOptions): Promise<Outcome<Listed<Row>>> {
  const rows: Row[] = [];
  const size = options.all ? LARGEST_PAGE : options.limit;
  for (let after = options.after; ; after = rows.at(-1)!.id) {
    const answer = await api.get(`${path}?limit=${size}${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`);
    if (!answer.granted) return answer;
    const { next, [name]: page } = answer.value as { readonly next?: string; readonly [name: string]: unknown };
    rows.push(...(page as readonly Row[]));
    const hasMore = next !== undefined && (page as readonly Row[]).length > 0;
    if (!hasMore || !options.all) return grant({ rows, hasMore });
  }
}

/** How to see the rest, where there is one. */
export const moreOf = ({ rows, hasMore }: Listed<{ readonly id: string }>): readonly string[] => (hasMore ? [`There are more: --after '${printable(rows.at(-1)!.id)}', or --all.`] : []);
