import type { Fingerprint } from '../certificates/certificate.ts';
import type { DeviceId } from '../identity/device-identity.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { TrustAnchor } from '../trust/trust-anchor.ts';
import type { Way } from './way.ts';

/** That one CA of a tenant is to take the place of another. It says what is meant, and lets nobody in or out. */
export interface Succession {
  readonly tenant: TenantId;
  readonly fingerprint: Fingerprint;
  readonly successor: Fingerprint;
  /** When the former CA shall no longer be needed. Nothing happens then by itself. */
  readonly endDate?: Date;
  readonly since: Date;
  readonly by: string;
}

/** How far the fleet has come: devices that were last seen on one of the two. */
export interface Progress {
  readonly onSuccessor: number;
  /** Last seen by the former CA, and not by the new one. */
  readonly stragglers: number;
  /** Whole per cent, rounded down, so that 100 means all; 0 where no device is known. */
  readonly percent: number;
}

export interface Rollover extends Succession {
  readonly progress: Progress;
  /** The end date has passed, and there are stragglers. */
  readonly overdue: boolean;
  /** The two as they are now; undefined where one was removed. */
  readonly anchors: { readonly former: TrustAnchor | undefined; readonly successor: TrustAnchor | undefined };
}

export interface Straggler {
  readonly device: DeviceId;
  readonly lastSeen: Date;
  /** End of its own certificate: by then it needs another one anyway. */
  readonly notAfter: Date;
  readonly isOnline: boolean;
}

type Pair = Pick<Succession, 'fingerprint' | 'successor'>;

/** A device that came by both has arrived: it has a certificate, or sends a chain, that needs the former one no more. */
export function placeOf(ways: readonly Way[], { fingerprint, successor }: Pair): 'arrived' | 'straggler' | 'elsewhere' {
  if (ways.some(({ anchor }) => anchor === successor)) return 'arrived';
  return ways.some(({ anchor }) => anchor === fingerprint) ? 'straggler' : 'elsewhere';
}

export function progressOf(onSuccessor: number, stragglers: number): Progress {
  const all = onSuccessor + stragglers;
  return { onSuccessor, stragglers, percent: all === 0 ? 0 : Math.floor((100 * onSuccessor) / all) };
}

/** Whether the new link would lead, from one successor to the next, back to where it begins. A former link of its own does not matter. */
export function isCircle({ fingerprint, successor }: Pair, others: readonly Pair[]): boolean {
  const next = new Map(others.map((each) => [each.fingerprint, each.successor]));
  const met = new Set<Fingerprint>();
  for (let at: Fingerprint | undefined = successor; at !== undefined && !met.has(at); at = next.get(at)) {
    if (at === fingerprint) return true;
    met.add(at);
  }
  return false;
}
