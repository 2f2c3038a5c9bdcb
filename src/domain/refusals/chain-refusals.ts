import type { RuleText } from './rule-text.ts';

/** Refusals of the bag of certificates before any path is looked for. `evidence.position` counts from 0 in the order sent. */
export const CHAIN_REFUSALS = {
  'chain.absent': {
    cites: 'REQ-1',
    requires: 'the client shows a certificate in the TLS handshake',
    remedy: 'Connect by TLS and give the client its certificate and key.',
  },
  'chain.too-many-bytes': {
    cites: 'D-11',
    requires: 'the handshake brings at most 32 KiB',
    remedy: 'Send the leaf and its intermediates only.',
  },
  'chain.too-many-certificates': {
    cites: 'D-11',
    requires: 'the chain holds at most 20 certificates',
    remedy: 'Send the leaf and its intermediates only.',
  },
  'chain.certificate-too-large': {
    cites: 'D-11',
    requires: 'each certificate has at most 16 KiB',
    remedy: 'Issue a smaller certificate.',
  },
  'chain.not-der': {
    cites: 'D-18, X.690 §10',
    requires: 'each certificate is exactly one DER value',
    remedy: 'Issue the certificate anew with a tool that writes DER.',
  },
  'chain.malformed-certificate': {
    cites: 'RFC 5280 §4.1',
    requires: 'each certificate has the fields of RFC 5280 in their legal form',
    remedy: 'Issue the certificate anew; the evidence names the field.',
  },
  'chain.duplicate-extension': {
    cites: 'RFC 5280 §4.2',
    requires: 'a certificate carries each extension at most once',
    remedy: 'Issue the certificate anew without the second extension.',
  },
  'chain.bad-serial-number': {
    cites: 'RFC 5280 §4.1.2.2',
    requires: 'the serial number is positive and has at most 20 bytes',
    remedy: 'Issue the certificate anew with a serial number of 1 to 20 bytes.',
  },
} as const satisfies Record<string, RuleText>;
