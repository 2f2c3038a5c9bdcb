import { createHash, X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ForgeCertificateReader } from '../../../src/adapters/pki/forge-certificate-reader.ts';
import type { Certificate, Fingerprint } from '../../../src/domain/certificates/certificate.ts';
import { aDevice, aDeviceId, aSession, aTenantId } from '../../support/certificate-builders.ts';
import { aDevice as aDeviceCertificate, aRoot } from '../../support/pki.ts';
import { anApi, type Api } from './an-api.ts';
import { documented } from './documented.ts';

const main = aTenantId();
const MODE = '/tenant/options/fleetgate/check.key-sizes';
/** The certificates of these tests have P-256 keys. */
const CURVES = { as: 'main/admin', payload: { 'keys.curves': 'P-384' } } as const;

describe('Checks and revocations that are looked at before they act', () => {
  let api: Api;
  let root: Fingerprint;
  let certificate: Certificate;
  beforeEach(async () => {
    api = await anApi();
    root = await api.trust(await aRoot(), { name: 'Works' });
    const read = new ForgeCertificateReader().read((await aDeviceCertificate()).der);
    if (!read.granted) throw new Error(read.refusal.code);
    certificate = read.value;
    const device = aDeviceId('press-7');
    await api.devices.register(aDevice({ tenant: main, id: device }));
    const { serialNumber, issuer, fingerprint, thumbprint, notAfter, der } = certificate;
    const link = { serialNumber, issuer: issuer.key, fingerprint };
    await api.paths.remember({ tenant: main, device, thumbprint, notAfter, ways: [{ anchor: root, intermediates: [] }], lastSeen: api.clock.now(), chain: [{ ...link, der }] });
    api.sessions.open(aSession({ device, anchors: [root], path: [link] }), () => undefined);
    expect((await api.ask('PUT /tenant/options/fleetgate', CURVES)).statusCode).toBe(200);
  });
  afterEach(() => api.close());

  const revoked = () => ({ fingerprint: certificate.fingerprint });
  const CASES = [
    ['a check, set', 'PUT', MODE, () => ({ value: 'enforce' }), 'option.change', 'fleetgate/check.key-sizes=enforce', 'key.not-chosen', '/tenant/options/{category}/{key}'],
    ['a check, named in the body', 'POST', '/tenant/options', () => ({ category: 'fleetgate', key: 'check.key-sizes', value: 'enforce' }), 'option.change', 'fleetgate/check.key-sizes=enforce', 'key.not-chosen', '/tenant/options'],
    ['a check among several options', 'PUT', '/tenant/options/fleetgate', () => ({ 'check.key-sizes': 'enforce', 'confirm.above': '9' }), 'option.change', 'fleetgate/check.key-sizes=enforce', 'key.not-chosen', '/tenant/options/{category}'],
    ['a revocation', 'POST', '/fleetgate/revocations', revoked, 'certificate.revoke', /./, 'revocation.revoked', '/fleetgate/revocations'],
    ['a hold', 'POST', '/fleetgate/revocations/hold', revoked, 'certificate.hold', /./, 'revocation.on-hold', '/fleetgate/revocations/hold'],
    ['serial numbers', 'PUT', '/tenant/trusted-certificates/settings/crl', () => ({ crls: [{ serialNumberInHex: certificate.serialNumber }] }), 'certificate.revoke', /./, 'revocation.revoked', '/tenant/trusted-certificates/settings/crl'],
  ] as const;
  const state = async () => [await api.tenants.option(main, 'fleetgate', 'check.key-sizes'), (await api.revocations.listOf(main, ['manual', 'hold'], { number: 1, size: 9 })).total, api.sessions.count(), await api.epoch.current(), api.events.length];

  it.each(CASES)('%s with dryRun=true says whom it would hit and why, changes nothing, and is no event', async (_what, method, path, payload, change, subject, why, route) => {
    const before = await state();
    const answer = await api.ask(`${method} ${path}?dryRun=true`, { as: 'main/admin', payload: payload() });
    expect([answer.statusCode, answer.json()]).toEqual([200, {
      ...{ change, tenant: 'main', subject: typeof subject === 'string' ? subject : expect.stringMatching(subject), devices: { dependOnItAlone: 1, haveAnotherWay: 0, alreadyOut: 0, notSeenYet: 0 } },
      ...{ sessionsOnline: 1, estimatedLiveTokens: 1, lastSeen: { today: 1, last7Days: 0, last30Days: 0, older: 0 }, examples: ['press-7'], reasons: { [why]: 1 }, warnings: [] },
    }]);
    expect(await state()).toEqual(before);
    expect(await documented(api, `${method} ${route}`, 200, answer.body)).toEqual([]);
  });

  it.each(CASES)('%s wants its number confirmed where the tenant chose so, and hits as many as it said', async (...[, method, path, payload]) => {
    await api.tenants.setOption(main, 'fleetgate', 'confirm.above', '0');
    const asked = (query: string) => api.ask(`${method} ${path}${query}`, { as: 'main/admin', payload: payload() });
    const before = await state();
    expect([(await asked('')).statusCode, (await asked('?confirm=2')).json().details.evidence]).toEqual([409, { devices: 1, sessionsOnline: 1, estimatedLiveTokens: 1, confirmAbove: 0, confirm: 2 }]);
    expect(await state()).toEqual(before);
    expect([200, 201, 204]).toContain((await asked('?confirm=1')).statusCode);
    expect(api.sessions.count()).toBe(0);
  });

  it('removing an option is looked at as its default', async () => {
    await api.tenants.setOption(main, 'fleetgate', 'check.key-sizes', 'enforce');
    const answer = await api.ask('DELETE /tenant/options/fleetgate/keys.curves?dryRun=true', { as: 'main/admin' });
    expect([answer.statusCode, answer.json()]).toMatchObject([200, { change: 'option.change', subject: 'fleetgate/keys.curves removed', devices: { dependOnItAlone: 0 } }]);
    expect(await api.tenants.option(main, 'fleetgate', 'keys.curves')).toBe('P-384');
    expect(await documented(api, 'DELETE /tenant/options/{category}/{key}', 200, answer.body)).toEqual([]);
  });

  it('an option that is about no check keeps nobody out, and is not set by a dry run', async () => {
    const answer = await api.ask('PUT /tenant/options/oauth.internal/device-token.enabled?dryRun=true', { as: 'main/admin', payload: { value: 'false' } });
    expect([answer.statusCode, answer.json()]).toMatchObject([200, { change: 'none', subject: 'oauth.internal/device-token.enabled', devices: { dependOnItAlone: 0 } }]);
    expect(await api.tenants.option(main, 'oauth.internal', 'device-token.enabled')).not.toBe('false');
  });

  it.each([
    ['a mode that there is not', 'PUT', MODE, { value: 'on' }, 422],
    ['a certificate that nobody names', 'POST', '/fleetgate/revocations', {}, 422],
    ['a serial number that is none', 'PUT', '/tenant/trusted-certificates/settings/crl', { crls: [{ serialNumberInHex: 'xyz' }] }, 422],
    ['a misspelt wish', 'POST', '/fleetgate/revocations', { serialNumber: '01' }, 400],
  ] as const)('%s is refused as the change itself would be', async (what, method, path, payload, status) => {
    const before = await state();
    const query = what === 'a misspelt wish' ? '?dryRun=yes' : '?dryRun=true';
    expect((await api.ask(`${method} ${path}${query}`, { as: 'main/admin', payload })).statusCode).toBe(status);
    expect(await state()).toEqual(before);
  });

  it('whoever may not change may not try either, and T09 another tenant hears of its own devices alone', async () => {
    for (const [, method, path, payload] of CASES) {
      expect((await api.ask(`${method} ${path}?dryRun=true`, { as: 'main/reader', payload: payload() })).statusCode).toBe(403);
      expect((await api.ask(`${method} ${path}?dryRun=true`, { as: 'other/admin', payload: payload() })).json()).toMatchObject({ tenant: 'other', devices: { dependOnItAlone: 0, notSeenYet: 0 }, sessionsOnline: 0, examples: [] });
    }
  });

  it('the fingerprint that is named is that of the certificate', async () => {
    const x509 = new X509Certificate((await aDeviceCertificate()).certificatePem);
    expect(certificate.fingerprint).toBe(createHash('sha1').update(x509.raw).digest('hex'));
  });
});
