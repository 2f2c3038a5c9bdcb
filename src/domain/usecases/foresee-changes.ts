import type { Fingerprint } from '../certificates/certificate.ts';
import type { DeviceId } from '../identity/device-identity.ts';
import { parseDeviceId } from '../identity/device-id-rules.ts';
import { confirmAbove } from '../impact/change-options.ts';
import { ImpactCount, isPassable, withdrawalFrom, type Effect, type Impact, type PlannedChange } from '../impact/impact.ts';
import type { Way } from '../impact/way.ts';
import type { Refusal } from '../refusal.ts';
import type { Device } from '../registration/device.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import { MANAGEMENT, parseTenantId, type TenantId } from '../trust/tenant.ts';
import { unknownAnchor } from '../trust/unknown-anchor.ts';
import type { Clock } from '../../ports/driven/clock.ts';
import type { DeviceRegistry } from '../../ports/driven/device-registry.ts';
import type { SeenPath, SeenPaths } from '../../ports/driven/seen-paths.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { TrustAnchorStore } from '../../ports/driven/trust-anchor-store.ts';
import type { ImpactDesk } from '../../ports/driving/impact-desk.ts';
import { everyPath } from './every-path.ts';
import { ForeseeChecks, type ForeseeChecksNeeds } from './foresee-checks.ts';
import { standingAnchors, type Standing } from './standing-anchors.ts';
import { tokenLifeMs } from './token-life.ts';

export interface ForeseeChangesNeeds extends ForeseeChecksNeeds {
  readonly anchors: TrustAnchorStore;
  readonly devices: DeviceRegistry;
  readonly paths: SeenPaths;
  readonly sessions: SessionBoard;
  readonly tenants: TenantDirectory;
  readonly clock: Clock;
}

type Of<Kind extends PlannedChange['kind']> = Extract<PlannedChange, { kind: Kind }>;
interface Question {
  readonly concerns: (ways: readonly Way[]) => boolean;
  readonly effectOf: (open: readonly Way[]) => Effect;
}
type Known = Pick<SeenPath, 'device' | 'ways' | 'notAfter' | 'lastSeen'>;

const COMES_BACK = 'A CA on its last path registers devices automatically: it may come back by registering anew. Block it to keep it out.';

/** Looks at a change before it is made. */
export class ForeseeChanges implements ImpactDesk {
  readonly #needs: ForeseeChangesNeeds;
  readonly #checks: ForeseeChecks;

  constructor(needs: ForeseeChangesNeeds) {
    this.#needs = needs;
    this.#checks = new ForeseeChecks(needs);
  }

  async foresee(change: PlannedChange): Promise<Decision<Impact, Refusal>> {
    switch (change.kind) {
      case 'trust.disable':
      case 'trust.remove':
        return this.#ofAnchor(change);
      case 'device.remove':
      case 'device.block':
        return this.#ofDevice(change);
      case 'tenant.suspend':
        return this.#ofTenant(change);
      case 'certificate.revoke':
      case 'certificate.hold':
        return this.#checks.ofRevocations(change);
      case 'option.change':
        return this.#checks.ofOptions(change);
      case 'none': {
        const nobody = new ImpactCount({ at: this.#needs.clock.now(), tokenLifeMs: 0 }).result({ registered: 0 });
        return grant({ change: change.kind, tenant: change.tenant, subject: change.subject, ...nobody, sessionsOnline: 0, warnings: [] });
      }
    }
  }

  async agree(change: PlannedChange, confirm?: number): Promise<Decision<undefined, Refusal>> {
    const tenant = change.kind === 'none' ? undefined : parseTenantId(change.tenant);
    const most = tenant && confirmAbove(await this.#needs.tenants.option(tenant, 'fleetgate', 'confirm.above'));
    if (most === undefined) return grant(undefined);
    const impact = await this.foresee(change);
    if (!impact.granted) return grant(undefined);
    const { devices: { dependOnItAlone: devices }, sessionsOnline, estimatedLiveTokens } = impact.value;
    if (devices <= most || devices === confirm) return grant(undefined);
    const given = confirm !== undefined && { confirm };
    return refuse({ code: 'change.not-confirmed', evidence: { devices, sessionsOnline, estimatedLiveTokens, confirmAbove: most, ...given } });
  }

  async #ofAnchor({ kind, tenant, fingerprint }: Of<'trust.disable' | 'trust.remove'>): Promise<Decision<Impact, Refusal>> {
    const { anchors, sessions } = this.#needs;
    if (!(await anchors.find(tenant, fingerprint))) return unknownAnchor(fingerprint);
    const counted = await this.#count(tenant, {
      concerns: (ways) => ways.some(({ anchor }) => anchor === fingerprint),
      effectOf: (open) => withdrawalFrom(open, fingerprint),
    });
    const sessionsOnline = (await sessions.everywhere(tenant)).filter((session) => session.anchors.includes(fingerprint)).length;
    return grant({ change: kind, tenant, subject: fingerprint, ...counted, sessionsOnline, warnings: [] });
  }

