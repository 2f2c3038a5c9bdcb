import { grant, refuse, type Decision } from '../../domain/shared/decision.ts';
import type { ObjectFilter } from '../../ports/driven/object-store.ts';
import type { Query } from './paging.ts';
import { badRequest, type Problem } from './problem.ts';

/** Ids that one list may ask for. */
const MOST_IDS = 100;
const LONGEST_VALUE = 254;

const SERVED = { type: 'type', owner: 'owner', fragmentType: 'fragment', text: 'text' } as const;

/** Parameters of the query that links to other pages keep. */
export const FILTERS = [...Object.keys(SERVED), 'ids'];

/** Filters of the compatible API that are not served. To ignore one would list, and perhaps let delete, what nobody asked for (D-17). */
const NOT_SERVED = ['query', 'q', 'onlyRoots', 'childDeviceId', 'childAssetId', 'childAdditionId'] as const;

export interface ReadFilter extends ObjectFilter {
  readonly ids?: readonly string[];
}

export function readObjectFilter(query: Query): Decision<ReadFilter, Problem> {
  const unserved = NOT_SERVED.find((name) => query[name] !== undefined && query[name] !== 'false');
  if (unserved) return refuse(badRequest(`The query parameter ${unserved} is not served here. Filter by type, owner, fragmentType, text or ids.`));
  const given: Record<string, string> = {};
  for (const name of FILTERS) {
    const value = query[name];
    if (value === undefined || value === '') continue;
    if (typeof value !== 'string' || (name !== 'ids' && value.length > LONGEST_VALUE))
      return refuse(badRequest(`The query parameter ${name} must be one text of at most ${LONGEST_VALUE} characters.`));
    given[name] = value;
  }
  const { ids: list, ...texts } = given;
  const ids = list?.split(',').filter((id) => id !== '');
  if (ids && ids.length > MOST_IDS) return refuse(badRequest(`The query parameter ids may name at most ${MOST_IDS} objects, parted by commas.`));
  const filter = Object.fromEntries(Object.entries(texts).map(([name, value]) => [SERVED[name as keyof typeof SERVED], value]));
  return grant({ ...filter, ...(ids && { ids }) });
}
