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
  'access.too-many-attempts': {
    cites: 'D-31',
    requires: 'few wrong passwords in a row come for one user, or from one address',
    remedy: 'Wait as long as Retry-After says, and check the password meanwhile.',
  },
  'access.unknown-user': {
    cites: 'D-30',
    requires: 'the tenant has a user of this name',
    remedy: 'List the users and check the name.',
  },
  'access.user-exists': {
    cites: 'D-30',
    requires: 'no other user of the tenant has this name',
    remedy: 'Choose another user name, or change the user that is there.',
  },
  'access.unknown-role': {
    cites: 'wire-contract §1.1',
    requires: 'a role is one that Fleetgate knows',
    remedy: 'Give roles from the list in the evidence.',
  },
  'access.unusable-text': {
    cites: 'D-30',
    requires: 'names and mail addresses of people have at most 254 characters on one line',
    remedy: 'Shorten the text, or leave it out.',
  },
  'access.last-administrator': {
    cites: 'D-30',
    requires: 'a tenant keeps one enabled user with ROLE_TENANT_ADMIN',
    remedy: 'Give another user of the tenant ROLE_TENANT_ADMIN first.',
  },
  'access.wrong-present-password': {
    cites: 'D-30',
    requires: 'whoever changes the own password knows the present one',
    remedy: 'Send PUT /user/currentUser/password with currentUserPassword and newPassword.',
  },
  'access.device-user': {
    cites: 'D-8',
    requires: 'the user of a device is changed by way of the device',
    remedy: 'Register the device in bulk; remove it at /fleetgate/devices/{id}. It has no password.',
  },
  'access.changed-meanwhile': {
    cites: 'RFC 9110 §13.1.1',
    requires: 'what is changed still is as it was when the ETag in If-Match was read',
    remedy: 'Read it again, decide anew, and send the new ETag.',
  },
} as const satisfies Record<string, RuleText>;
