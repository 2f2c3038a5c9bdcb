import type { Certificate } from '../certificates/certificate.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';
import type { AnchorRefusalCode } from '../refusals/codes.ts';
import type { PossessionCode, TrustAnchor } from './trust-anchor.ts';

/** D-25: long enough for a CA whose key is in a safe; what proves nothing about this upload is told apart by chance, not by time. */
export const CODE_LIFETIME_MS = 7 * 86_400_000;

/** Characters of a code; all of them are of base64, as clients expect (wire-contract §1.2). */
const CODE_LENGTH = 160;

/** A new code out of `chance`, each of whose answers nobody can guess. */
export function newPossessionCode(chance: () => string, at: Date): PossessionCode {
  let text = '';
  while (text.length < CODE_LENGTH) text += chance().replaceAll(/[^A-Za-z0-9]/g, '');
  return { text: text.slice(0, CODE_LENGTH), usableUntil: new Date(at.getTime() + CODE_LIFETIME_MS) };
}

export interface ProofQuestion {
  readonly signature: Uint8Array;
  readonly at: Date;
  readonly signedText: (text: string, signature: Uint8Array, signer: Certificate) => boolean;
}

/** Clients keep the code in a text file, and editors end its line (wire-contract §1.7). */
const LINE_ENDS = ['', '\n', '\r\n'];

/** Does the signature prove that the uploader has the private key of the CA? It is over the text of the code, not over what that may encode. */
export function decideProof(
  { tenant, certificate, possessionCode }: TrustAnchor,
  { signature, at, signedText }: ProofQuestion,
): Decision<undefined, RefusalOf<Extract<AnchorRefusalCode, `anchor.possession-${string}`>>> {
  const evidence = { fingerprint: certificate.fingerprint, tenant };
  if (!possessionCode || at > possessionCode.usableUntil) {
    const usableUntil = possessionCode?.usableUntil.toISOString() ?? 'no code was issued';
    return refuse({ code: 'anchor.possession-code-expired', evidence: { ...evidence, usableUntil } });
  }
  const isSigned = LINE_ENDS.some((end) => signedText(possessionCode.text + end, signature, certificate));
  return isSigned ? grant(undefined) : refuse({ code: 'anchor.possession-not-proven', evidence });
}
