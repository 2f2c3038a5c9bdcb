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
  'revocation.nothing-named': {
    cites: 'D-42',
    requires: 'one certificate is named: by its serial number, with the fingerprint of its issuer or without; or by its fingerprint; or by itself',
    remedy: 'Give exactly one of serialNumber, fingerprint and certInPemFormat, with one certificate in it; issuer beside serialNumber only.',
  },
  'revocation.malformed-serial-number': {
    cites: 'RFC 5280 §4.1.2.2, wire-contract §1.9',
    requires: 'a serial number is a positive number of at most 20 bytes in hex',
    remedy: 'Copy it from openssl x509 -noout -serial.',
  },
  'revocation.malformed-fingerprint': {
    cites: 'D-42',
    requires: 'a fingerprint is the SHA-1 or SHA-256 of a certificate in hex, 40 or 64 digits',
    remedy: 'Copy it from openssl x509 -noout -fingerprint -sha1.',
  },
  'revocation.unknown-certificate': {
    cites: 'D-42',
    requires: 'a SHA-256 fingerprint is that of a certificate with which a device was seen',
    remedy: 'Give the SHA-1 fingerprint, the serial number or the certificate itself.',
  },
  'revocation.unknown-issuer': {
    cites: 'D-42',
    requires: 'the issuer is the fingerprint of a CA certificate that the tenant trusts',
    remedy: 'List the trusted certificates; for another issuer, give the certificate itself.',
  },
  'revocation.unknown-reason': {
    cites: 'RFC 5280 §5.3.1',
    requires: 'a reason is one of RFC 5280; certificateHold is that of a hold, and of nothing else',
    remedy: 'Give one of the reasons, or none.',
  },
  'revocation.unusable-note': {
    cites: 'D-42',
    requires: 'a note has 1–256 characters, not only blanks, and no control or invisible ones',
    remedy: 'Give a note in one short line.',
  },
  'revocation.too-many': {
    cites: 'D-42, wire-contract §1.9',
    requires: 'at most 5,000 serial numbers come at once, and operators of a tenant revoke at most 100,000',
    remedy: 'Send fewer at once. Where the tenant has so many, revoke at the CA and let its CRL be fetched.',
  },
  'revocation.not-on-hold': {
    cites: 'D-42',
    requires: 'what is released is on hold',
    remedy: 'List the revocations and check the name.',
  },
  'revocation.for-good': {
    cites: 'D-42, wire-contract §1.9',
    requires: 'what is released is on hold, for a revocation is for good',
    remedy: 'Give the device a new certificate.',
  },
  'revocation.list-missing': {
    cites: 'RFC 5280 §6.3.3, D-45',
    requires: 'a revocation list speaks for every certificate below a trusted one of which lists are asked',
    remedy: 'Upload the list of the issuer that the evidence names, or let it be fetched; or set the rule of that CA to accept what is missing.',
  },
  'revocation.list-stale': {
    cites: 'RFC 5280 §6.3.3, D-45',
    requires: 'the lists that speak for a certificate are not beyond the hours that the rule of the trusted one allows after nextUpdate',
    remedy: 'Upload the list that the CA published last, or see why it is not fetched; or allow more hours.',
  },
  'revocation.ocsp-revoked': {
    cites: 'RFC 6960 §2.2, D-53',
    requires: 'no responder of the trusted CA says of a certificate below it that it is revoked',
    remedy: 'Give the device a new certificate. Where its CA has taken the revocation back, have the responder asked again: fleetgate ocsp ask.',
  },
  'revocation.ocsp-missing': {
    cites: 'RFC 6960 §3.2, D-53',
    requires: 'a responder has answered for every certificate below a trusted CA whose rule is hard',
    remedy: 'An answer is being asked for: connect again in a few seconds. If it stays away, fleetgate ocsp show tells why.',
  },
  'revocation.ocsp-unknown': {
    cites: 'RFC 6960 §2.2, D-53',
    requires: 'the responder knows every certificate below a trusted CA whose rule is hard',
    remedy: 'Name a responder that knows the certificates of their issuer, or see whether the CA really issued this one.',
  },
  'revocation.ocsp-stale': {
    cites: 'RFC 6960 §4.2.2.1, D-53',
    requires: 'the answers about a certificate are not beyond the hours that a hard rule of the trusted CA allows after nextUpdate',
    remedy: 'See why the responder gives no new answer (fleetgate ocsp show), or allow more hours.',
  },
} as const satisfies Record<string, RuleText>;
