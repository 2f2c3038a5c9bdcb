import { whatToDo } from '../../domain/explanations/what-to-do.ts';
import { REFUSALS, sentenceOf } from '../../domain/refusal.ts';
import type { KeptRefusal, RefusalPlace } from '../../ports/driven/refusal-store.ts';
import type { JsonSchema } from './openapi/operation.ts';
import { record, TEXT, TIME, WHETHER } from './openapi/schemas.ts';

const count: JsonSchema = { type: 'integer', minimum: 0 };

export const EVIDENCE: JsonSchema = { type: 'object', description: 'What was found, by name.', additionalProperties: { type: ['string', 'number'] } };
export const DEPTH: JsonSchema = { ...count, description: 'Place in the path, the device being 0.' };
export const CODE: JsonSchema = { type: 'string', pattern: '^[a-z]+\\.[a-z0-9-]+$', examples: ['path.outside-validity'] };

/** The schema of what `refusalView` makes. */
export const REFUSAL: JsonSchema = {
  title: 'Refusal',
  description: 'Connects that were refused with one certificate for one reason.',
  ...record(
    {
      id: { type: 'string', description: 'Names it as long as nothing is added to it.' },
      tenant: { type: 'string', description: 'Whose CA made the signatures; `management` where that is not known.' },
      code: CODE,
      wouldBe: { ...WHETHER, description: 'True where the last one was let in, for the check that it breaks only reports; absent where it was refused.' },
      depth: DEPTH,
      sentence: { type: 'string', description: 'All of it in one line, as the device was told it.' },
      requires: TEXT,
      cites: TEXT,
      evidence: EVIDENCE,
      whatToDo: TEXT,
      device: { type: 'string', description: 'The device, or what its certificate only claims; empty where there is none.' },
      clientId: TEXT,
      certificate: record({ sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' }, serialNumber: TEXT, subject: TEXT, issuer: TEXT }),
      certificatesSent: count,
      from: { type: 'string', description: 'Address of the last one.' },
      count: { type: 'integer', minimum: 1 },
      firstSeen: TIME,
      lastSeen: TIME,
    },
    { optional: ['wouldBe', 'depth', 'certificate'] },
  ),
};

/** A kept refusal as administrators see it. */
export function refusalView({ refusal, wouldBe, leaf, sent, origin: _, mark, ...kept }: KeptRefusal): object {
  const { requires, cites } = REFUSALS[refusal.code];
  return {
    id: idOf({ lastSeen: kept.lastSeen, code: refusal.code, mark }),
    tenant: kept.tenant,
    code: refusal.code,
    ...(wouldBe && { wouldBe }),
    ...(refusal.depth !== undefined && { depth: refusal.depth }),
    sentence: sentenceOf(refusal),
    ...{ requires, cites, evidence: refusal.evidence ?? {} },
    whatToDo: whatToDo(refusal, { sent }),
    ...{ device: kept.device, clientId: kept.clientId },
    ...(leaf && { certificate: { sha256: leaf.thumbprint, serialNumber: leaf.serialNumber, subject: leaf.subject, issuer: leaf.issuer } }),
    ...{ certificatesSent: sent, from: kept.from, count: kept.count },
    ...{ firstSeen: kept.firstSeen.toISOString(), lastSeen: kept.lastSeen.toISOString() },
  };
}

/** A place in the list, in letters that a URL takes as they are. */
export const idOf = ({ lastSeen, code, mark }: RefusalPlace): string => Buffer.from(JSON.stringify([lastSeen.getTime(), code, mark])).toString('base64url');

/** Undefined for what `idOf` did not make. */
export function placeOf(id: string): RefusalPlace | undefined {
  try {
    const [at, code, mark, ...more] = JSON.parse(Buffer.from(id, 'base64url').toString()) as unknown[];
    const lastSeen = new Date(typeof at === 'number' ? at : NaN);
    if (typeof code !== 'string' || typeof mark !== 'string' || more.length > 0 || Number.isNaN(lastSeen.getTime())) return undefined;
    return idOf({ lastSeen, code, mark }) === id ? { lastSeen, code, mark } : undefined;
  } catch {
    return undefined;
  }
}
