import type { Refusal } from '../../domain/refusal.ts';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { Device } from '../../domain/registration/device.ts';
import type { Decision } from '../../domain/shared/decision.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/** Where a tenant's operators register devices by bulk, look at them and remove them. */
export interface RegistrationDesk {
  /**
   * Registers the rows as they come, in batches, in bounded memory. Yields one answer per row, in order, only after the row is durable.
   * A row that is refused spoils no other. `rows` is read no faster than answers are taken. Stopping early leaves whole rows only.
   */
  register(tenant: TenantId, rows: AsyncIterable<BulkRow>, by: string): AsyncIterable<BulkAnswer>;
  find(tenant: TenantId, id: string): Promise<Decision<Device, Refusal>>;
  /** Keyset paging: those after `after`, at most `limit`. */
  list(tenant: TenantId, after: string | undefined, limit: number): Promise<readonly Device[]>;
  /**
   * Keeps the device out until `unblock`: ends its session, kills its tokens here, refuses its connections, each with this reason (D-29). A
   * device that is blocked already gets the new reason.
   */
  block(tenant: TenantId, id: string, reason: string, by: string): Promise<Decision<Device, Refusal>>;
  /** Lets the device in again. One that is not blocked stays as it is. */
  unblock(tenant: TenantId, id: string, by: string): Promise<Decision<Device, Refusal>>;
  /** Ends the device's session, kills its tokens here, and forgets it. It may register anew if its CA lets it (A05); so a blocked one stays. */
  remove(tenant: TenantId, id: string, by: string): Promise<Decision<undefined, Refusal>>;
}

/** One line of a bulk file: cells by the column name of the header, or why the line could not be read. */
export type BulkRow =
  | { readonly line: number; readonly cells: Readonly<Record<string, string>> }
  | { readonly line: number; readonly unreadable: Refusal };

export type BulkAnswer = {
  /** Line in the file, the header being 1. */
  readonly line: number;
  /** As in the file, bounded to 254 characters; empty when there is none. */
  readonly id: string;
} & ({ readonly result: 'registered' | 'updated'; readonly device: DeviceId } | { readonly result: 'failed'; readonly refusal: Refusal });

export const RegistrationDesk = token<RegistrationDesk>('RegistrationDesk');
