import { buildPaths, type AnchoredPath } from '../certificates/build-paths.ts';
import type { Certificate } from '../certificates/certificate.ts';
import { nameText } from '../certificates/distinguished-name.ts';
import { judgePaths, mostPromising } from '../certificates/judge-paths.ts';
import { PATH_RULES } from '../certificates/path-rules.ts';
import { readChain, type Chain } from '../certificates/read-chain.ts';
import { RuleWork } from '../certificates/rule-work.ts';
import { askAll, type TrustedLeaf } from '../certificates/validate-path.ts';
import { readIdentity } from '../identity/read-identity.ts';
import { REFUSALS, type Refusal, type RefusalCode } from '../refusal.ts';
import { grant, refuse, type Decision } from '../shared/decision.ts';
import type { TenantId } from '../trust/tenant.ts';
import type { TrustAnchor } from '../trust/trust-anchor.ts';
import type { CertificateReader } from '../../ports/driven/certificate-reader.ts';
import type { SignatureVerifier } from '../../ports/driven/signature-verifier.ts';
import type { Check, ExplainDesk, Explanation, ExplainQuestion } from '../../ports/driving/explain-desk.ts';

export interface ExplainChainNeeds {
  readonly reader: CertificateReader;
  readonly verifier: SignatureVerifier;
}

/** Explanations are of one tenant; which one is of no matter. */
const SOME_TENANT = 'explained' as TenantId;

/** What the gate's decisions were, one after the other. Each is the gate's own function: there is no second implementation. */
interface Steps {
  readonly chain: Decision<Chain, Refusal>;
  readonly best?: AnchoredPath;
  readonly trusted?: Decision<{ readonly leaf: TrustedLeaf }, Refusal>;
  readonly identity?: Decision<{ readonly device: string }, Refusal>;
}

/** Runs the gate's own path rules without stopping at the first refusal. */
export class ExplainChain implements ExplainDesk {
  readonly #needs: ExplainChainNeeds;

  constructor(needs: ExplainChainNeeds) {
    this.#needs = needs;
  }

  explain(question: ExplainQuestion): Explanation {
    const steps = this.#steps(question);
    const { chain, best, trusted, identity } = steps;
    const refusal = [chain, trusted, identity].find((step) => step && !step.granted);
    return {
      ...(refusal && !refusal.granted && { refusal: refusal.refusal }),
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

function pathOf({ certificates }: AnchoredPath): Explanation['path'] {
  return certificates.map(({ subject, issuer }, depth) => ({
    depth,
    subject: nameText(subject),
    issuer: nameText(issuer),
    isAnchor: depth === certificates.length - 1,
  }));
}

/** In the order of the journey: the chain, the search, every rule of every certificate of the best path, the identity. */
function checksOf({ chain, best, trusted, identity }: Steps, at: Date): readonly Check[] {
  const search = trusted && !trusted.granted && (!best || isOfTheAnchor(trusted.refusal)) ? trusted : trusted && grant(undefined);
  return [
    checkOf(chain, 'chain.malformed-certificate'),
    checkOf(search, 'tenant.no-anchor-found'),
    ...(best ? ruleChecks(best, at) : PATH_RULES.map(({ code }) => notAsked(code))),
    checkOf(identity, 'identity.no-common-name'),
  ];
}

/** Such a path holds by every rule: what is wrong with it shows at no certificate. */
const isOfTheAnchor = ({ code }: Refusal): boolean => code === 'tenant.anchor-disabled';

function ruleChecks(best: AnchoredPath, at: Date): readonly Check[] {
  return [...askAll(best, { at, work: new RuleWork() })].map(({ depth, link, rule, holds }) => ({
    ...{ code: rule.code, depth, outcome: holds ? 'holds' : 'broken', requires: rule.requires, cites: rule.cites },
    ...(!holds && { evidence: rule.evidence(link) }),
  }));
}

function checkOf(step: Decision<unknown, Refusal> | undefined, usual: RefusalCode): Check {
  if (!step) return notAsked(usual);
  if (step.granted) return { ...textOf(usual), outcome: 'holds' };
  const { code, depth, evidence } = step.refusal;
  return { ...textOf(code), outcome: 'broken', ...(depth !== undefined && { depth }), ...(evidence && { evidence }) };
}

const notAsked = (code: RefusalCode): Check => ({ ...textOf(code), outcome: 'not-asked' });

const textOf = (code: RefusalCode) => ({ code, requires: REFUSALS[code].requires, cites: REFUSALS[code].cites });
