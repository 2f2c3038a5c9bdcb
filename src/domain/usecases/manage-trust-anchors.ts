import { auditEntry, difference, type AuditEntry } from '../audit/audit-entry.ts';
import { anchorFacts, wholeAnchorFacts } from '../audit/facts.ts';
import type { Certificate, Fingerprint } from '../certificates/certificate.ts';
import type { Refusal } from '../refusal.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import { admitTrustAnchor, isAcceptableName, MOST_OF_ONE_NAME, touchesOthers } from '../trust/admit-trust-anchor.ts';
import { newPossessionCode } from '../trust/proof-of-possession.ts';
import type { TenantId } from '../trust/tenant.ts';
import { isInForce, type TrustAnchor } from '../trust/trust-anchor.ts';
import { unknownAnchor } from '../trust/unknown-anchor.ts';
import type { AdmissionEpoch } from '../../ports/driven/admission-epoch.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Identifiers } from '../../ports/driven/identifiers.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import type { SignatureVerifier } from '../../ports/driven/signature-verifier.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import type { UploadDecoder } from '../../ports/driven/upload-decoder.ts';
import type { AnchorUpload, AnchorWish, IsExpected, TrustDesk } from '../../ports/driving/trust-desk.ts';
import type { Page, PageRequest } from '../../ports/page.ts';

export interface ManageTrustAnchorsNeeds {
  readonly decoder: UploadDecoder;
  readonly reader: CertificateReader;
  readonly verifier: SignatureVerifier;
  readonly anchors: TrustAnchorStore;
  readonly sessions: SessionBoard;
  readonly epoch: AdmissionEpoch;
  readonly clock: Clock;
  readonly identifiers: Identifiers;
  readonly audit: AuditLog;
  /** Whether several tenants may trust one certificate (D-6). */
  readonly sharing: boolean;
}

/** How often an upload is decided anew because trust moved meanwhile. */
const ATTEMPTS = 20;

/** Writes what was decided by `former`, and only where that still is there; undefined: it was not written. */
type Write = (former: TrustAnchor) => Promise<TrustAnchor | undefined | Extract<Decision<never, Refusal>, { granted: false }>>;

/** Where a tenant's operators say which CAs they trust. */
export class ManageTrustAnchors implements TrustDesk {
  readonly #needs: ManageTrustAnchorsNeeds;

  constructor(needs: ManageTrustAnchorsNeeds) {
    this.#needs = needs;
  }

