import type { TrustedPath } from '../certificates/judge-paths.ts';
import type { Chain } from '../certificates/read-chain.ts';
import type { TrustedLeaf } from '../certificates/validate-path.ts';
import type { ToldRefusal } from '../explanations/refusal-detail.ts';
import type { Way } from '../impact/way.ts';
import type { Passage } from '../overload/crowd-control.ts';
import type { Refusal } from '../refusal.ts';
import type { AdmittedDevice, DeviceSession } from '../sessions/device-session.ts';
import { grant, type Decision } from '../shared/decision.ts';
import type { Tenant, TenantId } from '../trust/tenant.ts';
import type { TrustAnchor } from '../trust/trust-anchor.ts';
import type { SessionBoard } from '../../ports/driven/session-board.ts';
import type { TenantDirectory } from '../../ports/driven/tenant-directory.ts';
import type { Admission, ConnectQuestion } from '../../ports/driving/device-gate.ts';
import type { RefusedConnect } from '../../ports/driving/refusal-desk.ts';

/** And by which certificates, on which ways, and for what checks that only report would have refused. */
export type Verdict = Admission & { readonly chain: Chain; readonly ways: readonly Way[]; readonly paths: readonly TrustedPath[]; readonly warnings: readonly Refusal[] };
/** What is judged; a trial has no consequences, and may be about one tenant's anchors alone. */
export type Judged = ConnectQuestion & { readonly passage?: Passage; readonly trial?: { readonly within?: TenantId; readonly at?: Date } };

/** What had come out when a device was refused. */
export type Known = Pick<RefusedConnect, 'chain' | 'device'> & { readonly tenant?: TenantId | undefined };

export type Board = Pick<SessionBoard, 'open' | 'close' | 'countOf' | 'hasDevice'>;

/** Where a request without a connection stands: nowhere. */
export const NO_BOARD: Board = { open: () => undefined, close: () => undefined, countOf: () => 0, hasDevice: () => false };

/** A trial may be about one tenant's anchors alone. */
export const isWithin = (only: TenantId | undefined) => ({ tenant }: TrustAnchor): boolean => only === undefined || tenant === only;

export function deviceOf(admitted: Decision<Admission, ToldRefusal>): Decision<AdmittedDevice, ToldRefusal> {
  if (!admitted.granted) return admitted;
  const { id: _, ...device } = admitted.value.session;
  return grant(device);
}

/** Where it came from, for the log. */
export const cameBy = ({ from, connection }: { readonly from: string; readonly connection: string | undefined }) => ({ from, ...(connection !== undefined && { connection }) });

/** The leaf may be an anchor itself (D-3), and any sent certificate may be issued by one. */
export function namesIn(chain: Chain): Set<Chain[0]['subject']['key']> {
  return new Set(chain.flatMap(({ subject, issuer }) => [subject.key, issuer.key]));
}

export async function tenantsOf(anchors: readonly TrustAnchor[], tenants: TenantDirectory): Promise<Tenant[]> {
  const ids = [...new Set(anchors.map(({ tenant }) => tenant))];
  const found = await Promise.all(ids.map((id) => tenants.find(id)));
  return found.filter((tenant) => tenant !== undefined);
}

interface SessionFacts extends Pick<DeviceSession, 'id' | 'tenant' | 'device' | 'path'> {
  readonly leaf: TrustedLeaf;
  readonly anchors: readonly TrustAnchor[];
  readonly rules: DeviceSession['rules'] | undefined;
  readonly rests: DeviceSession['rests'] | undefined;
}

export function sessionOf({ leaf, anchors, rules, rests, ...known }: SessionFacts): DeviceSession {
  const fingerprints = [...new Set(anchors.map(({ certificate }) => certificate.fingerprint))];
  return { ...known, leaf: leaf.thumbprint, notAfter: leaf.notAfter, anchors: fingerprints, ...(rules !== undefined && { rules }), ...(rests && { rests }) };
}
