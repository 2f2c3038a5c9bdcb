import type { DeviceId } from '../identity/device-identity.ts';
import { DEVICE_FRAGMENTS } from '../inventory/device-object.ts';
import { SERIAL, type ExternalId, type Fragments, type Json } from '../inventory/managed-object.ts';
import { isMemberName, isObjectText, judgeExternalId, judgeFragments, OBJECT_LIMITS } from '../inventory/object-rules.ts';
import type { Refusal } from '../refusal.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';

/** The managed object that a row of a bulk file asks for (wire-contract §4.1). */
export interface BulkObject {
  readonly name: string;
  readonly type: string;
  /** The first is the one by which the object is found again. */
  readonly externalIds: readonly [ExternalId, ...ExternalId[]];
  /** Names of groups, each below the one before; empty for none. */
  readonly path: readonly string[];
  readonly fragments: Fragments;
  /** Operations that the device shall be able to do, besides those that it names itself. */
  readonly operations: readonly string[];
}

type Cells = Readonly<Record<string, string>>;

/** Groups inside of each other, and characters of all their names. */
const DEEPEST_PATH = 10;
const LONGEST_PATH = 1024;

const EXTERNAL = 'external-';
const AGENT = 'com_cumulocity_model_Agent';
const IS_AGENT = `${AGENT}.active`;
const SHELL_OPERATION = 'c8y_Command';
/** Columns that are no properties. */
const KNOWN: ReadonlySet<string> = new Set(['ID', 'CREDENTIALS', 'AUTH_TYPE', 'TENANT', 'TYPE', 'NAME', 'IDTYPE', 'ICCID', 'PATH', 'SHELL', 'ENROLLMENT_OTP', IS_AGENT]);

/** Decides what object a row asks for: none, unless TYPE and NAME are both filled. `cells` are those that are not blank. */
export function bulkObject(id: DeviceId, cells: Cells): Decision<BulkObject | undefined, Refusal> {
  const { NAME: name, TYPE: type, PATH: pathText = '' } = cells;
  if (name === undefined || type === undefined) return grant(undefined);
  for (const [column, text] of Object.entries({ NAME: name, TYPE: type })) if (!isObjectText(text)) return wrong(column);
  const externalIds = externalIdsOf(id, cells);
  if (!externalIds.granted) return externalIds;
  const path = pathText === '' ? [] : pathText.split('/');
  if (path.length > DEEPEST_PATH || pathText.length > LONGEST_PATH || !path.every((group) => group.trim() !== '' && isObjectText(group))) return wrong('PATH');
  const { SHELL: shell = '0' } = cells;
  if (shell !== '0' && shell !== '1') return wrong('SHELL');
  const fragments = fragmentsOf(cells);
  if (!fragments.granted) return fragments;
  return grant({ name, type, externalIds: externalIds.value, path, fragments: fragments.value, operations: shell === '1' ? [SHELL_OPERATION] : [] });
}

const wrong = (column: string): Decision<never, Refusal> => refuse({ code: 'bulk.unusable-property', evidence: { column: `'${column.slice(0, 64)}'` } });

function externalIdsOf(id: DeviceId, cells: Cells): Decision<BulkObject['externalIds'], Refusal> {
  const first: ExternalId = { type: cells['IDTYPE'] ?? SERIAL, externalId: id };
  const others = Object.entries(cells)
    .filter(([column]) => column.startsWith(EXTERNAL))
    .map(([column, externalId]): ExternalId => ({ type: column.slice(EXTERNAL.length), externalId }))
    .filter(({ type, externalId }) => type !== first.type || externalId !== first.externalId);
  if (others.length >= OBJECT_LIMITS.externalIds) return refuse({ code: 'inventory.unusable-external-id', evidence: { 'external ids': others.length + 1 } });
  for (const external of [first, ...others]) {
    const judged = judgeExternalId(external);
    if (!judged.granted) return judged;
  }
  return grant([first, ...others]);
}

function fragmentsOf(cells: Cells): Decision<Fragments, Refusal> {
  const tree: Tree = new Map(Object.keys(DEVICE_FRAGMENTS).map((name) => [name, new Map()]));
  const agent = cells[IS_AGENT]?.toLowerCase() ?? 'false';
  if (agent !== 'true' && agent !== 'false') return wrong(IS_AGENT);
  if (agent === 'true') tree.set(AGENT, new Map());
  if (cells['ICCID'] !== undefined) plant(tree, ['c8y_Mobile', 'iccid'], cells['ICCID']);
  for (const [column, cell] of Object.entries(cells)) {
    if (KNOWN.has(column) || column.startsWith(EXTERNAL)) continue;
    const names = column.split('.');
    if (names.length > OBJECT_LIMITS.depth || !names.every(isMemberName) || !plant(tree, names, cell)) return wrong(column);
  }
  if (cells['SHELL'] === '1' && tree.has('c8y_SupportedOperations')) return wrong('c8y_SupportedOperations');
  const fragments = grown(tree);
  const judged = judgeFragments(fragments);
  return judged.granted ? grant(fragments) : judged;
}

type Tree = Map<string, Tree | string>;

/** False where something else stands there, or on the way: `a` beside `a.b`. */
function plant(tree: Tree, [name = '', ...below]: readonly string[], value: string): boolean {
  const there = tree.get(name);
  if (below.length === 0) return there === undefined && tree.set(name, value) === tree;
  if (typeof there === 'string') return false;
  const branch: Tree = there ?? new Map();
  tree.set(name, branch);
  return plant(branch, below, value);
}

const grown = (tree: Tree): { readonly [name: string]: Json } =>
  Object.fromEntries([...tree].map(([name, value]) => [name, typeof value === 'string' ? value : grown(value)]));
