import { createHash } from 'node:crypto';
import type { Certificate, Thumbprint } from '../../../domain/certificates/certificate.ts';
import type { ListRefusalCode } from '../../../domain/refusals/codes.ts';
import type { ListedCertificate, RevocationList } from '../../../domain/revocation/revocation-list.ts';
import { grant, refuse, type Decision } from '../../../domain/shared/decision.ts';
import type { RefusalOf } from '../../../domain/shared/refusal-of.ts';
import type { Pause } from '../../../ports/driven/pause.ts';
import type { ReadList, RevocationListReader } from '../../../ports/driven/revocation-list-reader.ts';
import { DerFault, malformed } from '../der/der-fault.ts';
import { entryAt } from './list-entries.ts';
import { listOutline, type ListOutline } from './list-outline.ts';
import { listBytes } from './list-pem.ts';
import { HASH_SLICE } from './slices.ts';
import { verifyInSlices } from './verify-in-slices.ts';

type Refused = RefusalOf<ListRefusalCode>;

/** D-43. An entry with a serial number of 20 bytes and a reason takes 51 bytes. */
export const LARGEST_LIST = 64 * 1024 * 1024;
export const MOST_ENTRIES = 1_000_000;
/** Ed25519 hashes twice, so that its bytes cannot be given to OpenSSL a slice at a time. */
export const LARGEST_ED25519_LIST = 4 * 1024 * 1024;

/** Bytes of entries between two turns of the event loop: 0.2 ms of usual ones, and 2 ms of whoever writes them down. */
const SLICE = 8 * 1024;
export interface SlicedRevocationListReaderNeeds {
  readonly pause: Pause;
}

/** Reads lists on the main thread, a slice at a time (X29): nothing of a list is kept but its bytes. */
export class SlicedRevocationListReader implements RevocationListReader {
  readonly #pause: Pause;

  constructor({ pause }: SlicedRevocationListReaderNeeds) {
    this.#pause = pause;
  }

  async read(upload: Uint8Array): Promise<Decision<ReadList, Refused>> {
    // As PEM a list takes a third more, and its line ends.
    if (upload.length > LARGEST_LIST * 1.4) return tooLarge({ bytes: upload.length, allowed: LARGEST_LIST });
    try {
      const { der, behind } = await listBytes(asBuffer(upload), this.#pause);
      if (der.length > LARGEST_LIST) return tooLarge({ bytes: der.length, allowed: LARGEST_LIST });
      return await this.#readDer(der, behind);
    } catch (fault) {
      if (fault instanceof DerFault) return refuse({ code: 'list.unreadable', ...(fault.evidence && { evidence: fault.evidence }) });
      // A defect of ours must not take the caller down; what could not be read is refused (D-17).
      return refuse({ code: 'list.unreadable', evidence: { problem: 'could not be read' } });
    }
  }

  async #readDer(der: Buffer, behind: Uint8Array): Promise<Decision<ReadList, Refused>> {
    const outline = listOutline(der);
    const { list } = outline;
    if (list.signature.scheme === 'ed25519' && der.length > LARGEST_ED25519_LIST) return tooLarge({ bytes: der.length, allowed: LARGEST_ED25519_LIST });
    const counted = await this.#count(der, outline);
    if (counted.entries > MOST_ENTRIES) return tooLarge({ entries: `more than ${MOST_ENTRIES}`, allowed: MOST_ENTRIES });
    const whole: RevocationList = { ...list, ...counted, thumbprint: await this.#thumbprintOf(der) };
    return grant({
      list: whole,
      behind,
      verifies: (issuer: Certificate) => verifyInSlices({ list: whole, der, outline, issuer, pause: this.#pause }),
      entries: () => this.#entriesOf(der, outline),
    });
  }

  /** Looks at every entry, so that nothing is used of a list whose end breaks the grammar. */
  async #count(der: Buffer, { list, entries: { from, to } }: ListOutline): Promise<Pick<RevocationList, 'entries' | 'unknownCritical'>> {
    const unknown = new Set(list.unknownCritical);
    let entries = 0;
    for (let at = from, slice = from; at < to; ) {
      const entry = entryAt(der, at, to);
      if (entry.ofAnother && !list.scope.indirect) malformed('certificateIssuer', 'stands in a list that is not indirect');
      if (entry.reason === 'removeFromCRL' && list.deltaOf === undefined) malformed('reasonCode', 'is removeFromCRL in a list that is no delta');
      for (const oid of entry.unknownCritical) if (unknown.size < MOST_UNKNOWN) unknown.add(oid);
      entries += 1;
      if (entries > MOST_ENTRIES) break;
      at = entry.end;
      if (at - slice < SLICE) continue;
      slice = at;
      await this.#pause();
    }
    return { entries, unknownCritical: [...unknown] };
  }

  async #thumbprintOf(der: Buffer): Promise<Thumbprint> {
    const hash = createHash('sha256');
    for (let at = 0; at < der.length; at += HASH_SLICE) {
      hash.update(der.subarray(at, at + HASH_SLICE));
      await this.#pause();
    }
    return hash.digest('hex') as Thumbprint;
  }

  async *#entriesOf(der: Buffer, { entries: { from, to } }: ListOutline): AsyncGenerator<readonly ListedCertificate[]> {
    let batch: ListedCertificate[] = [];
    for (let at = from, slice = from; at < to; ) {
      const { serialNumber, since, reason, end } = entryAt(der, at, to);
      batch.push({ serialNumber, since, reason });
      at = end;
      if (at - slice < SLICE && at < to) continue;
      slice = at;
      yield batch;
      batch = [];
      await this.#pause();
    }
  }
}

/** Evidence names the first few; a million different ones are one hostile list. */
const MOST_UNKNOWN = 20;

const tooLarge = (evidence: NonNullable<Refused['evidence']>): Decision<never, Refused> => refuse({ code: 'list.too-large', evidence });

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
