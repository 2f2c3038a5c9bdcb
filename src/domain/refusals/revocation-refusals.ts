import type { RuleText } from './rule-text.ts';

/** Refusals of certificates that were revoked, and of what an operator says about revocation. */
export const REVOCATION_REFUSALS = {
  'revocation.revoked': {
    cites: 'RFC 5280 §5, §6.3, D-40',
    requires: 'no certificate below the trusted one is revoked',
    remedy: 'Give the device a new certificate; where it was a CA that was revoked, of another CA. A revocation is for good.',
  },
  'revocation.on-hold': {
    cites: 'RFC 5280 §5.3.1, §6.3, D-40',
    requires: 'no certificate below the trusted one is on hold',
    remedy: 'Ask an operator of the tenant, who can release the certificate.',
  },
} as const satisfies Record<string, RuleText>;
