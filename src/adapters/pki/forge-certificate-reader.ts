import { hash } from 'node:crypto';
import forge from 'node-forge';
import type { Certificate, Fingerprint, Thumbprint } from '../../domain/certificates/certificate.ts';
import type { ChainRefusalCode } from '../../domain/refusals/codes.ts';
import { grant, refuse, type Decision } from '../../domain/shared/decision.ts';
import type { RefusalOf } from '../../domain/shared/refusal-of.ts';
import type { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import { DerFault, notDer } from './der/der-fault.ts';
import { readDer } from './der/der-node.ts';
import { certificateFields } from './der/certificate-fields.ts';

/** D-11: no certificate is larger, so that everything below is bounded. */
export const LARGEST_CERTIFICATE = 16 * 1024;

/**
 * Reads certificates by two independent eyes (D-18): our own walk, which checks every value by its type and keeps the offsets from
 * which the signed bytes are cut, and node-forge, which must write the very bytes it read. `forge.pki` decides nothing here: it cannot
 * read EC certificates, and its judgement has had holes.
 */
export class ForgeCertificateReader implements CertificateReader {
  read(der: Uint8Array): Decision<Certificate, RefusalOf<ChainRefusalCode>> {
    if (der.length > LARGEST_CERTIFICATE) {
      return refuse({ code: 'chain.certificate-too-large', evidence: { bytes: der.length, allowed: LARGEST_CERTIFICATE } });
    }
    try {
      return grant(readCertificate(der));
    } catch (fault) {
      if (fault instanceof DerFault) return refuse({ code: fault.code, evidence: fault.evidence });
      // A defect of ours must not take the gate down; what could not be read is refused (D-17).
      return refuse({ code: 'chain.malformed-certificate', evidence: { field: 'Certificate', problem: 'could not be read' } });
    }
  }
}

function readCertificate(der: Uint8Array): Certificate {
  // A copy: the caller's bytes may be a window on a larger buffer, which must neither change nor be kept alive by a stored certificate.
  const own = new Uint8Array(der);
  const bytes = Buffer.from(own.buffer);
  const root = readDer(bytes, 0, bytes.length);
  const { hasUniqueIdentifier, ...fields } = certificateFields(bytes, root);
  // Forge takes the [2] of a subjectUniqueID for an INTEGER and would "correct" it: nothing then can be learnt from its bytes.
  if (!hasUniqueIdentifier) checkReencoding(bytes);
  return {
    der: own,
    fingerprint: hash('sha1', own, 'hex') as Fingerprint,
    thumbprint: hash('sha256', own, 'hex') as Thumbprint,
    ...fields,
  };
}

function checkReencoding(bytes: Buffer): void {
  const text = bytes.toString('latin1');
  if (reencoded(text) !== text) notDer('writing the value anew gives other bytes', 0);
}

function reencoded(text: string): string | undefined {
  try {
    return forge.asn1.toDer(forge.asn1.fromDer(text, STRICT)).getBytes();
  } catch {
    return undefined;
  }
}

/** The type knows the old flag only; these are the options of forge 1.4. */
const STRICT = { strict: true, parseAllBytes: true, decodeBitStrings: false, maxDepth: 32 } as unknown as boolean;
