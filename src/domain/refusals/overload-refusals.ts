import type { RuleText } from './rule-text.ts';

/** Refusals of more than is allowed at a time: nothing is wrong with who asks, and later it may be granted (D-71). */
export const OVERLOAD_REFUSALS = {
  'registration.over-quota': {
    cites: 'D-71, A04',
    requires: 'not more new devices register themselves in one hour than the CA and the tenant may bring',
    remedy: 'If these devices are yours, raise the tenant option fleetgate/new-devices.per-hour or register them in bulk; if not, disable the CA: its key may be in other hands.',
  },
  'registration.gate-busy': {
    cites: 'D-71, T14',
    requires: 'not too many connects of one address, or of one tenant, wait to be judged',
    remedy: 'Connect again, after a random wait.',
  },
  'tenant.too-many-sessions': {
    cites: 'D-71',
    requires: 'the tenant has not more sessions than the operator allows one tenant (FLEETGATE_SESSIONS_PER_TENANT)',
    remedy: 'Close sessions that are not needed, or ask the operator of the instance for more.',
  },
  'tenant.too-many-connects': {
    cites: 'D-71, T14',
    requires: 'the devices of the tenant do not connect more often than the operator allows one tenant (FLEETGATE_CONNECTS_PER_TENANT)',
    remedy: 'Connect again after a random wait, and let devices keep their connections.',
  },
  'token.too-often': {
    cites: 'D-71, M14',
    requires: 'a device does not ask for tokens more often than FLEETGATE_TOKENS_PER_DEVICE a minute',
    remedy: 'Keep the token until half of its lifetime has passed; ask again later.',
  },
} as const satisfies Record<string, RuleText>;
