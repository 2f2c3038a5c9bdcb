/** What a signature is about, and the signature: slices of the certificate as received (RFC 5280 §4.1.1.3). */
export interface SignedParts {
  /** The whole DER of tbsCertificate, its header included. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** Cuts a certificate that was read before; undefined when its outline is no certificate's. Looks at four headers only. */
export function signedParts(der: Uint8Array): SignedParts | undefined {
  const outer = headerAt(der, 0);
  const signed = outer && headerAt(der, outer.content);
  const algorithm = signed && headerAt(der, signed.end);
  const value = algorithm && headerAt(der, algorithm.end);
  if (!value || value.tag !== 0x03 || value.end !== outer.end || outer.end !== der.length || der[value.content] !== 0) return undefined;
  return { signed: der.subarray(outer.content, signed.end), signature: der.subarray(value.content + 1, value.end) };
}

export interface Header {
  readonly tag: number;
  readonly content: number;
  readonly end: number;
}

/** Reads the header of one value with a definite length that lies within the bytes. */
export function headerAt(der: Uint8Array, at: number): Header | undefined {
  const tag = der[at];
  const first = der[at + 1];
  if (tag === undefined || first === undefined) return undefined;
  const count = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || count > 3) return undefined;
  let length = first < 0x80 ? first : 0;
  for (let i = 0; i < count; i++) length = length * 256 + (der[at + 2 + i] ?? 0);
  const content = at + 2 + count;
  const end = content + length;
  return end <= der.length ? { tag, content, end } : undefined;
}
