import type { RuleText } from './rule-text.ts';

const UPLOAD_CA = 'Upload the certificate of a CA that issues your devices’ certificates, as PEM, DER or base64.';

/** Refusals of an upload to the trust store, or of a change to it. */
export const ANCHOR_REFUSALS = {
  'anchor.unreadable': {
    cites: 'REQ-2, X31',
    requires: 'the upload is one X.509 certificate as PEM (with or without newlines), bare base64 or DER',
    remedy: UPLOAD_CA,
  },
  'anchor.private-key': {
    cites: 'X31',
    requires: 'the upload holds no private key',
    remedy: 'Upload the certificate alone. Consider the key compromised if it left its machine.',
  },
  'anchor.too-large': {
    cites: 'D-11',
    requires: 'an uploaded certificate has at most 16 KiB and an upload at most 20 certificates',
    remedy: 'Upload the CA certificate alone.',
  },
  'anchor.not-a-chain': {
    cites: 'X31',
    requires: 'where an upload holds several certificates, each issued the one before it',
    remedy: 'Upload one certificate at a time.',
  },
  'anchor.not-version-3': {
    cites: 'REQ-4, RFC 5280 §4.1.2.1',
    requires: 'the certificate has version 3',
    remedy: 'Issue the CA certificate anew as X.509 version 3.',
  },
  'anchor.not-a-ca': {
    cites: 'REQ-5, RFC 5280 §4.2.1.9',
    requires: 'the certificate carries BasicConstraints with CA:TRUE',
    remedy: UPLOAD_CA,
  },
  'anchor.outside-validity': {
    cites: 'wire-contract §1.6',
    requires: 'the certificate is within its validity when it is uploaded or enabled',
    remedy: 'Renew the CA certificate and upload the new one.',
  },
  'anchor.may-not-sign': {
    cites: 'D-4, RFC 5280 §4.2.1.3',
    requires: 'a keyUsage extension, if present, holds keyCertSign',
    remedy: 'Issue the CA certificate anew with keyCertSign.',
  },
  'anchor.key-not-accepted': {
    cites: 'D-9',
    requires: 'the key is RSA 2048–8192, P-256, P-384, P-521 or Ed25519',
    remedy: 'Issue the CA certificate anew with such a key.',
  },
  'anchor.unknown-critical-extension': {
    cites: 'D-10, RFC 5280 §4.2',
    requires: 'every critical extension is one that Fleetgate enforces',
    remedy: 'Upload a CA certificate without the extension that the evidence names.',
  },
  'anchor.already-trusted': {
    cites: 'REQ-2, D-6',
    requires: 'the certificate is not trusted on this instance yet',
    remedy: 'Nothing is to be done if it is in your list; otherwise another tenant trusts it, and the operator can turn sharing on.',
  },
  'anchor.too-many-of-one-name': {
    cites: 'D-11',
    requires: 'a tenant trusts at most 8 certificates of one subject',
    remedy: 'Remove trusted certificates of this subject that are no longer used.',
  },
  'anchor.unknown': {
    cites: 'wire-contract §1.5',
    requires: 'the tenant trusts a certificate of this fingerprint',
    remedy: 'List the trusted certificates and check the fingerprint.',
  },
  'anchor.status': {
    cites: 'wire-contract §1.2',
    requires: 'the status is ENABLED or DISABLED',
    remedy: 'Send status ENABLED or DISABLED.',
  },
  'anchor.name': {
    cites: 'D-11',
    requires: 'the name has at most 256 characters and no control characters',
    remedy: 'Send a shorter name.',
  },
  'anchor.possession-unreadable': {
    cites: 'wire-contract §1.7',
    requires: 'proofOfPossessionSignedVerificationCode is the base64 of a signature',
    remedy: 'Sign the text of the code, without a line end, by the key of the CA: openssl dgst -sha256 -sign ca.key code.txt | openssl base64 -A',
  },
  'anchor.possession-not-proven': {
    cites: 'D-25, wire-contract §1.7',
    requires: 'the key of the certificate made the signature over the text of the code: RSA (PKCS#1 v1.5) or ECDSA with SHA-256, or Ed25519',
    remedy: 'Sign the code that the certificate shows now, by the private key of exactly this CA.',
  },
  'anchor.possession-code-expired': {
    cites: 'D-25',
    requires: 'the code is signed while it is usable',
    remedy: 'Ask for a new code (…/verification-code) and sign that one.',
  },
} as const satisfies Record<string, RuleText>;
