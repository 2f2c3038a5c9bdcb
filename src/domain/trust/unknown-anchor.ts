import type { Fingerprint } from '../certificates/certificate.ts';
import { refuse, type Decision } from '../shared/decision.ts';
import type { RefusalOf } from '../shared/refusal-of.ts';

/** The tenant has no such CA; that another one has it makes no difference to what is said. */
export const unknownAnchor = (fingerprint: Fingerprint): Decision<never, RefusalOf<'anchor.unknown'>> => refuse({ code: 'anchor.unknown', evidence: { fingerprint } });
