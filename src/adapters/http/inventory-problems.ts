import type { InventoryRefusalCode } from '../../domain/refusals/codes.ts';
import type { ProblemRow } from './problem.ts';

const object = { status: 422, error: 'inventory/Unprocessable Entity' } as const;
const identity = { status: 422, error: 'identity/Unprocessable Entity' } as const;

/**
 * Refusals of managed objects. The two texts of 404 are those of the compatible API, as its users quote them; the others are inferred,
 * and ours. An object of somebody else and none at all are told in the same words (T09).
 */
export const INVENTORY_PROBLEMS: Readonly<Record<InventoryRefusalCode, ProblemRow>> = {
  'inventory.unknown-object': {
    status: 404,
    error: 'inventory/Not Found',
    message: ({ id = '' }) => `Finding device data from database failed : No managedObject for id '${id}'!`,
  },
  'inventory.unknown-external-id': {
    status: 404,
    error: 'identity/Not Found',
    message: ({ type = '', externalId = '' }) => `External id not found; external id = ID [type=${type}, value=${externalId}]`,
  },
  'inventory.external-id-taken': { status: 409, error: 'identity/Duplicate' },
  'inventory.unusable-external-id': identity,
  'inventory.unusable-text': object,
  'inventory.unusable-fragment': object,
  'inventory.object-too-large': object,
  'inventory.too-many-objects': object,
  'inventory.in-motion': { status: 409, error: 'inventory/Conflict' },
  'inventory.own-child': object,
  'inventory.unusable-report': { status: 422, error: 'general/Unprocessable Entity' },
  'inventory.no-room-for-report': { status: 503, error: 'general/Service Unavailable', headers: { 'retry-after': '10' } },
};
