import type { Certificate } from '../certificates/certificate.ts';
import { shortNameText } from '../certificates/distinguished-name.ts';
import { isAcceptedKey, isAcceptedSignature, keyText } from '../certificates/key-rules.ts';
import type { ListRefusalCode } from '../refusals/codes.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { Evidence, RefusalOf } from '../shared/refusal-of.ts';
import type { RevocationList } from './revocation-list.ts';

/** A certificate with the name of the list's issuer, of which the path to the trusted CA holds. */
export interface PossibleIssuer {
  readonly certificate: Certificate;
  /** Whether its key made the list's signature; not asked where the key or the algorithm is not accepted. */
  readonly signed: boolean;
}

interface Question {
  readonly list: RevocationList;
  readonly at: Date;
  readonly issuer: PossibleIssuer | undefined;
}

interface ListRule {
  readonly code: ListRefusalCode;
  readonly holds: (question: Question) => boolean;
  readonly evidence: (question: Question) => Evidence;
}

/** RFC 5280 §6.3.3 as far as one list goes, in an order in which the first broken row is the one to be told of. */
const LIST_RULES: readonly ListRule[] = [
  { code: 'list.not-version-2', holds: ({ list }) => list.version === 2, evidence: ({ list }) => ({ version: list.version }) },
  {
    code: 'list.unknown-critical-extension',
    holds: ({ list }) => list.unknownCritical.length === 0,
    evidence: ({ list }) => ({ extension: list.unknownCritical.slice(0, 5).join(' ') }),
  },
  { code: 'list.indirect', holds: ({ list }) => !list.scope.indirect, evidence: ({ list }) => ({ issuer: shortNameText(list.issuer) }) },
  { code: 'list.wrong-scope', holds: ({ list }) => list.scope.only !== 'attributes', evidence: ({ list }) => ({ issuer: shortNameText(list.issuer) }) },
  {
    code: 'list.no-next-update',
    holds: ({ list: { thisUpdate, nextUpdate } }) => nextUpdate !== undefined && thisUpdate < nextUpdate,
    evidence: ({ list }) => ({ thisUpdate: list.thisUpdate.toISOString(), nextUpdate: list.nextUpdate?.toISOString() ?? 'none' }),
  },
  {
    code: 'list.not-yet-valid',
    holds: ({ list, at }) => list.thisUpdate <= at,
    evidence: ({ list, at }) => ({ thisUpdate: list.thisUpdate.toISOString(), now: at.toISOString() }),
  },
  {
    code: 'list.expired',
    holds: ({ list: { nextUpdate }, at }) => nextUpdate === undefined || at <= nextUpdate,
    evidence: ({ list, at }) => ({ nextUpdate: list.nextUpdate?.toISOString() ?? 'none', now: at.toISOString() }),
  },
  {
    code: 'list.issuer-not-found',
    holds: ({ list, issuer }) => issuer?.certificate.subject.key === list.issuer.key,
    evidence: ({ list }) => ({ issuer: shortNameText(list.issuer) }),
  },
  {
    code: 'list.signature-algorithm-not-accepted',
    holds: ({ list, issuer }) => isAcceptedSignature(list.signature) && list.signatureAlgorithmsAgree && !!issuer && isAcceptedKey(issuer.certificate.publicKey),
    evidence: ({ list, issuer }) => ({ algorithm: list.signature.name, ...(issuer && { key: keyText(issuer.certificate) }) }),
  },
  {
    code: 'list.signature-invalid',
    holds: ({ issuer }) => issuer?.signed === true,
    evidence: ({ list }) => ({ issuer: shortNameText(list.issuer) }),
  },
  {
    code: 'list.issuer-may-not-sign',
    holds: ({ issuer }) => issuer?.certificate.keyUsage?.has('cRLSign') !== false,
    evidence: ({ list }) => ({ issuer: shortNameText(list.issuer) }),
  },
];

/**
 * Whether a list that is new here may be used, and who signed it. Of several certificates with the issuer's name, the one that comes nearest
 * is told of. Nothing a list says counts before this has granted it.
 */
export function judgeList(list: RevocationList, issuers: readonly PossibleIssuer[], at: Date): Decision<Certificate, RefusalOf<ListRefusalCode>> {
  let last: { readonly row: number; readonly question: Question } | undefined;
  for (const issuer of issuers.length > 0 ? issuers : [undefined]) {
    const question: Question = { list, at, issuer };
    const row = LIST_RULES.findIndex(({ holds }) => !holds(question));
    if (row === -1 && issuer) return grant(issuer.certificate);
    if (!last || row > last.row) last = { row, question };
  }
  const { code, evidence } = LIST_RULES[last!.row]!;
  return refuse({ code, evidence: evidence(last!.question) });
}
