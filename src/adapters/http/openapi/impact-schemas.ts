import { list, record, TEXT } from './schemas.ts';
import type { JsonSchema } from './operation.ts';

const count: JsonSchema = { type: 'integer', minimum: 0 };
const devices = (description: string): JsonSchema => ({ ...count, description });

/** What `dryRun=true` answers: `Impact` of the domain. */
export const IMPACT: JsonSchema = {
  title: 'Impact',
  description: 'Whom a change would hit, by the last path of each device. Nothing was changed.',
  ...record({
    change: { type: 'string', enum: ['trust.disable', 'trust.remove', 'device.remove', 'device.block', 'tenant.suspend', 'certificate.revoke', 'certificate.hold', 'option.change', 'none'], description: '`none`: it keeps nobody out.' },
    tenant: TEXT,
    subject: { type: 'string', description: 'The fingerprint, the device or the tenant; which certificates, or which options.' },
    devices: record({
      dependOnItAlone: devices('They can come in now, and could not after it.'),
      haveAnotherWay: devices('They came by it among others, one of which stands.'),
      alreadyOut: devices('They came by it, and cannot come in now either.'),
      notSeenYet: devices('Registered devices whose last path is not known, or by which certificates it led.'),
    }),
    sessionsOnline: devices('Sessions that would end. Devices with another way may come back.'),
    estimatedLiveTokens: devices('An estimate: one for each device hit that is online, or was seen within a day and the life of a token.'),
    lastSeen: { ...record({ today: count, last7Days: count, last30Days: count, older: count }), description: 'Of the devices that depend on it alone; each counts once.' },
    examples: { ...list(TEXT), maxItems: 10, description: 'The first of the devices that depend on it alone, by id; none where another tenant asks.' },
    reasons: { type: 'object', additionalProperties: count, description: 'Of a revocation or an option: for what those that depend on it alone would be refused, how many for each code.' },
    warnings: list(TEXT),
  }, { optional: ['reasons'] }),
};

/** The query of a change that can be looked at beforehand, as `isAnswered` reads it. */
export const DRY_RUN: Readonly<Record<string, JsonSchema>> = {
  dryRun: { type: 'boolean', description: 'Changes nothing, and answers with 200 whom it would hit.' },
  confirm: { type: 'integer', minimum: 0, maximum: 999_999_999, description: 'The number of devices that depend on it alone, where the option `fleetgate/confirm.above` of the tenant wants it: else 409 with the figures.' },
};

export const FORESEEN = 'With `dryRun=true`: whom it would hit.';
export const NOT_CONFIRMED = 'It hits more devices than `fleetgate/confirm.above` allows without `confirm`.';
