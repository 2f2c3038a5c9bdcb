import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';
import type { Explanation } from './explain-desk.ts';

/**
 * Explains what the running gate would say to a chain, by what is trusted and registered now (D-47).
 *
 * - The verdict is the gate's own: what a device with this chain would hear, but for what another tenant's CAs, options and devices add to it, which
 *   show as `tenant.ambiguous` at most where `within` is given. The checks are the gate's rules, all of them.
 * - Nobody is registered, nothing is audited or kept. A rejected promise means that Fleetgate is out of order.
 */
export interface LiveExplainDesk {
  explain(question: LiveExplainQuestion): Promise<LiveExplanation>;
}

export interface LiveExplainQuestion {
  /** DER, as a device would send it: its own certificate first. */
  readonly chain: readonly Uint8Array[];
  /** As if it were that time; now where it is absent. What is trusted and registered is as it is now all the same. */
  readonly at?: Date;
  /** As the device would send it. Empty or absent: it takes its id from the certificate. */
  readonly clientId?: string;
  readonly userName?: string;
  readonly serverName?: string;
  /** Whose trust is asked, and may be told of; of all tenants where it is absent. */
  readonly within?: TenantId;
}

export interface LiveExplanation extends Explanation {
  readonly at: Date;
  /** Whose device it would be, where it would be admitted. */
  readonly tenant?: TenantId;
  /** The trusted certificates at the end of the path, each with the name that its uploader gave it. */
  readonly anchors: readonly { readonly tenant: TenantId; readonly fingerprint: Fingerprint; readonly name: string; readonly status: 'enabled' | 'disabled' }[];
  /** In the order of importance; empty where the device would be admitted. */
  readonly whatToDo: readonly string[];
}

export const LiveExplainDesk = token<LiveExplainDesk>('LiveExplainDesk');
