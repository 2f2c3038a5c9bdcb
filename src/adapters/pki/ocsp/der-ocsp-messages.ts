import { createPublicKey, randomBytes, verify } from 'node:crypto';
import type { Certificate } from '../../../domain/certificates/certificate.ts';
import { grant, refuse, type Decision } from '../../../domain/shared/decision.ts';
import type { RefusalOf } from '../../../domain/shared/refusal-of.ts';
import type { OcspMessages, OcspQuestion, ReadResponse } from '../../../ports/driven/ocsp-messages.ts';
import { DerFault, malformed } from '../der/der-fault.ts';
import { expectTag, readDer, TAG } from '../der/der-node.ts';
import { oidAt } from '../der/object-identifiers.ts';
import { KEY_KIND, optionsOf } from '../revocation/verify-in-slices.ts';
import { certificateIds, keyHash } from './certificate-ids.ts';
import { ocspRequest } from './ocsp-request.ts';
import { responseParts, type ResponseParts } from './response-parts.ts';
import { onlyChild } from './single-answer.ts';

type Refused = RefusalOf<'ocsp.unreadable' | 'ocsp.not-successful'>;

/** With ten certificates of a responder: usual answers take 2 KiB. */
export const LARGEST_RESPONSE = 64 * 1024;
const BASIC_RESPONSE = '1.3.6.1.5.5.7.48.1.1';
const ENUMERATED = 0x0a;
/** RFC 9654 §2.1 asks for 32. */
const NONCE_BYTES = 32;

/** OCSPResponseStatus (RFC 6960 §4.2.1). */
const STATUSES: readonly (string | undefined)[] = ['successful', 'malformedRequest', 'internalError', 'tryLater', undefined, 'sigRequired', 'unauthorized'];

/** Requests by our own writer, responses by the strict reader of certificates. */
export class DerOcspMessages implements OcspMessages {
  question(serialNumber: string, issuer: Certificate): OcspQuestion {
    const ids = certificateIds(serialNumber, issuer);
    const nonce = randomBytes(NONCE_BYTES);
    return { request: ocspRequest(ids[0]!, nonce), ids, nonce: nonce.toString('hex') };
  }

  read(bytes: Uint8Array): Decision<ReadResponse, Refused> {
    if (bytes.length > LARGEST_RESPONSE) return unreadable({ bytes: bytes.length, allowed: LARGEST_RESPONSE });
    try {
      return readResponse(Buffer.from(bytes));
    } catch (fault) {
      // A defect of ours must not end the asking; what could not be read is refused (D-17).
      return unreadable(fault instanceof DerFault ? fault.evidence : { problem: 'could not be read' });
    }
  }
}

const unreadable = (evidence: NonNullable<Refused['evidence']>): Decision<never, Refused> => refuse({ code: 'ocsp.unreadable', evidence });

/** Reads an OCSPResponse: its status, and what stands in it. */
function readResponse(bytes: Buffer): Decision<ReadResponse, Refused> {
  const [code, body, ...more] = expectTag(readDer(bytes, 0, bytes.length), TAG.sequence, 'OCSPResponse', 'a SEQUENCE').children;
  const { content, end } = expectTag(code, ENUMERATED, 'responseStatus', 'an ENUMERATED');
  const status = end - content === 1 ? STATUSES[bytes[content]!] : undefined;
  if (status === undefined || more.length > 0 || (body && body.tag !== 0xa0)) return malformed('OCSPResponse', 'is not a status and a response');
  if (status !== 'successful') return refuse({ code: 'ocsp.not-successful', evidence: { status } });
  const [type, octets, ...rest] = body ? expectTag(onlyChild(body, 'responseBytes'), TAG.sequence, 'responseBytes', 'a SEQUENCE').children : [];
  if (rest.length > 0 || oidAt(bytes, type, 'responseType') !== BASIC_RESPONSE) malformed('responseBytes', 'is not a basic response');
  const whole = expectTag(octets, TAG.octetString, 'response', 'an OCTET STRING');
  return grant(read(responseParts(bytes.subarray(whole.content, whole.end))));
}

function read({ response, responder, signed, signature }: ResponseParts): ReadResponse {
  return {
    response,
    isBy: (certificate) => (responder.name ? certificate.subject.key === responder.name.key : keyHash(certificate) === responder.keyHash),
    verifies: ({ publicKey }) => {
      const { scheme, hash } = response.signature;
      if (scheme === 'unknown' || KEY_KIND[scheme] !== publicKey.kind) return false;
      try {
        const key = createPublicKey({ key: Buffer.from(publicKey.spki), format: 'der', type: 'spki' });
        return verify(hash, signed, scheme === 'ed25519' ? key : { key, ...optionsOf(response.signature) }, signature);
      } catch {
        return false; // A key that OpenSSL does not let make this kind of signature.
      }
    },
  };
}
