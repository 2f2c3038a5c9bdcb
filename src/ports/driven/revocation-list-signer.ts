import type { RevocationReason } from '../../domain/revocation/revocation.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/**
 * Signs revocation lists, with a key of its own for each tenant.
 *
 * - A list is a CRL of version 2 in DER (RFC 5280 §5): with authority key identifier and number; an entry has a reason unless it is
 *   unspecified, and no extensions otherwise.
 * - The key of a tenant is made when it is first asked for, and stays the same, over restarts too where the adapter keeps keys at all. It
 *   signs nothing but lists: its certificate says cRLSign.
 * - A rejected promise means that keys cannot be read or written, and tells which.
 */
export interface RevocationListSigner {
  sign(tenant: TenantId, list: ListToSign): Promise<Uint8Array>;
  /** DER. */
  certificateOf(tenant: TenantId): Promise<Uint8Array>;
}

export interface ListToSign {
  /** Grows from list to list (RFC 5280 §5.2.3). */
  readonly number: number;
  /** Whole seconds count. */
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** Each serial number once. */
  readonly entries: readonly ListToSignEntry[];
}

export interface ListToSignEntry {
  readonly serialNumber: string;
  readonly since: Date;
  readonly reason: RevocationReason;
}

export const RevocationListSigner = token<RevocationListSigner>('RevocationListSigner');
