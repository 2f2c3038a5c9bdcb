import type { Forecast } from '../../domain/impact/forecast.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/** Knows what ends when (D-51). */
export interface ForecastDesk {
  /** Looks at every device of the tenant, page by page. */
  of(tenant: TenantId): Promise<Forecast>;
  /**
   * Warns of CA certificates, intermediates by which devices came last and the server's certificate that have 30, 14, 7 or 1 days left, and of
   * revocation lists that are due: one line of the log for each tenant and kind, and one entry of its audit for each certificate and list,
   * once at each threshold. Counts the fleet for the figures. To be called once a day. Never rejects.
   */
  warn(): Promise<void>;
}

export const ForecastDesk = token<ForecastDesk>('ForecastDesk');
