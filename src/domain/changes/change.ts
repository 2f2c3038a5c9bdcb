import type { TenantId } from '../trust/tenant.ts';

/** What a change was about. */
export type ChangeKind = 'anchor' | 'device' | 'tenant' | 'option' | 'revocation' | 'list' | 'keys';

/** Something that can end sessions or drop what is remembered, as every process hears of it. It says where to look, not what to find. */
export interface ChangeNote {
  readonly tenant: TenantId;
  readonly kind: ChangeKind;
  /** Fingerprint of the anchor, id of the device, `category/key` of the option, the one name that was revoked (`revocationNote`); empty: any. */
  readonly subject: string;
}

/** A note with its place in the order of all. */
export interface Change extends ChangeNote {
  readonly seq: number;
}
