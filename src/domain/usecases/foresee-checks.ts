import { ImpactCount, isPassable, type Effect, type Impact, type PlannedChange, type PlannedOption } from '../impact/impact.ts';
import type { Refusal, RefusalCode } from '../refusal.ts';
import type { RevocableCertificate } from '../revocation/revocation.ts';
import { meansAny, namesText } from '../revocation/revoked-names.ts';
import type { DeviceSession } from '../sessions/device-session.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import { nameOf, wrongOption } from '../trust/tenant-option.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import type { Pause } from '../../ports/driven/pause.ts';
import type { SeenPath, SeenPaths } from '../../ports/driven/seen-paths.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import type { RevocationNeeds } from './ask-revocation.ts';
import { askTenant } from './ask-tenant.ts';
import { revokedOnBoard } from './end-revoked-sessions.ts';
import { everyPath } from './every-path.ts';
import { sessionsAgainstRules } from './meets-rules.ts';
import { asPlanned, withRevocations } from './planned-checks.ts';
import { pathsSeen } from './seen-ways.ts';
import { standingAnchors, type Standing } from './standing-anchors.ts';
import { tokenLifeMs } from './token-life.ts';

export interface ForeseeChecksNeeds extends RevocationNeeds {
  readonly anchors: TrustAnchorStore;
  readonly devices: DeviceRegistry;
  readonly paths: SeenPaths;
  readonly reader: CertificateReader;
  readonly sessions: SessionBoard;
  readonly tenants: TenantDirectory;
  readonly clock: Clock;
  readonly pause: Pause;
}

interface Question {
  readonly tenant: TenantId;
  readonly at: Date;
  /** What is asked now, and what would be. */
  readonly before: RevocationNeeds;
  readonly after: RevocationNeeds;
  /** Whether a device that came with these is asked about at all: to judge one costs a hundred times as much as to pass it over. */
  readonly concerns: (chain: readonly RevocableCertificate[]) => boolean;
  /** Whether it is known of a session alone that it ends. */
  readonly hits: (session: DeviceSession) => boolean;
  /** Whether the session of a device that is on another process would end, by what is remembered of the device; of ours the session itself is asked. */
  readonly endsElsewhere: (effect: Effect, why: string | undefined) => boolean;
}
type Of<Kind extends PlannedChange['kind']> = Extract<PlannedChange, { kind: Kind }>;

/** What is left unsaid keeps a device from coming again, and ends no session (D-54). */
const ENDS_NO_SESSION: ReadonlySet<string> = new Set<RefusalCode>(['revocation.list-missing', 'revocation.list-stale', 'revocation.ocsp-missing', 'revocation.ocsp-unknown', 'revocation.ocsp-stale']);

/** Devices judged between two turns of everybody else: each takes two judgements, of 50 µs or so. */
const AT_ONCE = 10;

/**
 * The part of `ForeseeChanges` about what is asked of certificates: the production rules, asked of the ways on which each device came last, once as
 * things are and once as they would be (D-57).
 */
export class ForeseeChecks {
  readonly #needs: ForeseeChecksNeeds;

  constructor(needs: ForeseeChecksNeeds) {
    this.#needs = needs;
  }

