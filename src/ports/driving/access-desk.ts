import type { Principal } from '../../domain/access/administrator.ts';
import type { Thumbprint } from '../../domain/certificates/certificate.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import { token } from '../token.ts';

/**
 * Finds out who speaks at the HTTP API. All ways of being wrong look the same to the caller, in words and in time. After several wrong
 * passwords it refuses for a while (`access.too-many-attempts`, whose evidence says for how many seconds), without looking at any (D-31).
 */
export interface AccessDesk {
  /** `login` is `tenant/user` or `user`; then the tenant is the one whose domain is the host. */
  byPassword(login: string, password: string, knock: Knock): Promise<Decision<Principal, Refusal>>;
  /** A device's JWT, and the client certificate that came with it. The host plays no part. */
  byToken(jwt: string, shown?: Thumbprint): Promise<Decision<Principal, Refusal>>;
}

/** How somebody came to the door. */
export interface Knock {
  /** The host name that was asked for, without port. */
  readonly host: string;
  /** The address of the peer. */
  readonly from: string;
}

export const AccessDesk = token<AccessDesk>('AccessDesk');
