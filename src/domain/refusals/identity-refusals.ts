import type { RuleText } from './rule-text.ts';

const ISSUE_ANEW = 'Issue the device certificate anew with a common name that is a legal device id.';

/** Refusals of the question "who is it?" (D-8). */
export const IDENTITY_REFUSALS = {
  'identity.no-common-name': {
    cites: 'D-8',
    requires: 'the subject of the device certificate holds one common name',
    remedy: ISSUE_ANEW,
  },
  'identity.several-common-names': {
    cites: 'D-8',
    requires: 'the subject of the device certificate holds only one common name',
    remedy: ISSUE_ANEW,
  },
  'identity.common-name-type': {
    cites: 'D-8',
    requires: 'the common name is a UTF8String, PrintableString, IA5String or BMPString',
    remedy: ISSUE_ANEW,
  },
  'identity.length': {
    cites: 'D-8',
    requires: 'a device id has 1–254 characters',
    remedy: ISSUE_ANEW,
  },
  'identity.not-normalised': {
    cites: 'D-8',
    requires: 'a device id is in Unicode normal form C',
    remedy: ISSUE_ANEW,
  },
  'identity.forbidden-character': {
    cites: 'D-8',
    requires: 'a device id has none of / \\ $ : + #, white space, control or invisible characters, U+FFFD',
    remedy: ISSUE_ANEW,
  },
  'identity.client-id-empty': {
    cites: 'D-8, [MQTT-3.1.3-8]',
    requires: 'an empty client id comes with a clean session',
    remedy: 'Send the device id as client id, or ask for a clean session.',
  },
  'identity.client-id-syntax': {
    cites: 'D-8',
    requires: 'the client id is X, d:X or d:X:templates with a legal device id X',
    remedy: 'Send the common name of the certificate as client id.',
  },
  'identity.client-id-differs': {
    cites: 'D-8',
    requires: 'the device id in the client id equals the common name of the certificate, case included',
    remedy: 'Send the common name of the certificate as client id.',
  },
} as const satisfies Record<string, RuleText>;
