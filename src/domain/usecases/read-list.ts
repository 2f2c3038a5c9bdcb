import type { Certificate } from '../certificates/certificate.ts';
import { nameText } from '../certificates/distinguished-name.ts';
import { isAcceptedKey, isAcceptedSignature } from '../certificates/key-rules.ts';
import type { Refusal } from '../refusal.ts';
import { judgeList, type PossibleIssuer } from '../revocation/judge-list.ts';
import { listIssuers } from '../revocation/list-issuers.ts';
import { factsOf } from '../revocation/list-status.ts';
import { isMeant, revocableOf } from '../revocation/revocation.ts';
import { whatCounts } from '../revocation/standing-by-lists.ts';
import type { StoredList } from '../revocation/stored-list.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { TrustAnchor } from '../trust/trust-anchor.ts';
import type { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import type { RevocationListReader, ReadList } from '../../ports/driven/revocation-list-reader.ts';
import type { RevocationLists } from '../../ports/driven/revocation-lists.ts';
import type { RevocationStore } from '../../ports/driven/revocation-store.ts';
import type { SignatureVerifier } from '../../ports/driven/signature-verifier.ts';
import type { UploadDecoder } from '../../ports/driven/upload-decoder.ts';

export interface ReadListNeeds {
  readonly listReader: RevocationListReader;
  readonly decoder: UploadDecoder;
  readonly reader: CertificateReader;
  readonly verifier: SignatureVerifier;
  readonly revocations: RevocationStore;
  readonly lists: RevocationLists;
}

/** A list that may be used, all but the id under which it will be kept. */
export interface UsableList {
  readonly list: Omit<StoredList, 'id' | 'from' | 'addedAt'>;
  readonly entries: ReadList['entries'];
}

/** Reads and judges a list for one trusted CA: its form, who made it, and whether they still may. */
export async function readList(needs: ReadListNeeds, anchor: TrustAnchor, upload: Uint8Array, at: Date): Promise<Decision<UsableList, Refusal>> {
  const read = await needs.listReader.read(upload);
  if (!read.granted) return read;
  const { list, behind, entries, verifies } = read.value;
  const others = certificatesIn(needs, behind);
  if (!others.granted) return others;
  const candidates = listIssuers({ list, anchor, others: others.value, verifies: (child, issuer) => needs.verifier.verifies(child, issuer), at });
  const issuers: PossibleIssuer[] = [];
  for (const certificate of candidates) {
    const isWorthwhile = isAcceptedKey(certificate.publicKey) && isAcceptedSignature(list.signature);
    issuers.push({ certificate, signed: isWorthwhile && (await verifies(certificate)) });
  }
  const judged = judgeList(list, issuers, at);
  if (!judged.granted) return judged;
  const isOwn = judged.value.thumbprint === anchor.certificate.thumbprint;
  if (!isOwn && (await isRevokedHere(needs, anchor.tenant, judged.value))) return refuse({ code: 'list.issuer-revoked', evidence: { serialNumber: judged.value.serialNumber } });
  const { thumbprint, thisUpdate, nextUpdate } = list;
  return grant({
    list: {
      ...factsOf(list),
      ...{ tenant: anchor.tenant, anchor: anchor.certificate.fingerprint, issuerText: nameText(list.issuer), thumbprint, thisUpdate },
      nextUpdate: nextUpdate!, // `judgeList` refuses a list without one
      entries: list.entries,
    },
    entries,
  });
}

/** What came behind the list, read as an upload of certificates is. */
function certificatesIn({ decoder, reader }: ReadListNeeds, behind: Uint8Array): Decision<readonly Certificate[], Refusal> {
  if (!behind.some((byte) => byte > 0x20)) return grant([]);
  const decoded = decoder.decode(behind);
  if (!decoded.granted) return decoded;
  const certificates: Certificate[] = [];
  for (const der of decoded.value) {
    const certificate = reader.read(der);
    if (!certificate.granted) return certificate;
    certificates.push(certificate.value);
  }
  return grant(certificates);
}

/** Whether whoever signs lists or answers is revoked in a tenant. Whatever its mode: whoever brings a list wants lists to count. */
export async function isRevokedHere({ revocations, lists }: Pick<ReadListNeeds, 'revocations' | 'lists'>, tenant: TenantId, signer: Certificate): Promise<boolean> {
  const [certificate] = revocableOf([signer]);
  const said = whatCounts(await revocations.about(tenant, [certificate!]), { mode: 'enforce', lists: await lists.ofTenant(tenant) });
  return said.some((revocation) => isMeant(revocation, certificate!));
}
