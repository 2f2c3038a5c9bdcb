import { parseDeviceId } from '../identity/device-id-rules.ts';
import type { DeviceId } from '../identity/device-identity.ts';
import type { Refusal } from '../refusal.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import { bulkObject, type BulkObject } from './bulk-object.ts';
import { parseTenantId, type TenantId } from '../trust/tenant.ts';

/** What a row of a bulk file asks for, after it held every rule that needs nothing but the row. */
export interface BulkWish {
  /** As the cell TENANT names it; undefined when the cell is absent or empty. */
  readonly tenant?: TenantId;
  readonly id: DeviceId;
  /** Column name → cell, blank cells left out, without the columns that decide the registration. */
  readonly details: Readonly<Record<string, string>>;
  /** Where TYPE and NAME are filled. */
  readonly object?: BulkObject;
}

/** Characters (UTF-16 units): what the domain keeps of a row, whoever read it. The same figures in bytes bound a row on the wire. */
export const LONGEST_CELL = 16 * 1024;
export const LONGEST_ROW = 64 * 1024;

/**
 * Columns that are not kept. CREDENTIALS is empty anyway; ENROLLMENT_OTP is a secret of the enrolment service, which a list of devices
 * must not show.
 */
const NOT_KEPT: ReadonlySet<string> = new Set(['ID', 'AUTH_TYPE', 'CREDENTIALS', 'TENANT', 'ENROLLMENT_OTP']);

/** Decides what one row asks for (REQ-7, wire-contract §4.1). A row is never repaired (D-17): blanks around a value count. */
export function bulkRow(cells: Readonly<Record<string, string>>): Decision<BulkWish, Refusal> {
  const { ID: idText = '', AUTH_TYPE: authType = '', CREDENTIALS: credentials = '', TENANT: tenantText = '' } = cells;
  const tooLarge = largestOf(cells);
  if (tooLarge) return refuse(tooLarge);
  if (idText === '') return refuse({ code: 'bulk.id-missing' });
  const id = parseDeviceId(idText);
  if (!id.granted) return id;
  if (authType !== 'CERTIFICATES') return refuse({ code: 'bulk.auth-type', evidence: { AUTH_TYPE: shown(authType) } });
  // What was in the cell is nobody's business: it may be a password.
  if (credentials !== '') return refuse({ code: 'bulk.credentials-given', evidence: { characters: credentials.length } });
  const tenant = tenantText === '' ? undefined : parseTenantId(tenantText);
  if (tenantText !== '' && !tenant) return refuse({ code: 'bulk.tenant', evidence: { TENANT: shown(tenantText) } });
  const details = detailsOf(cells);
  const object = bulkObject(id.value, details);
  if (!object.granted) return object;
  return grant({ ...(tenant && { tenant }), id: id.value, details, ...(object.value && { object: object.value }) });
}

function largestOf(cells: Readonly<Record<string, string>>): Refusal | undefined {
  let characters = 0;
  for (const [column, cell] of Object.entries(cells)) {
    characters += cell.length;
    if (cell.length > LONGEST_CELL) {
      return { code: 'bulk.row-too-large', evidence: { column: shown(column), characters: cell.length } };
    }
  }
  return characters > LONGEST_ROW ? { code: 'bulk.row-too-large', evidence: { characters } } : undefined;
}

// `fromEntries` defines members of its own, so that a column named `__proto__` is a column like others.
const detailsOf = (cells: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(cells).filter(([column, cell]) => cell.trim() !== '' && !NOT_KEPT.has(column)));

/** A value of the file as evidence: quoted, so that blanks show, and bounded. */
const shown = (text: string): string => `'${text.length > 64 ? `${text.slice(0, 64)}…` : text}'`;
