import type { ChainRefusalCode } from '../../../domain/refusals/codes.ts';
import type { Evidence } from '../../../domain/shared/refusal-of.ts';

/**
 * Why a certificate cannot be read. Thrown within this folder only and turned into a refusal by the reader: a fault can lie thirty
 * levels deep, and handing a value back through every level would hide the grammar. It is no Error, because collecting a stack
 * trace would cost more than reading a good certificate.
 */
export class DerFault {
  readonly code: ChainRefusalCode;
  /** Names the place and the problem; never holds text of the certificate beyond 64 characters. */
  readonly evidence: Evidence;

  constructor(code: ChainRefusalCode, evidence: Evidence) {
    this.code = code;
    this.evidence = evidence;
  }
}

/** The encoding is not DER (D-18). `offset` counts bytes from the start of the certificate. */
export function notDer(problem: string, offset: number): never {
  throw new DerFault('chain.not-der', { problem, offset });
}

/** The encoding is DER, but a field is not what RFC 5280 makes it. `field` is the RFC's name for it. */
export function malformed(field: string, problem: string): never {
  throw new DerFault('chain.malformed-certificate', { field, problem });
}
