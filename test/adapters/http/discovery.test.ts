import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { linksFrom } from '../../../src/adapters/http/links.ts';
import { aTenant, aTenantId } from '../../support/certificate-builders.ts';
import { aRoot } from '../../support/pki.ts';
import { anApi, type Api } from './an-api.ts';

const PATH = 'GET /.well-known/openid-configuration';
const OPTION = '/tenant/options/oauth.internal/device-token.issuer';

describe('GET /.well-known/openid-configuration', () => {
  let api: Api;
  beforeEach(async () => {
    api = await anApi();
    await api.ask(`PUT ${OPTION}`, { as: 'main/admin', payload: { value: 'url' } });
  });
  afterEach(() => api.close());

  const discover = (host: string) => api.ask(PATH, { headers: { host } });

  it.each(['main.example.com', 'MAIN.example.com', 'main.example.com:4443'])('tells a verifier all it needs of the tenant whose domain is the Host: %s', async (host) => {
    const answer = await discover(host);
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'public, max-age=300']);
    expect(answer.json()).toEqual({
      issuer: 'https://main.example.com',
      jwks_uri: `http://${host}/.well-known/jwks.json`,
      introspection_endpoint: `http://${host}/auth/introspect`,
      revocation_endpoint: `http://${host}/auth/revoke`,
      id_token_signing_alg_values_supported: ['ES256'],
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
    });
  });

  it('names addresses under FLEETGATE_PUBLIC_URL, and the issuer all the same', async () => {
    const behind = await anApi({ replace: { links: linksFrom('https://gate.example.com/fleet') } });
    await behind.ask(`PUT ${OPTION}`, { as: 'main/admin', payload: { value: 'url' } });
    expect((await behind.ask(PATH, { headers: { host: 'main.example.com' } })).json()).toMatchObject({
      issuer: 'https://main.example.com', jwks_uri: 'https://gate.example.com/fleet/.well-known/jwks.json',
    });
    await behind.close();
  });

  it('says what to do instead where iss is the bare host', async () => {
    const answer = await discover('other.example.com');
    expect([answer.statusCode, answer.json().error]).toEqual([404, 'general/Not Found']);
    expect(answer.json().message).toBe(
      "iss of this tenant's tokens is other.example.com, which is no URL, so there is no discovery. Tell the verifier issuer other.example.com and key set http://other.example.com/.well-known/jwks.json; or set the tenant option oauth.internal/device-token.issuer to url.",
    );
  });

  it.each(['nowhere.example.com', '127.0.0.1', 'main.example.com.evil.example', '%', 'main_example_com'])('R07 knows no tenant by another Host: %s', async (host) => {
    const answer = await discover(host);
    expect([answer.statusCode, answer.json().message.slice(0, 40)]).toEqual([404, 'No tenant has this host as its domain. A']);
  });

  it('T13 knows a suspended tenant no more than none', async () => {
    await api.tenants.setStatus(aTenantId('main'), 'suspended');
    expect((await discover('main.example.com')).body).toBe((await discover('nowhere.example.com')).body.replaceAll('nowhere.', 'main.'));
  });

  it('T16 finds a tenant by its exact domain', async () => {
    await api.tenants.create(aTenant({ id: aTenantId('plant'), domain: 'xmain.example.com' }));
    expect((await discover('xmain.example.com')).statusCode).toBe(404);
  });

  it('leads jose to the keys by which a token of that tenant holds, and one of the other form does not', async () => {
    const fingerprint = await api.trust(await aRoot());
    const jwt = await api.tokenBy({ fingerprint });
    const { issuer, jwks_uri: jwks, id_token_signing_alg_values_supported: algorithms } = (await discover('main.example.com')).json();
    const keys = createLocalJWKSet((await api.ask(`GET ${new URL(jwks).pathname}`)).json());
    const { payload } = await jwtVerify(jwt, keys, { issuer, audience: issuer, algorithms, currentDate: api.clock.now() });
    expect([payload.sub, payload['ten']]).toEqual(['device_press-7', 'main']);
    await api.ask(`PUT ${OPTION}`, { as: 'main/admin', payload: { value: 'host' } });
    const hostForm = await api.tokenBy({ fingerprint });
    await expect(jwtVerify(hostForm, keys, { issuer, audience: issuer, algorithms, currentDate: api.clock.now() })).rejects.toMatchObject({ code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' });
  });

  it('R05 answers HEAD, and nothing that would change anything', async () => {
    expect((await api.ask('HEAD /.well-known/openid-configuration', { headers: { host: 'main.example.com' } })).statusCode).toBe(200);
    expect((await api.ask('POST /.well-known/openid-configuration')).statusCode).toBe(404);
  });
});
