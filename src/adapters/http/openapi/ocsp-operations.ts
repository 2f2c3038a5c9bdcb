import { operation, type JsonSchema } from './operation.ts';
import { changed, FINGERPRINT, LINK, list, record, TEXT, TIME, WHETHER } from './schemas.ts';

const HOURS: JsonSchema = { type: 'integer', minimum: 0, maximum: 8760 };
const MEMBERS = {
  urls: { ...list(TEXT), maxItems: 10, description: 'Responders that are asked, and nobody else; the first that knows the certificate counts.' },
  hard: { ...WHETHER, description: 'Without an answer a device is refused; else it is let in, and that is recorded. What is revoked is refused anyway.' },
  acceptHours: { ...HOURS, description: 'Hours for which an answer counts as new, from where it stops being so.' },
  refuseHours: { ...HOURS, description: 'Hours from which on it lets nobody in any more where the rule is hard; before that with a warning.' },
};
const RULE: JsonSchema = { title: 'OcspRule', ...record({ fingerprint: FINGERPRINT, ...MEMBERS }) };

/** What is left out is as usual. */
export const OCSP_RULE_BODY: JsonSchema = { title: 'OcspRuleWish', type: 'object', properties: MEMBERS };

const ANSWER: JsonSchema = {
  title: 'OcspAnswer',
  ...record(
    {
      fingerprint: { ...FINGERPRINT, description: 'Of the trusted certificate below which it was seen.' },
      certificate: FINGERPRINT,
      serialNumber: { type: 'string', pattern: '^[0-9a-f]+$' },
      status: { type: 'string', enum: ['good', 'revoked', 'unknown', 'unanswered'] },
      reason: TEXT,
      revokedSince: TIME,
      thisUpdate: TIME,
      freshUntil: TIME,
      from: { type: 'string', description: 'The URL that was asked.' },
      received: TIME,
      nextQuestion: { ...TIME, description: 'When it is asked about again, at the earliest.' },
      problem: { type: 'string', description: 'Why the last question brought no answer; the one before stays.', examples: ['ocsp.not-asked'] },
    },
    { optional: ['reason', 'revokedSince', 'thisUpdate', 'freshUntil', 'from', 'received', 'problem'] },
  ),
};
const ANSWERS: JsonSchema = { title: 'OcspAnswers', ...record({ self: LINK, ocspAnswers: list(ANSWER) }) };

const NO_CA = 'The tenant trusts no such certificate.';
const NOT_SEEN = 'No device came by such a certificate below a CA whose responders are asked.';

export const OCSP_OPERATIONS = {
  rules: operation({
    tag: 'Trust',
    summary: 'List of which trusted CAs OCSP responders are asked',
    answers: { 200: { is: 'All rules.', body: { title: 'OcspRules', ...record({ self: LINK, ocspRules: list(RULE) }) } } },
  }),
  rule: operation({ tag: 'Trust', summary: 'What is asked of the OCSP responders of a trusted CA', answers: { 200: { is: 'The rule.', body: RULE }, 404: `${NO_CA} Or its responders are not asked.` } }),
  setRule: operation({
    tag: 'Trust',
    summary: 'Say which OCSP responders of a trusted CA are asked',
    description: 'They are asked in the background about the certificates of devices that were here. Whether their answers refuse anybody is the option `fleetgate/check.ocsp`: `off`, `report` or `enforce`.',
    body: OCSP_RULE_BODY,
    answers: { 200: changed('The rule.', RULE), 404: NO_CA, 422: 'The rule makes no sense.' },
  }),
  removeRule: operation({ tag: 'Trust', summary: 'Ask the OCSP responders of a trusted CA no longer', answers: { 204: 'It is gone, with all that they said.', 404: 'There was none.' } }),
  answers: operation({ tag: 'Trust', summary: 'What OCSP responders said of a certificate', answers: { 200: { is: 'One for each trusted CA below which it was seen.', body: ANSWERS }, 404: NOT_SEEN } }),
  ask: operation({ tag: 'Trust', summary: 'Ask OCSP responders about a certificate now', answers: { 200: { is: 'What is known then.', body: ANSWERS }, 404: NOT_SEEN, 429: 'Two are asked about at a time.' } }),
};
