import type { Administrator } from '../../domain/access/administrator.ts';
import type { ExternalId, ObjectId, ManagedObject } from '../../domain/inventory/managed-object.ts';
import type { Device } from '../../domain/registration/device.ts';
import type { Revocation } from '../../domain/revocation/revocation.ts';
import type { ListRule, StoredList } from '../../domain/revocation/stored-list.ts';
import type { Tenant } from '../../domain/trust/tenant.ts';
import type { TrustAnchor } from '../../domain/trust/trust-anchor.ts';
import type { SeenCertificate } from '../../ports/driven/seen-certificates.ts';

/** What the in-memory stores share, so that a change of one moves the epoch that all are judged by. Gone with the process. */
export interface InMemoryState {
  epoch: number;
  /** By `keyOf(tenant, …)`. */
  readonly anchors: Map<string, TrustAnchor>;
  readonly tenants: Map<string, Tenant>;
  readonly options: Map<string, string>;
  readonly administrators: Map<string, Administrator>;
  /** Per tenant, by id. */
  readonly devices: Map<string, Map<string, Device>>;
  /** By `keyOf(tenant, jti)`: until when each is kept. */
  readonly withdrawnTokens: Map<string, Date>;
  readonly objects: Map<string, Map<string, ManagedObject>>;
  /** By `keyOf(tenant, type, externalId)`. */
  readonly externalIds: Map<string, ExternalIdOf>;
  /** By `keyOf(tenant, parent, kind)`: ids of the children. */
  readonly children: Map<string, Set<ObjectId>>;
  /** By `keyOf(tenant, device)`, newest first. */
  readonly seenCertificates: Map<string, readonly SeenCertificate[]>;
  /** By `keyOf(tenant, 'serial' or 'fingerprint', …)`: one that names both is under both. */
  readonly revocations: Map<string, readonly Revocation[]>;
  /** By `keyOf(tenant, id)`. */
  readonly revocationLists: Map<string, { readonly list: StoredList; readonly state: 'filling' | 'current' | 'gone' }>;
  /** By `keyOf(tenant, anchor)`. */
  readonly revocationListRules: Map<string, ListRule>;
}

export const emptyState = (): InMemoryState => ({
  epoch: 1,
  anchors: new Map(),
  tenants: new Map(),
  options: new Map(),
  administrators: new Map(),
  devices: new Map(),
  withdrawnTokens: new Map(),
  objects: new Map(),
  externalIds: new Map(),
  children: new Map(),
  seenCertificates: new Map(),
  revocations: new Map(),
  revocationLists: new Map(),
  revocationListRules: new Map(),
});

/** One text for several, with no two lists alike: `["a","b"]`. */
export const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts);

/** In the order of UTF-16 code units, as `<` compares. */
export const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whose external id it is. */
export interface ExternalIdOf extends ExternalId {
  readonly tenant: string;
  readonly object: ObjectId;
}
