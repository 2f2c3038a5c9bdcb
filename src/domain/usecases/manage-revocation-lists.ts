import type { Fingerprint } from '../certificates/certificate.ts';
import { auditEntry } from '../audit/audit-entry.ts';
import type { Refusal } from '../refusal.ts';
import { checkRule } from '../revocation/list-rules.ts';
import { scopeKey } from '../revocation/list-scope.ts';
import type { ListedCertificate } from '../revocation/revocation-list.ts';
import type { Revocation } from '../revocation/revocation.ts';
import { MOST_LISTS, USUAL_RULE, type ListRule, type StoredList } from '../revocation/stored-list.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { TenantId } from '../trust/tenant.ts';
import { unknownAnchor } from '../trust/unknown-anchor.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Identifiers } from '../../ports/driven/identifiers.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { RevocationStore } from '../../ports/driven/revocation-store.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import type { RevocationListDesk } from '../../ports/driving/revocation-list-desk.ts';
import { AnchorRules } from './anchor-rules.ts';
import { endRevokedSessions, type EndRevokedSessionsNeeds } from './end-revoked-sessions.ts';
import { readList, type ReadListNeeds, type UsableList } from './read-list.ts';

export interface ManageRevocationListsNeeds extends ReadListNeeds, EndRevokedSessionsNeeds {
  readonly revocations: RevocationStore;
  readonly anchors: TrustAnchorStore;
  readonly clock: Clock;
  readonly identifiers: Identifiers;
  readonly audit: AuditLog;
  readonly log: Log;
}

/** Entries forgotten in one write. */
const FORGOTTEN_AT_ONCE = 1_000;
/** One is worked on, one waits: each may take a hundred megabytes. */
const MOST_AT_WORK = 2;

