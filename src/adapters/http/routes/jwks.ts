import type { Routes } from '../route-needs.ts';

/** RFC 7517 §5, §8.5.1: the keys by which any service checks a device token. Rotation overlaps, so a few minutes of cache hurt nobody. */
export const jwksRoutes: Routes = async (app, { signer }) => {
  app.get('/.well-known/jwks.json', async (_request, reply) =>
    reply
      .header('content-type', 'application/jwk-set+json')
      .header('cache-control', 'public, max-age=300')
      .send(JSON.stringify(signer.publicKeys())),
  );
};
