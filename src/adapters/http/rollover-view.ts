import { nameText } from '../../domain/certificates/distinguished-name.ts';
import type { Fingerprint } from '../../domain/certificates/certificate.ts';
import type { Rollover, Straggler } from '../../domain/impact/rollover.ts';
import type { TrustAnchor } from '../../domain/trust/trust-anchor.ts';
import type { JsonSchema } from './openapi/operation.ts';
import { FINGERPRINT, LINK, list, record, TEXT, TIME, WHETHER } from './openapi/schemas.ts';

const count: JsonSchema = { type: 'integer', minimum: 0 };

const END = {
  title: 'RolloverCertificate',
  ...record(
    { fingerprint: FINGERPRINT, status: { type: 'string', enum: ['ENABLED', 'DISABLED', 'REMOVED'] }, name: TEXT, subject: TEXT, notAfter: TIME },
    { optional: ['name', 'subject', 'notAfter'] },
  ),
};

/** The schema of what `rolloverView` makes. */
export const ROLLOVER: JsonSchema = {
  title: 'Rollover',
  ...record(
    {
      former: END,
      successor: END,
      ...{ endDate: TIME, since: TIME, by: TEXT },
      overdue: { ...WHETHER, description: 'The end date has passed, and there are stragglers.' },
      progress: record({
        onSuccessor: { ...count, description: 'Devices last seen on the successor.' },
        stragglers: { ...count, description: 'Devices last seen on the former one alone.' },
        percent: { ...count, maximum: 100, description: 'Rounded down: 100 means all. 0 where no device is known.' },
      }),
    },
    { optional: ['endDate'] },
  ),
};
export const ROLLOVERS: JsonSchema = { title: 'Rollovers', ...record({ rollovers: list(ROLLOVER) }) };
export const STRAGGLERS: JsonSchema = {
  title: 'Stragglers',
  ...record({ stragglers: list(record({ id: TEXT, lastSeen: TIME, notAfter: { ...TIME, description: 'End of its own certificate.' }, online: WHETHER })), next: LINK }, { optional: ['next'] }),
};

export const rolloverView = ({ fingerprint, successor, endDate, since, by, overdue, progress, anchors }: Rollover): object => ({
  former: endView(fingerprint, anchors.former),
  successor: endView(successor, anchors.successor),
  ...(endDate && { endDate: endDate.toISOString() }),
  since: since.toISOString(),
  by,
  overdue,
  progress,
});

const endView = (fingerprint: Fingerprint, anchor: TrustAnchor | undefined): object =>
  anchor
    ? {
        fingerprint,
        status: anchor.status === 'enabled' ? 'ENABLED' : 'DISABLED',
        name: anchor.name,
        subject: nameText(anchor.certificate.subject),
        notAfter: anchor.certificate.notAfter.toISOString(),
      }
    : { fingerprint, status: 'REMOVED' };

export const stragglerView = ({ device, lastSeen, notAfter, isOnline }: Straggler): object => ({
  ...{ id: device, lastSeen: lastSeen.toISOString(), notAfter: notAfter.toISOString(), online: isOnline },
});
