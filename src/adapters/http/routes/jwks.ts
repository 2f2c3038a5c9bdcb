import { operation } from '../openapi/operation.ts';
import { list, record, TEXT } from '../openapi/schemas.ts';
import type { Routes } from '../route-needs.ts';

const KEY = { title: 'Key', description: 'A public key (RFC 7517 §4).', ...record({ kty: TEXT, kid: TEXT, alg: TEXT, use: TEXT, crv: TEXT, x: TEXT, y: TEXT, n: TEXT, e: TEXT }, { optional: ['crv', 'x', 'y', 'n', 'e'] }) };
const KEYS = { title: 'Keys', ...record({ keys: list(KEY) }) };

const ofKeys = operation({
  tag: 'Tokens',
  summary: 'The keys that check device tokens',
  answers: { 200: { is: 'The public keys, the former ones among them until their tokens have ended.', body: { byType: { 'application/jwk-set+json': KEYS } } } },
});

/** RFC 7517 §5, §8.5.1: the keys by which any service checks a device token. Rotation overlaps, so a few minutes of cache hurt nobody. */
export const jwksRoutes: Routes = async (app, { signer }) => {
  app.get('/.well-known/jwks.json', ofKeys, async (_request, reply) =>
    reply
      .header('content-type', 'application/jwk-set+json')
      .header('cache-control', 'public, max-age=300')
      .send(JSON.stringify(signer.publicKeys())),
  );
};