  async ofRevocations({ kind, tenant, revocations }: Of<'certificate.revoke' | 'certificate.hold'>): Promise<Decision<Impact, Refusal>> {
    const isMeant = meansAny(revocations);
    const hits = ({ path }: DeviceSession): boolean => path.some(isMeant);
    const at = this.#needs.clock.now();
    const after = withRevocations(this.#needs, revocations);
    const { elsewhere, ...counted } = await this.#count({ tenant, at, before: this.#needs, after, concerns: (chain) => chain.some(isMeant), hits, endsElsewhere: () => true });
    const sessionsOnline = this.#needs.sessions.openOf(tenant).filter(hits).length + elsewhere;
    return grant({ change: kind, tenant, subject: namesText(revocations), ...counted, sessionsOnline, warnings: [] });
  }

  async ofOptions({ kind, tenant, options }: Of<'option.change'>): Promise<Decision<Impact, Refusal>> {
    const wrong = options.map(({ category, key, value }) => (value === undefined ? undefined : wrongOption({ category, key, value }))).find((it) => it !== undefined);
    if (wrong) return refuse({ code: 'tenant.unusable-option', evidence: wrong });
    const set = await this.#needs.tenants.optionsOf(tenant, 'fleetgate');
    const [before, after] = [asPlanned(this.#needs, set, []), asPlanned(this.#needs, set, options)];
    const endsElsewhere: Question['endsElsewhere'] = (effect, why) => effect === 'another-way' || (effect === 'alone' && !ENDS_NO_SESSION.has(why ?? ''));
    const { elsewhere, ...counted } = await this.#count({ tenant, at: this.#needs.clock.now(), before, after, concerns: () => true, hits: () => false, endsElsewhere });
    const { notSeenYet } = counted.devices;
    const warnings = notSeenYet === 0 ? [] : [`Of ${notSeenYet} registered devices it is not known with which certificates they came last: they may be hit too.`];
    return grant({ change: kind, tenant, subject: options.map(textOf).join(', '), ...counted, sessionsOnline: (await this.#ending(after, tenant)) + elsewhere, warnings });
  }

  async #count({ tenant, at, before, after, concerns, hits, endsElsewhere }: Question) {
    const { devices, paths, sessions, pause } = this.#needs;
    const count = new ImpactCount({ at, tokenLifeMs: await tokenLifeMs(this.#needs.tenants, tenant) });
    const reasons: Record<string, number> = {};
    const standing = standingAnchors(this.#needs.anchors, tenant, at);
    const here = new Map(sessions.openOf(tenant).map((session) => [session.device, session]));
    const online = new Set((await sessions.everywhere(tenant)).map(({ device }) => device));
    let [judged, elsewhere] = [0, 0];
    for await (const path of everyPath({ listOf: (...of) => paths.listWithChains(...of) }, tenant)) {
      if (!path.chain) continue;
      const isHere = here.delete(path.device);
      const sight = { device: path.device, lastSeen: path.lastSeen, isOnline: isHere || online.has(path.device) };
      if (!concerns(path.chain)) {
        count.add('untouched', sight);
        continue;
      }
      const { effect, why } = await this.#effectOn(path, { tenant, at, before, after }, standing);
      count.add(effect, sight);
      if (sight.isOnline && !isHere && endsElsewhere(effect, why)) elsewhere += 1;
      if (why !== undefined) reasons[why] = (reasons[why] ?? 0) + 1;
      if (++judged % AT_ONCE === 0) await pause();
    }
    for (const session of here.values()) if (hits(session)) count.add('alone', { device: session.device, lastSeen: at, isOnline: true });
    return { ...count.result({ registered: await devices.count(tenant) }), reasons, elsewhere };
  }

  async #effectOn(path: SeenPath, { tenant, at, before, after }: Pick<Question, 'tenant' | 'at' | 'before' | 'after'>, standing: Standing): Promise<{ readonly effect: Effect; readonly why?: string }> {
    const ways = path.ways.filter((way) => isPassable(way, path.notAfter, at));
    const paths = await pathsSeen(this.#needs.reader, { ...path, ways }, standing);
    if (paths.length === 0) return { effect: 'already-out' };
    const [is, would] = [await askTenant(before, { paths, tenant, at }), await askTenant(after, { paths, tenant, at })];
    if (would.granted) return { effect: is.granted && would.value.paths.length < is.value.paths.length ? 'another-way' : 'untouched' };
    return is.granted ? { effect: 'alone', why: would.refusal.code } : { effect: 'already-out' };
  }

  /** Sessions that would end, as they do when the option is set. */
  async #ending(after: RevocationNeeds, tenant: TenantId): Promise<number> {
    const needs = { ...this.#needs, ...after };
    const [revoked, against] = [await revokedOnBoard(needs, tenant), await sessionsAgainstRules(needs, tenant)];
    const ids = new Set(against.map(({ id }) => id));
    return needs.sessions.openOf(tenant).filter(({ id, path }) => ids.has(id) || path.some(({ fingerprint }) => revoked.has(fingerprint))).length;
  }
}

const textOf = (option: PlannedOption): string => `${nameOf(option)}${option.value === undefined ? ' removed' : `=${option.value}`}`;
