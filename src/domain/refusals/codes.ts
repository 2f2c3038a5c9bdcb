import type { PathRuleCode } from '../certificates/path-rules.ts';
import type { ACCESS_REFUSALS } from './access-refusals.ts';
import type { ANCHOR_REFUSALS } from './anchor-refusals.ts';
import type { CHANGE_REFUSALS } from './change-refusals.ts';
import type { CHAIN_REFUSALS } from './chain-refusals.ts';
import type { IDENTITY_REFUSALS } from './identity-refusals.ts';
import type { PATH_SEARCH_REFUSALS } from './path-search-refusals.ts';
import type { INVENTORY_REFUSALS } from './inventory-refusals.ts';
import type { LIST_REFUSALS } from './list-refusals.ts';
import type { OVERLOAD_REFUSALS } from './overload-refusals.ts';
import type { REGISTRATION_REFUSALS } from './registration-refusals.ts';
import type { REVOCATION_REFUSALS } from './revocation-refusals.ts';
import type { TENANT_REFUSALS } from './tenant-refusals.ts';
import type { TOKEN_REFUSALS } from './token-refusals.ts';

/** The codes by area, for functions that say for which reasons they can refuse. */
export type ChainRefusalCode = keyof typeof CHAIN_REFUSALS;
export type PathRefusalCode = PathRuleCode | keyof typeof PATH_SEARCH_REFUSALS;
export type TenantRefusalCode = keyof typeof TENANT_REFUSALS;
export type IdentityRefusalCode = keyof typeof IDENTITY_REFUSALS;
export type RegistrationRefusalCode = keyof typeof REGISTRATION_REFUSALS;
export type TokenRefusalCode = keyof typeof TOKEN_REFUSALS;
export type AnchorRefusalCode = keyof typeof ANCHOR_REFUSALS;
export type AccessRefusalCode = keyof typeof ACCESS_REFUSALS;
export type InventoryRefusalCode = keyof typeof INVENTORY_REFUSALS;
export type ChangeRefusalCode = keyof typeof CHANGE_REFUSALS;
export type RevocationRefusalCode = keyof typeof REVOCATION_REFUSALS;
export type ListRefusalCode = keyof typeof LIST_REFUSALS;
export type OverloadRefusalCode = keyof typeof OVERLOAD_REFUSALS;
