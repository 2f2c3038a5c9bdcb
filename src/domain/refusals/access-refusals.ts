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
  'access.path-unknown': {
    cites: 'D-28',
    requires: 'the proxy says once, by X-Original-URI, X-Forwarded-Uri or the path behind /auth/forward, which URI was asked for',
    remedy: 'Set one of them in the configuration of the proxy, and none from the client.',
  },
  'access.path-malformed': {
    cites: 'D-28, R06',
    requires: 'the path has one reading: no //, ., .., ;, \\, no encoding of what needs none or of / \\ % ; and control characters',
    remedy: 'Send the path in its plain form.',
  },
  'access.path-not-permitted': {
    cites: 'D-28, T08',
    requires: 'the path fits a template of FLEETGATE_FORWARD_PATHS with the device’s own tenant and id',
    remedy: 'Use a path of this very device.',
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
