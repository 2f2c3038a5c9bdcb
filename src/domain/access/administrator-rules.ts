import type { AccessRefusalCode } from '../refusals/codes.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import { isRole, ROLES, type Administrator } from './administrator.ts';

type Wrong = RefusalOf<AccessRefusalCode> | undefined;

/** In UTF-16 code units. */
const LIMITS = { name: 128, leastPassword: 8, mostPassword: 1024, text: 254 } as const;

/** Names of devices' users begin so (D-8). */
export const DEVICE_PREFIX = 'device_';

/** No administrator is named like a device's user (D-8), and none has a name that would split a login or that looks like another's. */
export function wrongName(name: string): Wrong {
  const isName = name.length >= 1 && name.length <= LIMITS.name && !/[/:\p{Cc}\p{Cf}\p{Cs}\p{White_Space}]/u.test(name);
  return isName && !name.startsWith(DEVICE_PREFIX) ? undefined : { code: 'access.unusable-name', evidence: { characters: name.length } };
}

/** Basic credentials carry no control characters (RFC 7617 §2): whoever had one in the password could never log in. */
export function wrongPassword(password: string): Wrong {
  const isPassword = password.length >= LIMITS.leastPassword && password.length <= LIMITS.mostPassword && !/[\p{Cc}\p{Cs}]/u.test(password);
  return isPassword ? undefined : { code: 'access.unusable-password', evidence: { characters: password.length } };
}

/** What people write about a user, and the roles it is given. */
export function wrongProfile(wish: Partial<Pick<Administrator, 'displayName' | 'firstName' | 'lastName' | 'email'>> & { readonly roles?: readonly string[] }): Wrong {
  const stranger = wish.roles?.find((role) => !isRole(role));
  if (stranger !== undefined) return { code: 'access.unknown-role', evidence: { role: stranger.slice(0, 64), known: ROLES.join(' ') } };
  const texts = { displayName: wish.displayName, firstName: wish.firstName, lastName: wish.lastName, email: wish.email };
  const wrong = Object.entries(texts).find(([, text = '']) => text.length > LIMITS.text || /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(text));
  return wrong && { code: 'access.unusable-text', evidence: { member: wrong[0] } };
}
