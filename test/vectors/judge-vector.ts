import { buildPaths, type AnchoredPath } from '../../src/domain/certificates/build-paths.ts';
import type { Certificate } from '../../src/domain/certificates/certificate.ts';
import type { PolicyInputs } from '../../src/domain/certificates/certificate-policies.ts';
import { judgePaths } from '../../src/domain/certificates/judge-paths.ts';
import { readChain } from '../../src/domain/certificates/read-chain.ts';
import { RuleWork } from '../../src/domain/certificates/rule-work.ts';
import { validatePath } from '../../src/domain/certificates/validate-path.ts';
import { judgeList } from '../../src/domain/revocation/judge-list.ts';
import { listIssuers } from '../../src/domain/revocation/list-issuers.ts';
import { factsOf, statusByLists } from '../../src/domain/revocation/list-status.ts';
import type { ListedCertificate, RevocationList } from '../../src/domain/revocation/revocation-list.ts';
import type { TenantId } from '../../src/domain/trust/tenant.ts';
import type { TrustAnchor } from '../../src/domain/trust/trust-anchor.ts';
import { ForgeCertificateReader } from '../../src/adapters/pki/forge-certificate-reader.ts';
import { NodeSignatureVerifier } from '../../src/adapters/pki/node-signature-verifier.ts';
import { SlicedRevocationListReader } from '../../src/adapters/pki/revocation/sliced-revocation-list-reader.ts';

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
  /** None: revocation is not asked. */
  readonly crls: readonly string[];
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
const lists = new SlicedRevocationListReader({ pause: async () => undefined });
const verifier = new NodeSignatureVerifier();
const verifies = (child: Certificate, issuer: Certificate): boolean => verifier.verifies(child, issuer);

/** The gate's own steps 3–5, and what lists say of the path; whose device it is and who it is are not what vectors ask. */
export async function judgeVector(vector: Vector): Promise<Judged> {
  const began = process.threadCpuUsage();
  try {
    const reason = await reasonOf(vector);
    return { verdict: reason === undefined ? 'valid' : 'invalid', ...(reason && { reason }), ms: cpuMs(began) };
  } catch (error) {
    return { verdict: 'crash', reason: String(error), ms: cpuMs(began) };
  }
}

async function reasonOf({ chain, anchors, crls, time, policy }: Vector): Promise<string | undefined> {
  const ders = chain.map(derOf);
  const at = new Date(time);
  const read = readChain({ chain: ders, handshakeBytes: ders.reduce((sum, { length }) => sum + length, 0) }, (der) => reader.read(der));
  if (!read.granted) return read.refusal.code;
  const trusted = anchors.flatMap((pem) => {
    const anchor = reader.read(derOf(pem));
    return anchor.granted ? [anchorOf(anchor.value)] : [];
  });
  const found = buildPaths({ chain: read.value, anchors: trusted, verifies });
  const verdict = judgePaths(found, at, policy ? inputsOf(policy) : {});
  if (!verdict.granted) return `${verdict.refusal.code}${verdict.refusal.depth === undefined ? '' : ` at depth ${verdict.refusal.depth}`}`;
  if (crls.length === 0) return undefined;
  const holding = found.paths.filter((path) => validatePath(path, { at, work: new RuleWork() }).granted);
  const reasons = await Promise.all(holding.map((path) => revocationOf(path, { crls, others: read.value, at })));
  return reasons.includes(undefined) ? undefined : reasons[0];
}

interface Revocation {
  readonly crls: readonly string[];
  readonly others: readonly Certificate[];
  readonly at: Date;
}

/** What the lists at hand say against a path: undefined where every certificate below the anchor is known not to be revoked. */
async function revocationOf({ certificates, anchors }: AnchoredPath, { crls, others, at }: Revocation): Promise<string | undefined> {
  const taken: { list: RevocationList; signer: Certificate; entries: Map<string, ListedCertificate> }[] = [];
  const refused: string[] = [];
  for (const crl of crls) {
    const read = await lists.read(derOf(crl));
    if (!read.granted) {
      refused.push(read.refusal.code);
      continue;
    }
    const { list, entries, verifies: signs } = read.value;
    const issuers = listIssuers({ list, anchor: anchors[0], others, verifies, at });
    const judged = judgeList(list, await Promise.all(issuers.map(async (certificate) => ({ certificate, signed: await signs(certificate) }))), at);
    if (!judged.granted) {
      refused.push(judged.refusal.code);
      continue;
    }
    const known = new Map<string, ListedCertificate>();
    for await (const batch of entries()) for (const entry of batch) known.set(entry.serialNumber, entry);
    taken.push({ list, signer: judged.value, entries: known });
  }
  const statusOf = (certificate: Certificate, from: typeof taken) => statusByLists(certificate, from.map(({ list, entries }) => ({ list: factsOf(list), ...entryIn(entries, certificate) }))).status;
  const usable = taken.filter(({ signer }) => statusOf(signer, taken) !== 'revoked');
  for (const [depth, certificate] of certificates.slice(0, -1).entries()) {
    const status = statusOf(certificate, usable);
    if (status !== 'good') return `${status} at depth ${depth}${refused.length > 0 ? ` (${refused.join(', ')})` : ''}`;
  }
  return undefined;
}

const entryIn = (entries: ReadonlyMap<string, ListedCertificate>, { serialNumber }: Certificate) => {
  const entry = entries.get(serialNumber);
  return entry ? { entry } : {};
};

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