/** Where lists come into force, and go. Their entries are filled in before, and forgotten after, without anybody noticing. */
export class ManageRevocationLists implements RevocationListDesk {
  readonly #needs: ManageRevocationListsNeeds;
  readonly #rules: AnchorRules<ListRule>;
  #atWork = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(needs: ManageRevocationListsNeeds) {
    this.#needs = needs;
    this.#rules = new AnchorRules({ ...needs, store: needs.lists, check: checkRule<ListRule>, of: 'list', unknown: unknownRule });
  }

  async add(tenant: TenantId, anchor: Fingerprint, upload: Uint8Array, by: string): Promise<Decision<StoredList, Refusal>> {
    if (this.#atWork >= MOST_AT_WORK) return refuse({ code: 'list.busy' });
    this.#atWork += 1;
    const added = this.#last.then(() => this.#add(tenant, anchor, upload, by));
    this.#last = added.catch(() => undefined);
    try {
      return await added;
    } finally {
      this.#atWork -= 1;
    }
  }

  async list(tenant: TenantId): Promise<readonly StoredList[]> {
    return this.#needs.lists.ofTenant(tenant);
  }

  async remove(tenant: TenantId, id: string, by: string): Promise<Decision<undefined, Refusal>> {
    const { lists, clock, audit } = this.#needs;
    const said = { what: 'list.removed', tenant, by, subject: id.slice(0, 64) } as const;
    const gone = await lists.withdraw(tenant, id, [auditEntry(said, clock.now())]);
    if (!gone) return refuse({ code: 'list.unknown', evidence: { id: id.slice(0, 64) } });
    audit.record({ ...said, subject: `${gone.issuerText} ${id}` });
    void this.#forget(gone);
    return grant(undefined);
  }

  async rule(tenant: TenantId, anchor: Fingerprint): Promise<Decision<ListRule, Refusal>> {
    const known = await this.#needs.anchors.find(tenant, anchor);
    return known ? grant((await this.#needs.lists.ruleOf(tenant, anchor)) ?? { tenant, anchor, ...USUAL_RULE }) : unknownAnchor(anchor);
  }

  async setRule(rule: ListRule, by: string): Promise<Decision<ListRule, Refusal>> {
    return this.#rules.set(rule, by);
  }

  async removeRule(tenant: TenantId, anchor: Fingerprint, by: string): Promise<Decision<undefined, Refusal>> {
    return this.#rules.remove({ tenant, anchor }, by);
  }

  /** Another process may be filling in a list right now: only what is older than a day counts as left behind. */
  async tidy(): Promise<void> {
    const dayAgo = new Date(this.#needs.clock.now().getTime() - 86_400_000);
    for (const list of await this.#needs.lists.leftBehind(dayAgo)) await this.#forget(list);
  }

  async #add(tenant: TenantId, fingerprint: Fingerprint, upload: Uint8Array, by: string): Promise<Decision<StoredList, Refusal>> {
    const { anchors, clock, identifiers, lists, audit } = this.#needs;
    const anchor = await anchors.find(tenant, fingerprint);
    if (!anchor) return unknownAnchor(fingerprint);
    const at = clock.now();
    const usable = await readList(this.#needs, anchor, upload, at);
    if (!usable.granted) {
      audit.record({ what: 'list.refused', tenant, by, subject: fingerprint, reason: usable.refusal.code });
      return usable;
    }
    const known = await lists.ofTenant(tenant);
    const list: StoredList = { ...usable.value.list, id: identifiers.next(), from: by, addedAt: at };
    const same = known.find((it) => it.thumbprint === list.thumbprint && it.anchor === list.anchor);
    if (same) return grant(same);
    const former = known.find((it) => isInPlaceOf(it, list));
    if (former && former.thisUpdate >= list.thisUpdate) return notNewer(list);
    if (!former && known.length >= MOST_LISTS.perTenant) return tooMany(known.length);
    return this.#fill(list, usable.value.entries, by);
  }

  async #fill(list: StoredList, entries: UsableList['entries'], by: string): Promise<Decision<StoredList, Refusal>> {
    const { lists, revocations, audit } = this.#needs;
    const said = { what: 'list.added', tenant: list.tenant, by, subject: `${list.issuerText} ${list.id}, ${list.entries} entries` } as const;
    await lists.begin(list);
    let replaced: readonly StoredList[] | 'too-many' | undefined;
    try {
      for await (const batch of entries()) await revocations.add(batch.flatMap((entry) => revocationOf(list, entry)));
      replaced = await lists.install(list, [auditEntry(said, list.addedAt, { after: { anchor: list.anchor, id: list.id, entries: list.entries } })], MOST_LISTS.perTenant);
    } finally {
      if (!replaced || replaced === 'too-many') void this.#forget(list);
    }
    if (replaced === 'too-many') return tooMany(MOST_LISTS.perTenant);
    if (!replaced) return notNewer(list);
    const sessionsEnded = await endRevokedSessions(this.#needs, list.tenant);
    audit.record({ ...said, sessionsEnded });
    for (const former of replaced) void this.#forget(former);
    return grant(list);
  }

  /** Of a list that is not in force. What is not forgotten now is forgotten by `tidy`. */
  async #forget({ tenant, id }: StoredList): Promise<void> {
    const { revocations, lists, pause, log } = this.#needs;
    try {
      while ((await revocations.forgetList(tenant, `crl:${id}`, FORGOTTEN_AT_ONCE)) === FORGOTTEN_AT_ONCE) await pause();
      await lists.finish(tenant, id);
    } catch (error) {
      log.warn({ tenant, list: id, reason: String(error) }, 'The entries of a revocation list that is no longer in force could not be forgotten. They count for nothing, and will be forgotten later.');
    }
  }
}

/** Nothing for what a delta takes back: it stays until the next full list, which is the safe side (D-44). */
const revocationOf = ({ tenant, id, issuer }: StoredList, { serialNumber, since, reason }: ListedCertificate): readonly Revocation[] =>
  reason === 'removeFromCRL' ? [] : [{ ...{ tenant, source: `crl:${id}`, serialNumber, issuer, fingerprint: '' }, ...{ reason, since, by: '', note: '' } }];

const isInPlaceOf = (a: StoredList, b: StoredList): boolean =>
  a.anchor === b.anchor && a.issuer === b.issuer && a.authorityKeyIdentifier === b.authorityKeyIdentifier && scopeKey(a.scope) === scopeKey(b.scope) && (a.deltaOf === undefined) === (b.deltaOf === undefined);

const notNewer = ({ thisUpdate }: StoredList) => refuse({ code: 'list.not-newer' as const, evidence: { thisUpdate: thisUpdate.toISOString() } });

const tooMany = (lists: number) => refuse({ code: 'list.too-many' as const, evidence: { lists } });

const unknownRule = (fingerprint: Fingerprint) => refuse({ code: 'list.unknown-rule' as const, evidence: { fingerprint } });
