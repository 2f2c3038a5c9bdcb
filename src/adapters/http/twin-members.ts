/**
 * Whether an object in `json` has two members of one name. RFC 8259 §4 leaves open which of them counts, so that two readers of one body can
 * see two different wishes. `json` is text that `JSON.parse` takes; one pass over it, memory for the names of the objects that are open.
 */
export function holdsTwins(json: string): boolean {
  const open: Set<string>[] = [];
  let last = '';
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') {
      const end = endOfString(json, at);
      last = json.slice(at, end + 1);
      at = end;
    } else if (character === '{') open.push(new Set());
    else if (character === '}') open.pop();
    else if (character === ':' && isTwin(open.at(-1)!, last)) return true;
  }
  return false;
}

/** Index of the closing quote: the first one behind an even number of backslashes. */
function endOfString(json: string, start: number): number {
  for (let at = start + 1; ; at++) {
    if (json[at] === '\\') at += 1;
    else if (json[at] === '"') return at;
  }
}

/** Enters the name of a member, as it stands in the text. `"a"` and `"\u0061"` are one name. */
function isTwin(names: Set<string>, quoted: string): boolean {
  const name = quoted.includes('\\') ? JSON.stringify(JSON.parse(quoted)) : quoted;
  const before = names.size;
  return names.add(name).size === before;
}
