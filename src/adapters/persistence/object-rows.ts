import type { Fragments, ManagedObject, ObjectId } from '../../domain/inventory/managed-object.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import type { ManagedObjectTable } from './schema.ts';

export const toRow = (object: ManagedObject): ManagedObjectTable => ({
  tenant: object.tenant,
  id: object.id,
  owner: object.owner,
  type: object.type,
  name: object.name,
  creation_time: object.creationTime.toISOString(),
  last_updated: object.lastUpdated.toISOString(),
  fragments: JSON.stringify(object.fragments),
  revision: object.revision,
});

export const toObject = (row: ManagedObjectTable): ManagedObject => ({
  tenant: row.tenant as TenantId,
  id: row.id as ObjectId,
  owner: row.owner,
  type: row.type,
  name: row.name,
  creationTime: new Date(row.creation_time),
  lastUpdated: new Date(row.last_updated),
  fragments: JSON.parse(row.fragments) as Fragments,
  revision: row.revision,
});
