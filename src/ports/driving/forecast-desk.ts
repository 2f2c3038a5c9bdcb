import type { Forecast } from '../../domain/impact/forecast.ts';
import type { TenantId } from '../../domain/trust/tenant.ts';
import { token } from '../token.ts';

/** Knows what ends when (D-51). */
export interface ForecastDesk {
  /** Looks at every device of the tenant, page by page. */
  of(tenant: TenantId): Promise<Forecast>;
  /**
   * Warns of CA certificates and the server's certificate that have 30, 7 or 1 days left: one line for each tenant, and of each
   * certificate once at each threshold. To be called once a day. Never rejects.
   */
  warn(): Promise<void>;
}

export const ForecastDesk = token<ForecastDesk>('ForecastDesk');
