import type { RuleCheck, TenantRules } from '../trust/rule-options.ts';
import { OID, type Certificate } from './certificate.ts';
import type { PolicyVerdict } from './certificate-policies.ts';
import { isChosenKey, keyChoiceText, keyText } from './key-rules.ts';
import type { PathRule } from './path-rule.ts';
import { shortNameText } from './distinguished-name.ts';

/** One certificate in its place in a path that holds, with what the tenant asks. */
export interface TenantLink {
  readonly certificate: Certificate;
  readonly isLeaf: boolean;
  /** What the policies of the path come to at this certificate by the tenant's own inputs. */
  readonly policy: PolicyVerdict;
  readonly asked: Pick<TenantRules, 'keys' | 'policies'>;
}

/** A rule of `PATH_RULES`, but for a tenant's own: asked where the mode of its check is not off, of paths that hold. */
type TenantRule<Code extends string> = Omit<PathRule<Code>, 'holds' | 'evidence'> & {
  readonly check: RuleCheck;
  readonly holds: (link: TenantLink) => boolean;
  readonly evidence: (link: TenantLink) => Record<string, string | number>;
};

const rule = <const Code extends string>(row: TenantRule<Code>): TenantRule<Code> => row;

const subjectOf = ({ certificate }: TenantLink) => ({ certificate: shortNameText(certificate.subject) });

/** What tenants may ask beyond RFC 5280 and D-9, in the order in which it is asked of each certificate, from the anchor down (D-55). */
export const TENANT_RULES = Object.freeze([
  rule({
    check: 'key-sizes',
    code: 'key.not-chosen',
    cites: 'D-56',
    requires: 'every key of the path, that of the trusted certificate included, is one of those that the tenant takes (fleetgate/keys.rsa-bits, fleetgate/keys.curves)',
    remedy: 'Issue the certificate anew with such a key, or let the tenant take this one.',
    holds: ({ certificate, asked }) => isChosenKey(certificate.publicKey, asked.keys),
    evidence: (link) => ({ ...subjectOf(link), key: keyText(link.certificate), taken: keyChoiceText(link.asked.keys) }),
  }),
  rule({
    check: 'policies',
    code: 'path.no-chosen-policy',
    cites: 'RFC 5280 §6.1.1 (c)-(f), §6.1.3 (f), §6.1.5 (g), D-56',
    requires: 'a certificate policy that the tenant takes is valid along the whole path (fleetgate/policies.initial)',
    remedy: 'Issue the certificates anew with such a policy, all from the trusted one down to the device; or let the tenant take theirs.',
    holds: ({ policy }) => policy === 'holds',
    evidence: (link) => ({
      ...subjectOf(link),
      policies: link.certificate.policies?.slice(0, 5).join(' ') ?? 'none',
      taken: link.asked.policies.initialPolicies?.slice(0, 5).join(' ') ?? 'any',
    }),
  }),
  rule({
    check: 'eku-nesting',
    code: 'path.issuer-extended-key-usage',
    cites: 'D-56, RFC 5280 §4.2.1.12',
    requires: 'the extended key usage of every CA of the path, if present, holds clientAuth or anyExtendedKeyUsage',
    remedy: 'Issue the CA certificate anew for client authentication, or without that extension; or switch fleetgate/check.eku-nesting off.',
    holds: ({ certificate: { extendedKeyUsage }, isLeaf }) =>
      isLeaf || extendedKeyUsage === undefined || extendedKeyUsage.includes(OID.clientAuth) || extendedKeyUsage.includes(OID.anyExtendedKeyUsage),
    evidence: (link) => ({ ...subjectOf(link), usages: link.certificate.extendedKeyUsage?.slice(0, 5).join(' ') ?? 'none' }),
  }),
]);

export type TenantRuleCode = (typeof TENANT_RULES)[number]['code'];
