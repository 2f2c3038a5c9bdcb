import { userNameOf } from '../../domain/identity/device-identity.ts';
import type { Device } from '../../domain/registration/device.ts';
import type { SeenCertificate } from '../../ports/driven/seen-certificates.ts';
import type { JsonSchema } from './openapi/operation.ts';

/** Serial number in the form of the compatible API's revocation list: hex in lower case without leading zeros. `lastSeen` and `thumbprint` are ours. */
export const seenCertificateView = ({ serialNumber, notBefore, notAfter, lastSeen, thumbprint }: SeenCertificate): object => ({
  serialNumber: serialNumber.replace(/^0+(?=.)/, ''),
  notBefore: notBefore.toISOString(),
  notAfter: notAfter.toISOString(),
  lastSeen: lastSeen.toISOString(),
  thumbprint,
});

/** The user under which a device acts (wire-contract §1.9). `seen` only where it was asked for. */
export const deviceUserView = ({ id }: Device, self: string, seen?: readonly SeenCertificate[]): object => ({
  self,
  id: userNameOf(id),
  userName: userNameOf(id),
  enabled: true,
  customProperties: {},
  shouldResetPassword: false,
  ...(seen && { provisionedCertificates: seen.map(seenCertificateView) }),
});

const text = { type: 'string' } as const;
const certificate = {
  type: 'object',
  required: ['serialNumber', 'notBefore', 'notAfter'],
  properties: { serialNumber: text, notBefore: text, notAfter: text, lastSeen: text, thumbprint: text },
} as const;

export const DEVICE_USER: JsonSchema = {
  type: 'object',
  required: ['self', 'id', 'userName', 'enabled'],
  properties: { self: text, id: text, userName: text, enabled: { type: 'boolean' }, provisionedCertificates: { type: 'array', items: certificate, maxItems: 5 } },
};
