import { Buffer } from 'node:buffer';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { grant } from '../../domain/shared/decision.ts';
import { EXIT, fail, type Outcome } from './cli-failure.ts';
import { reasonOf } from './reason-of.ts';

/** What the server takes in one request is more, but no certificate is. */
const LARGEST_FILE = 512 * 1024;

/** PEM and base64 as they are, DER as base64. A private key never leaves this machine. */
export async function readCertificate(file: string): Promise<Outcome<string>> {
  const bytes = await readFile(file).catch(reasonOf);
  if (typeof bytes === 'string') return fail(EXIT.usage, `The certificate cannot be read: ${bytes}.`);
  if (bytes.length > LARGEST_FILE) return fail(EXIT.usage, `'${file}' has ${bytes.length} bytes: that is no certificate.`);
  const text = bytes.toString('latin1');
  if (text.includes('PRIVATE KEY-----')) {
    return fail(EXIT.usage, `'${file}' holds a private key. Nothing was sent. Give the file of the certificate alone.`);
  }
  if (text.includes('-----BEGIN ')) return grant(text);
  const isDer = bytes[0] === 0x30 && /[^\t\n\r\x20-\x7e]/.test(text);
  const der = isDer ? bytes : Buffer.from(text, 'base64');
  return isCertificate(der) ? grant(der.toString('base64')) : fail(EXIT.usage, `'${file}' is no certificate. Nothing was sent. Give PEM, DER or base64 of one.`);
}

/** Without armour nothing says what the bytes are: they might be a key. */
function isCertificate(der: Uint8Array): boolean {
  try {
    return new X509Certificate(der).raw.length > 0;
  } catch {
    return false;
  }
}
