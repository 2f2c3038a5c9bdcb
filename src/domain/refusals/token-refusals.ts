import type { RuleText } from './rule-text.ts';

const ASK_AGAIN = 'Ask for a new token on s/uat.';

/** Refusals to issue a token, and refusals of a token that was shown. */
export const TOKEN_REFUSALS = {
  'token.switched-off': {
    cites: 'REQ-9',
    requires: 'the tenant lets its devices have tokens',
    remedy: 'Set the tenant option oauth.internal/device-token.enabled to true.',
  },
  'token.trust-withdrawn': {
    cites: 'D-14',
    requires: 'a CA by which the device was admitted is still enabled, valid and trusted',
    remedy: 'Enable the CA, or connect with a certificate of another one.',
  },
  'token.device-removed': {
    cites: 'D-14',
    requires: 'the device is still registered',
    remedy: 'Register the device again.',
  },
  'token.device-blocked': {
    cites: 'D-29',
    requires: 'no operator keeps the device out',
    remedy: 'Ask an operator of the tenant, who can unblock the device.',
  },
  'token.certificate-revoked': {
    cites: 'D-41, RFC 5280 §5',
    requires: 'no certificate by which the device was admitted is revoked or on hold',
    remedy: 'Give the device a new certificate; or, where it is on hold, have an operator of the tenant release it.',
  },
  'token.withdrawn': {
    cites: 'D-26',
    requires: 'nobody has withdrawn the token',
    remedy: ASK_AGAIN,
  },
  'token.absent': {
    cites: 'RFC 6750 §2.1',
    requires: 'the request carries Authorization: Bearer with the token of a device',
    remedy: 'Send the token that s/uat or deviceAccessToken gave.',
  },
  'token.tenant-suspended': {
    cites: 'D-14, T13',
    requires: 'the tenant is active',
    remedy: 'Ask the operator of the instance to activate the tenant.',
  },
  'token.certificate-expired': {
    cites: 'D-12',
    requires: 'the device certificate is still valid, for a token never outlives it',
    remedy: 'Renew the device certificate and connect with it.',
  },
  'token.malformed': {
    cites: 'RFC 7515 §7.1, RFC 7519 §7.2',
    requires: 'the token is one compact JWS in canonical base64url with the claims of a device token',
    remedy: ASK_AGAIN,
  },
  'token.algorithm': {
    cites: 'RFC 8725 §3.1',
    requires: 'the token is signed by the algorithm of the key that its kid names',
    remedy: ASK_AGAIN,
  },
  'token.unknown-key': {
    cites: 'RFC 7515 §4.1.4',
    requires: 'the kid names a key of this instance that is still in use',
    remedy: ASK_AGAIN,
  },
  'token.signature': {
    cites: 'RFC 7515 §5.2',
    requires: 'the signature is that of this instance over exactly these bytes',
    remedy: ASK_AGAIN,
  },
  'token.expired': {
    cites: 'RFC 7519 §4.1.4',
    requires: 'the time is before exp',
    remedy: ASK_AGAIN,
  },
  'token.not-yet-valid': {
    cites: 'RFC 7519 §4.1.5',
    requires: 'the time is not more than ten seconds before nbf',
    remedy: 'Check the clocks of the machines that issue and check tokens.',
  },
  'token.wrong-issuer': {
    cites: 'D-12, RFC 7519 §4.1.1',
    requires: 'iss and aud are the domain of the tenant that the token names',
    remedy: ASK_AGAIN,
  },
  'token.other-certificate': {
    cites: 'RFC 8705 §3',
    requires: 'a token that comes with a client certificate was issued for that certificate',
    remedy: 'Show the certificate by which the token was fetched, or fetch a token for the one that is shown.',
  },
} as const satisfies Record<string, RuleText>;
