import { DRY_RUN, FORESEEN, IMPACT, NOT_CONFIRMED } from './impact-schemas.ts';
import { operation, type JsonSchema } from './operation.ts';
import { changed, created, FINGERPRINT, IF_MATCH, LINK, list, pageOf, PAGING, record, TEXT, TIME, WHETHER } from './schemas.ts';

const STATUS: JsonSchema = { type: 'string', enum: ['ENABLED', 'DISABLED'] };
/** The documentation of the compatible platform itself sends the word as a string. */
const FLAG: JsonSchema = { type: ['boolean', 'string', 'null'], enum: [true, false, 'true', 'false', null] };
const NAME: JsonSchema = { type: ['string', 'null'] };

/** In the words of wire-contract §1.2, with `inert` and `warnings` of ours. */
export const TRUSTED_CERTIFICATE: JsonSchema = {
  title: 'TrustedCertificate',
  ...record(
    {
      fingerprint: FINGERPRINT,
      name: TEXT,
      status: STATUS,
      autoRegistrationEnabled: WHETHER,
      certInPemFormat: { type: 'string', description: 'Base64 of the DER, without armour.' },
      algorithmName: { type: 'string', examples: ['SHA256withECDSA'] },
      subject: TEXT,
      issuer: TEXT,
      serialNumber: { type: 'string', description: 'Decimal.', pattern: '^-?\\d+$' },
      notBefore: TIME,
      notAfter: TIME,
      version: { type: 'integer' },
      self: LINK,
      proofOfPossessionValid: WHETHER,
      proofOfPossessionUnsignedVerificationCode: { type: 'string', description: 'To be signed by the key of the certificate, until possession is proven.' },
      proofOfPossessionVerificationCodeUsableUntil: TIME,
      tenantCertificateAuthority: WHETHER,
      inert: { type: 'boolean', description: 'No device gets in by it yet: it touches the trust of another tenant.' },
      warnings: list(TEXT),
    },
    { optional: ['proofOfPossessionUnsignedVerificationCode', 'proofOfPossessionVerificationCodeUsableUntil', 'warnings'] },
  ),
};

const UPLOAD: JsonSchema = {
  title: 'TrustedCertificateUpload',
  ...record(
    {
      certInPemFormat: { type: 'string', description: 'PEM with or without line breaks, or base64 of the DER. Of several the first is taken, each further one must have issued it.' },
      status: STATUS,
      name: NAME,
      autoRegistrationEnabled: FLAG,
    },
    { optional: ['name', 'autoRegistrationEnabled'] },
  ),
};
const UPLOADS: JsonSchema = { title: 'TrustedCertificateUploads', ...record({ certificates: { ...list(UPLOAD), minItems: 1, maxItems: 100 } }) };
const WISH: JsonSchema = {
  title: 'TrustedCertificateChange',
  type: 'object',
  properties: { name: NAME, status: { ...STATUS, type: ['string', 'null'], enum: ['ENABLED', 'DISABLED', null] }, autoRegistrationEnabled: FLAG },
};
const ADDED: JsonSchema = { title: 'TrustedCertificatesAdded', ...record({ self: LINK, certificates: list(TRUSTED_CERTIFICATE) }) };

const PARAMS = { fingerprint: { ...FINGERPRINT, description: 'SHA-1 of the DER, in hex.' } };
const UNKNOWN = 'The tenant has no such certificate; for the management tenant also: there is no such tenant.';
const CHANGED = 'It was changed meanwhile.';
const REFUSED = { 409: 'It is trusted already, by this tenant or another.', 422: 'It is no CA certificate that can be trusted; `details` says which rule it breaks.' };

export const TRUSTED_CERTIFICATE_OPERATIONS = {
  list: operation({
    tag: 'Trust',
    summary: 'List the trusted certificates',
    query: { ...PAGING, certificateAuthority: { type: 'boolean', description: 'Only the built-in one, which there is not.' } },
    answers: { 200: { is: 'A page.', body: pageOf('TrustedCertificates', 'certificates', TRUSTED_CERTIFICATE) } },
  }),
  add: operation({
    tag: 'Trust',
    summary: 'Trust a CA certificate',
    body: { anyOf: [UPLOAD, UPLOADS] },
    answers: { 201: created('The certificate; of a list the list.', { anyOf: [TRUSTED_CERTIFICATE, ADDED] }), ...REFUSED },
  }),
  addAll: operation({
    tag: 'Trust',
    summary: 'Trust several CA certificates',
    description: 'In their order, up to the first that is refused. `details` then says which that is, and what was added before.',
    body: { anyOf: [UPLOADS, UPLOAD] },
    answers: { 201: created('What was added.', { anyOf: [ADDED, TRUSTED_CERTIFICATE] }), ...REFUSED },
  }),
  one: operation({ tag: 'Trust', summary: 'A trusted certificate', params: PARAMS, answers: { 200: { is: 'The certificate.', body: TRUSTED_CERTIFICATE }, 404: UNKNOWN } }),
  change: operation({
    tag: 'Trust',
    summary: 'Rename, enable or disable a trusted certificate',
    description: 'What is not given stays. Disabled, its devices are out at once: sessions end, tokens are dead.',
    params: PARAMS,
    headers: IF_MATCH,
    query: DRY_RUN,
    body: WISH,
    answers: { 200: changed(`The certificate. ${FORESEEN}`, { anyOf: [TRUSTED_CERTIFICATE, IMPACT] }), 404: UNKNOWN, 409: NOT_CONFIRMED, 412: CHANGED, 422: REFUSED[422] },
  }),
  removal: operation({
    tag: 'Trust',
    summary: 'Trust a certificate no more',
    description: 'Its devices are out at once: sessions end, tokens are dead.',
    params: PARAMS,
    headers: IF_MATCH,
    query: DRY_RUN,
    answers: { 200: { is: FORESEEN, body: IMPACT }, 204: 'It is removed.', 404: UNKNOWN, 409: NOT_CONFIRMED, 412: CHANGED },
  }),
};
