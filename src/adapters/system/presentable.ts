/** Longest text that goes into a record, in UTF-16 code units. */
const LONGEST_TEXT = 1_000;
const MOST_MEMBERS = 40;
const DEEPEST = 4;

/** Members that are never written, whatever they hold. */
const SECRET_MEMBERS = /^(password(hash)?|passphrase|secret|(access_?|id_?|refresh_?)?tokens?|jwt|authorization|cookie|set-cookie|private_?key|key_?pem|xsrf_?token)$/i;
/** Texts that are never written, wherever they turn up: private keys, JWTs, and the values of authorization headers. */
const SECRET_TEXTS = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*-----|$)|\beyJ[\w-]{8,}\.[\w-]*\.?[\w-]*|\b(?:Basic|Bearer) +[\w+/=.~-]{8,}/g;
/** Control characters, line separators, bidirectional overrides and zero-width characters: they change what a reader sees, or where a line ends. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const REDACTED = '[redacted]';

/** Text from anywhere in the form in which it may go into a record: bounded, on one line, without secrets. */
export function presentableText(text: string): string {
  const bounded = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}… (${text.length} characters)` : text;
  return bounded
    .replace(SECRET_TEXTS, REDACTED)
    .replace(UNSEEN, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** Facts of any shape in the form in which they may go into a record. */
export function presentable(it: unknown, depth = 0): unknown {
  if (typeof it === 'string') return presentableText(it);
  if (typeof it === 'bigint') return it.toString();
  if (typeof it !== 'object' || it === null) return typeof it === 'function' || typeof it === 'symbol' ? undefined : it;
  if (it instanceof Date) return Number.isNaN(it.getTime()) ? 'no time' : it.toISOString();
  if (it instanceof Error) return presentableError(it, depth);
  if (ArrayBuffer.isView(it)) return `${it.byteLength} bytes`;
  if (depth >= DEEPEST) return '…';
  if (Array.isArray(it)) return it.slice(0, MOST_MEMBERS).map((item) => presentable(item, depth + 1));
  return Object.fromEntries(
    Object.entries(it)
      .slice(0, MOST_MEMBERS)
      .map(([name, value]) => [presentableText(name), SECRET_MEMBERS.test(name) ? REDACTED : presentable(value, depth + 1)]),
  );
}

function presentableError(error: Error, depth: number): object {
  const { code } = error as NodeJS.ErrnoException;
  return {
    type: presentableText(error.name),
    message: presentableText(error.message),
    ...(code !== undefined && { code: presentableText(String(code)) }),
    ...(error.cause !== undefined && depth < DEEPEST && { cause: presentable(error.cause, depth + 1) }),
    stack: stackOf(error),
  };
}

/** The places only: the text above them is the message once more, as it came. */
const stackOf = ({ stack = '' }: Error): string[] =>
  stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 8)
    .map((line) => presentableText(line.trim()));
