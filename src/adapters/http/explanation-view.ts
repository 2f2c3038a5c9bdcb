import { REFUSALS, sentenceOf } from '../../domain/refusal.ts';
import type { LiveExplanation } from '../../ports/driving/live-explain-desk.ts';
import type { JsonSchema } from './openapi/operation.ts';
import { FINGERPRINT, list, record, TEXT, TIME, WHETHER } from './openapi/schemas.ts';
import { CODE, DEPTH, EVIDENCE } from './refusal-view.ts';

const RULE = { code: CODE, depth: DEPTH, requires: TEXT, cites: TEXT, evidence: EVIDENCE };

/** The schema of what `explanationView` makes. */
export const EXPLANATION: JsonSchema = {
  title: 'Explanation',
  ...record(
    {
      admitted: WHETHER,
      at: { ...TIME, description: 'The time that was judged by.' },
      tenant: { type: 'string', description: 'Whose device it would be.' },
      device: { type: 'string', description: 'Its id, where one could be read.' },
      refusal: {
        description: 'What the gate would answer.',
        ...record({ ...RULE, sentence: { type: 'string', description: 'As a device is told it.' } }, { optional: ['depth'] }),
      },
      whatToDo: list(TEXT),
      path: { description: 'What the verdict is about, the device first; empty where no path was found.', ...list(record({ depth: DEPTH, subject: TEXT, issuer: TEXT, isAnchor: WHETHER })) },
      anchors: { description: 'The trusted certificates at its end.', ...list(record({ tenant: TEXT, fingerprint: FINGERPRINT, name: TEXT, status: { enum: ['ENABLED', 'DISABLED'] } })) },
      checks: {
        description: 'Every check, in the order of the gate.',
        ...list(record({ ...RULE, outcome: { enum: ['holds', 'broken', 'reported', 'not-asked'], description: '`not-asked`: an earlier one left nothing to ask. `reported`: broken, but the tenant lets it refuse nobody yet.' } }, { optional: ['depth', 'evidence'] })),
      },
    },
    { optional: ['tenant', 'device', 'refusal'] },
  ),
};

export function explanationView({ refusal, anchors, at, ...rest }: LiveExplanation): object {
  return {
    admitted: !refusal,
    at: at.toISOString(),
    ...rest,
    ...(refusal && {
      refusal: {
        ...{ ...refusal, evidence: refusal.evidence ?? {} },
        ...{ requires: REFUSALS[refusal.code].requires, cites: REFUSALS[refusal.code].cites, sentence: sentenceOf(refusal) },
      },
    }),
    anchors: anchors.map((anchor) => ({ ...anchor, status: anchor.status === 'enabled' ? 'ENABLED' : 'DISABLED' })),
  };
}
