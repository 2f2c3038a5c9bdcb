import { auditEntry } from '../audit/audit-entry.ts';
import type { Certificate } from '../certificates/certificate.ts';
import type { Refusal } from '../refusal.ts';
import { sentenceOf } from '../refusal.ts';
import { AskingLanes } from '../revocation/asking-lanes.ts';
import { answered, unanswered } from '../revocation/asking-times.ts';
import { changesTrust, ISSUER_NOT_SEEN, isSameAsked, WANTED_FOR_MS, type AskedCertificate, type KnownCertificate, type ResponderAnswer, type ResponderRule, type Wanted } from '../revocation/responder-answer.ts';
import { isMeant } from '../revocation/revocation.ts';
import { revokedNameText } from '../revocation/revoked-names.ts';
import type { Decision } from '../shared/decision.ts';
import type { AuditLog } from '../../ports/driven/audit-log.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { Log } from '../../ports/driven/log.ts';
import type { RevocationStore } from '../../ports/driven/revocation-store.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { ResponderAsking } from '../../ports/driving/responder-asking.ts';
import { modeOf, type RevocationNeeds } from './ask-revocation.ts';
import { bestAnswer, issuerOf, type BestAnswerNeeds } from './best-answer.ts';
import { noteSeen, type NoteSeenNeeds } from './note-seen.ts';

export interface AskRespondersNeeds extends Omit<RevocationNeeds, 'revocations' | 'tenants'>, BestAnswerNeeds, NoteSeenNeeds {
  readonly revocations: RevocationStore;
  readonly tenants: TenantDirectory;
  readonly sessions: SessionBoard;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly log: Log;
}

interface Question {
  readonly certificate: AskedCertificate;
  /** Where it came along with the device. */
  readonly issuer?: Certificate;
}

const DAY = 86_400_000;

export class AskResponders implements ResponderAsking {
  readonly #needs: AskRespondersNeeds;
  readonly #lanes = new AskingLanes<Question>();
  readonly #underWay = new Set<Promise<void>>();
  /** Rules whose fleet was gone through by this process. */
  #seeded: ReadonlySet<string> = new Set();
  /** By lane: the failure that was told of last. */
  readonly #told = new Map<string, string>();
  #round: Promise<void> | undefined;
  /** What is under way is given up when the gate ends. */
  readonly #ending = new AbortController();
  #tidied = Number.NEGATIVE_INFINITY;

  constructor(needs: AskRespondersNeeds) {
    this.#needs = needs;
  }

  want(wanted: readonly Wanted[]): void {
    for (const { certificate, issuer } of wanted) this.#lanes.add(laneOf(certificate), certificate.fingerprint, { certificate, issuer });
    this.#pump();
  }

  round(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) this.#ending.abort();
    return (this.#round ??= this.#run(signal).finally(() => (this.#round = undefined)));
  }

