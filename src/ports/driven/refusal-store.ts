import type { Thumbprint } from '../../domain/certificates/certificate.ts';
import type { Refusal, RefusalCode } from '../../domain/refusal.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/**
 * Remembers which connects were refused, each certificate and code once (D-46).
 *
 * - Of one tenant and code at most `MOST_OF_CODE` are kept. When one more comes, the addresses take turns: the last of each address stays
 *   before the second last of any, so that no address, whatever it sends, pushes out another's last one as long as there are fewer
 *   addresses than places. Among those of the same turn the oldest goes.
 * - A resolved write is durable, and every read after it sees it. `keep` takes effect as a whole or not at all.
 * - A rejected promise means the store is out of order.
 */
export interface RefusalStore {
  /** Adds what is new. What is there adds up: `count` grows, `firstSeen` stays, the rest is as it was told last. */
  keep(refusals: readonly KeptRefusal[]): Promise<void>;
  /** The one seen last first; those of one moment by code and mark. */
  list(question: RefusalQuestion): Promise<readonly KeptRefusal[]>;
}

/** How many rows of one code a tenant keeps. With some sixty codes that a gate can answer, the rows of a tenant are bounded too. */
export const MOST_OF_CODE = 200;

export interface KeptRefusal {
  /** Whose it is; the management tenant's where nobody's CA vouches for it. */
  readonly tenant: TenantId;
  readonly refusal: Refusal;
  /** The last one was let in: a check that only reports would have refused it (D-55). */
  readonly wouldBe?: true;
  /** By what two refusals are the same: the leaf's thumbprint, or the address group where no certificate could be read. */
  readonly mark: string;
  /** The certificate that was shown first, where it could be read. The texts are shortened. */
  readonly leaf?: { readonly thumbprint: Thumbprint; readonly serialNumber: string; readonly subject: string; readonly issuer: string };
  /** Certificates that were sent. */
  readonly sent: number;
  /** The device, or the name that it only claims to have; empty where there is none. */
  readonly device: string;
  readonly clientId: string;
  readonly from: string;
  /** The unit that addresses are counted by: `addressGroup(from)`. */
  readonly origin: string;
  readonly count: number;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
}

/** Where a page begins: behind this row. */
export interface RefusalPlace {
  readonly lastSeen: Date;
  readonly code: string;
  readonly mark: string;
}

export interface RefusalQuestion {
  readonly tenant: TenantId;
  readonly code?: RefusalCode;
  readonly device?: string;
  /** Seen at that time or later. */
  readonly since?: Date;
  readonly after?: RefusalPlace;
  readonly limit: number;
}

export const RefusalStore = token<RefusalStore>('RefusalStore');
