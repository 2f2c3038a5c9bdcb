import type { RefusalCode } from '../../domain/refusal.ts';
import type { Breakage } from './certificate-mint.ts';

export type MintKind = 'root' | 'intermediate' | 'device' | 'server';

/** What is known of a fault that a `CertificateMint` makes on purpose. Every mint keeps to it. */
export interface BreakageFacts {
  /** The certificates it can be put into. A mint rejects any other wish, for there it would break nothing. */
  readonly in: readonly MintKind[];
  /** What is wrong with the certificate, as half a sentence. */
  readonly what: string;
  /** How the gate refuses a device that stands on it. */
  readonly refused: RefusalCode;
}

const ANY = ['root', 'intermediate', 'device', 'server'] as const;
const CA = ['root', 'intermediate'] as const;
const BELOW_THE_ROOT = ['intermediate', 'device', 'server'] as const;
const DEVICE = ['device'] as const;

export const BREAKAGE_FACTS: Readonly<Record<Breakage, BreakageFacts>> = {
  expired: { in: ANY, what: 'its validity ended yesterday', refused: 'path.outside-validity' },
  'not-yet-valid': { in: ANY, what: 'its validity begins tomorrow', refused: 'path.outside-validity' },
  'no-ca': { in: CA, what: 'basicConstraints says CA:FALSE', refused: 'path.issuer-is-not-a-ca' },
  'no-basic-constraints': { in: CA, what: 'basicConstraints is missing', refused: 'path.issuer-is-not-a-ca' },
  'no-key-cert-sign': { in: CA, what: 'keyUsage lacks keyCertSign', refused: 'path.issuer-may-not-sign' },
  'path-too-long': {
    in: ['root', 'intermediate', 'device'],
    what: 'a CA with pathLenConstraint 0 has another CA below it (a root: as soon as an intermediate is issued by it)',
    refused: 'path.too-long',
  },
  'wrong-key': {
    in: BELOW_THE_ROOT,
    what: 'a key that is not its issuer’s signed it',
    refused: 'path.signature-invalid',
  },
  'wrong-issuer-name': { in: BELOW_THE_ROOT, what: 'its issuer name is nobody’s subject', refused: 'tenant.no-anchor-found' },
  sha1: {
    in: ANY,
    what: 'it is signed with SHA-1 (a root’s own signature is not judged; OpenSSL clients load it at @SECLEVEL=0 only)',
    refused: 'key.signature-algorithm-not-accepted',
  },
  'weak-rsa': { in: ANY, what: 'its key is RSA 1024 (OpenSSL clients load it at @SECLEVEL=0 only)', refused: 'key.not-accepted' },
  'server-auth-only': { in: DEVICE, what: 'its extended key usage is serverAuth alone', refused: 'path.extended-key-usage' },
  'no-digital-signature': { in: DEVICE, what: 'keyUsage lacks digitalSignature', refused: 'path.key-usage' },
  'unknown-critical-extension': {
    in: ANY,
    what: 'a critical extension is one that nobody knows (1.3.6.1.4.1.32473.1)',
    refused: 'path.unknown-critical-extension',
  },
  'name-constraints': {
    in: CA,
    what: 'a critical nameConstraints permits only names below O=Elsewhere',
    refused: 'path.name-not-permitted',
  },
  'version-1': { in: CA, what: 'it is X.509 version 1, which has no extensions', refused: 'path.issuer-is-not-version-3' },
  'no-common-name': { in: DEVICE, what: 'its subject has an organisation but no common name', refused: 'identity.no-common-name' },
  'two-common-names': { in: DEVICE, what: 'its subject has two common names', refused: 'identity.several-common-names' },
  'forbidden-character': { in: DEVICE, what: 'its common name ends in /#', refused: 'identity.forbidden-character' },
};
