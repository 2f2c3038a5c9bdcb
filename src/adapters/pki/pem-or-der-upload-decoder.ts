import { isUtf8 } from 'node:buffer';
import type { AnchorRefusalCode } from '../../domain/refusals/codes.ts';
import { grant, refuse, type Decision } from '../../domain/shared/decision.ts';
import type { Evidence, RefusalOf } from '../../domain/shared/refusal-of.ts';
import type { UploadDecoder } from '../../ports/driven/upload-decoder.ts';
import { recognise } from './der/recognise.ts';
import { headerAt } from './der/signed-parts.ts';
import { LARGEST_CERTIFICATE } from './forge-certificate-reader.ts';
import { pemBlocks } from './pem-blocks.ts';

type Refused = RefusalOf<AnchorRefusalCode>;
type Decoded = Decision<readonly Uint8Array[], Refused>;

/** D-11: 20 certificates of 16 KiB as PEM take 443 KiB; the rest is room for line breaks. */
const LARGEST_UPLOAD = 512 * 1024;
const MOST_CERTIFICATES = 20;

/** PEM of any kind and label, and PuTTY's format. Each pattern takes linear time; a name that speaks of private keys is no key. */
const PRIVATE_TEXT = /BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY|^Private-Lines:/m;

/** Looks through the wrapping of an upload. What it refuses it names, and never shows: the upload may hold somebody's key. */
export class PemOrDerUploadDecoder implements UploadDecoder {
  decode(upload: string | Uint8Array): Decoded {
    if (upload.length > LARGEST_UPLOAD) return refused('anchor.too-large', { size: upload.length, allowed: LARGEST_UPLOAD });
    const raw = typeof upload === 'string' ? upload : Buffer.from(upload).toString('latin1');
    if (PRIVATE_TEXT.test(raw) || isPrivateJwk(raw)) return refused('anchor.private-key', { found: 'private key' });
    if (typeof upload !== 'string' && isDer(upload)) return certificates([upload]);
    if (typeof upload !== 'string' && !isUtf8(upload)) return unreadable('bytes that are neither DER nor text in UTF-8');
    return decodeText(typeof upload === 'string' ? upload : Buffer.from(upload).toString('utf8'));
  }
}

const isPrivateJwk = (text: string): boolean => /^\s*[[{]/.test(text) && text.includes('"kty"') && /"d"\s*:/.test(text);

/** No certificate has less than 128 bytes, so its length takes the long form; text that begins with `0` goes on with a letter. */
const isDer = (bytes: Uint8Array): boolean => bytes[0] === 0x30 && (bytes[1] ?? 0) >= 0x80;

function decodeText(text: string): Decoded {
  const trimmed = text.replace(/^\ufeff/, '').trim();
  if (trimmed === '') return unreadable('nothing');
  if (!trimmed.includes('-----BEGIN')) {
    const der = decodeBase64(trimmed);
    return der ? certificates([der]) : unreadable('text that is neither PEM nor base64');
  }
  const blocks = pemBlocks(trimmed);
  if (typeof blocks === 'string') return unreadable(blocks);
  const named = blocks.find(({ label }) => !CERTIFICATE_LABELS.has(label));
  if (named) return unreadable(LABELS[named.label] ?? 'a PEM block that is no certificate');
  if (blocks.length > MOST_CERTIFICATES) return refused('anchor.too-large', { certificates: blocks.length, allowed: MOST_CERTIFICATES });
  const ders: Uint8Array[] = [];
  for (const { body } of blocks) {
    const der = decodeBase64(body);
    if (!der) return unreadable('a PEM block whose content is not base64', ders.length);
    ders.push(der);
  }
  return certificates(ders);
}

const CERTIFICATE_LABELS: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE']);

const LABELS: Readonly<Record<string, string>> = {
  PKCS7: 'PKCS#7',
  CMS: 'PKCS#7',
  PKCS12: 'PKCS#12',
  'CERTIFICATE REQUEST': 'certificate request',
  'NEW CERTIFICATE REQUEST': 'certificate request',
  'PUBLIC KEY': 'public key',
  'RSA PUBLIC KEY': 'public key',
  'EC PUBLIC KEY': 'public key',
  'SSH2 PUBLIC KEY': 'public key',
  'X509 CRL': 'revocation list',
};

/** Strict: the canonical form of RFC 4648 §4 but for white space, so that one certificate has one text. */
function decodeBase64(text: string): Uint8Array | undefined {
  const compact = text.replace(/[ \t\r\n]+/g, '');
  if (compact === '' || compact.length % 4 !== 0) return undefined;
  const bytes = Buffer.from(compact, 'base64');
  return bytes.toString('base64') === compact ? new Uint8Array(bytes) : undefined;
}

/** The first pass looks for keys in all of them, so that a private key refuses the upload whatever else is wrong with it. */
function certificates(ders: readonly Uint8Array[]): Decoded {
  const recognised = ders.map((der) => recogniseAll(der));
  if (recognised.some((found) => found.includes('private key') || found.includes('encrypted private key'))) {
    return refused('anchor.private-key', { found: 'private key' });
  }
  for (const [index, der] of ders.entries()) {
    const found = recognised[index]![0];
    if (found) return unreadable(found, index);
    if (der.length > LARGEST_CERTIFICATE) return refused('anchor.too-large', { bytes: der.length, allowed: LARGEST_CERTIFICATE });
    if (der[0] !== 0x30) return unreadable(holdsPem(der) ? 'base64 of a PEM file, wrapped once too often' : 'base64 of no certificate', index);
    const end = headerAt(der, 0)?.end;
    if (end === undefined) return unreadable('a certificate that is cut short', index);
    if (end < der.length) return unreadable(`${der.length - end} bytes after the certificate`, index);
  }
  return grant(ders.map((der) => new Uint8Array(der)));
}

/** What the bytes are, and what follows them: a key may hide behind a certificate. */
function recogniseAll(der: Uint8Array): readonly string[] {
  const found: string[] = PRIVATE_TEXT.test(Buffer.from(der).toString('latin1')) ? ['private key'] : [];
  for (let at = 0, seen = 0; at < der.length && seen < MOST_CERTIFICATES; seen++) {
    const rest = der.subarray(at);
    const what = recognise(rest);
    if (what) found.push(what);
    const end = headerAt(rest, 0)?.end;
    if (end === undefined) break;
    at += end;
  }
  return found;
}

const holdsPem = (bytes: Uint8Array): boolean => Buffer.from(bytes).toString('latin1').includes('-----BEGIN');

const refused = (code: AnchorRefusalCode, evidence: Evidence): Decoded => refuse({ code, evidence });

/** `found` is one of our own phrases; `position` counts the blocks from 0. */
const unreadable = (found: string, position?: number): Decoded =>
  refused('anchor.unreadable', position === undefined ? { found } : { found, position });
