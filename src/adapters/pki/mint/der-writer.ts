/**
 * The little DER that the certificate library cannot write: what is deliberately odd. Only for bytes that this process made itself;
 * bytes from elsewhere are the CertificateReader's.
 */
import { Buffer } from 'node:buffer';

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Tag of a constructed `[n]`. */
export const explicit = (n: number): number => 0xa0 | n;

/** One value in DER: tag, shortest length, content. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(content.length)]), content]);
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

/** An OBJECT IDENTIFIER from its dotted form (X.690 §8.19). */
export function derOid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(TAG.oid, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

function base128(arc: number): readonly number[] {
  const septets = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) septets.unshift(0x80 | (rest % 128));
  return septets;
}

/** A BIT STRING of whole bytes. */
export const derBits = (bytes: Uint8Array): Buffer => der(TAG.bitString, Buffer.from([0]), bytes);

/** The values inside one constructed value of our own making, each with its tag and length. */
export function partsOf(value: Buffer): readonly Buffer[] {
  const parts: Buffer[] = [];
  for (let rest = contentOf(value); rest.length > 0; ) {
    const { end } = boundsOf(rest);
    parts.push(rest.subarray(0, end));
    rest = rest.subarray(end);
  }
  return parts;
}

/** What stands inside one value of our own making. */
export function contentOf(value: Buffer): Buffer {
  const { start, end } = boundsOf(value);
  return value.subarray(start, end);
}

function boundsOf(value: Buffer): { readonly start: number; readonly end: number } {
  const first = value.readUInt8(1);
  const octets = first < 0x80 ? 0 : first & 0x7f;
  const start = 2 + octets;
  return { start, end: start + (octets === 0 ? first : value.readUIntBE(2, octets)) };
}
