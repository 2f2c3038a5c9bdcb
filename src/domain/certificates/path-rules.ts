import { OID } from './certificate.ts';
import { shortNameText } from './distinguished-name.ts';
import { isAcceptedKey, isAcceptedSignature, keyText } from './key-rules.ts';
import { breachEvidence, isAnchor, rule, subjectOf, unknownCriticalExtensions, unknownExtensionsText } from './path-rule.ts';

/**
 * RFC 5280 §6.1 in the RFC's order. The walk goes from the anchor down to the leaf, as the RFC's does, and asks every row of
 * every certificate.
 */
export const PATH_RULES = Object.freeze([
  rule({
    code: 'key.not-accepted',
    cites: 'D-9',
    requires: 'the key is RSA 2048–8192, P-256, P-384, P-521 (named curves) or Ed25519',
    remedy: 'Issue the certificate anew with such a key.',
    holds: ({ certificate }) => isAcceptedKey(certificate.publicKey),
    evidence: (link) => ({ ...subjectOf(link), key: keyText(link.certificate) }),
  }),
  rule({
    code: 'key.signature-algorithm-not-accepted',
    cites: 'D-9',
    requires: 'the signature uses SHA-2 with RSA, RSA-PSS or ECDSA, or is Ed25519',
    remedy: 'Let the CA issue the certificate anew with SHA-256.',
    holds: (link) => isAnchor(link) || isAcceptedSignature(link.certificate.signature),
    evidence: (link) => ({ ...subjectOf(link), algorithm: link.certificate.signature.name }),
  }),
  rule({
    code: 'path.signature-algorithms-differ',
    cites: 'RFC 5280 §4.1.1.2',
    requires: 'the algorithm beside the signature equals the one inside the signed part',
    remedy: 'Issue the certificate anew.',
    holds: (link) => isAnchor(link) || link.certificate.signatureAlgorithmsAgree,
    evidence: subjectOf,
  }),
  rule({
    code: 'path.signature-invalid',
    cites: 'RFC 5280 §6.1.3 (a)(1)',
    requires: 'the key of the certificate above made the signature',
    remedy: 'Send the certificate of the CA that really issued it: another CA has the same name.',
    holds: (link) => isAnchor(link) || link.signed === 'yes',
    evidence: (link) => ({ ...subjectOf(link), issuer: shortNameText(link.certificate.issuer) }),
  }),
  rule({
    code: 'path.outside-validity',
    cites: 'RFC 5280 §6.1.3 (a)(2)',
    requires: 'the time of connection lies within notBefore..notAfter, both ends included',
    remedy: 'Renew the certificate, or correct the clock.',
    holds: ({ certificate: c, at }) => c.notBefore <= at && at <= c.notAfter,
    evidence: (link) => ({
      ...subjectOf(link),
      notBefore: link.certificate.notBefore.toISOString(),
      notAfter: link.certificate.notAfter.toISOString(),
      now: link.at.toISOString(),
    }),
  }),
  rule({
    code: 'path.names-do-not-chain',
    cites: 'RFC 5280 §6.1.3 (a)(4)',
    requires: 'the issuer name of a certificate is the subject name of the one above',
    remedy: 'Send the certificate of the CA that really issued it.',
    holds: ({ certificate, issuer }) => issuer === undefined || certificate.issuer.key === issuer.subject.key,
    evidence: (link) => ({ ...subjectOf(link), issuer: shortNameText(link.certificate.issuer) }),
  }),
  rule({
    code: 'path.name-excluded',
    cites: 'RFC 5280 §6.1.3 (c), §4.2.1.10',
    requires: 'no name of a certificate lies in a subtree that a CA above excludes',
    remedy: 'Issue the certificate anew with other names, or from a CA that may issue these.',
    holds: ({ breach }) => breach?.kind !== 'excluded',
    evidence: breachEvidence,
  }),
  rule({
    code: 'path.name-not-permitted',
    cites: 'RFC 5280 §6.1.3 (b), §4.2.1.10',
    requires: 'every name of a certificate lies in a subtree that each CA above permits for its form',
    remedy: 'Issue the certificate anew with other names, or from a CA that may issue these.',
    holds: ({ breach }) => breach?.kind !== 'not-permitted',
    evidence: breachEvidence,
  }),
  rule({
    code: 'path.too-much-to-compare',
    cites: 'D-11',
    requires: 'the names, constraints and policies of a chain can be compared in 20,000 steps',
    remedy: 'Issue the certificates anew with fewer names, constraints or policies.',
    holds: ({ breach, policy }) => breach?.kind !== 'budget' && policy !== 'budget',
    evidence: subjectOf,
  }),
  rule({
    code: 'path.no-valid-policy',
    cites: 'RFC 5280 §6.1.3 (f), §6.1.5 (g)',
    requires: 'where a CA demands an explicit policy, one is valid along the whole path',
    remedy: 'Issue the certificates anew with the certificate policy that the CA demands.',
    holds: ({ policy }) => policy !== 'no-valid-policy',
    evidence: subjectOf,
  }),
  rule({
    code: 'path.maps-any-policy',
    cites: 'RFC 5280 §6.1.4 (a)',
    requires: 'no policy mapping names anyPolicy',
    remedy: 'Issue the CA certificate anew without that mapping.',
    holds: ({ policy }) => policy !== 'maps-any-policy',
    evidence: subjectOf,
  }),
  rule({
    code: 'path.issuer-is-not-version-3',
    cites: 'D-4, RFC 5280 §6.1.4 (k)',
    requires: 'every certificate above the leaf, and the trusted one itself, has version 3',
    remedy: 'Issue the CA certificate anew as X.509 version 3.',
    holds: (link) => (link.isLeaf && !isAnchor(link)) || link.certificate.version === 3,
    evidence: (link) => ({ ...subjectOf(link), version: link.certificate.version }),
  }),
  rule({
    code: 'path.issuer-is-not-a-ca',
    cites: 'RFC 5280 §6.1.4 (k), D-4',
    requires: 'every certificate above the leaf, and the trusted one itself, carries basicConstraints with cA set',
    remedy: 'Issue the CA certificate anew with BasicConstraints CA:TRUE.',
    holds: (link) => (link.isLeaf && !isAnchor(link)) || link.certificate.basicConstraints?.ca === true,
    evidence: subjectOf,
  }),
  rule({
    code: 'path.too-long',
    cites: 'RFC 5280 §6.1.4 (l)-(m), §4.2.1.9',
    requires: 'no more CAs stand below a CA than its pathLenConstraint allows, self-issued ones not counted',
    remedy: 'Issue the device certificate from a CA that is nearer to the trusted one.',
    holds: ({ certificate: c, casBelow }) => casBelow <= (c.basicConstraints?.pathLength ?? Infinity),
    evidence: (link) => ({
      ...subjectOf(link),
      allowed: link.certificate.basicConstraints?.pathLength ?? 'any number',
      counted: link.casBelow,
    }),
  }),
  rule({
    code: 'path.issuer-may-not-sign',
    cites: 'RFC 5280 §6.1.4 (n), §4.2.1.3, D-4',
    requires: 'the keyUsage of a certificate above the leaf, or of the trusted one, holds keyCertSign if present',
    remedy: 'Issue the CA certificate anew with keyCertSign.',
    holds: (link) => (link.isLeaf && !isAnchor(link)) || link.certificate.keyUsage?.has('keyCertSign') !== false,
    evidence: subjectOf,
  }),
  rule({
    code: 'path.unknown-critical-extension',
    cites: 'RFC 5280 §6.1.4 (o), §6.1.5 (f), D-10',
    requires: 'every critical extension is one that Fleetgate enforces',
    remedy: 'Issue the certificate anew without the extension that the evidence names.',
    holds: ({ certificate }) => unknownCriticalExtensions(certificate).length === 0,
    evidence: (link) => ({ ...subjectOf(link), extension: unknownExtensionsText(link.certificate) }),
  }),
  rule({
    code: 'path.key-usage',
    cites: 'D-9, RFC 5280 §4.2.1.3',
    requires: 'the keyUsage of the device certificate, if present, holds digitalSignature',
    remedy: 'Issue the device certificate anew with digitalSignature.',
    holds: (link) => !link.isLeaf || link.certificate.keyUsage?.has('digitalSignature') !== false,
    evidence: subjectOf,
  }),
  rule({
    code: 'path.extended-key-usage',
    cites: 'D-9, RFC 5280 §4.2.1.12',
    requires: 'the extended key usage of the device certificate, if present, holds clientAuth or anyExtendedKeyUsage',
    remedy: 'Issue the device certificate anew for client authentication.',
    holds: ({ certificate: { extendedKeyUsage }, isLeaf }) =>
      !isLeaf ||
      extendedKeyUsage === undefined ||
      extendedKeyUsage.includes(OID.clientAuth) ||
      extendedKeyUsage.includes(OID.anyExtendedKeyUsage),
    evidence: (link) => ({ ...subjectOf(link), usages: link.certificate.extendedKeyUsage?.slice(0, 5).join(' ') ?? 'none' }),
  }),
]);

export type PathRuleCode = (typeof PATH_RULES)[number]['code'];
