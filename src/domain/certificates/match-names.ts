import { rdnKeys } from './distinguished-name.ts';
import type { GeneralName } from './general-name.ts';

/**
 * Whether a name lies within the subtree of a constraint of the same form (RFC 5280 §4.2.1.10). `unclear` means that one of the two is
 * not in its legal form: under a constraint that counts as a breach either way, permitted or excluded.
 */
export type Match = 'within' | 'outside' | 'unclear';

export function matchName(name: GeneralName, constraint: GeneralName, excludes: boolean): Match {
  if (name.form === 'dns' && constraint.form === 'dns') return matchDns(name.value, constraint.value, excludes);
  if (name.form === 'email' && constraint.form === 'email') return matchEmail(name.value, constraint.value);
  if (name.form === 'uri' && constraint.form === 'uri') return matchUri(name.value, constraint.value);
  if (name.form === 'ip' && constraint.form === 'ip') return matchIp(name.bytes, constraint.bytes);
  if (name.form === 'directory' && constraint.form === 'directory') {
    const whole = rdnKeys(name.name);
    const isPrefix = rdnKeys(constraint.name).every((key, i) => key === whole[i]);
    return isPrefix ? 'within' : 'outside';
  }
  // Both are of a form that we do not read: nobody can say.
  return 'unclear';
}

const within = (isWithin: boolean): Match => (isWithin ? 'within' : 'outside');

/** Labels of letters, digits, `-` and `_`; no dot at either end. A name may begin with the label `*`. */
const LABELS = /^(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}$/;
const isHost = (text: string): boolean => text.length <= 253 && LABELS.test(text);

/**
 * A constraint `example.com` holds that name and all below it, `.example.com` those below it only, the empty one every name.
 * `*.example.com` stands for names one label below: it is within an exclusion of any of them.
 */
function matchDns(name: string, constraint: string, excludes: boolean): Match {
  const lower = name.toLowerCase();
  const base = constraint.toLowerCase();
  if (base === '') return 'within';
  const host = base.startsWith('.') ? base.slice(1) : base;
  if (!isHost(host)) return 'unclear';
  // An empty name names nobody, so that it lies in no subtree but the whole.
  if (lower === '') return 'outside';
  const isWildcard = lower.startsWith('*.');
  if (!isHost(isWildcard ? lower.slice(2) : lower)) return 'unclear';
  if (isBelow(lower, base)) return 'within';
  return within(isWildcard && excludes && parentOf(host) === lower.slice(2));
}

/** Of a name in its legal form, which never begins with a dot. */
const isBelow = (name: string, base: string): boolean =>
  base.startsWith('.') ? name.endsWith(base) : name === base || name.endsWith(`.${base}`);

const parentOf = (host: string): string => host.slice(host.indexOf('.') + 1 || host.length);

/** `a@host` is one mailbox, `host` all of that host, `.domain` all of the hosts below, the empty one every mailbox. Local parts keep their case. */
function matchEmail(name: string, constraint: string): Match {
  if (constraint === '') return 'within';
  const mailbox = mailboxOf(name);
  if (!mailbox) return 'unclear';
  if (constraint.includes('@')) {
    const wanted = mailboxOf(constraint);
    return wanted ? within(wanted.local === mailbox.local && wanted.host === mailbox.host) : 'unclear';
  }
  return matchHost(mailbox.host, constraint.toLowerCase());
}

/** `host` is that host only, `.domain` the hosts below it (RFC 5280 §4.2.1.10, of rfc822Name and URI). */
function matchHost(host: string, constraint: string): Match {
  const isDomain = constraint.startsWith('.');
  if (!isHost(isDomain ? constraint.slice(1) : constraint)) return 'unclear';
  return within(isDomain ? isBelow(host, constraint) : host === constraint);
}

/** RFC 5321 §4.1.2, the local part as an atom or a quoted string, of which the characters count and not the quoting. */
function mailboxOf(text: string): { readonly local: string; readonly host: string } | undefined {
  const at = text.lastIndexOf('@');
  const written = text.slice(0, Math.max(at, 0));
  const host = text.slice(at + 1).toLowerCase();
  const quoted = /^"((?:[^"\\]|\\[ -~])*)"$/.exec(written);
  const local = quoted ? quoted[1]!.replace(/\\(.)/g, '$1') : written;
  const isLocal = quoted !== null || /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?:\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*$/.test(written);
  return isLocal && local.length <= 64 && isHost(host) ? { local, host } : undefined;
}

/** The characters that RFC 3986 §2 knows. Whoever meets another one reads the URI in a way of their own: `\\` is `/` to browsers. */
const URI = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]*$/;

/** The host of the authority, which must be a name: a URI without one, or with an address, is a breach under any constraint (§4.2.1.10). */
function matchUri(name: string, constraint: string): Match {
  if (!URI.test(name)) return 'unclear';
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:[\]]*)(?::[0-9]*)?(?:[/?#]|$)/.exec(name.toLowerCase())?.[1];
  if (host === undefined || !isHost(host) || /^[0-9.]+$/.test(host)) return 'unclear';
  return constraint === '' ? 'within' : matchHost(host, constraint.toLowerCase());
}

/** Address and mask of one family (RFC 4632): an IPv4 name is outside of every IPv6 constraint, and the other way round. */
function matchIp(name: Uint8Array, constraint: Uint8Array): Match {
  const size = constraint.length / 2;
  if ((size !== 4 && size !== 16) || (name.length !== 4 && name.length !== 16) || !isPrefixMask(constraint.subarray(size))) return 'unclear';
  if (name.length !== size) return 'outside';
  return within(name.every((byte, i) => (byte & constraint[size + i]!) === (constraint[i]! & constraint[size + i]!)));
}

function isPrefixMask(mask: Uint8Array): boolean {
  const bits = [...mask].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return !bits.includes('01');
}
