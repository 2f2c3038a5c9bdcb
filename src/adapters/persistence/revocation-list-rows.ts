import type { Fingerprint, Thumbprint } from '../../domain/certificates/certificate.ts';
import type { NameKey } from '../../domain/certificates/distinguished-name.ts';
import type { ScopeFacts } from '../../domain/revocation/list-scope.ts';
import type { ListRule, StoredList } from '../../domain/revocation/stored-list.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { RevocationListRuleTable, RevocationListTable } from './schema.ts';

export const toListRow = (list: StoredList, state: 'filling' | 'current'): RevocationListTable => ({
  tenant: list.tenant,
  id: list.id,
  anchor: list.anchor,
  issuer_key: list.issuer,
  issuer_text: list.issuerText,
  authority_key: list.authorityKeyIdentifier ?? '',
  scope: JSON.stringify({ only: list.scope.only, reasons: list.scope.reasons, ...(list.scope.points && { points: list.scope.points }) }),
  number: list.number?.toString() ?? '',
  delta_of: list.deltaOf?.toString() ?? '',
  kind: list.deltaOf === undefined ? 'full' : 'delta',
  thumbprint: list.thumbprint,
  this_update: list.thisUpdate.toISOString(),
  next_update: list.nextUpdate.toISOString(),
  taken_from: list.from,
  added_at: list.addedAt.toISOString(),
  state,
  entries: list.entries,
});

export const toList = (row: RevocationListTable): StoredList => ({
  tenant: row.tenant as TenantId,
  id: row.id,
  anchor: row.anchor as Fingerprint,
  issuer: row.issuer_key as NameKey,
  issuerText: row.issuer_text,
  ...(row.authority_key !== '' && { authorityKeyIdentifier: row.authority_key }),
  scope: JSON.parse(row.scope) as ScopeFacts,
  ...(row.number !== '' && { number: BigInt(row.number) }),
  ...(row.delta_of !== '' && { deltaOf: BigInt(row.delta_of) }),
  thumbprint: row.thumbprint as Thumbprint,
  thisUpdate: new Date(row.this_update),
  nextUpdate: new Date(row.next_update),
  entries: row.entries,
  from: row.taken_from,
  addedAt: new Date(row.added_at),
});

export const toRuleRow = ({ tenant, anchor, urls, missing, acceptHours, refuseHours }: ListRule): RevocationListRuleTable => ({
  ...{ tenant, anchor, urls: JSON.stringify(urls), missing, accept_hours: acceptHours, refuse_hours: refuseHours },
});

export const toRule = (row: RevocationListRuleTable): ListRule => ({
  tenant: row.tenant as TenantId,
  anchor: row.anchor as Fingerprint,
  urls: JSON.parse(row.urls) as string[],
  missing: row.missing as ListRule['missing'],
  acceptHours: row.accept_hours,
  refuseHours: row.refuse_hours,
});
