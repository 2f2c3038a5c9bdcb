import type { Evidence } from '../shared/refusal-of.ts';
import type { Certificate } from './certificate.ts';
import { shortNameText } from './distinguished-name.ts';

/** A certificate that was sent and is nearly the issuer that is missing. For people: key identifiers are hints, never proof (RFC 5280 §4.2.1.1). */
export interface NearMiss {
  readonly candidate: Certificate;
  readonly wrong: 'name' | 'key-identifier' | 'key';
}

/** The one of `sent` that comes nearest to having issued `child`. Those of its issuer's name were tried and failed, or else only go round. */
export function nearMiss(child: Certificate, sent: readonly Certificate[], { sameNameFailed }: { readonly sameNameFailed: boolean }): NearMiss | undefined {
  const others = sent.filter(({ thumbprint }) => thumbprint !== child.thumbprint);
  const namesakes = others.filter(({ subject }) => sameNameFailed && subject.key === child.issuer.key);
  const asked = child.authorityKeyIdentifier;
  const twin = namesakes.find(({ subjectKeyIdentifier }) => asked === undefined || subjectKeyIdentifier === undefined || subjectKeyIdentifier === asked);
  if (twin) return { candidate: twin, wrong: 'key' };
  const renamed = others.find(({ subject, subjectKeyIdentifier }) => asked !== undefined && subjectKeyIdentifier === asked && subject.key !== child.issuer.key);
  if (renamed) return { candidate: renamed, wrong: 'name' };
  return namesakes[0] && { candidate: namesakes[0], wrong: 'key-identifier' };
}

/** The hint as evidence; none where there is no such certificate. */
export function nearMissEvidence(child: Certificate, { candidate, wrong }: NearMiss): Evidence {
  return { candidate: shortNameText(candidate.subject), candidateIsWrong: WORDS[wrong](child, candidate) };
}

const WORDS: Readonly<Record<NearMiss['wrong'], (child: Certificate, candidate: Certificate) => string>> = {
  name: () => 'its key identifier is the one that is asked for, but its name is not',
  key: () => 'its name is the one that is asked for, but its key did not make the signature',
  'key-identifier': ({ authorityKeyIdentifier }, { subjectKeyIdentifier }) =>
    `its name is the one that is asked for, but its key is ${short(subjectKeyIdentifier)} and not ${short(authorityKeyIdentifier)}`,
};

/** A SHA-1 in hex fits. */
const short = (identifier = ''): string => (identifier.length > 40 ? `${identifier.slice(0, 40)}…` : identifier);
