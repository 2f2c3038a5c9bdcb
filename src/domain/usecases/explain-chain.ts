import { buildPaths } from '../certificates/build-paths.ts';
import type { Certificate } from '../certificates/certificate.ts';
import { judgePaths, mostPromising } from '../certificates/judge-paths.ts';
import { readChain } from '../certificates/read-chain.ts';
import { readIdentity } from '../identity/read-identity.ts';
import type { Refusal } from '../refusal.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { TrustAnchor } from '../trust/trust-anchor.ts';
import type { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import type { SignatureVerifier } from '../../ports/driven/signature-verifier.ts';
import type { ExplainDesk, Explanation, ExplainQuestion } from '../../ports/driving/explain-desk.ts';
import { checksOf, pathOf, refusalIn, type Steps } from './explained-steps.ts';

export interface ExplainChainNeeds {
  readonly reader: CertificateReader;
  readonly verifier: SignatureVerifier;
}

/** Explanations are of one tenant; which one is of no matter. */
const SOME_TENANT = 'explained' as TenantId;

/** Runs the gate's own path rules without stopping at the first refusal. */
export class ExplainChain implements ExplainDesk {
  readonly #needs: ExplainChainNeeds;

  constructor(needs: ExplainChainNeeds) {
    this.#needs = needs;
  }

  explain(question: ExplainQuestion): Explanation {
    const steps = this.#steps(question);
    const { best, identity } = steps;
    const refusal = refusalIn(steps);
    return {
      ...(refusal && { refusal }),
      ...(identity?.granted && { device: identity.value.device }),
      path: best ? pathOf(best) : [],
      checks: checksOf(steps, question.at),
    };
  }

  #steps({ chain: ders, anchors, disabledAnchors = [], at, clientId }: ExplainQuestion): Steps {
    const { reader, verifier } = this.#needs;
    const read = (der: Uint8Array) => reader.read(der);
    // A file has no handshake: its bytes are those of its certificates.
    const handshakeBytes = ders.reduce((sum, { length }) => sum + length, 0);
    const chain = readChain({ chain: ders, handshakeBytes }, read);
    const enabled = this.#anchors(anchors, 'enabled', at);
    const disabled = this.#anchors(disabledAnchors, 'disabled', at);
    if (!chain.granted) return { chain };
    if (!enabled.granted) return { chain: enabled };
    if (!disabled.granted) return { chain: disabled };
    const verifies = (child: Certificate, issuer: Certificate) => verifier.verifies(child, issuer);
    const found = buildPaths({ chain: chain.value, anchors: [...enabled.value, ...disabled.value], verifies });
    const best = mostPromising(found.paths, at);
    const trusted = judgePaths(found, at);
    const known = { chain, trusted, ...(best && { best }) };
    if (!trusted.granted) return known;
    const identity = readIdentity(trusted.value.leaf, { clientId: clientId ?? '', acceptsAssignedId: true });
    return { ...known, identity };
  }

  #anchors(ders: readonly Uint8Array[], status: TrustAnchor['status'], at: Date): Decision<readonly TrustAnchor[], Refusal> {
    const anchors: TrustAnchor[] = [];
    for (const der of ders) {
      const read = this.#needs.reader.read(der);
      if (!read.granted) return refuse({ code: 'anchor.unreadable', evidence: { reason: read.refusal.code, ...read.refusal.evidence } });
      anchors.push({
        ...{ tenant: SOME_TENANT, certificate: read.value, name: '', status, autoRegistration: true },
        ...{ inert: false, possessionProven: false, addedAt: at },
      });
    }
    return grant(anchors);
  }
}
