import { buildPaths } from '../../src/domain/certificates/build-paths.ts';
import type { Certificate } from '../../src/domain/certificates/certificate.ts';
import type { PolicyInputs } from '../../src/domain/certificates/certificate-policies.ts';
import { judgePaths } from '../../src/domain/certificates/judge-paths.ts';
import { readChain } from '../../src/domain/certificates/read-chain.ts';
import type { TenantId } from '../../src/domain/trust/tenant.ts';
import type { TrustAnchor } from '../../src/domain/trust/trust-anchor.ts';
import { ForgeCertificateReader } from '../../src/adapters/pki/forge-certificate-reader.ts';
import { NodeSignatureVerifier } from '../../src/adapters/pki/node-signature-verifier.ts';

/** One line of a vector file; the fields are told in the README beside the vectors. */
export interface Vector {
  readonly id: string;
  readonly suite: string;
  readonly desc: string;
  readonly tier: string;
  readonly expect: 'valid' | 'invalid' | 'either';
  readonly gate: boolean;
  readonly chain: readonly string[];
  readonly anchors: readonly string[];
  readonly time: string;
  readonly policy: null | {
    readonly initialPolicySet: string;
    readonly explicit: boolean;
    readonly inhibitMapping: boolean;
    readonly inhibitAny: boolean;
  };
}

export interface Judged {
  readonly verdict: 'valid' | 'invalid' | 'crash';
  readonly reason?: string;
  readonly ms: number;
}

const reader = new ForgeCertificateReader();
const verifier = new NodeSignatureVerifier();

/** The gate's own steps 3–5; whose device it is and who it is are not what vectors ask. */
export function judgeVector(vector: Vector): Judged {
  const began = process.threadCpuUsage();
  try {
    const reason = reasonOf(vector);
    return { verdict: reason === undefined ? 'valid' : 'invalid', ...(reason && { reason }), ms: cpuMs(began) };
  } catch (error) {
    return { verdict: 'crash', reason: String(error), ms: cpuMs(began) };
  }
}

function reasonOf({ chain, anchors, time, policy }: Vector): string | undefined {
  const ders = chain.map(derOf);
  const read = readChain({ chain: ders, handshakeBytes: ders.reduce((sum, { length }) => sum + length, 0) }, (der) => reader.read(der));
  if (!read.granted) return read.refusal.code;
  const trusted = anchors.flatMap((pem) => {
    const anchor = reader.read(derOf(pem));
    return anchor.granted ? [anchorOf(anchor.value)] : [];
  });
  const found = buildPaths({ chain: read.value, anchors: trusted, verifies: (child, issuer) => verifier.verifies(child, issuer) });
  const verdict = judgePaths(found, new Date(time), policy ? inputsOf(policy) : {});
  return verdict.granted ? undefined : `${verdict.refusal.code}${verdict.refusal.depth === undefined ? '' : ` at depth ${verdict.refusal.depth}`}`;
}

const derOf = (pem: string): Uint8Array => new Uint8Array(Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64'));

const anchorOf = (certificate: Certificate): TrustAnchor => ({
  ...{ tenant: 'vectors' as TenantId, certificate, name: '', status: 'enabled', autoRegistration: false },
  ...{ inert: false, possessionProven: false, addedAt: certificate.notBefore },
});

/** NIST names its test policies by number; they are the arc 2.16.840.1.101.3.2.1.48. */
const inputsOf = ({ initialPolicySet, explicit, inhibitMapping, inhibitAny }: NonNullable<Vector['policy']>): PolicyInputs => ({
  initialPolicies: initialPolicySet
    .split(',')
    .map((name) => (name === 'anyPolicy' ? '2.5.29.32.0' : name.replace('NIST-test-policy-', '2.16.840.1.101.3.2.1.48.'))),
  requireExplicitPolicy: explicit,
  inhibitPolicyMapping: inhibitMapping,
  inhibitAnyPolicy: inhibitAny,
});

/** Milliseconds of this thread's CPU: what else the machine does is no vector's doing. */
function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(since);
  return (user + system) / 1000;
}
