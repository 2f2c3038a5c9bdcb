import { auditEntry } from '../audit/audit-entry.ts';
import type { Refusal } from '../refusal.ts';
import { LONGEST_REASON, parseBlockReason } from '../registration/block.ts';
import { isRevocationReason, OPERATOR_SOURCES, parseSerialNumber, REVOCATION_REASONS, type Revocation, type RevocationReason, type RevokedName } from '../revocation/revocation.ts';
import { meansAny, namesText, revokedNameText } from '../revocation/revoked-names.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { AdmissionEpoch } from '../../ports/driven/admission-epoch.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Pause } from '../../ports/driven/pause.ts';
import type { RevocationListSigner } from '../../ports/driven/revocation-list-signer.ts';
import { MOST_AT_ONCE, type RevocationStore } from '../../ports/driven/revocation-store.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import type { CertificateChoice, OperatorSource, Released, RevocationDesk, RevocationWish, Revoked, RevokedAll, RevokedSerial } from '../../ports/driving/revocation-desk.ts';
import type { Page, PageRequest } from '../../ports/page.ts';
import { nameCertificate, type NameCertificateNeeds } from './name-certificate.ts';
import { SignedLists } from './signed-lists.ts';

export interface ManageRevocationsNeeds extends NameCertificateNeeds {
  readonly revocations: RevocationStore;
  readonly sessions: SessionBoard;
  readonly epoch: AdmissionEpoch;
  readonly listSigner: RevocationListSigner;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly pause: Pause;
}

/** What operators of one tenant may say in all: their list must fit into one CRL. */
export const MOST_REVOKED = 100_000;

/** Revokes certificates for good or until further notice, and ends what rests on them. */
export class ManageRevocations implements RevocationDesk {
  readonly #needs: ManageRevocationsNeeds;
  readonly #lists: SignedLists;

  constructor(needs: ManageRevocationsNeeds) {
    this.#needs = needs;
    this.#lists = new SignedLists(needs);
  }

  async revoke(tenant: TenantId, wish: RevocationWish, by: string): Promise<Decision<Revoked, Refusal>> {
    return this.#say(tenant, 'manual', wish, by);
  }

  async hold(tenant: TenantId, wish: RevocationWish, by: string): Promise<Decision<Revoked, Refusal>> {
    return this.#say(tenant, 'hold', wish, by);
  }

