import { userNameOf } from '../../domain/identity/device-identity.ts';
import type { Device } from '../../domain/registration/device.ts';
import type { SeenCertificate } from '../../ports/driven/seen-certificates.ts';
import type { JsonSchema } from './openapi/operation.ts';
import { TIME } from './openapi/schemas.ts';
import { userPath, type Link } from './user-view.ts';

/** Serial number in the form of the compatible API's revocation list: hex in lower case without leading zeros. `lastSeen` and `thumbprint` are ours. */
export const seenCertificateView = ({ serialNumber, notBefore, notAfter, lastSeen, thumbprint }: SeenCertificate): object => ({
  serialNumber: serialNumber.replace(/^0+(?=.)/, ''),
  notBefore: notBefore.toISOString(),
  notAfter: notAfter.toISOString(),
  lastSeen: lastSeen.toISOString(),
  thumbprint,
});

/** The user under which a device acts (wire-contract §1.9). It has no password and no role that could be given. `seen` only where it was asked for. */
export function deviceUserView({ tenant, id }: Device, link: Link, seen?: readonly SeenCertificate[]): object {
  const name = userNameOf(id);
  const self = userPath(tenant, name);
  return {
    self: link(self),
    id: name,
    userName: name,
    enabled: true,
    shouldResetPassword: false,
    roles: { self: link(`${self}/roles`), references: [] },
    groups: { self: link(`${self}/groups`), references: [] },
    customProperties: {},
    devicePermissions: {},
    ...(seen && { provisionedCertificates: seen.map(seenCertificateView) }),
  };
}

const text = { type: 'string' } as const;
/** Of `seenCertificateView`. */
export const SEEN_CERTIFICATE: JsonSchema = {
  type: 'object',
  required: ['serialNumber', 'notBefore', 'notAfter', 'lastSeen', 'thumbprint'],
  properties: { serialNumber: text, notBefore: TIME, notAfter: TIME, lastSeen: TIME, thumbprint: text },
};
