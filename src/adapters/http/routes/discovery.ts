import { issuerOf } from '../../../domain/tokens/token-policy.ts';
import type { Tenant } from '../../../domain/trust/tenant.ts';
import { operation } from '../openapi/operation.ts';
import { LINK, list, record, TEXT } from '../openapi/schemas.ts';
import { sendProblem, type Problem } from '../problem.ts';
import type { Routes } from '../route-needs.ts';

const JWKS = '/.well-known/jwks.json';

const DISCOVERY = {
  title: 'OpenidConfiguration',
  ...record({
    ...{ issuer: LINK, jwks_uri: LINK, introspection_endpoint: LINK, revocation_endpoint: LINK },
    ...{ id_token_signing_alg_values_supported: list(TEXT), response_types_supported: list(TEXT), subject_types_supported: list(TEXT) },
  }),
};

/**
 * OpenID Connect Discovery 1.0 §4, for the tenant whose domain is the Host, where its `iss` is a URL (D-27). A verifier compares `issuer` with
 * `iss` letter by letter; a host name is no issuer in the sense of OpenID, so tenants of that form have no document.
 */
export const discoveryRoutes: Routes = async (app, { tenants, signer, links }) => {
  const described = operation({
    tag: 'Tokens',
    summary: 'Find out how tokens of the tenant of this host are checked (OpenID Connect Discovery)',
    answers: {
      200: { is: 'Issuer and addresses, to be cached for five minutes.', body: DISCOVERY },
      404: 'No tenant has this host as its domain, or its tokens name their issuer by the bare host.',
    },
  });
  app.get('/.well-known/openid-configuration', described, async (request, reply) => {
    const jwks = links(request, JWKS);
    const tenant = await tenants.findByDomain(request.hostname);
    if (tenant?.status !== 'active') return sendProblem(reply, noTenant(jwks));
    const form = await tenants.option(tenant.id, 'oauth.internal', 'device-token.issuer');
    if (form !== 'url') return sendProblem(reply, hostForm(tenant, jwks));
    const algorithms = new Set(signer.publicKeys().keys.map(({ alg }) => alg));
    return reply.header('cache-control', 'public, max-age=300').send({
      issuer: issuerOf(tenant, 'url'),
      jwks_uri: jwks,
      introspection_endpoint: links(request, '/auth/introspect'),
      revocation_endpoint: links(request, '/auth/revoke'),
      id_token_signing_alg_values_supported: [...algorithms],
      // Required by the form of the document. Tokens come by MQTT or mutual TLS: there is no authorization endpoint.
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
    });
  });
};

const notFound = (message: string): Problem => ({ status: 404, error: 'general/Not Found', message });

const noTenant = (jwks: string): Problem =>
  notFound(`No tenant has this host as its domain. Ask under the domain that iss of its tokens names; the keys of all tenants are at ${jwks}.`);

const hostForm = (tenant: Tenant, jwks: string): Problem =>
  notFound(
    `iss of this tenant's tokens is ${issuerOf(tenant, 'host')}, which is no URL, so there is no discovery. Tell the verifier issuer ${issuerOf(tenant, 'host')} and key set ${jwks}; ` +
      'or set the tenant option oauth.internal/device-token.issuer to url.',
  );
