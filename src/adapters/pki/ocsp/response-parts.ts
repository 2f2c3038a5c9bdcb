import type { DistinguishedName } from '../../../domain/certificates/distinguished-name.ts';
import type { OcspResponse } from '../../../domain/revocation/ocsp-response.ts';
import { signatureAlgorithmAt } from '../der/algorithms.ts';
import { malformed } from '../der/der-fault.ts';
import { expectTag, readDer, TAG, type DerNode } from '../der/der-node.ts';
import { nameAt } from '../der/names.ts';
import { ocspExtensionsAt } from './ocsp-extensions.ts';
import { generalizedTimeAt, onlyChild, singleAnswerAt } from './single-answer.ts';

/** Whom a responderID means: one of these two (RFC 6960 §4.2.1). */
export interface ResponderId {
  readonly name?: DistinguishedName;
  /** SHA-1 of the key, lower-case hex. */
  readonly keyHash?: string;
}

export interface ResponseParts {
  readonly response: OcspResponse;
  readonly responder: ResponderId;
  /** tbsResponseData with its header: what is signed. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** One certificate is asked about; some responders answer about several at once. */
const MOST_ANSWERS = 100;
const MOST_CERTIFICATES = 10;

/** Reads a BasicOCSPResponse in the order of RFC 6960 §4.2.1. */
export function responseParts(bytes: Buffer): ResponseParts {
  const [data, algorithm, value, certificates, ...more] = expectTag(readDer(bytes, 0, bytes.length), TAG.sequence, 'BasicOCSPResponse', 'a SEQUENCE').children;
  if (more.length > 0 || (certificates && certificates.tag !== 0xa0)) malformed('BasicOCSPResponse', 'has a field that does not belong there');
  const signed = expectTag(data, TAG.sequence, 'tbsResponseData', 'a SEQUENCE');
  const { responder, ...said } = responseDataAt(bytes, signed);
  return {
    response: { signature: signatureAlgorithmAt(bytes, algorithm, 'signatureAlgorithm'), ...said, certificates: certificatesAt(bytes, certificates) },
    responder,
    signed: bytes.subarray(signed.start, signed.end),
    signature: signatureAt(bytes, expectTag(value, TAG.bitString, 'signature', 'a BIT STRING')),
  };
}

function responseDataAt(bytes: Buffer, { children }: DerNode): Omit<OcspResponse, 'signature' | 'certificates'> & { readonly responder: ResponderId } {
  const parts = [...children];
  // v1 is the default, which DER leaves out; there is no other.
  if (parts[0]?.tag === 0xa0) malformed('version', 'is written, and there is only one');
  const [responder, producedAt, answers, extensions, ...more] = parts;
  if (more.length > 0 || (extensions && extensions.tag !== 0xa1)) malformed('tbsResponseData', 'has a field that does not belong there');
  const list = expectTag(answers, TAG.sequence, 'responses', 'a SEQUENCE').children;
  if (list.length > MOST_ANSWERS) malformed('responses', `are more than ${MOST_ANSWERS}`);
  return {
    responder: responderAt(bytes, responder),
    producedAt: generalizedTimeAt(bytes, producedAt, 'producedAt'),
    answers: list.map((answer) => singleAnswerAt(bytes, answer)),
    ...ocspExtensionsAt(bytes, extensions, 'responseExtensions'),
  };
}

/** `[1]` Name or `[2]` KeyHash, both explicit. */
function responderAt(bytes: Buffer, node: DerNode | undefined): ResponderId {
  if (node?.tag === 0xa1) return { name: nameAt(bytes, onlyChild(node, 'responderID'), 'subject') };
  if (node?.tag !== 0xa2) return malformed('responderID', 'is neither a name nor the hash of a key');
  const { content, end } = expectTag(onlyChild(node, 'responderID'), TAG.octetString, 'responderID', 'an OCTET STRING');
  return { keyHash: bytes.toString('hex', content, end) };
}

function certificatesAt(bytes: Buffer, node: DerNode | undefined): readonly Uint8Array[] {
  if (!node) return [];
  const { children } = expectTag(onlyChild(node, 'certs'), TAG.sequence, 'certs', 'a SEQUENCE');
  if (children.length > MOST_CERTIFICATES) malformed('certs', `are more than ${MOST_CERTIFICATES}`);
  return children.map(({ start, end }) => bytes.subarray(start, end));
}

function signatureAt(bytes: Buffer, { content, end }: DerNode): Uint8Array {
  if (end - content < 2 || bytes[content] !== 0) malformed('signature', 'is no whole number of bytes');
  return bytes.subarray(content + 1, end);
}
