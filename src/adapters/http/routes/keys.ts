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
export const keyRoutes: Routes = async (app, { signer, audit }) => {
  app.post('/fleetgate/keys/rotate', { onRequest: [authorise(...MAY_CHANGE), ofManagement], ...ofRotation }, async (request) => {
    const kid = await signer.rotate();
    audit.record({ what: 'keys.rotated', tenant: principalOf(request).tenant, by: byOf(request), subject: kid });
    return { kid };
  });
};
