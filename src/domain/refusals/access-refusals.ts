import type { RuleText } from './rule-text.ts';

/** Refusals of people and programs at the HTTP API. */
export const ACCESS_REFUSALS = {
  'access.bad-credentials': {
    cites: 'RFC 7617',
    requires: 'the user name and the password fit',
    remedy: 'Check tenant, user name and password: tenant/user:password.',
  },
  'access.not-allowed': {
    cites: 'wire-contract §1.1',
    requires: 'the user has the role for this and belongs to the tenant concerned',
    remedy: 'Ask an administrator of the tenant.',
  },
  'access.unusable-name': {
    cites: 'D-8',
    requires: 'an administrator’s name has 1–128 characters without white space, invisible characters, / and :, and does not start with device_',
    remedy: 'Choose another user name.',
  },
  'access.unusable-password': {
    cites: 'D-8',
    requires: 'a password has 8–1024 characters and no control characters',
    remedy: 'Choose another password.',
  },
} as const satisfies Record<string, RuleText>;
