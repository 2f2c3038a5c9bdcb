/** What one line asks for. `id` is its template, the first cell. */
export type SmartrestRequest =
  | { readonly asks: 'introduce'; readonly id: string; readonly name: string; readonly type: string }
  | { readonly asks: 'children'; readonly id: string }
  | { readonly asks: 'object-id'; readonly id: string }
  | { readonly asks: 'fragments'; readonly id: string; readonly fragments: Readonly<Record<string, unknown>> }
  /** Known, and not worked on here: the message sink has it. */
  | { readonly asks: 'nothing'; readonly id: string }
  | { readonly asks: 'unfit'; readonly id: string; readonly expected: string }
  | { readonly asks: 'unknown'; readonly id: string };

type Cells = readonly string[];

/** Static templates are numbered from 100; what devices send ends before 600. Which of them exist is the platform's to say, so all count as known (D-38). */
const STATIC = /^[1-5]\d\d$/;
/** An id that is given back is no longer than this, in characters. */
const LONGEST_ID = 20;

/** Templates whose fragment is plain to set: the name of the fragment, and its value from the cells behind the id. */
const FRAGMENTS: Readonly<Record<string, readonly [fragment: string, value: (cells: Cells) => unknown]>> = {
  '110': ['c8y_Hardware', named('serialNumber', 'model', 'revision')],
  '113': ['c8y_Configuration', ([config = '']) => ({ config })],
  '114': ['c8y_SupportedOperations', listed],
  '115': ['c8y_Firmware', named('name', 'version', 'url')],
  '116': ['c8y_SoftwareList', (cells) => threes(cells).map(named('name', 'version', 'url'))],
  '117': ['c8y_RequiredAvailability', ([minutes = '']) => ({ responseInterval: Number(minutes) })],
  '118': ['c8y_SupportedLogs', listed],
  '119': ['c8y_SupportedConfigurations', listed],
  '122': ['c8y_Agent', named('name', 'version', 'url', 'maintainer')],
  '143': ['c8y_SupportedSoftwareTypes', listed],
};

const MINUTES = /^-?\d{1,9}$/;

/** Reads what a line of `s/us` asks for (wire-contract §5.4). `isAboutChild`: it came on `s/us/<child>`, whose object is not kept (D-38). */
export function readRequest([template = '', ...cells]: Cells, isAboutChild = false): SmartrestRequest {
  const id = shownId(template);
  if (!STATIC.test(template)) return { asks: 'unknown', id };
  if (isAboutChild) return { asks: 'nothing', id };
  if (template === '100') return { asks: 'introduce', id, name: cells[0] ?? '', type: cells[1] ?? '' };
  if (template === '105') return { asks: 'children', id };
  if (template === '123') return { asks: 'object-id', id };
  if (template === '117' && !MINUTES.test(cells[0] ?? '')) return { asks: 'unfit', id, expected: '117,<minutes as a whole number>' };
  const row = Object.hasOwn(FRAGMENTS, template) ? FRAGMENTS[template] : undefined;
  return row ? { asks: 'fragments', id, fragments: { [row[0]]: row[1](cells) } } : { asks: 'nothing', id };
}

/** What is too long to be the id of a template is not given back. */
export const shownId = (template = ''): string => (template.length <= LONGEST_ID && !/\p{Cc}/u.test(template) ? template : '');

/** Cells by these names; empty ones are left out. */
function named(...names: readonly string[]): (cells: Cells) => Record<string, string> {
  return (cells) => Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ''] as const).filter(([, cell]) => cell !== ''));
}

function listed(cells: Cells): readonly string[] {
  return cells.filter((cell) => cell !== '');
}

/** Three cells an item; an item without a name is none. */
function threes(cells: Cells): readonly Cells[] {
  return Array.from({ length: Math.ceil(cells.length / 3) }, (_, i) => cells.slice(3 * i, 3 * i + 3)).filter(([name]) => name !== '');
}
