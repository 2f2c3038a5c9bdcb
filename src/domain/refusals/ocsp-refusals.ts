import type { RuleText } from './rule-text.ts';

/** Refusals of what an OCSP responder answers, before any device is judged by it, and of what operators ask of responders. */
export const OCSP_REFUSALS = {
  'ocsp.unreadable': {
    cites: 'D-18, RFC 6960 §4.2.1',
    requires: 'an answer is strict DER of at most 64 KiB, within the grammar of RFC 6960 §4.2',
    remedy: 'See what the responder sends: openssl ocsp -respin FILE -resp_text shows what it is.',
  },
  'ocsp.not-successful': {
    cites: 'RFC 6960 §4.2.1, §2.3',
    requires: 'the responder says that its answer is successful',
    remedy: 'See in the log of the responder why it did not answer; unauthorized means that it does not speak for this CA.',
  },
  'ocsp.other-certificate': {
    cites: 'RFC 6960 §3.2 (1)',
    requires: 'an answer is about the certificate that was asked about: its issuer by name and key, and its serial number',
    remedy: 'Name a responder that speaks for the issuer of the certificate.',
  },
  'ocsp.unknown-critical-extension': {
    cites: 'RFC 6960 §4.4, RFC 5280 §4.2',
    requires: 'every critical extension of an answer is one that Fleetgate understands',
    remedy: 'Let the responder answer without the extension that the evidence names.',
  },
  'ocsp.wrong-nonce': {
    cites: 'RFC 9654 §2.1, RFC 6960 §4.4.1',
    requires: 'the nonce of an answer, where it has one, is that of the request',
    remedy: 'It answers another question: somebody may be repeating old answers. See what stands between here and the responder.',
  },
  'ocsp.signer-not-found': {
    cites: 'RFC 6960 §4.2.2.3',
    requires: 'the responder, by name or key, is the issuer of the certificate, or one whose certificate comes with the answer',
    remedy: 'Let the responder send its own certificate along.',
  },
  'ocsp.signer-not-authorised': {
    cites: 'RFC 6960 §3.2 (4), §4.2.2.2',
    requires: 'the signer is the issuer of the certificate, or has a certificate for OCSP signing that this issuer itself issued',
    remedy: 'Let the issuer of the device certificates issue the responder a certificate with extendedKeyUsage OCSPSigning.',
  },
  'ocsp.signer-outside-validity': {
    cites: 'RFC 6960 §4.2.2.2, RFC 5280 §6.1.3 (a)(2)',
    requires: 'the certificate of the signer is valid now',
    remedy: 'Renew the certificate of the responder.',
  },
  'ocsp.signer-revoked': {
    cites: 'RFC 6960 §4.2.2.2.1',
    requires: 'the certificate of the signer is not revoked itself',
    remedy: 'Give the responder a new key and certificate.',
  },
  'ocsp.signature-algorithm-not-accepted': {
    cites: 'D-9, RFC 6960 §4.3',
    requires: 'an answer is signed with SHA-2 by RSA, RSA-PSS or ECDSA, or by Ed25519',
    remedy: 'Let the responder sign with SHA-256.',
  },
  'ocsp.signature-invalid': {
    cites: 'RFC 6960 §3.2 (2)',
    requires: 'the key of the signer made the signature of the answer',
    remedy: 'It is forged or damaged: see what stands between here and the responder.',
  },
  'ocsp.not-yet-valid': {
    cites: 'RFC 6960 §3.2 (5), §4.2.2.1',
    requires: 'the time of an answer (thisUpdate) has come, give or take 5 minutes',
    remedy: 'Correct the clock of the responder or of this server.',
  },
  'ocsp.expired': {
    cites: 'RFC 6960 §3.2 (6), §4.2.2.1',
    requires: 'an answer that is new here has not passed its nextUpdate, give or take 5 minutes, or is not a day old where it has none',
    remedy: 'Let the responder answer anew, or correct the clocks.',
  },
  'ocsp.older-than-known': {
    cites: 'D-52',
    requires: 'an answer is not older (thisUpdate) than the one that is known',
    remedy: 'Nothing is to be done if it passes by itself: several servers may stand behind one name. Otherwise somebody repeats old answers.',
  },
  'ocsp.not-asked': {
    cites: 'D-52',
    requires: 'a responder answers within 10 seconds, 64 KiB and 3 redirects, and none of these to an address that is not public, unless the rule names that host',
    remedy: 'See what the evidence says, and whether the responder can be reached from this server.',
  },
  'ocsp.issuer-not-seen': {
    cites: 'D-52',
    requires: 'the certificate of the issuer was seen since responders are asked: with the device, or with another one of the same issuer',
    remedy: 'Let the device connect once, and send its chain.',
  },
  'ocsp.unusable-rule': {
    cites: 'D-52',
    requires: 'a rule has 1 to 10 different http or https URLs of at most 2000 characters, without a password, and whole hours from 0 to 8760, those to accept no more than those to refuse',
    remedy: 'Correct what the evidence names.',
  },
  'ocsp.unknown-rule': {
    cites: 'D-52',
    requires: 'a rule was set for the responders of this CA',
    remedy: 'Nothing is to be done: responders of this CA are not asked.',
  },
  'ocsp.unknown-certificate': {
    cites: 'D-52',
    requires: 'a device came by the certificate, below a CA whose responders are asked',
    remedy: 'Let the device connect, or set a rule for its CA; give the serial number or the SHA-1 fingerprint.',
  },
  'ocsp.busy': {
    cites: 'D-52',
    requires: 'two questions of operators are asked at a time',
    remedy: 'Try again in a minute.',
  },
} as const satisfies Record<string, RuleText>;
