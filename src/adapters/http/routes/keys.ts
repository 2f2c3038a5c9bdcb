import { authorise, byOf, MAY_CHANGE, ofManagement, principalOf } from '../authorise.ts';
import type { Routes } from '../route-needs.ts';

/** Ours: a new signing key. Tokens of the former ones verify until they end. */
export const keyRoutes: Routes = async (app, { signer, audit }) => {
  app.post('/fleetgate/keys/rotate', { onRequest: [authorise(...MAY_CHANGE), ofManagement] }, async (request) => {
    const kid = await signer.rotate();
    audit.record({ what: 'keys.rotated', tenant: principalOf(request).tenant, by: byOf(request), subject: kid });
    return { kid };
  });
};
