import type { DistinguishedName, NameAttribute } from '../certificates/distinguished-name.ts';
import { distinguishedName } from '../certificates/distinguished-name.ts';
import type { GeneralName } from '../certificates/general-name.ts';

/** ReasonFlags (RFC 5280 §4.2.1.13) as bits 1–8 of a number: every reason. */
export const ALL_REASONS = 0x1fe;

/** A name of a distribution point, in full or by what follows the name of the list's issuer; neither: any point. */
interface PointName {
  readonly names?: readonly GeneralName[];
  readonly relative?: readonly NameAttribute[];
}

/** One of a certificate's cRLDistributionPoints. */
export interface DistributionPoint extends PointName {
  /** For which reasons the lists there speak. */
  readonly reasons: number;
  /** Another than the certificate's issuer makes the lists there (cRLIssuer). */
  readonly ofAnother: boolean;
}

/** For which certificates and reasons a list speaks (RFC 5280 §5.2.5). */
export interface ListScope extends PointName {
  readonly only: 'all' | 'users' | 'cas' | 'attributes';
  readonly reasons: number;
  readonly indirect: boolean;
}

/** What a list without an issuingDistributionPoint speaks for. */
export const WHOLE_SCOPE: ListScope = { only: 'all', reasons: ALL_REASONS, indirect: false };

/** The names of a point as texts to compare; undefined where it has none. A form we do not read equals nothing. */
export function pointKeys({ names, relative }: PointName, issuer: DistinguishedName): readonly string[] | undefined {
  if (relative) return [`directory ${distinguishedName([...issuer.rdns, relative]).key}`];
  return names?.flatMap(keyOf);
}

/** A scope as it is kept and compared: names as texts, in order. */
export interface ScopeFacts extends Pick<ListScope, 'only' | 'reasons'> {
  readonly points?: readonly string[];
}

export function scopeFacts({ only, reasons, ...named }: ListScope, issuer: DistinguishedName): ScopeFacts {
  const points = pointKeys(named, issuer);
  return points ? { only, reasons, points: [...points].sort() } : { only, reasons };
}

/** Equal exactly for two scopes that say the same: a new list replaces the former list of its issuer and scope. */
export const scopeKey = ({ only, reasons, points }: ScopeFacts): string => JSON.stringify([only, reasons, points ?? null]);

function keyOf(name: GeneralName): readonly string[] {
  switch (name.form) {
    case 'dns':
    case 'email':
    case 'uri':
      return [`${name.form} ${name.value}`];
    case 'ip':
      return [`ip ${[...name.bytes].join('.')}`];
    case 'directory':
      return [`directory ${name.name.key}`];
    case 'other':
      return [];
  }
}
