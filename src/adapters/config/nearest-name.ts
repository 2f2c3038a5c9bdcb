/** The one of `names` that takes the fewest single-character changes to become `wrong`; undefined when none comes near. */
export function nearestName(wrong: string, names: readonly string[]): string | undefined {
  const most = Math.max(2, Math.floor(wrong.length / 4));
  const [best] = names
    .map((name) => ({ name, changes: changesBetween(wrong, name) }))
    .filter(({ changes }) => changes <= most)
    .sort((a, b) => a.changes - b.changes);
  return best?.name;
}

/** Levenshtein's distance, one row of the table at a time. */
function changesBetween(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1] ? 0 : 1;
      current.push(Math.min(above[column - 1]! + same, above[column]! + 1, current[column - 1]! + 1));
    }
    above = current;
  }
  return above[to.length]!;
}
