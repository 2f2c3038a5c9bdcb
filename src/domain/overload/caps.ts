/**
 * What one tenant, one device or one CA may ask of the instance, so that a crowd of one hurts no other (D-71). An operator sets them; `Infinity` is no bound.
 */
export interface Caps {
  /** Live sessions of one tenant in this process. */
  readonly sessionsPerTenant: number;
  /** Connects of one tenant a second, in the long run; ten times as many at once. */
  readonly connectsPerTenant: number;
  /** Connects of one tenant that are judged side by side, once the tenant is known. */
  readonly judgementsPerTenant: number;
  /** Devices of one tenant that register themselves in an hour of the clock. What each CA may bring is the tenant's own option. */
  readonly newDevicesPerTenant: number;
  /** Token requests of one device a minute. */
  readonly tokensPerDevice: number;
}

export const NO_CAPS: Caps = {
  sessionsPerTenant: Infinity,
  connectsPerTenant: Infinity,
  judgementsPerTenant: Infinity,
  newDevicesPerTenant: Infinity,
  tokensPerDevice: Infinity,
};
