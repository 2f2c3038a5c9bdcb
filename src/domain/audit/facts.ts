import type { Administrator } from '../access/administrator.ts';
import { nameText } from '../certificates/distinguished-name.ts';
import type { Device } from '../registration/device.ts';
import type { Tenant } from '../trust/tenant.ts';
import type { TrustAnchor } from '../trust/trust-anchor.ts';
import { isSecret, MASK } from '../trust/tenant-option.ts';
import type { Facts } from './audit-entry.ts';

/** What the audit says of each thing. What is not named here is not kept: no hash of a password, no code, no cell of a bulk file. */

export const anchorFacts = ({ name, status, autoRegistration, inert, possessionProven }: Partial<TrustAnchor>): Facts => ({
  ...(name !== undefined && { name }),
  ...(status !== undefined && { status }),
  ...(autoRegistration !== undefined && { autoRegistration }),
  ...(inert !== undefined && { inert }),
  ...(possessionProven !== undefined && { possessionProven }),
});

/** With which certificate it is, for the time after it was removed. */
export const wholeAnchorFacts = (anchor: TrustAnchor): Facts => ({
  ...anchorFacts(anchor),
  subject: nameText(anchor.certificate.subject),
  thumbprint: anchor.certificate.thumbprint,
  notAfter: anchor.certificate.notAfter,
});

export const tenantFacts = ({ domain, status }: Tenant): Facts => ({ domain, status });

export const optionFacts = (key: string, value: string | undefined): Facts | undefined =>
  value === undefined ? undefined : { value: isSecret(key) ? MASK : value };

export const deviceFacts = ({ registeredBy, registeredAt, block }: Device): Facts => ({ registeredBy, registeredAt, ...(block && { block: { ...block } }) });

export const userFacts = ({ roles, enabled, displayName, firstName, lastName, email }: Administrator): Facts => ({ roles, enabled, displayName, firstName, lastName, email });