  async askNow(known: KnownCertificate): Promise<KnownCertificate> {
    return (await this.#ask(known)).known;
  }

  async #run(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) return void (await Promise.allSettled(this.#underWay));
    try {
      await this.#tidy();
      const seeded = new Set<string>();
      for (const rule of await this.#needs.answers.rules()) {
        if (signal?.aborted || (await modeOf(this.#needs, rule.tenant, 'check.ocsp')) === 'off') continue;
        if (!this.#seeded.has(laneOf(rule))) await noteSeen(this.#needs, rule, this.#needs.clock.now());
        seeded.add(laneOf(rule));
        await this.#takeUpDue(rule);
      }
      this.#seeded = seeded;
    } catch (error) {
      this.#needs.log.warn({ reason: String(error) }, 'OCSP responders could not be asked. It is tried again.');
    }
    this.#pump();
  }

  async #tidy(): Promise<void> {
    const at = this.#needs.clock.now();
    if (at.getTime() - this.#tidied < DAY) return;
    this.#tidied = at.getTime();
    // Sessions that have been open for weeks are noted anew.
    this.#seeded = new Set();
    await this.#needs.answers.forget(at);
  }

  async #takeUpDue(rule: ResponderRule): Promise<void> {
    const at = this.#needs.clock.now();
    const space = Math.min(DUE_AT_ONCE, this.#lanes.spaceIn(laneOf(rule), at.getTime()));
    if (space <= 0) return;
    for (const certificate of await this.#needs.answers.due(rule, at, space)) this.#lanes.add(laneOf(rule), certificate.fingerprint, { certificate });
  }

  #pump(): void {
    if (this.#ending.signal.aborted) return;
    for (let next = this.#lanes.take(this.#now()); next; next = this.#lanes.take(this.#now())) {
      const taken = next;
      const work: Promise<void> = this.#work(taken.item).then((reached) => {
        this.#lanes.done(taken, reached, this.#now());
        this.#underWay.delete(work);
        this.#pump();
      });
      this.#underWay.add(work);
    }
  }

  #now = (): number => this.#needs.clock.now().getTime();

  /** Whether a responder was reached; undefined where none was asked. Never rejects. */
  async #work({ certificate, issuer }: Question): Promise<boolean | undefined> {
    const { answers, clock, log } = this.#needs;
    try {
      if (issuer) await this.#note(certificate, issuer);
      const known = (await answers.about(certificate.tenant, [certificate])).find((it) => isSameAsked(it, certificate));
      const isDue = known && (known.askAt <= clock.now() || (issuer && known.problem === ISSUER_NOT_SEEN));
      return isDue ? (await this.#ask(known, issuer)).reached : undefined;
    } catch (error) {
      log.warn({ tenant: certificate.tenant, reason: String(error) }, 'A certificate could not be asked about. It is tried again.');
      return undefined;
    }
  }

  async #note(certificate: AskedCertificate, issuer: Certificate): Promise<void> {
    const { answers, clock } = this.#needs;
    const at = clock.now();
    if (issuer.fingerprint !== certificate.anchor) await answers.keepIssuer(certificate.tenant, issuer.fingerprint, issuer.der);
    await answers.note([{ ...certificate, wantedUntil: new Date(at.getTime() + WANTED_FOR_MS) }], at);
  }

  async #ask(known: KnownCertificate, given?: Certificate): Promise<{ readonly known: KnownCertificate; readonly reached?: boolean }> {
    const { answers, clock } = this.#needs;
    const rule = await answers.ruleOf(known.tenant, known.anchor);
    if (!rule) return { known };
    const issuer = given ?? (await issuerOf(this.#needs, known));
    if (!issuer) return { known: await this.#keep(known, unanswered(known, ISSUER_NOT_SEEN, clock.now())) };
    const best = await bestAnswer(this.#needs, { known, issuer, rule, signal: this.#ending.signal });
    if (this.#ending.signal.aborted && !best.granted) return { known };
    this.#tell(rule, best);
    const reached = best.granted || best.refusal.code !== 'ocsp.not-asked';
    return { known: await this.#keep(known, best.granted ? answered(known, best.value) : unanswered(known, best.refusal.code, clock.now())), reached };
  }

  /** What is known then. Sessions end before anything else is done; tokens are dead with the write. */
  async #keep(before: KnownCertificate, now: KnownCertificate): Promise<KnownCertificate> {
    const { answers, sessions, clock, audit } = this.#needs;
    if (now.answer === before.answer || !now.answer || !changesTrust(before.answer, now.answer)) return (await answers.keep(now)) ? now : before;
    const { tenant } = now;
    const { status, from, revoked } = now.answer;
    const said = { what: status === 'revoked' ? 'certificate.revoked' : 'certificate.released', tenant, by: from, subject: revokedNameText(now) } as const;
    const entry = auditEntry(said, clock.now(), { before: before.answer && { status: before.answer.status }, after: { status, ...revoked } });
    if (!(await answers.keep(now, [entry]))) return before;
    const isOver = status === 'revoked' && (await modeOf(this.#needs, tenant, 'check.ocsp')) === 'enforce';
    const sessionsEnded = isOver ? sessions.endByCertificate(tenant, (certificate) => isMeant(now, certificate)) : 0;
    audit.record({ ...said, ...(revoked && { reason: revoked.reason }), sessionsEnded });
    return now;
  }

  /** Once for each new failure of the responders of a CA, not for each certificate. */
  #tell(rule: ResponderRule, said: Decision<ResponderAnswer, Refusal>): void {
    const lane = laneOf(rule);
    if (said.granted) return void this.#told.delete(lane);
    if (this.#told.get(lane) === said.refusal.code) return;
    this.#told.set(lane, said.refusal.code);
    const { tenant, anchor } = rule;
    this.#needs.log.warn({ tenant, anchor, code: said.refusal.code }, `A responder gave no answer; the last good one stays. ${sentenceOf(said.refusal)}`);
  }
}

/** Taken up in one round. */
const DUE_AT_ONCE = 500;

const laneOf = ({ tenant, anchor }: Pick<AskedCertificate, 'tenant' | 'anchor'>): string => `${tenant}/${anchor}`;
