import type { Certificate } from './certificate.ts';
import type { DistinguishedName } from './distinguished-name.ts';
import type { GeneralName, NameConstraints } from './general-name.ts';
import { matchName } from './match-names.ts';
import type { RuleWork } from './rule-work.ts';

/** A name that a CA above does not let stand, and by which of its constraints. */
export interface Breach {
  readonly kind: 'excluded' | 'not-permitted' | 'budget';
  readonly name?: GeneralName;
  readonly constraint?: GeneralName;
}

/**
 * RFC 5280 §6.1.3 (b)–(c): the first name of `certificate` that breaks one of the constraints of the CAs above it. The constraints of
 * several CAs all hold: what one permits, another may still forbid.
 */
export function breachOf(certificate: Certificate, above: readonly NameConstraints[], work: RuleWork): Breach | undefined {
  if (above.length === 0) return undefined;
  const names = namesOf(certificate);
  for (const constraints of above) {
    if (!work.spend(names.length * (constraints.permitted.length + constraints.excluded.length))) return { kind: 'budget' };
    for (const name of names) {
      const breach = breachBy(name, constraints);
      if (breach) return breach;
    }
  }
  return undefined;
}

function breachBy(name: GeneralName, { permitted, excluded }: NameConstraints): Breach | undefined {
  const isOfForm = (constraint: GeneralName): boolean => formOf(constraint) === formOf(name);
  const hit = excluded.filter(isOfForm).find((constraint) => matchName(name, constraint, true) !== 'outside');
  if (hit) return { kind: 'excluded', name, constraint: hit };
  const allowed = permitted.filter(isOfForm);
  if (allowed.length === 0 || allowed.some((constraint) => matchName(name, constraint, false) === 'within')) return undefined;
  return { kind: 'not-permitted', name, constraint: allowed[0]! };
}

const formOf = (name: GeneralName): string => (name.form === 'other' ? `other ${name.tag}` : name.form);

const EMAIL_ADDRESS = '1.2.840.113549.1.9.1';

/** All that the certificate calls its subject: the alternative names, the subject, and the mail addresses in a subject without an alternative one. */
function namesOf({ subject, subjectAltNames = [] }: Certificate): readonly GeneralName[] {
  const hasMail = subjectAltNames.some(({ form }) => form === 'email');
  return [
    ...subjectAltNames,
    ...(subject.rdns.length > 0 ? [{ form: 'directory' as const, name: subject }] : []),
    ...(hasMail ? [] : mailsIn(subject)),
  ];
}

const mailsIn = ({ rdns }: DistinguishedName): readonly GeneralName[] =>
  rdns.flat().filter(({ type }) => type === EMAIL_ADDRESS).map(({ value }) => ({ form: 'email', value }));
