const MOST_BYTES = 255; // RFC 6066 §3 names host names only, and RFC 1035 §2.3.4 bounds those

/** The server name (SNI) as the peer sent it; undefined when it sent none, or something that no host name can be. */
export function usableServerName(sent: string | false | null | undefined): string | undefined {
  if (typeof sent !== 'string' || sent === '' || Buffer.byteLength(sent) > MOST_BYTES) return undefined;
  return [...sent].some((c) => c < ' ' || (c >= '\u007f' && c <= '\u009f')) ? undefined : sent;
}
