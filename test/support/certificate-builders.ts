/**
 * Domain values for tests of the domain: no keys, no DER, no network, and a clock that stands still. Certificates with real bytes and
 * signatures are in `pki.ts`.
 */
import { createHash } from 'node:crypto';
import { OID, type Certificate, type Fingerprint, type KeyUsage, type PublicKey, type SignatureAlgorithm, type Thumbprint } from '../../src/domain/certificates/certificate.ts';
import { distinguishedName, type DistinguishedName, type NameAttribute, type StringType } from '../../src/domain/certificates/distinguished-name.ts';
import type { DeviceId } from '../../src/domain/identity/device-identity.ts';
import type { ManagedObject, ObjectId } from '../../src/domain/inventory/managed-object.ts';
import type { Device } from '../../src/domain/registration/device.ts';
import { revocableOf, type Revocation } from '../../src/domain/revocation/revocation.ts';
import { WHOLE_SCOPE } from '../../src/domain/revocation/list-scope.ts';
import { factsOf } from '../../src/domain/revocation/list-status.ts';
import type { RevocationList } from '../../src/domain/revocation/revocation-list.ts';
import type { StoredList } from '../../src/domain/revocation/stored-list.ts';
import type { DeviceSession } from '../../src/domain/sessions/device-session.ts';
import type { Tenant, TenantId } from '../../src/domain/trust/tenant.ts';
import type { TrustAnchor } from '../../src/domain/trust/trust-anchor.ts';
import type { Clock } from '../../src/ports/driven/clock.ts';

/** The moment at which every test of the domain takes place, unless it says otherwise. */
export const NOW = new Date('2026-11-24T12:00:00Z');
export const SECOND = 1_000;
export const DAY = 86_400 * SECOND;

/** `NOW` and some milliseconds, which may be negative. */
export const after = (milliseconds: number): Date => new Date(NOW.getTime() + milliseconds);

/** A clock that moves only when it is told to. */
export class FixedClock implements Clock {
  #now: Date;

  constructor(now: Date = NOW) {
    this.#now = now;
  }

  now(): Date {
    return new Date(this.#now);
  }

  set(now: Date): void {
    this.#now = now;
  }

  advance(milliseconds: number): void {
    this.#now = new Date(this.#now.getTime() + milliseconds);
  }
}

const TYPES: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  SERIALNUMBER: '2.5.4.5',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  DC: '0.9.2342.19200300.100.1.25',
};

/**
 * Reads a name as `nameText` writes it: last RDN first, `aName('CN=press-7, O=Works')`, `+` inside one RDN, `\` before a character that
 * would mean something. An unknown type is taken as a dotted OID.
 */
export function aName(text: string, stringType: StringType = 'UTF8String'): DistinguishedName {
  const attribute = (pair: string): NameAttribute => {
    const [type, ...value] = pair.trim().split('=');
    return { type: TYPES[type!] ?? type!, stringType, value: value.join('=').replace(/\\(.)/gsu, '$1') };
  };
  if (text === '') return distinguishedName([]);
  const rdns = text.split(/(?<!\\),/u).map((rdn) => rdn.split(/(?<!\\)\+/u).map(attribute));
  return distinguishedName(rdns.reverse());
}

/** RSA on the lower limit of D-9. */
export const aKey = (overrides: Partial<Extract<PublicKey, { kind: 'rsa' }>> = {}): PublicKey => ({
  kind: 'rsa',
  bits: 2048,
  exponent: 3n,
  spki: bytes('spki'),
  ...overrides,
});

export const aSignature = (overrides: Partial<SignatureAlgorithm> = {}): SignatureAlgorithm => ({
  scheme: 'rsa-pkcs1',
  hash: 'sha256',
  name: 'SHA256withRSA',
  ...overrides,
});

/** `undefined` takes an optional field away. */
export type CertificateOverrides = { readonly [Field in keyof Certificate]?: Certificate[Field] | undefined };

/**
 * A device certificate that stands exactly on the limits: valid at `NOW` and in no other second, the weakest key, the weakest
 * signature, the least usages. Names itself `CN=press-7`, issued by `CN=Works CA`. Two with equal fields are the same certificate.
 */
export function aCertificate(overrides: CertificateOverrides = {}): Certificate {
  return sealed({
    version: 3,
    serialNumber: '01',
    signature: aSignature(),
    signatureAlgorithmsAgree: true,
    issuer: aName('CN=Works CA'),
    subject: aName('CN=press-7'),
    notBefore: NOW,
    notAfter: NOW,
    publicKey: aKey(),
    keyUsage: new Set<KeyUsage>(['digitalSignature']),
    extendedKeyUsage: [OID.clientAuth],
    extensions: [
      { oid: OID.keyUsage, critical: true },
      { oid: OID.extendedKeyUsage, critical: false },
    ],
    ...overrides,
  });
}

