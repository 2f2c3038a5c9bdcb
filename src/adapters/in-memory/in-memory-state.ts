import type { Administrator } from '../../domain/access/administrator.ts';
import type { AuditRow } from '../../domain/audit/audit-entry.ts';
import type { Change, ChangeNote } from '../../domain/changes/change.ts';
import type { ExternalId, ObjectId, ManagedObject } from '../../domain/inventory/managed-object.ts';
import type { Succession } from '../../domain/impact/rollover.ts';
import type { Device } from '../../domain/registration/device.ts';
import type { KnownCertificate, ResponderRule } from '../../domain/revocation/responder-answer.ts';
import type { Revocation } from '../../domain/revocation/revocation.ts';
import type { ListRule, StoredList } from '../../domain/revocation/stored-list.ts';
import type { Tenant } from '../../domain/trust/tenant.ts';
import type { TrustAnchor } from '../../domain/trust/trust-anchor.ts';
import { KEPT_CHANGES } from '../../ports/driven/change-feed.ts';
import type { Lease } from '../../ports/driven/leases.ts';
import type { KeptRefusal } from '../../ports/driven/refusal-store.ts';
import type { SeenCertificate } from '../../ports/driven/seen-certificates.ts';
import type { SeenPath } from '../../ports/driven/seen-paths.ts';
import type { PlacedSession } from '../../ports/driven/session-places.ts';

export interface Place {
  readonly holder: string;
  readonly session: PlacedSession;
}

/** What the in-memory stores share, so that a change of one moves the epoch that all are judged by. Gone with the process. */
export interface InMemoryState {
  epoch: number;
  /** The last ones, oldest first. */
  readonly changes: Change[];
  readonly watchers: Set<() => void>;
  /** By name. */
  readonly leases: Map<string, Lease>;
  /** By `keyOf(tenant, device)`. */
  readonly places: Map<string, Place>;
  /** Sessions that their holders have to end. */
  readonly taken: Place[];
  /** By `keyOf(tenant, …)`. */
  readonly anchors: Map<string, TrustAnchor>;
  readonly tenants: Map<string, Tenant>;
  readonly options: Map<string, string>;
  readonly administrators: Map<string, Administrator>;
  /** Per tenant, by id. */
  readonly devices: Map<string, Map<string, Device>>;
  /** By `keyOf(tenant, jti)`: until when each is kept. */
  readonly withdrawnTokens: Map<string, Date>;
  /** By `keyOf(tenant, fingerprint or 'tenant')`: how many registered themselves in that hour. */
  readonly newDevices: Map<string, { readonly hour: number; readonly count: number }>;
  readonly objects: Map<string, Map<string, ManagedObject>>;
  /** By `keyOf(tenant, type, externalId)`. */
  readonly externalIds: Map<string, ExternalIdOf>;
  /** By `keyOf(tenant, parent, kind)`: ids of the children. */
  readonly children: Map<string, Set<ObjectId>>;
  /** By `keyOf(tenant, device)`, newest first. */
  readonly seenCertificates: Map<string, readonly SeenCertificate[]>;
  /** Per tenant, by number. */
  readonly audit: Map<string, AuditRow[]>;
  /** By `keyOf(tenant, device)`. */
  readonly seenPaths: Map<string, SeenPath>;
  /** By `keyOf(tenant, fingerprint)`. */
  readonly successions: Map<string, Succession>;
  /** By `keyOf(tenant, code, mark)`. */
  readonly refusals: Map<string, KeptRefusal>;
  /** By `keyOf(tenant, 'serial' or 'fingerprint', …)`: one that names both is under both. */
  readonly revocations: Map<string, readonly Revocation[]>;
  /** By `keyOf(tenant, id)`. */
  readonly revocationLists: Map<string, { readonly list: StoredList; readonly state: 'filling' | 'current' | 'gone' }>;
  /** By `keyOf(tenant, anchor)`. */
  readonly revocationListRules: Map<string, ListRule>;
  /** By `keyOf(tenant, anchor, fingerprint)`. */
  readonly responderAnswers: Map<string, KnownCertificate>;
  /** By `keyOf(tenant, fingerprint)`: DER. */
  readonly responderIssuers: Map<string, Uint8Array>;
  /** By `keyOf(tenant, anchor)`. */
  readonly responderRules: Map<string, ResponderRule>;
}

export const emptyState = (): InMemoryState => ({
  epoch: 1,
  changes: [],
  watchers: new Set(),
  leases: new Map(),
  places: new Map(),
  taken: [],
  anchors: new Map(),
  tenants: new Map(),
  options: new Map(),
  administrators: new Map(),
  devices: new Map(),
  withdrawnTokens: new Map(),
  newDevices: new Map(),
  objects: new Map(),
  externalIds: new Map(),
  children: new Map(),
  seenCertificates: new Map(),
  audit: new Map(),
  seenPaths: new Map(),
  successions: new Map(),
  refusals: new Map(),
  revocations: new Map(),
  revocationLists: new Map(),
  revocationListRules: new Map(),
  responderAnswers: new Map(),
  responderIssuers: new Map(),
  responderRules: new Map(),
});

/** What `changed` of the database is: the epoch moves, and the feed says why. */
export function changed(state: InMemoryState, note: ChangeNote): void {
  state.epoch += 1;
  state.changes.push({ ...note, seq: state.epoch });
  if (state.changes.length > KEPT_CHANGES) state.changes.shift();
  for (const look of state.watchers) look();
}

/** One text for several, with no two lists alike: `["a","b"]`. */
export const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts);

/** In the order of UTF-16 code units, as `<` compares. */
export const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whose external id it is. */
export interface ExternalIdOf extends ExternalId {
  readonly tenant: string;
  readonly object: ObjectId;
}
