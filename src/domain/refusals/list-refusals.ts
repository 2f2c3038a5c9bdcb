import type { RuleText } from './rule-text.ts';

const PUBLISH_ANEW = 'Let the CA publish its list anew.';

/** Refusals of a certificate revocation list, before any device is judged by it. */
export const LIST_REFUSALS = {
  'list.unreadable': {
    cites: 'D-18, RFC 5280 §5.1',
    requires: 'a revocation list is strict DER, or that as one PEM block named X509 CRL, within the grammar of RFC 5280 §5',
    remedy: 'Send the file as the CA published it: openssl crl -in FILE -text shows what it is.',
  },
  'list.too-large': {
    cites: 'D-43',
    requires: 'a revocation list has at most 1,000,000 entries and 64 MiB, and one signed by Ed25519 4 MiB',
    remedy: 'Let the CA leave out certificates that have ended, or publish by kind of certificate.',
  },
  'list.not-version-2': {
    cites: 'RFC 5280 §5.1.2.1',
    requires: 'a revocation list has version 2',
    remedy: 'Let the CA write extensions into its list: with openssl ca, crlnumber and crl_extensions in its configuration.',
  },
  'list.unknown-critical-extension': {
    cites: 'RFC 5280 §5.2, §5.3',
    requires: 'every critical extension of a list and of its entries is one that Fleetgate understands',
    remedy: 'Let the CA publish its list without the extension that the evidence names.',
  },
  'list.indirect': {
    cites: 'D-43, RFC 5280 §5.2.5',
    requires: 'a list speaks for certificates of its own issuer only',
    remedy: 'Upload the list of the CA that issued the certificates.',
  },
  'list.wrong-scope': {
    cites: 'RFC 5280 §5.2.5',
    requires: 'a list speaks for certificates of keys, not for attribute certificates',
    remedy: 'Upload the list for certificates.',
  },
  'list.no-next-update': {
    cites: 'RFC 5280 §5.1.2.5',
    requires: 'a list says when the next one will be there, and that is after its own time',
    remedy: 'Let the CA write nextUpdate: with openssl ca, default_crl_days in its configuration.',
  },
  'list.not-yet-valid': {
    cites: 'RFC 5280 §5.1.2.4',
    requires: 'the time of a list (thisUpdate) has come',
    remedy: 'Correct the clock of the CA or of this server.',
  },
  'list.expired': {
    cites: 'RFC 5280 §5.1.2.5',
    requires: 'a list that is new here has not passed its nextUpdate',
    remedy: 'Send the list that the CA published last.',
  },
  'list.issuer-not-found': {
    cites: 'RFC 5280 §6.3.3 (f)',
    requires: 'the issuer of a list is the trusted CA, or a CA whose certificate comes with the list and leads to it',
    remedy: 'Name the CA that signed the list, or put the certificates between the two behind the list, in PEM.',
  },
  'list.issuer-may-not-sign': {
    cites: 'RFC 5280 §6.3.3 (f), §4.2.1.3',
    requires: 'the keyUsage of the issuer, if present, holds cRLSign',
    remedy: 'Let the CA have a certificate with cRLSign, or sign the list by one that has it.',
  },
  'list.signature-algorithm-not-accepted': {
    cites: 'D-9, RFC 5280 §5.1.1.2',
    requires: 'a list is signed with SHA-2 by RSA, RSA-PSS or ECDSA, or by Ed25519, and says so twice in the same bytes',
    remedy: 'Let the CA sign its list with SHA-256.',
  },
  'list.signature-invalid': {
    cites: 'RFC 5280 §6.3.3 (g)',
    requires: 'the key of the issuer made the signature of the list',
    remedy: PUBLISH_ANEW,
  },
  'list.issuer-revoked': {
    cites: 'RFC 5280 §6.3.3 (f)',
    requires: 'the certificate that signed a list is not revoked itself',
    remedy: 'Let the CA sign its list by another key.',
  },
  'list.not-newer': {
    cites: 'D-43',
    requires: 'a list is newer (thisUpdate) than the one in force, of whose place it takes',
    remedy: 'Send the list that the CA published last. To go back to an older one, remove the one in force first.',
  },
  'list.too-many': {
    cites: 'D-43',
    requires: 'a tenant has at most 100 lists in force',
    remedy: 'Remove lists that are no longer used.',
  },
  'list.busy': {
    cites: 'D-43',
    requires: 'two lists at most are worked on at a time',
    remedy: 'Try again in a minute.',
  },
  'list.unknown': {
    cites: 'D-43',
    requires: 'the tenant has a list of this id in force',
    remedy: 'List the revocation lists: a newer one may have taken its place.',
  },
  'list.unusable-rule': {
    cites: 'D-44',
    requires: 'a rule has at most 10 different http or https URLs of at most 2000 characters, without a password, and whole hours from 0 to 8760, those to accept no more than those to refuse',
    remedy: 'Correct what the evidence names.',
  },
  'list.unknown-rule': {
    cites: 'D-44',
    requires: 'a rule was set for the lists of this CA',
    remedy: 'Nothing is to be done: what is usual counts.',
  },
  'list.not-fetched': {
    cites: 'D-44',
    requires: 'a list can be fetched: within a minute, 90 MiB and 3 redirects, and none of these to an address that is not public, unless the rule names that host',
    remedy: 'See what the evidence says; the list can also be uploaded.',
  },
} as const satisfies Record<string, RuleText>;
