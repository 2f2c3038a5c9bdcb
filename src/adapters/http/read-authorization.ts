/** What an `Authorization` header says, read strictly. Undefined: there is none that could be right. */
export type Credentials =
  | { readonly scheme: 'basic'; readonly login: string; readonly password: string }
  | { readonly scheme: 'bearer'; readonly token: string };

/** Longest header value that is looked at: the longest token is 16184 bytes, for it must fit one MQTT packet (J13). */
const LONGEST = 16_384;

/** RFC 7235 §2.1: the scheme is case-insensitive. */
export function readAuthorization(header: string | undefined): Credentials | undefined {
  if (header === undefined || header.length > LONGEST) return undefined;
  const [, scheme = '', value = ''] = /^([A-Za-z]+) +([^ ]+)$/.exec(header) ?? [];
  if (/^bearer$/i.test(scheme)) return { scheme: 'bearer', token: value };
  if (/^basic$/i.test(scheme)) return readBasic(value);
  return undefined;
}

/** RFC 7617 §2: base64 of `user-id ":" password`; the first colon parts them, control characters are in neither. */
function readBasic(value: string): Credentials | undefined {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== value.replace(/={1,2}$/, '')) return undefined;
  const text = utf8(bytes);
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon < 1 || /\p{Cc}/u.test(text)) return undefined;
  return { scheme: 'basic', login: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Bytes that are no UTF-8 would all become U+FFFD, and different passwords one. */
function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