  async plan(tenant: TenantId, source: OperatorSource, { reason, since, note, ...choice }: RevocationWish, by: string): Promise<Decision<Revocation, Refusal>> {
    const why = reasonOf(source, reason);
    if (!why) return refuse({ code: 'revocation.unknown-reason', evidence: { known: Object.keys(REVOCATION_REASONS).join(' ') } });
    if (note !== undefined && note !== '' && parseBlockReason(note) === undefined) return refuse({ code: 'revocation.unusable-note', evidence: { characters: note.length, most: LONGEST_REASON } });
    const name = await nameCertificate(this.#needs, tenant, choice);
    if (!name.granted) return name;
    const room = await this.#hasRoom(tenant, 1);
    if (!room.granted) return room;
    return grant({ tenant, source, ...name.value, reason: why, since: notLater(since, this.#needs.clock.now()), by, note: note ?? '' });
  }

  async planAll(tenant: TenantId, serials: readonly RevokedSerial[], by: string): Promise<Decision<readonly Revocation[], Refusal>> {
    if (serials.length > MOST_AT_ONCE) return refuse({ code: 'revocation.too-many', evidence: { entries: serials.length, most: MOST_AT_ONCE } });
    const now = this.#needs.clock.now();
    const revocations: Revocation[] = [];
    for (const [i, { serialNumber: text, since }] of serials.entries()) {
      const serialNumber = parseSerialNumber(text);
      if (serialNumber === undefined) return refuse({ code: 'revocation.malformed-serial-number', evidence: { entry: i + 1 } });
      revocations.push({ tenant, source: 'manual', ...anyIssuers(serialNumber), reason: 'unspecified', since: notLater(since, now), by, note: '' });
    }
    const room = await this.#hasRoom(tenant, revocations.length);
    return room.granted ? grant(revocations) : room;
  }

  async revokeAll(tenant: TenantId, serials: readonly RevokedSerial[], by: string): Promise<Decision<RevokedAll, Refusal>> {
    const planned = await this.planAll(tenant, serials, by);
    if (!planned.granted) return planned;
    const revocations = planned.value;
    const said = { what: 'certificate.revoked', tenant, by, subject: namesText(revocations) };
    const entry = auditEntry(said, this.#needs.clock.now(), { after: { serialNumbers: revocations.map(({ serialNumber }) => serialNumber) } });
    const added = await this.#needs.revocations.addWithin(MOST_REVOKED, revocations, [entry]);
    if (added === 'too-many') return tooMany();
    return grant({ added: added.length, sessionsEnded: this.#ends(tenant, 'certificate.revoked', revocations, { by, added }) });
  }

  async release(tenant: TenantId, choice: CertificateChoice, by: string): Promise<Decision<Released, Refusal>> {
    const { revocations, clock, audit } = this.#needs;
    const name = await nameCertificate(this.#needs, tenant, choice);
    if (!name.granted) return name;
    const said = await revocations.about(tenant, [name.value]);
    const released: Revocation[] = [];
    for (const hold of said.filter(({ source }) => source === 'hold')) {
      const deed = { what: 'certificate.released', tenant, by, subject: revokedNameText(hold) } as const;
      if (!(await revocations.release(tenant, 'hold', hold, [auditEntry(deed, clock.now(), { before: factsOf(hold) })]))) continue;
      released.push(hold);
      audit.record(deed);
    }
    const isStillRevoked = said.some(({ source }) => source !== 'hold');
    if (released.length > 0) return grant({ released, isStillRevoked });
    return refuse({ code: isStillRevoked ? 'revocation.for-good' : 'revocation.not-on-hold', evidence: { certificate: revokedNameText(name.value) } });
  }

  async list(tenant: TenantId, sources: readonly OperatorSource[], page: PageRequest): Promise<Page<Revocation>> {
    return this.#needs.revocations.listOf(tenant, sources, page);
  }

  async signedList(tenant: TenantId): Promise<Uint8Array> {
    return this.#lists.of(tenant);
  }

  async listSigner(tenant: TenantId): Promise<Uint8Array> {
    return this.#needs.listSigner.certificateOf(tenant);
  }

  async #say(tenant: TenantId, source: OperatorSource, wish: RevocationWish, by: string): Promise<Decision<Revoked, Refusal>> {
    const planned = await this.plan(tenant, source, wish, by);
    if (!planned.granted) return planned;
    const revocation = planned.value;
    const what = source === 'hold' ? 'certificate.held' : 'certificate.revoked';
    const entry = auditEntry({ what, tenant, by, subject: revokedNameText(revocation) }, this.#needs.clock.now(), { after: factsOf(revocation) });
    const added = await this.#needs.revocations.addWithin(MOST_REVOKED, [revocation], [entry]);
    if (added === 'too-many') return tooMany();
    const sessionsEnded = this.#ends(tenant, what, [revocation], { by, added, reason: revocation.reason });
    return grant({ revocation: added[0] ?? (await this.#former(revocation)), isNew: added.length > 0, sessionsEnded });
  }

  /** After the store, so that a connection that slips in between is refused. What was said before is said again for the sessions alone. */
  #ends(
    tenant: TenantId,
    what: 'certificate.revoked' | 'certificate.held',
    names: readonly RevokedName[],
    { by, added, reason }: { readonly by: string; readonly added: readonly Revocation[]; readonly reason?: string },
  ): number {
    const sessionsEnded = this.#needs.sessions.endByCertificate(tenant, meansAny(names));
    if (added.length > 0 || sessionsEnded > 0) {
      const subject = namesText(added.length > 0 ? added : names, names.length);
      this.#needs.audit.record({ what, tenant, by, subject, sessionsEnded, ...(reason !== undefined && { reason }) });
    }
    return sessionsEnded;
  }

  async #former(revocation: Revocation): Promise<Revocation> {
    const said = await this.#needs.revocations.about(revocation.tenant, [revocation]);
    const isSame = (it: Revocation): boolean => (['source', 'serialNumber', 'issuer', 'fingerprint'] as const).every((member) => it[member] === revocation[member]);
    return said.find(isSame) ?? revocation;
  }

  /** For a forecast, and so that most who have none hear it early; the write itself settles a race. */
  async #hasRoom(tenant: TenantId, more: number): Promise<Decision<undefined, Refusal>> {
    const there = await this.#needs.revocations.countOf(tenant, OPERATOR_SOURCES);
    return there + more <= MOST_REVOKED ? grant(undefined) : tooMany(there);
  }
}

const tooMany = (there: number = MOST_REVOKED) => refuse({ code: 'revocation.too-many' as const, evidence: { there, most: MOST_REVOKED } });

const factsOf = ({ serialNumber, issuer, fingerprint, reason, since, note }: Revocation) => ({ serialNumber, issuer, fingerprint, reason, since: since.toISOString(), note });

const anyIssuers = (serialNumber: string): RevokedName => ({ serialNumber, issuer: '', fingerprint: '' });

const notLater = (since: Date | undefined, now: Date): Date => (since && since < now ? since : now);

/** A hold is a hold in the list that is exported, whatever its reason; a revocation for good is never called one. */
function reasonOf(source: OperatorSource, given: string | undefined): RevocationReason | undefined {
  if (source === 'hold') return given === undefined || given === 'certificateHold' ? 'certificateHold' : undefined;
  if (given === undefined) return 'unspecified';
  return isRevocationReason(given) && given !== 'certificateHold' ? given : undefined;
}
