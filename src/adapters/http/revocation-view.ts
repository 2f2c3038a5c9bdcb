import { nameKeyText } from '../../domain/certificates/distinguished-name.ts';
import { REVOCATION_REASONS, type Revocation } from '../../domain/revocation/revocation.ts';
import type { JsonSchema } from './openapi/operation.ts';
import { FINGERPRINT, record, TEXT, TIME } from './openapi/schemas.ts';

/** A statement as operators see it. What is not known is left out. */
export const revocationView = ({ source, serialNumber, issuer, fingerprint, reason, since, by, note }: Revocation): object => ({
  source,
  ...(serialNumber !== '' && { serialNumber }),
  ...(issuer !== '' && { issuer: nameKeyText(issuer) }),
  ...(fingerprint !== '' && { fingerprint }),
  reason,
  since: since.toISOString(),
  by,
  ...(note !== '' && { note }),
});

const REASONS = Object.keys(REVOCATION_REASONS);
const REASON: JsonSchema = { type: 'string', enum: REASONS };
/** Of what cannot be released. */
export const FOR_GOOD: JsonSchema = { type: 'string', enum: REASONS.filter((reason) => reason !== 'certificateHold') };

export const REVOCATION: JsonSchema = {
  title: 'Revocation',
  ...record(
    {
      source: { type: 'string', enum: ['manual', 'hold'], description: 'manual is for good; a hold can be released.' },
      serialNumber: { type: 'string', description: 'Hex in lower case.' },
      issuer: { type: 'string', description: 'Its name, as it is compared. Without it: any.' },
      fingerprint: FINGERPRINT,
      reason: REASON,
      since: TIME,
      by: { type: 'string', description: 'Who said so: `tenant/user`.' },
      note: TEXT,
    },
    { optional: ['serialNumber', 'issuer', 'fingerprint', 'note'] },
  ),
};
