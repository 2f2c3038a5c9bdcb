import type { Fingerprint, Thumbprint } from '../certificates/certificate.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { ListFacts } from './list-status.ts';

/** A revocation list that a tenant has, in force or on its way. Its entries are with the `RevocationStore`, under the source `crl:<id>`. */
export interface StoredList extends ListFacts {
  readonly tenant: TenantId;
  readonly id: string;
  /** The trusted CA to whose paths it belongs. */
  readonly anchor: Fingerprint;
  /** Its issuer's name for people. */
  readonly issuerText: string;
  readonly thumbprint: Thumbprint;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly entries: number;
  /** User name of who uploaded it, or the URL that it was fetched from. */
  readonly from: string;
  readonly addedAt: Date;
}

/** What a tenant asks of one trusted CA's lists. */
export interface ListRule {
  readonly tenant: TenantId;
  readonly anchor: Fingerprint;
  /** Where lists are fetched; nothing is fetched from anywhere else (D-44). */
  readonly urls: readonly string[];
  /** Hours after nextUpdate for which a list counts as if it were new. */
  readonly acceptHours: number;
  /** Hours after nextUpdate from which a list no longer lets anybody in; in between it does, with a warning. */
  readonly refuseHours: number;
  /** Whether a device is let in of whose certificate no list speaks. */
  readonly missing: 'accept' | 'refuse';
}

/** What counts where nothing was said. */
export const USUAL_RULE = { urls: [], acceptHours: 24, refuseHours: 72, missing: 'refuse' } as const satisfies Partial<ListRule>;

export const MOST_LISTS = { perTenant: 100, urlsPerAnchor: 10, hours: 8760 } as const;
