import type { RevokedName } from '../revocation/revocation.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { ChangeNote } from './change.ts';

/** One name is said, so that nobody has to look at other certificates; of many, all are looked at. */
export const revocationNote = (tenant: TenantId, names: readonly RevokedName[]): ChangeNote => ({
  ...{ tenant, kind: 'revocation' },
  subject: names.length === 1 ? names.map(({ serialNumber, fingerprint, issuer }) => [serialNumber, fingerprint, issuer].join(' '))[0]! : '',
});

/** The name that a note is about; undefined where it is about any. Serial number and fingerprint are hex, what follows them is the issuer. */
export function revokedNameOf({ subject }: Pick<ChangeNote, 'subject'>): RevokedName | undefined {
  const [, serialNumber, fingerprint, issuer] = /^([0-9a-f]*) ([0-9a-f]*) ([^]*)$/.exec(subject) ?? [];
  return serialNumber === undefined ? undefined : ({ serialNumber, fingerprint, issuer } as RevokedName);
}
