import type { Fingerprint } from '../certificates/certificate.ts';
import type { DeviceId } from '../identity/device-identity.ts';
import type { Revocation } from '../revocation/revocation.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { Way } from './way.ts';

/** A change that is looked at before it is made. `none` is one that keeps nobody out. */
export type PlannedChange =
  | { readonly kind: 'trust.disable' | 'trust.remove'; readonly tenant: TenantId; readonly fingerprint: Fingerprint }
  | { readonly kind: 'device.remove' | 'device.block'; readonly tenant: TenantId; readonly device: string }
  | { readonly kind: 'tenant.suspend'; readonly tenant: string }
  | { readonly kind: 'certificate.revoke' | 'certificate.hold'; readonly tenant: TenantId; readonly revocations: readonly Revocation[] }
  | { readonly kind: 'option.change'; readonly tenant: TenantId; readonly options: readonly PlannedOption[] }
  | { readonly kind: 'none'; readonly tenant: string; readonly subject: string };

/** An option of a tenant as it would be; without a value it is removed. */
export interface PlannedOption {
  readonly category: string;
  readonly key: string;
  readonly value?: string;
}

/** Whom a change would hit, by what is known at this moment (D-49). */
export interface Impact {
  readonly change: PlannedChange['kind'];
  readonly tenant: string;
  /** Fingerprint, device id or tenant id; which certificates, or which options. */
  readonly subject: string;
  readonly devices: {
    /** They can come in now, and could not after it. */
    readonly dependOnItAlone: number;
    /** They came by it among others, one of which stands. */
    readonly haveAnotherWay: number;
    /** They came by it, and cannot come in now either. */
    readonly alreadyOut: number;
    /** Registered devices whose last path is not known, or by which certificates it led: nobody can say whether they would be hit. */
    readonly notSeenYet: number;
  };
  /** Sessions that would end; those of devices with another way may come back. */
  readonly sessionsOnline: number;
  /** An estimate, for tokens are not kept: one for each device hit that may hold one. */
  readonly estimatedLiveTokens: number;
  /** When the devices that depend on it alone were seen last: each counts once. */
  readonly lastSeen: Readonly<Record<Age, number>>;
  /** The first of the devices that depend on it alone, by id. */
  readonly examples: readonly DeviceId[];
  /** For what those that depend on it alone would be refused, where the change is about rules: how many for each code. */
  readonly reasons?: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
}

export type Age = 'today' | 'last7Days' | 'last30Days' | 'older';
export const MOST_EXAMPLES = 10;

const DAY_MS = 86_400_000;

/** How a device stands to a change: by what it came last, and whether that is there now and afterwards. */
export type Effect = 'untouched' | 'alone' | 'another-way' | 'already-out';

/** What is remembered of a device; one that is online was seen now. */
export interface Sight {
  readonly device: DeviceId;
  readonly lastSeen: Date;
  readonly isOnline: boolean;
}

/** Whether a device with a certificate until `notAfter` could come in on this way, were its anchor in force. */
export const isPassable = ({ intermediates }: Pick<Way, 'intermediates'>, notAfter: Date, at: Date): boolean =>
  at <= notAfter && intermediates.every((each) => at <= each.notAfter);

/** What it means for a device that came by an anchor that this is withdrawn. `open` are the ways on which it could come in now. */
export function withdrawalFrom(open: readonly Way[], withdrawn: Fingerprint): Exclude<Effect, 'untouched'> {
  if (open.some(({ anchor }) => anchor !== withdrawn)) return 'another-way';
  return open.length > 0 ? 'alone' : 'already-out';
}

/** Adds up devices one by one. */
export class ImpactCount {
  readonly #at: Date;
  readonly #tokenLifeMs: number;
  readonly #devices = { dependOnItAlone: 0, haveAnotherWay: 0, alreadyOut: 0 };
  readonly #lastSeen: Record<Age, number> = { today: 0, last7Days: 0, last30Days: 0, older: 0 };
  readonly #examples: DeviceId[] = [];
  #tokens = 0;
  #seen = 0;

  /** `tokenLifeMs` is 0 where tokens are switched off. */
  constructor({ at, tokenLifeMs }: { readonly at: Date; readonly tokenLifeMs: number }) {
    this.#at = at;
    this.#tokenLifeMs = tokenLifeMs;
  }

  add(effect: Effect, sight: Sight): void {
    this.#seen += 1;
    if (effect === 'another-way') this.#devices.haveAnotherWay += 1;
    if (effect === 'already-out') this.#devices.alreadyOut += 1;
    if (effect === 'alone') this.#addHit(sight);
  }

  result({ registered }: { readonly registered: number }): Omit<Impact, 'change' | 'tenant' | 'subject' | 'sessionsOnline' | 'warnings'> {
    // A device may have been removed while it was counted.
    const notSeenYet = Math.max(0, registered - this.#seen);
    return { devices: { ...this.#devices, notSeenYet }, estimatedLiveTokens: this.#tokens, lastSeen: this.#lastSeen, examples: this.#examples };
  }

  #addHit(sight: Sight): void {
    this.#devices.dependOnItAlone += 1;
    this.#lastSeen[this.#ageOf(sight)] += 1;
    if (this.#mayHoldToken(sight)) this.#tokens += 1;
    if (this.#examples.length < MOST_EXAMPLES) this.#examples.push(sight.device);
  }

  #ageOf({ isOnline, lastSeen }: Sight): Age {
    const days = (this.#at.getTime() - lastSeen.getTime()) / DAY_MS;
    if (isOnline || days <= 1) return 'today';
    if (days <= 7) return 'last7Days';
    return days <= 30 ? 'last30Days' : 'older';
  }

  /** The moment it was seen is exact to a day: it may have got a token as late as that. */
  #mayHoldToken({ isOnline, lastSeen }: Sight): boolean {
    if (this.#tokenLifeMs === 0) return false;
    return isOnline || this.#at.getTime() - lastSeen.getTime() < DAY_MS + this.#tokenLifeMs;
  }
}