  async add(tenant: TenantId, upload: AnchorUpload, by: string): Promise<Decision<TrustAnchor, Refusal>> {
    const { anchors, epoch, clock, identifiers, audit } = this.#needs;
    const at = clock.now();
    if (!isAcceptableName(upload.name)) return refuse({ code: 'anchor.name', evidence: { characters: upload.name.length } });
    const certificate = this.#read(upload);
    if (!certificate.granted) return certificate;
    const admitted = admitTrustAnchor(certificate.value, at);
    if (!admitted.granted) return admitted;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      // Read before looking around: `add` refuses if anything of trust has moved since.
      const before = await epoch.current();
      const surroundings = await this.#lookAround(tenant, admitted.value);
      if (!surroundings.granted) return surroundings;
      const { name, status, autoRegistration } = upload;
      const anchor: TrustAnchor = {
        ...{ tenant, certificate: admitted.value, name, status, autoRegistration },
        ...{ inert: surroundings.value.inert, possessionProven: false, addedAt: at },
        possessionCode: newPossessionCode(() => identifiers.next(), at),
        ...(status === 'disabled' && { lastDisabledAt: at }),
      };
      const said = { what: 'anchor.added', tenant, by, subject: admitted.value.fingerprint } as const;
      const outcome = await anchors.add(anchor, before, [auditEntry(said, at, { after: wholeAnchorFacts(anchor) })]);
      if (outcome === 'already-there') return refuse(alreadyTrusted(admitted.value));
      if (outcome === 'added') {
        audit.record(said);
        return grant(anchor);
      }
    }
    return refuse({ code: 'registration.trust-in-motion' });
  }

  async list(tenant: TenantId, page: PageRequest): Promise<Page<TrustAnchor>> {
    return this.#needs.anchors.listOf(tenant, page);
  }

  async find(tenant: TenantId, fingerprint: Fingerprint): Promise<Decision<TrustAnchor, Refusal>> {
    const anchor = await this.#needs.anchors.find(tenant, fingerprint);
    return anchor ? grant(anchor) : unknownAnchor(fingerprint);
  }

  async change(
    tenant: TenantId,
    fingerprint: Fingerprint,
    wish: AnchorWish,
    by: string,
    isExpected?: IsExpected,
  ): Promise<Decision<TrustAnchor, Refusal>> {
    const { anchors, clock, audit } = this.#needs;
    if (wish.name !== undefined && !isAcceptableName(wish.name)) {
      return refuse({ code: 'anchor.name', evidence: { characters: wish.name.length } });
    }
    const said = { what: 'anchor.changed', tenant, by, subject: fingerprint } as const;
    const changed = await this.#decide(tenant, fingerprint, isExpected, async (former) => {
      const activates = wish.status === 'enabled' && former.status !== 'enabled';
      const admitted = activates ? admitTrustAnchor(former.certificate, clock.now()) : grant(former.certificate);
      const disables = wish.status === 'disabled' && former.status === 'enabled';
      const change = disables ? { ...wish, lastDisabledAt: clock.now() } : wish;
      const entry = auditEntry(said, clock.now(), difference(anchorFacts(former), anchorFacts({ ...former, ...wish })));
      return admitted.granted ? anchors.change(tenant, fingerprint, change, former, [entry]) : admitted;
    });
    if (!changed.granted) return changed;
    const anchor = changed.value;
    // The change is committed: whoever connects from now on is judged by it. What stood before is ended here.
    const sessionsEnded = isInForce(anchor) ? 0 : this.#needs.sessions.endByAnchor(tenant, fingerprint);
    audit.record({ ...said, sessionsEnded });
    return grant(anchor);
  }

  async remove(tenant: TenantId, fingerprint: Fingerprint, by: string, isExpected?: IsExpected): Promise<Decision<undefined, Refusal>> {
    const { anchors, sessions, clock, audit } = this.#needs;
    const said = { what: 'anchor.removed', tenant, by, subject: fingerprint } as const;
    const entry = (former?: TrustAnchor): readonly AuditEntry[] => [auditEntry(said, clock.now(), { before: former && wholeAnchorFacts(former) })];
    const removed = await this.#decide(tenant, fingerprint, isExpected, async (former) =>
      (await anchors.remove(tenant, fingerprint, former, entry(former))) ? former : undefined,
    );
    // A damaged row is not found, and can be removed all the same (F32).
    const isDamaged = !removed.granted && removed.refusal.code === 'anchor.unknown' && !isExpected;
    if (!removed.granted && !(isDamaged && (await anchors.remove(tenant, fingerprint, undefined, entry())))) return removed;
    const sessionsEnded = sessions.endByAnchor(tenant, fingerprint);
    audit.record({ ...said, sessionsEnded });
    return grant(undefined);
  }

  /** The write names what was read, and is decided anew where that is no longer there (R09): the audit says what was before. */
  async #decide(tenant: TenantId, fingerprint: Fingerprint, isExpected: IsExpected | undefined, write: Write): Promise<Decision<TrustAnchor, Refusal>> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const former = await this.#needs.anchors.find(tenant, fingerprint);
      if (!former) return unknownAnchor(fingerprint);
      if (isExpected && !isExpected(former)) return refuse({ code: 'access.changed-meanwhile' });
      const written = await write(former);
      if (written && 'granted' in written) return written;
      if (written) return grant(written);
    }
    return refuse({ code: 'registration.trust-in-motion' });
  }

  /** The first certificate of the upload; further ones must each have issued the one before (X31). */
  #read({ certificate: upload }: AnchorUpload): Decision<Certificate, Refusal> {
    const { decoder, reader, verifier } = this.#needs;
    const ders = decoder.decode(upload);
    if (!ders.granted) return ders;
    const certificates: Certificate[] = [];
    for (const [position, der] of ders.value.entries()) {
      const read = reader.read(der);
      if (!read.granted) {
        const { code, evidence } = read.refusal;
        return refuse({ code: 'anchor.unreadable', evidence: { reason: code, position, ...evidence } });
      }
      const child = certificates[position - 1];
      if (child && !(child.issuer.key === read.value.subject.key && verifier.verifies(child, read.value))) {
        return refuse({ code: 'anchor.not-a-chain', evidence: { position } });
      }
      certificates.push(read.value);
    }
    const [first] = certificates;
    return first ? grant(first) : refuse({ code: 'anchor.unreadable' });
  }

  async #lookAround(tenant: TenantId, certificate: Certificate): Promise<Decision<{ inert: boolean }, Refusal>> {
    const { anchors, verifier, sharing } = this.#needs;
    const same = await anchors.findSame(certificate.thumbprint);
    if (same.some((anchor) => !sharing || anchor.tenant === tenant)) return refuse(alreadyTrusted(certificate));
    const namesakes = await anchors.findNamed([certificate.subject.key]);
    const own = namesakes.filter((anchor) => anchor.tenant === tenant);
    if (own.length >= MOST_OF_ONE_NAME) return refuse({ code: 'anchor.too-many-of-one-name', evidence: { trusted: own.length } });
    if (sharing) return grant({ inert: false });
    const above = await anchors.findNamed([certificate.issuer.key]);
    const below = await anchors.findIssuedBy([certificate.subject.key]);
    const verifies = (child: Certificate, issuer: Certificate) => verifier.verifies(child, issuer);
    return grant({ inert: touchesOthers(certificate, { tenant, others: [...above, ...below], verifies }) });
  }
}

const alreadyTrusted = ({ fingerprint }: Certificate): Refusal => ({ code: 'anchor.already-trusted', evidence: { fingerprint } });
