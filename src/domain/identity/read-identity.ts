import { COMMON_NAME, type NameAttribute } from '../certificates/distinguished-name.ts';
import type { TrustedLeaf } from '../certificates/validate-path.ts';
import type { IdentityRefusalCode } from '../refusals/codes.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import type { DeviceId } from './device-identity.ts';
import { parseDeviceId } from './device-id-rules.ts';

export interface Identity {
  readonly device: DeviceId;
  /** Present where the peer sent no client id and takes this one. */
  readonly assignedClientId?: string;
}

type Answer<T> = Decision<T, RefusalOf<IdentityRefusalCode>>;

/** Who is it? The one common name of a leaf whose path holds, and a client id that says the same (D-8). */
export function readIdentity(
  leaf: TrustedLeaf,
  { clientId, acceptsAssignedId }: { readonly clientId: string; readonly acceptsAssignedId: boolean },
): Answer<Identity> {
  const device = deviceOf(leaf);
  if (!device.granted) return device;
  if (clientId === '') {
    return acceptsAssignedId
      ? grant({ device: device.value, assignedClientId: device.value })
      : refuse({ code: 'identity.client-id-empty' });
  }
  const claimed = claimedBy(clientId);
  if (!claimed.granted) return claimed;
  if (claimed.value !== device.value) {
    return refuse({ code: 'identity.client-id-differs', evidence: { clientId: claimed.value, commonName: device.value } });
  }
  return grant({ device: device.value });
}

const READABLE: ReadonlySet<NameAttribute['stringType']> = new Set(['UTF8String', 'PrintableString', 'IA5String', 'BMPString']);

function deviceOf(leaf: TrustedLeaf): Answer<DeviceId> {
  const names = leaf.subject.rdns.flat().filter(({ type }) => type === COMMON_NAME);
  const [name] = names;
  if (name === undefined) return refuse({ code: 'identity.no-common-name', depth: 0 });
  if (names.length > 1) return refuse({ code: 'identity.several-common-names', depth: 0, evidence: { count: names.length } });
  if (!READABLE.has(name.stringType)) {
    return refuse({ code: 'identity.common-name-type', depth: 0, evidence: { type: name.stringType } });
  }
  const device = parseDeviceId(name.value);
  return device.granted ? device : refuse({ ...device.refusal, depth: 0 });
}

/** `X`, `d:X` and `d:X:templates` all claim `X`; colons stand nowhere else. */
function claimedBy(clientId: string): Answer<DeviceId> {
  const [first = '', second, templates, ...more] = clientId.split(':');
  const isPlain = second === undefined;
  const isTyped = first === 'd' && second !== undefined && more.length === 0;
  const claimed = isPlain ? first : isTyped ? second : undefined;
  const readable = claimed !== undefined && parseDeviceId(claimed).granted;
  const templatesReadable = templates === undefined || templates === '' || parseDeviceId(templates).granted;
  if (!readable || !templatesReadable) {
    return refuse({ code: 'identity.client-id-syntax', evidence: { characters: clientId.length } });
  }
  return grant(claimed as DeviceId);
}
