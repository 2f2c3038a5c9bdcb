import type { Principal } from '../../domain/access/administrator.ts';
import type { Thumbprint } from '../../domain/certificates/certificate.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import { token } from '../token.ts';

/** Finds out who speaks at the HTTP API. All ways of being wrong look the same to the caller, in words and in time. */
export interface AccessDesk {
  /** `login` is `tenant/user` or `user`; then the tenant is the one whose domain is `host` (a host name without port). */
  byPassword(login: string, password: string, host: string): Promise<Decision<Principal, Refusal>>;
  /** A device's JWT, and the client certificate that came with it. The host plays no part. */
  byToken(jwt: string, shown?: Thumbprint): Promise<Decision<Principal, Refusal>>;
}

export const AccessDesk = token<AccessDesk>('AccessDesk');
