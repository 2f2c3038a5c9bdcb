import type { Fragments } from './managed-object.ts';

/** Replaces each fragment of `wish` as a whole; null takes it away, and what is not mentioned stays. */
export function mergeFragments(before: Fragments, wish: Fragments): Fragments {
  const merged = new Map(Object.entries(before));
  for (const [name, value] of Object.entries(wish)) {
    if (value === null) merged.delete(name);
    else merged.set(name, value);
  }
  // Members of its own, whatever their names.
  return Object.fromEntries(merged);
}
