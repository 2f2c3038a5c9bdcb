import type { Refusal } from '../../domain/refusal.ts';
import type { DeviceId } from '../../domain/identity/device-identity.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/** Where a tenant's operators register devices by bulk. */
export interface RegistrationDesk {
  /**
   * Registers the rows as they come, in batches, in bounded memory. Yields one answer per row, in order, only after the row is durable.
   * A row that is refused spoils no other. `rows` is read no faster than answers are taken. Stopping early leaves whole rows only.
   */
  register(tenant: TenantId, rows: AsyncIterable<BulkRow>, by: string): AsyncIterable<BulkAnswer>;
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
