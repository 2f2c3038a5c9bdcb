import { isMeant, type RevocableCertificate, type RevokedName } from './revocation.ts';

/** Whether one of these names means a certificate; asked of every live session, so that it must not look at all names each time. */
export function meansAny(names: readonly RevokedName[]): (certificate: RevocableCertificate) => boolean {
  const bySerial = grouped(names, ({ serialNumber }) => serialNumber);
  const byFingerprint = grouped(names, ({ fingerprint }) => fingerprint);
  return (certificate) =>
    [...(bySerial.get(certificate.serialNumber) ?? []), ...(byFingerprint.get(certificate.fingerprint) ?? [])].some((name) => isMeant(name, certificate));
}

/** What stands in the audit: `0a1f`, `0a1f of one issuer`, `fingerprint 3f…`. */
export function revokedNameText({ serialNumber, issuer, fingerprint }: RevokedName): string {
  if (serialNumber === '') return `fingerprint ${fingerprint}`;
  return `${serialNumber}${issuer === '' ? '' : ' of one issuer'}${fingerprint === '' ? '' : ` (fingerprint ${fingerprint})`}`;
}

/** Names in one line of the audit; who revoked what, and when, stands in the store. */
const MOST_SHOWN = 5;

/** Of several: the first, and how many. */
export function namesText(names: readonly RevokedName[], inAll = names.length): string {
  const shown = names.slice(0, MOST_SHOWN).map(revokedNameText).join(', ');
  return inAll > MOST_SHOWN ? `${inAll} certificates: ${shown}, …` : shown;
}

function grouped(names: readonly RevokedName[], by: (name: RevokedName) => string): ReadonlyMap<string, readonly RevokedName[]> {
  const groups = new Map<string, RevokedName[]>();
  for (const name of names) {
    const group = groups.get(by(name));
    if (group) group.push(name);
    else groups.set(by(name), [name]);
  }
  return groups;
}
