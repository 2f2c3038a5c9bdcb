import type { TenantId } from '../trust/tenant.ts';

/** Decimal digits, at most 15 of them, so that every language reads it as a number without loss. Made by `parseObjectId` only. */
export type ObjectId = string & { readonly __brand: 'ObjectId' };

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Fragment name → value. */
export type Fragments = Readonly<Record<string, Json>>;

/** What is known of a thing: a device, a group, a part of one (wire-contract §5.4). It belongs to a user, not to the registration of a device. */
export interface ManagedObject {
  readonly tenant: TenantId;
  readonly id: ObjectId;
  /** User name: `device_<id>` of a device, or that of an administrator. */
  readonly owner: string;
  /** Empty where there is none. */
  readonly type: string;
  readonly name: string;
  readonly creationTime: Date;
  readonly lastUpdated: Date;
  readonly fragments: Fragments;
  /** Counts the changes, from 1. */
  readonly revision: number;
}

/** A name of the object in the world outside, such as a serial number. A tenant gives each to one object. */
export interface ExternalId {
  readonly type: string;
  readonly externalId: string;
}

/** How one object stands below another. */
export const CHILD_KINDS = ['childDevices', 'childAssets', 'childAdditions'] as const;
export type ChildKind = (typeof CHILD_KINDS)[number];

/** The external id by which a device finds its object: its serial is its id. */
export const SERIAL = 'c8y_Serial';

/** External ids of types that begin so are Fleetgate's own: nobody else gives or takes them. */
export const OWN_TYPES = 'fleetgate_';

export function parseObjectId(text: string): ObjectId | undefined {
  return /^[1-9]\d{0,14}$/.test(text) ? (text as ObjectId) : undefined;
}

/** An id out of a body, to look for. What cannot be one is not shown again, as an id of a path is: a body may hold anything, keys too (R13). */
export const idOfBody = (text: string): string => parseObjectId(text) ?? `a text of ${text.length} characters`;

const SMALLEST = 100_000_000_000_000;
/** The largest prime below 2⁵³ ÷ 64, so that no round below overflows. */
const FOLD = 140_737_488_355_213;

/** Makes an id of `chance`, a text nobody can guess. Two of them meet once in 10¹⁴; then the store says so, and another is made. */
export function objectIdOf(chance: string): ObjectId {
  let number = 0;
  for (let at = 0; at < chance.length; at += 1) number = (number * 61 + chance.charCodeAt(at)) % FOLD;
  return String(SMALLEST + number) as ObjectId;
}
