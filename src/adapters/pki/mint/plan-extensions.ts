import 'reflect-metadata';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type Name,
} from '@peculiar/x509';
import type { CertificatePlan } from './certificate-plan.ts';
import { der, derOid, explicit, TAG } from './der-writer.ts';

const NAME_CONSTRAINTS = '2.5.29.30';
/** Below the enterprise number that RFC 5612 keeps for examples: nobody will ever know it. */
const UNKNOWN = '1.3.6.1.4.1.32473.1';
const DIRECTORY_NAME = 4;

/** The extensions that a plan asks for. Key identifiers are lower-case hex; `issuerKeyId` is absent for a root. */
export function planExtensions(plan: CertificatePlan, keyId: string, issuerKeyId: string | undefined, elsewhere: Name): Extension[] {
  const { basicConstraints, keyUsage, extendedKeyUsage, names } = plan;
  const flags = keyUsage.reduce((all, use) => all | KeyUsageFlags[use], 0);
  return [
    ...(basicConstraints ? [new BasicConstraintsExtension(basicConstraints.ca, basicConstraints.pathLength, true)] : []),
    new KeyUsagesExtension(flags, true),
    ...(extendedKeyUsage.length > 0 ? [new ExtendedKeyUsageExtension(extendedKeyUsage.map((use) => ExtendedKeyUsage[use]))] : []),
    new SubjectKeyIdentifierExtension(keyId),
    ...(issuerKeyId === undefined ? [] : [new AuthorityKeyIdentifierExtension(issuerKeyId)]),
    ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names.map(generalName))] : []),
    ...(plan.permitsElsewhereOnly ? [new Extension(NAME_CONSTRAINTS, true, permittedSubtree(elsewhere))] : []),
    ...(plan.carriesUnknownExtension ? [new Extension(UNKNOWN, true, der(TAG.sequence, derOid(UNKNOWN)))] : []),
  ];
}

const generalName = (name: string) => ({ type: isIP(name) ? ('ip' as const) : ('dns' as const), value: name });

/** NameConstraints with one permitted directory name (RFC 5280 §4.2.1.10). */
const permittedSubtree = (name: Name): Uint8Array =>
  der(
    TAG.sequence,
    der(explicit(0), der(TAG.sequence, der(explicit(DIRECTORY_NAME), new Uint8Array(name.toArrayBuffer())))),
  );
