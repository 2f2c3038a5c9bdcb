import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Fingerprint, Thumbprint } from '../../../src/domain/certificates/certificate.ts';
import { aDeviceId, aStoredList, aTenantId, DAY } from '../../support/certificate-builders.ts';
import { aRoot } from '../../support/pki.ts';
import { anApi, type Api } from './an-api.ts';
import { documented } from './documented.ts';

describe('The forecast over HTTP', () => {
  let api: Api;
  let root: Fingerprint;
  beforeEach(async () => {
    api = await anApi();
    const in12Days = new Date(api.clock.now().getTime() + 12 * DAY);
    root = await api.trust(await aRoot({ commonName: 'Short Root', notAfter: in12Days }), { name: 'Short' });
    const between = { fingerprint: root, subject: 'CN=Between', notAfter: after(1) };
    const list = aStoredList({ id: 'l1', anchor: root, nextUpdate: after(2) });
    await api.lists.begin(list);
    await api.lists.install(list);
    await api.paths.remember({
      ...{ tenant: aTenantId(), device: aDeviceId('press-7'), thumbprint: 'print' as Thumbprint, notAfter: after(3), lastSeen: after(0), seenBefore: after(-30) },
      ways: [{ anchor: root, intermediates: [between] }],
    });
  });
  afterEach(() => api.close());
  const after = (days: number): Date => new Date(api.clock.now().getTime() + days * DAY);

  it('tells what ends when, as the document says', async () => {
    const answer = await api.ask('GET /fleetgate/forecast', { as: 'main/reader' });
    const { at, weeks, endsBeforeReturn, signingKeys } = answer.json<{ at: string; weeks: object[]; endsBeforeReturn: object; signingKeys: object[] }>();
    expect([answer.statusCode, at, weeks.length]).toEqual([200, after(0).toISOString(), 26]);
    expect(weeks[0]).toEqual({
      ...{ from: after(0).toISOString(), until: after(7).toISOString(), leaves: 1, anchors: { count: 0, named: [] }, serverCertificate: false, lists: { count: 1, named: [{ id: 'l1', anchor: root, issuer: 'CN=Works CA', nextUpdate: after(2).toISOString() }] }, signingKeys: 0 },
      intermediates: { count: 1, named: [{ fingerprint: root, subject: 'CN=Between', notAfter: after(1).toISOString(), devices: 1 }] },
    });
    expect(weeks[1]).toMatchObject({ serverCertificate: true, anchors: { count: 1, named: [{ fingerprint: root, subject: 'CN=Short Root', devices: 1 }] } });
    expect(endsBeforeReturn).toEqual({ devices: 1, unknown: 0, named: [{ id: 'press-7', notAfter: after(3).toISOString(), expected: after(30).toISOString() }] });
    expect(signingKeys).toEqual([{ id: api.signer.keyId(), madeAt: expect.stringMatching(/^20/) }]);
    expect(await documented(api, 'GET /fleetgate/forecast', 200, answer.body)).toEqual([]);
  });

  it('T09 is of one’s own tenant, for those who may', async () => {
    const theirs = (await api.ask('GET /fleetgate/forecast', { as: 'other/admin' })).json<{ weeks: { leaves: number; anchors: object }[]; endsBeforeReturn: object }>();
    expect([theirs.weeks[0]!.leaves, theirs.weeks[1]!.anchors, theirs.endsBeforeReturn]).toEqual([0, { count: 0, named: [] }, { devices: 0, unknown: 0, named: [] }]);
    expect((await api.ask('GET /fleetgate/forecast', { as: 'main/registrar' })).statusCode).toBe(403);
    expect((await api.ask('GET /fleetgate/forecast')).statusCode).toBe(401);
  });
});
