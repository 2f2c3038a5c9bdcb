import type { TrustedPath } from '../certificates/judge-paths.ts';
import type { Fingerprint } from '../certificates/certificate.ts';
import { shortNameText } from '../certificates/distinguished-name.ts';
import type { TenantId } from '../trust/tenant.ts';
import { isInForce } from '../trust/trust-anchor.ts';

/** One way by which a device was let in: the anchor at its end, and what stood between the two. */
export interface Way {
  readonly anchor: Fingerprint;
  /** From the device upwards; empty where the anchor issued the device's certificate, or is it (D-3). */
  readonly intermediates: readonly Intermediate[];
}

export interface Intermediate {
  readonly fingerprint: Fingerprint;
  /** The beginning of `nameText`, for people: it names, and proves nothing. */
  readonly subject: string;
  readonly notAfter: Date;
}

/** Ways kept of one device: a chain that is sent crosswise signed several times over must not fill the store. */
export const MOST_WAYS = 16;

/** The ways of one tenant among paths that hold, each once and always in the same order; every anchor before a second way to one of them. */
export function waysOf(paths: readonly TrustedPath[], tenant: TenantId): readonly Way[] {
  const ways = new Map<string, Way>();
  for (const { certificates, anchors } of paths) {
    const intermediates = certificates.slice(1, -1).map(({ fingerprint, subject, notAfter }) => ({ fingerprint, subject: shortNameText(subject).slice(1, -1), notAfter }));
    for (const anchor of anchors) {
      if (anchor.tenant !== tenant || !isInForce(anchor)) continue;
      const way = { anchor: anchor.certificate.fingerprint, intermediates };
      ways.set(textOf(way), way);
    }
  }
  const inOrder = [...ways].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, way]) => way);
  const first = inOrder.filter(({ anchor }, i) => inOrder.findIndex((way) => way.anchor === anchor) === i);
  return [...first, ...inOrder.filter((way) => !first.includes(way))].slice(0, MOST_WAYS);
}

/** One text for the same ways, another for others. */
export const sameness = (ways: readonly Way[]): string => ways.map(textOf).join('\n');

const textOf = ({ anchor, intermediates }: Way): string => [anchor, ...intermediates.map(({ fingerprint }) => fingerprint)].join(' ');
