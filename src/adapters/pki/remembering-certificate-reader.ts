import { hash } from 'node:crypto';
import type { CertificateReader } from '../../ports/driven/certificate-reader.ts';

type Reading = ReturnType<CertificateReader['read']>;

/** About 10 KB each. */
const MOST_KEPT = 1_000;
/** Larger ones are rare, and would let strangers fill the memory. */
const LARGEST_KEPT = 4 * 1024;

/**
 * Reads the same bytes once: a certificate never changes its meaning, intermediates come with every connection, and devices come back.
 * What is malformed is read anew each time, so that it displaces nothing. The least recently used goes first.
 */
export class RememberingCertificateReader implements CertificateReader {
  readonly #reader: CertificateReader;
  readonly #kept = new Map<string, Reading>();

  constructor({ reader }: { reader: CertificateReader }) {
    this.#reader = reader;
  }

  read(der: Uint8Array): Reading {
    if (der.length > LARGEST_KEPT) return this.#reader.read(der);
    const name = hash('sha256', der, 'base64');
    const known = this.#kept.get(name);
    const reading = known ?? this.#reader.read(der);
    if (!reading.granted) return reading;
    if (known) this.#kept.delete(name);
    this.#kept.set(name, reading);
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return reading;
  }
}