/** A CA certificate on the limits: `CN=Works CA`, self-issued, valid at `NOW` only, no CA may stand below it, may do nothing but sign. */
export function aCaCertificate(overrides: CertificateOverrides = {}): Certificate {
  return sealed({
    version: 3,
    serialNumber: '02',
    signature: aSignature(),
    signatureAlgorithmsAgree: true,
    issuer: aName('CN=Works CA'),
    subject: aName('CN=Works CA'),
    notBefore: NOW,
    notAfter: NOW,
    publicKey: aKey(),
    basicConstraints: { ca: true, pathLength: 0 },
    keyUsage: new Set<KeyUsage>(['keyCertSign']),
    extensions: [
      { oid: OID.basicConstraints, critical: true },
      { oid: OID.keyUsage, critical: true },
    ],
    ...overrides,
  });
}

/** Gives a certificate the bytes and the names that follow from its fields, unless they were given. */
function sealed(fields: CertificateOverrides): Certificate {
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const der = bytes(
    JSON.stringify(given, (_name, value: unknown) =>
      value instanceof Set ? [...value] : typeof value === 'bigint' ? `${value}` : value,
    ),
  );
  return { der, fingerprint: aFingerprint(der), thumbprint: aThumbprint(der), ...given } as Certificate;
}

export const aFingerprint = (of: string | Uint8Array): Fingerprint => createHash('sha1').update(of).digest('hex') as Fingerprint;
export const aThumbprint = (of: string | Uint8Array): Thumbprint => createHash('sha256').update(of).digest('hex') as Thumbprint;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export const aTenantId = (id = 'main'): TenantId => id as TenantId;

export const aTenant = (overrides: Partial<Tenant> = {}): Tenant => ({
  id: aTenantId(),
  domain: `${overrides.id ?? 'main'}.example.com`,
  domainConfigured: true,
  status: 'active',
  createdAt: NOW,
  ...overrides,
});

/** `aCaCertificate` as tenant `main` trusts it: in force, with automatic registration. */
export const anAnchor = (overrides: Partial<TrustAnchor> = {}): TrustAnchor => ({
  tenant: aTenantId(),
  certificate: aCaCertificate(),
  name: 'Works CA',
  status: 'enabled',
  autoRegistration: true,
  inert: false,
  possessionProven: false,
  addedAt: NOW,
  ...overrides,
});

type ListOverrides = { readonly [Field in keyof RevocationList]?: RevocationList[Field] | undefined };

/** A list of `CN=Works CA` on the limits: it begins and ends at `NOW`, all but a millisecond, and says that nothing is revoked. */
export const aList = (overrides: ListOverrides = {}): RevocationList => {
  const list = {
    thumbprint: aThumbprint('list'),
    version: 2,
    signature: aSignature(),
    signatureAlgorithmsAgree: true,
    signatureBytes: 256,
    issuer: aName('CN=Works CA'),
    thisUpdate: after(-1),
    nextUpdate: NOW,
    number: 1n,
    scope: WHOLE_SCOPE,
    entries: 0,
    unknownCritical: [],
    ...overrides,
  };
  return Object.fromEntries(Object.entries(list).filter(([, value]) => value !== undefined)) as unknown as RevocationList;
};

/** `aList` as tenant `main` has it, in force, for its anchor. */
export const aStoredList = (overrides: Partial<StoredList> = {}): StoredList => ({
  ...factsOf(aList()),
  tenant: aTenantId(),
  id: '1',
  anchor: aCaCertificate().fingerprint,
  issuerText: 'CN=Works CA',
  thumbprint: aThumbprint('list'),
  thisUpdate: after(-1),
  nextUpdate: NOW,
  entries: 0,
  from: 'main/ann',
  addedAt: NOW,
  ...overrides,
});

export const aDeviceId = (id = 'press-7'): DeviceId => id as DeviceId;

export const aDevice = (overrides: Partial<Device> = {}): Device => ({
  tenant: aTenantId(),
  id: aDeviceId(),
  registeredBy: 'auto',
  registeredAt: NOW,
  details: {},
  ...overrides,
});

export const anObject = (overrides: Partial<ManagedObject> = {}): ManagedObject => ({
  tenant: aTenantId(),
  id: '100000000000007' as ObjectId,
  owner: 'device_press-7',
  type: 'press',
  name: 'Press 7',
  creationTime: NOW,
  lastUpdated: NOW,
  fragments: { c8y_IsDevice: {} },
  revision: 1,
  ...overrides,
});

export const aSession = (overrides: Partial<DeviceSession> = {}): DeviceSession => ({
  id: 'session-1',
  tenant: aTenantId(),
  device: aDeviceId(),
  leaf: aCertificate().thumbprint,
  notAfter: after(365 * DAY),
  anchors: [aCaCertificate().fingerprint],
  path: revocableOf([aCertificate(), aCaCertificate()]),
  ...overrides,
});

/** The device certificate's serial number, whoever issued it, revoked by hand. */
export const aRevocation = (overrides: Partial<Revocation> = {}): Revocation => ({
  ...{ tenant: aTenantId(), source: 'manual', serialNumber: '01', issuer: '', fingerprint: '' },
  ...{ reason: 'unspecified', since: NOW, by: 'main/admin', note: '' },
  ...overrides,
});