  async #ofTenant({ kind, tenant: given }: Of<'tenant.suspend'>): Promise<Decision<Impact, Refusal>> {
    const id = parseTenantId(given);
    if (id === MANAGEMENT) return refuse({ code: 'tenant.management-stays' });
    const tenant = id && (await this.#needs.tenants.find(id));
    if (!tenant) return refuse({ code: 'tenant.unknown', evidence: { id: given.slice(0, 64) } });
    const isOpen = tenant.status === 'active';
    const counted = await this.#count(tenant.id, { concerns: () => true, effectOf: (open) => (isOpen && open.length > 0 ? 'alone' : 'already-out') });
    return grant({ change: kind, tenant: tenant.id, subject: tenant.id, ...counted, sessionsOnline: (await this.#needs.sessions.everywhere(tenant.id)).length, warnings: [] });
  }

  async #ofDevice({ kind, tenant, device: given }: Of<'device.remove' | 'device.block'>): Promise<Decision<Impact, Refusal>> {
    const { clock, devices, paths, sessions } = this.#needs;
    const id = parseDeviceId(given);
    const device = id.granted ? await devices.find(tenant, id.value) : undefined;
    if (!device) return refuse({ code: 'registration.unknown-device', evidence: { id: given.slice(0, 254) } });
    if (device.block && kind === 'device.remove') return refuse({ code: 'registration.block-stays', evidence: { reason: device.block.reason } });
    const at = clock.now();
    const online = (await sessions.everywhere(tenant)).filter((session) => session.device === device.id);
    const here = sessions.openOf(tenant).find((session) => session.device === device.id);
    const path = (await paths.of(tenant, device.id)) ?? (here && pathOf(here, at));
    const standing = standingAnchors(this.#needs.anchors, tenant, at);
    const open = path ? await openWays(path, at, standing) : [];
    const count = new ImpactCount({ at, tokenLifeMs: await tokenLifeMs(this.#needs.tenants, tenant) });
    if (path) count.add(effectOnDevice(device, open), { device: device.id, lastSeen: path.lastSeen, isOnline: online.length > 0 });
    const returns = kind === 'device.remove' && (await Promise.all(open.map(({ anchor }) => standing(anchor)))).some((anchor) => anchor?.autoRegistration);
    return grant({ change: kind, tenant, subject: device.id, ...count.result({ registered: 1 }), sessionsOnline: online.length, warnings: returns ? [COMES_BACK] : [] });
  }

  /** Every device of which a path is known; one that is online and was not written down yet, by its session. */
  async #count(tenant: TenantId, { concerns, effectOf }: Question) {
    const { clock, devices, paths, sessions } = this.#needs;
    const at = clock.now();
    const count = new ImpactCount({ at, tokenLifeMs: await tokenLifeMs(this.#needs.tenants, tenant) });
    const standing = standingAnchors(this.#needs.anchors, tenant, at);
    const here = new Map(sessions.openOf(tenant).map((session) => [session.device, session]));
    const online = new Set((await sessions.everywhere(tenant)).map(({ device }) => device));
    const add = async (path: Known): Promise<void> => {
      here.delete(path.device);
      const isOnline = online.has(path.device);
      // Of devices that it does not concern nothing more is looked up: each may have an anchor of its own (D-3).
      const effect = concerns(path.ways) ? effectOf(await openWays(path, at, standing)) : 'untouched';
      count.add(effect, { device: path.device, lastSeen: path.lastSeen, isOnline });
    };
    for await (const path of everyPath(paths, tenant)) await add(path);
    for (const session of [...here.values()]) await add(pathOf(session, at));
    return count.result({ registered: await devices.count(tenant) });
  }
}

async function openWays({ ways, notAfter }: Known, at: Date, standing: Standing): Promise<readonly Way[]> {
  const open: Way[] = [];
  for (const way of ways) if (isPassable(way, notAfter, at) && (await standing(way.anchor))) open.push(way);
  return open;
}

const effectOnDevice = ({ block }: Device, open: readonly Way[]): Effect => (!block && open.length > 0 ? 'alone' : 'already-out');

/** A session knows by which anchors its device came, and not what stood between. */
const pathOf = ({ device, anchors, notAfter }: { readonly device: DeviceId; readonly anchors: readonly Fingerprint[]; readonly notAfter: Date }, lastSeen: Date): Known => ({
  ...{ device, notAfter, lastSeen },
  ways: anchors.map((anchor) => ({ anchor, intermediates: [] })),
});
