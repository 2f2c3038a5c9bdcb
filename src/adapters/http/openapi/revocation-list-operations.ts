import { operation, type JsonSchema } from './operation.ts';
import { changed, created, FINGERPRINT, LINK, list, record, TEXT, TIME } from './schemas.ts';

/** A list as it is, by the types that CAs and tools give it. */
export const LIST_TYPES = ['application/pkix-crl', 'application/x-pkcs7-crl', 'application/x-pem-file', 'application/octet-stream'] as const;

const COUNT: JsonSchema = { type: 'integer', minimum: 0 };
const NUMBER: JsonSchema = { type: 'string', pattern: '^\\d+$' };

const REVOCATION_LIST: JsonSchema = {
  title: 'RevocationList',
  ...record(
    {
      id: TEXT,
      fingerprint: { ...FINGERPRINT, description: 'Of the trusted certificate that it belongs to.' },
      issuer: TEXT,
      thisUpdate: TIME,
      nextUpdate: TIME,
      entries: COUNT,
      number: NUMBER,
      deltaOf: { ...NUMBER, description: 'It only adds to the list of this number.' },
      only: { type: 'string', enum: ['all', 'users', 'cas'] },
      points: { ...list(TEXT), description: 'The distribution points that it is for.' },
      from: { type: 'string', description: 'Who uploaded it, or the URL that it was fetched from.' },
      added: TIME,
    },
    { optional: ['number', 'deltaOf', 'points'] },
  ),
};

const HOURS: JsonSchema = { type: 'integer', minimum: 0, maximum: 8760 };
const MEMBERS = {
  urls: { ...list(TEXT), maxItems: 10, description: 'Where lists are fetched; nothing is fetched from anywhere else.' },
  acceptHours: { ...HOURS, description: 'Hours after nextUpdate for which a list counts as new.' },
  refuseHours: { ...HOURS, description: 'Hours after nextUpdate from which devices are refused; before that they are let in with a warning.' },
  missing: { type: 'string', enum: ['accept', 'refuse'], description: 'What becomes of a device of whose certificate no list speaks.' },
};
const RULE: JsonSchema = { title: 'RevocationListRule', ...record({ fingerprint: FINGERPRINT, ...MEMBERS }) };

/** What is left out is as usual. */
export const RULE_BODY: JsonSchema = { title: 'RevocationListRuleWish', type: 'object', properties: MEMBERS };

const BINARY: JsonSchema = { type: 'string', contentMediaType: 'application/pkix-crl' };
const NO_CA = 'The tenant trusts no such certificate.';

export const REVOCATION_LIST_OPERATIONS = {
  list: operation({
    tag: 'Trust',
    summary: 'List the revocation lists in force',
    answers: { 200: { is: 'All of them, oldest first.', body: { title: 'RevocationLists', ...record({ self: LINK, revocationLists: list(REVOCATION_LIST) }) } } },
  }),
  add: operation({
    tag: 'Trust',
    summary: 'Put a revocation list of a trusted CA in force',
    description:
      'The list as DER, or as one PEM block. Behind the PEM block certificates may stand that lead from its issuer to the trusted one. It takes the place of the former list of its issuer and scope. Whether lists refuse anybody is the option `fleetgate/check.crl`: `off`, `report` or `enforce`.',
    body: { byType: Object.fromEntries(LIST_TYPES.map((type) => [type, BINARY])) },
    answers: {
      201: created('The list, or the same one that was in force already.', REVOCATION_LIST),
      404: NO_CA,
      409: 'A list as new as this one is in force.',
      422: 'It cannot be read or used; `details` says which rule it breaks.',
    },
  }),
  removal: operation({ tag: 'Trust', summary: 'Take a revocation list out of force', answers: { 204: 'What it revoked is no longer revoked by it.', 404: 'There is no such list in force.' } }),
  rule: operation({ tag: 'Trust', summary: 'What is asked of the lists of a trusted CA', answers: { 200: { is: 'The rule that counts, set or usual.', body: RULE }, 404: NO_CA } }),
  setRule: operation({
    tag: 'Trust',
    summary: 'Say where lists of a trusted CA are fetched, and how old they may be',
    body: RULE_BODY,
    answers: { 200: changed('The rule.', RULE), 404: NO_CA, 422: 'The rule makes no sense.' },
  }),
  removeRule: operation({ tag: 'Trust', summary: 'Ask of the lists of a trusted CA what is usual', answers: { 204: 'It is gone.', 404: 'There was none.' } }),
};
