/** What a change was like before or after: names and plain values. */
export type Facts = Readonly<Record<string, unknown>>;

/** One thing that was done, in the form in which it is kept: texts only, bounded, without secrets. Made by `auditEntry` only. */
export interface AuditEntry {
  /** Whose chain it belongs to. */
  readonly tenant: string;
  /** ISO 8601 in UTC with milliseconds. */
  readonly at: string;
  /** `tenant/user`, `device_<id>`, or the part of Fleetgate that did it. */
  readonly by: string;
  /** `anchor.added` and the like, as in the log. */
  readonly what: string;
  readonly subject: string;
  /** JSON objects; empty where there is nothing to say. */
  readonly before: string;
  readonly after: string;
}

/** An entry in its place in the chain of its tenant. */
export interface AuditRow extends AuditEntry {
  /** From 1, without gaps. */
  readonly seq: number;
  /** The hash of the row it was written after; empty for the first. */
  readonly former: string;
  /** SHA-256 of `hashedText`, in lower-case hex. */
  readonly hash: string;
}

/** Said by the log and by the audit alike. */
export interface Said {
  readonly what: string;
  readonly tenant: string;
  readonly by: string;
  readonly subject: string;
}

/** In UTF-16 code units: an option has 4096 at most, so that its value is kept whole. */
const LONGEST = { name: 300, value: 4_096, facts: 16_384 } as const;
const MOST = { members: 40, items: 1_000 } as const;

/** Private keys, JWTs and the values of authorization headers, wherever they turn up. */
const SECRETS = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*-----|$)|\beyJ[\w-]{8,}\.[\w-]*\.?[\w-]*|\b(?:Basic|Bearer) +[\w+/=.~-]{8,}/g;
/** They change what a reader sees or where a line ends; half a surrogate pair would not come back from a database as it went in. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

export function auditEntry({ what, tenant, by, subject }: Said, at: Date, { before, after }: { readonly before?: Facts | undefined; readonly after?: Facts | undefined } = {}): AuditEntry {
  return {
    ...{ tenant, at: at.toISOString(), what },
    ...{ by: shown(by, LONGEST.name), subject: shown(subject, LONGEST.name) },
    ...{ before: textOf(before), after: textOf(after) },
  };
}

/** Of two states of one thing, what differs. */
export function difference(before: Facts, after: Facts): { readonly before: Facts; readonly after: Facts } {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => textOf({ it: before[name] }) !== textOf({ it: after[name] }));
  const part = (of: Facts): Facts => Object.fromEntries(names.filter((name) => of[name] !== undefined).map((name) => [name, of[name]]));
  return { before: part(before), after: part(after) };
}

/**
 * What the hash of a row stands for: the former row and all of this one but its number, as a JSON array of nine texts. Numbers show
 * gaps; the place of a row is where its link puts it.
 */
export const hashedText = (former: string, { tenant, at, by, what, subject, before, after }: AuditEntry): string =>
  JSON.stringify(['fleetgate-audit-1', former, tenant, at, by, what, subject, before, after]);

function textOf(facts: Facts | undefined): string {
  if (facts === undefined) return '';
  const text = JSON.stringify(bounded(facts));
  return text.length <= LONGEST.facts ? text : JSON.stringify({ cut: `${text.length} characters` });
}

function bounded(it: unknown): unknown {
  if (typeof it === 'string') return shown(it, LONGEST.value);
  if (it instanceof Date) return it.toISOString();
  if (Array.isArray(it)) return it.slice(0, MOST.items).map(bounded);
  if (typeof it !== 'object' || it === null) return it;
  return Object.fromEntries(Object.entries(it).slice(0, MOST.members).map(([name, value]) => [shown(name, LONGEST.name), bounded(value)]));
}

/** Cut first, so that a long text costs no more than a short one. */
function shown(text: string, longest: number): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}… (${text.length} characters)` : text;
  return cut.replace(SECRETS, '[masked]').replace(UNSEEN, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
