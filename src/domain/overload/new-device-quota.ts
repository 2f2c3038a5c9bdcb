import type { Fingerprint } from '../certificates/certificate.ts';
import { refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import type { TrustAnchor } from '../trust/trust-anchor.ts';

const HOUR_MS = 3_600_000;

const OPTION = 'fleetgate/new-devices.per-hour';

/** Tenant options about devices that register themselves, in the form of `TOKEN_OPTIONS`. */
export const QUOTA_OPTIONS = {
  /** How many new devices each CA may bring in an hour: what a leaked factory key can do before somebody looks (A04). */
  [OPTION]: {
    usual: '10000',
    form: 'off, or a whole number of devices of at least 1',
    fits: (value: string) => value === 'off' || /^[1-9]\d{0,8}$/.test(value),
  },
} as const;

/** One bound on devices that register themselves. Counted by the registry, so that a restart forgets nothing and races lose nothing. */
export interface NewDeviceQuota {
  /** Whose devices are counted: those of one CA, or of the whole tenant. */
  readonly of: Fingerprint | 'tenant';
  /** Hours since 1970 began: the hour of the clock that counts. */
  readonly hour: number;
  readonly most: number;
}

interface Asked {
  /** Those on paths that hold. */
  readonly anchors: readonly TrustAnchor[];
  /** Value of the tenant's option. */
  readonly option: string | undefined;
  readonly perTenant: number;
  readonly at: Date;
}

/** Which bounds one more device of these anchors has to keep. It is charged to the first anchor that registers devices (D-7). */
export function quotasFor({ anchors, option, perTenant, at }: Asked): readonly NewDeviceQuota[] {
  const hour = Math.floor(at.getTime() / HOUR_MS);
  const brings = anchors.find(({ autoRegistration }) => autoRegistration);
  const perAnchor = mostOf(option);
  return [
    ...(brings && perAnchor !== Infinity ? [{ of: brings.certificate.fingerprint, hour, most: perAnchor }] : []),
    ...(perTenant === Infinity ? [] : [{ of: 'tenant' as const, hour, most: perTenant }]),
  ];
}

/** Of an option's value as it is stored; what makes no sense is what was never set. */
function mostOf(value: string | undefined): number {
  const usable = value !== undefined && QUOTA_OPTIONS[OPTION].fits(value) ? value : QUOTA_OPTIONS[OPTION].usual;
  return usable === 'off' ? Infinity : Number(usable);
}

/** The refusal of one that a quota keeps out, with when to come again. */
export function overQuota({ of, most }: NewDeviceQuota, at: Date): Decision<never, RefusalOf<'registration.over-quota'>> {
  const seconds = Math.ceil((HOUR_MS - (at.getTime() % HOUR_MS)) / 1000);
  return refuse({ code: 'registration.over-quota', evidence: { of: of === 'tenant' ? 'the tenant' : `CA ${of}`, most, seconds } });
}
