import type { InventoryRefusalCode } from '../refusals/codes.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import { CHILD_KINDS, OWN_TYPES, type ExternalId, type Fragments, type Json } from './managed-object.ts';

/** What one object may hold (D-33). Characters are UTF-16 units. */
export const OBJECT_LIMITS = {
  /** Of all fragments together, written as JSON. */
  characters: 16 * 1024,
  fragments: 100,
  /** Lists and objects inside of each other, the fragment being the first. */
  depth: 8,
  /** Of a fragment and of every member below it. */
  nameCharacters: 128,
  /** Of name, type and owner of an object, and of an external id and its type. */
  textCharacters: 254,
  externalIds: 20,
} as const;

/** Objects that one device may own: itself and its parts. */
export const MOST_OBJECTS_OF_A_DEVICE = 100;

/** Members of an object that are no fragments. Whoever sends them changes nothing by it, but for `name`, `type` and `owner`. */
export const NO_FRAGMENTS: ReadonlySet<string> = new Set([
  ...['id', 'self', 'owner', 'type', 'name', 'creationTime', 'lastUpdated'],
  ...CHILD_KINDS,
  ...['deviceParents', 'assetParents', 'additionParents'],
]);

type Refused = RefusalOf<InventoryRefusalCode>;

/** Control, format and line characters, and half characters: what a log, a list or a URL would garble. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Whether `text` may be the name, type or owner of an object. Empty means none. */
export const isObjectText = (text: string): boolean => text.length <= OBJECT_LIMITS.textCharacters && !UNPRINTABLE.test(text);

/** Decides whether the fragments may be kept, as they will be after a change. */
export function judgeFragments(fragments: Fragments): Decision<undefined, Refused> {
  const names = Object.keys(fragments);
  if (names.length > OBJECT_LIMITS.fragments) return refuse({ code: 'inventory.object-too-large', evidence: { fragments: names.length } });
  for (const name of names) {
    if (NO_FRAGMENTS.has(name)) return refuse({ code: 'inventory.unusable-fragment', evidence: { name, 'is a member of its own': name } });
  }
  return judgeJson(fragments);
}

/** Names, depth and length alone. */
export function judgeJson(value: Json): Decision<undefined, Refused> {
  const wrong = wrongBelow(value, 0);
  if (wrong) return refuse(wrong);
  // Only now: nesting is bounded, so that writing it down cannot overflow.
  const characters = JSON.stringify(value).length;
  return characters > OBJECT_LIMITS.characters ? refuse({ code: 'inventory.object-too-large', evidence: { characters } }) : grant(undefined);
}

function wrongBelow(value: Json, depth: number): Refused | undefined {
  if (typeof value === 'string' && !value.isWellFormed()) return { code: 'inventory.unusable-fragment', evidence: { text: 'half of a character' } };
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > OBJECT_LIMITS.depth) return { code: 'inventory.unusable-fragment', evidence: { depth } };
  for (const [name, member] of Object.entries(value)) {
    const isNamed = !Array.isArray(value);
    if (isNamed && !isMemberName(name)) return { code: 'inventory.unusable-fragment', evidence: { 'characters of a name': name.length } };
    const wrong = wrongBelow(member, depth + 1);
    if (wrong) return wrong;
  }
  return undefined;
}

/** `__proto__` would be a member in JSON and a trap in every program that copies it (R02). */
export const isMemberName = (name: string): boolean =>
  name !== '' && name !== '__proto__' && name.length <= OBJECT_LIMITS.nameCharacters && !UNPRINTABLE.test(name);

/** Decides whether an external id may be given. `fleetgate_…` is nobody's to give. */
export function judgeExternalId({ type, externalId }: ExternalId): Decision<ExternalId, Refused> {
  for (const [what, text] of Object.entries({ type, externalId })) {
    if (text === '' || !isObjectText(text)) return refuse({ code: 'inventory.unusable-external-id', evidence: { member: what, characters: text.length } });
  }
  if (type.startsWith(OWN_TYPES)) return refuse({ code: 'inventory.unusable-external-id', evidence: { type } });
  return grant({ type, externalId });
}
