import type { Certificate } from '../../../domain/certificates/certificate.ts';
import type { PolicyMapping } from '../../../domain/certificates/certificate-policies.ts';
import { malformed } from './der-fault.ts';
import { expectTag, TAG, type DerNode } from './der-node.ts';
import { oidAt } from './object-identifiers.ts';

/** RFC 5280 §4.2.1.4: policies, each once; what their qualifiers say is for people. */
export function policiesAt(bytes: Buffer, node: DerNode): readonly string[] {
  const field = 'certificatePolicies';
  const { children } = expectTag(node, TAG.sequence, field, 'a SEQUENCE');
  if (children.length === 0) malformed(field, 'is empty');
  const policies = children.map((information) => {
    const parts = expectTag(information, TAG.sequence, field, 'a list of policies').children;
    if (parts.length > 2 || (parts[1] && parts[1].tag !== TAG.sequence)) malformed(field, 'holds something beside policies and qualifiers');
    return oidAt(bytes, parts[0], field);
  });
  if (new Set(policies).size !== policies.length) malformed(field, 'names a policy twice');
  return policies;
}

/** RFC 5280 §4.2.1.5. That neither side may be anyPolicy is a rule of the path. */
export function policyMappingsAt(bytes: Buffer, node: DerNode): readonly PolicyMapping[] {
  const field = 'policyMappings';
  const { children } = expectTag(node, TAG.sequence, field, 'a SEQUENCE');
  if (children.length === 0) malformed(field, 'is empty');
  return children.map((mapping) => {
    const parts = expectTag(mapping, TAG.sequence, field, 'a list of mappings').children;
    if (parts.length !== 2) malformed(field, 'holds a mapping that is not two policies');
    return { issuerDomain: oidAt(bytes, parts[0], field), subjectDomain: oidAt(bytes, parts[1], field) };
  });
}

/** RFC 5280 §4.2.1.11: [0] requireExplicitPolicy, [1] inhibitPolicyMapping, not both absent. */
export function policyConstraintsAt(bytes: Buffer, node: DerNode): NonNullable<Certificate['policyConstraints']> {
  const field = 'policyConstraints';
  const parts = [...expectTag(node, TAG.sequence, field, 'a SEQUENCE').children];
  const explicit = parts[0]?.tag === 0x80 ? parts.shift() : undefined;
  const mapping = parts[0]?.tag === 0x81 ? parts.shift() : undefined;
  if (parts.length > 0 || (!explicit && !mapping)) malformed(field, 'is not two numbers of certificates');
  return {
    ...(explicit && { requireExplicitPolicy: skipCertsAt(bytes, explicit, field) }),
    ...(mapping && { inhibitPolicyMapping: skipCertsAt(bytes, mapping, field) }),
  };
}

/** RFC 5280 §4.2.1.14. */
export const inhibitAnyPolicyAt = (bytes: Buffer, node: DerNode): number =>
  skipCertsAt(bytes, expectTag(node, TAG.integer, 'inhibitAnyPolicy', 'an INTEGER'), 'inhibitAnyPolicy');

/** `INTEGER (0..MAX)`; an implicit tag hides the INTEGER from the walk, so that its form is checked here. */
function skipCertsAt(bytes: Buffer, { content, end }: DerNode, field: string): number {
  const first = content < end ? bytes[content] : undefined;
  const isPadded = end - content > 1 && first === 0 && bytes[content + 1]! < 0x80;
  if (first === undefined || first >= 0x80 || isPadded) malformed(field, 'holds a number that is negative or padded');
  // More certificates than any path has: all such numbers mean the same.
  return end - content > 4 ? 0x7fff_ffff : bytes.readUIntBE(content, end - content);
}
