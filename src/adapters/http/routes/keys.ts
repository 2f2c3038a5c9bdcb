import { auditEntry } from '../../../domain/audit/audit-entry.ts';
import { authorise, byOf, MAY_CHANGE, ofManagement, principalOf } from '../authorise.ts';
import { operation } from '../openapi/operation.ts';
import { record, TEXT } from '../openapi/schemas.ts';
import type { Routes } from '../route-needs.ts';

const ofRotation = operation({
  tag: 'Tokens',
  summary: 'Sign by a new key from now on',
  description: 'Tokens of the former keys verify until they end.',
  answers: { 200: { is: 'The new key.', body: record({ kid: TEXT }) } },
});

/** Ours: a new signing key. Tokens of the former ones verify until they end. */
export const keyRoutes: Routes = async (app, { signer, audit, trail, clock, feed }) => {
  app.post('/fleetgate/keys/rotate', { onRequest: [authorise(...MAY_CHANGE), ofManagement], ...ofRotation }, async (request) => {
    const { tenant } = principalOf(request);
    const by = byOf(request);
    const former = signer.keyId();
    // The keys are in files, which no transaction takes along: who asked is on the disk before, and what came of it before the answer.
    await trail.append([auditEntry({ what: 'keys.rotation-asked', tenant, by, subject: former }, clock.now())]);
    const kid = await signer.rotate();
    // Other processes hear of it now, and sign by it when all have had the time to.
    await feed.note({ tenant, kind: 'keys', subject: kid });
    const said = { what: 'keys.rotated', tenant, by, subject: kid } as const;
    await trail.append([auditEntry(said, clock.now(), { before: { kid: former }, after: { kid } })]);
    audit.record(said);
    return { kid };
  });
};
