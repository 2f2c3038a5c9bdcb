import type { FastifyInstance } from 'fastify';
import type { AdmissionEpoch } from '../../ports/driven/admission-epoch.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { TokenSigner } from '../../ports/driven/token-signer.ts';
import type { AccessDesk } from '../../ports/driving/access-desk.ts';
import type { RegistrationDesk } from '../../ports/driving/registration-desk.ts';
import type { TenantDesk } from '../../ports/driving/tenant-desk.ts';
import type { TrustDesk } from '../../ports/driving/trust-desk.ts';
import type { Links } from './links.ts';

/** All that routes may ask. Each takes what it needs out of it. */
export interface RouteNeeds {
  readonly access: AccessDesk;
  readonly trust: TrustDesk;
  readonly tenants: TenantDesk;
  readonly registration: RegistrationDesk;
  readonly signer: TokenSigner;
  readonly epoch: AdmissionEpoch;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly links: Links;
  /** Largest bulk file in bytes. */
  readonly bulkMaxBytes: number;
  /** Directory where results of bulk registrations wait until they are sent. */
  readonly spoolDir: string;
}

/** One file of routes. It adds them to `app`; those of `PROTECTED_ROUTES` find a principal in every request. */
export type Routes = (app: FastifyInstance, needs: RouteNeeds) => Promise<void>;
