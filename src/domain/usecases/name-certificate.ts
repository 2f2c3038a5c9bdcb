import { parseFingerprint, parseThumbprint, type Certificate, type Fingerprint } from '../certificates/certificate.ts';
import type { Refusal } from '../refusal.ts';
import { parseSerialNumber, type RevokedName } from '../revocation/revocation.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import type { SeenCertificates } from '../../ports/driven/seen-certificates.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import type { UploadDecoder } from '../../ports/driven/upload-decoder.ts';
import type { CertificateChoice } from '../../ports/driving/revocation-desk.ts';

export interface NameCertificateNeeds {
  readonly reader: CertificateReader;
  readonly decoder: UploadDecoder;
  readonly anchors: TrustAnchorStore;
  readonly seen: SeenCertificates;
}

type Named = Decision<RevokedName, Refusal>;

/**
 * By what name is the chosen certificate revoked? Wherever it is known, by serial number and issuer, which its holder cannot change, and by
 * its fingerprint too, so that it is found again by either.
 */
export async function nameCertificate(needs: NameCertificateNeeds, tenant: TenantId, choice: CertificateChoice): Promise<Named> {
  const { serialNumber, issuer, fingerprint, certificate } = choice;
  const ways = [serialNumber, fingerprint, certificate].filter((way) => way !== undefined).length;
  if (ways !== 1 || (issuer !== undefined && serialNumber === undefined)) return refuse({ code: 'revocation.nothing-named', evidence: { ways } });
  if (certificate !== undefined) return nameIn(needs, certificate);
  if (fingerprint !== undefined) return nameByFingerprint(needs, tenant, fingerprint);
  return nameBySerial(needs, tenant, serialNumber!, issuer);
}

function nameIn({ decoder, reader }: NameCertificateNeeds, upload: string): Named {
  const decoded = decoder.decode(upload);
  if (!decoded.granted) return decoded;
  if (decoded.value.length > 1) return refuse({ code: 'revocation.nothing-named', evidence: { certificates: decoded.value.length } });
  const read = reader.read(decoded.value[0]!);
  return read.granted ? grant(nameOf(read.value)) : read;
}

async function nameByFingerprint({ anchors, seen }: NameCertificateNeeds, tenant: TenantId, text: string): Promise<Named> {
  const fingerprint = parseFingerprint(text);
  const print = fingerprint ?? parseThumbprint(text);
  if (!print) return refuse({ code: 'revocation.malformed-fingerprint', evidence: { characters: text.length } });
  // A CA that the tenant trusts at one place may stand below another one.
  const anchor = fingerprint && (await anchors.find(tenant, fingerprint));
  if (anchor) return grant(nameOf(anchor.certificate));
  const known = await seen.find(tenant, print);
  // One that came before issuers were remembered is named by its bytes alone: its serial number might be another CA's too.
  if (known && known.fingerprint !== '' && known.issuer !== '') return grant({ serialNumber: known.serialNumber, issuer: known.issuer, fingerprint: known.fingerprint });
  return fingerprint ? grant({ serialNumber: '', issuer: '', fingerprint }) : refuse({ code: 'revocation.unknown-certificate', evidence: { fingerprint: print } });
}

async function nameBySerial({ anchors }: NameCertificateNeeds, tenant: TenantId, text: string, issuer: string | undefined): Promise<Named> {
  const serialNumber = parseSerialNumber(text);
  if (serialNumber === undefined) return refuse({ code: 'revocation.malformed-serial-number', evidence: { given: shown(text) } });
  if (issuer === undefined) return grant({ serialNumber, issuer: '', fingerprint: '' });
  const fingerprint = parseFingerprint(issuer);
  const anchor = fingerprint && (await anchors.find(tenant, fingerprint));
  if (!anchor) return refuse({ code: 'revocation.unknown-issuer', evidence: { issuer: shown(issuer) } });
  return grant({ serialNumber, issuer: anchor.certificate.subject.key, fingerprint: '' });
}

const nameOf = ({ serialNumber, issuer, fingerprint }: Certificate): RevokedName & { readonly fingerprint: Fingerprint } => ({ serialNumber, issuer: issuer.key, fingerprint });

/** Only what could be a number is shown again: anything else may be a key that went into the wrong member. */
const shown = (text: string): string => (/^[\w:. -]{1,128}$/.test(text) ? text : `${text.length} characters`);
