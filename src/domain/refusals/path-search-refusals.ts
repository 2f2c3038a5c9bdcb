import type { RuleText } from './rule-text.ts';

/** Refusals of the search for paths. Those of a path that was found are the rows of `certificates/path-rules.ts`. */
export const PATH_SEARCH_REFUSALS = {
  'path.budget-exhausted': {
    cites: 'D-11',
    requires: 'all paths are searched with at most 100 units of signature work',
    remedy: 'Send the leaf and its own intermediates only, and remove trusted certificates that are no longer used.',
  },
  'path.too-many-certificates': {
    cites: 'D-11',
    requires: 'at most 10 certificates stand below the trusted one, the leaf included',
    remedy: 'Upload a CA that is nearer to the device, or issue from one.',
  },
} as const satisfies Record<string, RuleText>;
