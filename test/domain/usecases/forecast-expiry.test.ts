import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Fingerprint, Thumbprint } from '../../../src/domain/certificates/certificate.ts';
import { ForecastExpiry } from '../../../src/domain/usecases/forecast-expiry.ts';
import { aDeviceId, after, aSession, aTenantId, DAY, NOW } from '../../support/certificate-builders.ts';
import { anInstance, ca } from '../../support/an-instance.ts';

const main = aTenantId();
const other = aTenantId('other');
const root = (name: string, days: number) => ca(name, name, { notAfter: after(days * DAY) });

let fleet: Awaited<ReturnType<typeof anInstance>>;
let warned: [object, string][];
let server: Date;
let desk: ForecastExpiry;
beforeEach(async () => {
  fleet = await anInstance();
  [warned, server] = [[], after(400 * DAY)];
  desk = new ForecastExpiry({
    ...fleet,
    credentials: { current: () => ({ cert: '', key: '', names: [], notAfter: server }) },
    log: { info: () => undefined, warn: (...line) => void warned.push(line), error: () => undefined },
  });
});
const seen = (id: string, anchor: Fingerprint, overrides: object = {}, tenant = main): Promise<void> =>
  fleet.paths.remember({ tenant, device: aDeviceId(id), thumbprint: 'print' as Thumbprint, notAfter: after(3 * DAY), ways: [{ anchor, intermediates: [] }], lastSeen: NOW, ...overrides });

describe('The forecast of a tenant', () => {
  it('counts its devices, its CAs in force, and the certificate of the server', async () => {
    for (const certificate of [root('Soon', 8), root('Later', 400)]) await fleet.trusting(certificate);
    await fleet.trusting(root('Disabled', 8), { status: 'disabled' });
    await fleet.trusting(root('Strange', 8), { tenant: other });
    server = after(20 * DAY);
    await seen('press-1', root('Soon', 8).fingerprint);
    await seen('press-2', root('Soon', 8).fingerprint, { seenBefore: after(-10 * DAY) });
    await seen('press-3', root('Soon', 8).fingerprint, { seenBefore: after(-10 * DAY) });
    await seen('spy', root('Soon', 8).fingerprint, {}, other);
    fleet.sessions.open(aSession({ device: aDeviceId('press-3') }), () => undefined);
    const { weeks, later, ended, endsBeforeReturn } = await desk.of(main);
    expect(weeks[0]).toMatchObject({ leaves: 3, anchors: { count: 0 } });
    expect(weeks[1]!.anchors).toEqual({ count: 1, named: [{ fingerprint: root('Soon', 8).fingerprint, subject: 'CN=Soon', notAfter: after(8 * DAY), devices: 3 }] });
    expect(weeks.map(({ serverCertificate }) => serverCertificate).indexOf(true)).toBe(2);
    expect([later, ended]).toEqual([{ leaves: 0, intermediates: 0, anchors: 1 }, { leaves: 0, intermediates: 0, anchors: 0 }]);
    expect(endsBeforeReturn).toEqual({ devices: 1, unknown: 1, named: [{ device: 'press-2', notAfter: after(3 * DAY), expected: after(10 * DAY) }] });
  });

  it('knows all CAs of a tenant that has many', async () => {
    for (let i = 0; i < 120; i += 1) await fleet.trusting(root(`CA ${i}`, 1));
    expect((await desk.of(main)).weeks[0]!.anchors.count).toBe(120);
  });
});

describe('Warning of what ends', () => {
  const days = async (...at: number[]) => {
    const lines: number[] = [];
    for (const day of at) {
      fleet.clock.set(after(day * DAY));
      const before = warned.length;
      await desk.warn();
      lines.push(warned.length - before);
    }
    return lines;
  };

  it('says a CA once at 30, 7 and 1 days, and nothing between', async () => {
    await fleet.trusting(root('Works', 40), { name: 'Works CA' });
    expect(await days(0, 9, 10, 11, 32, 33, 34, 38, 39, 40, 41)).toEqual([0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0]);
    expect(warned[0]).toEqual([
      { tenant: 'main', certificates: 1, first: [{ fingerprint: root('Works', 40).fingerprint, name: 'Works CA', notAfter: after(40 * DAY).toISOString() }] },
      expect.stringContaining('of tenant main end soon or have ended, the first on 2027-01-03.'),
    ]);
  });

  it('F20 says the certificate of the server, and anew where another one ends soon', async () => {
    server = after(20 * DAY);
    expect(await days(0, 1)).toEqual([1, 0]);
    expect(warned[0]).toEqual([{ notAfter: server.toISOString() }, expect.stringContaining('ends on 2026-12-14')]);
    server = after(25 * DAY);
    expect(await days(2, 3)).toEqual([1, 0]);
  });

  it('says all CAs of a tenant in one line, ten by name, the first ends first', async () => {
    for (let i = 0; i < 15; i += 1) await fleet.trusting(root(`CA ${i}`, 29 - i));
    await fleet.trusting(root('Strange', 5), { tenant: other });
    expect(await days(0)).toEqual([2]);
    const [facts] = warned.find(([line]) => (line as { tenant: string }).tenant === 'main') as [{ certificates: number; first: { notAfter: string }[] }, string];
    expect([facts.certificates, facts.first.length, facts.first[0]!.notAfter]).toEqual([15, 10, after(15 * DAY).toISOString()]);
  });

  it('says nothing of CAs that let nobody in, and of suspended tenants', async () => {
    await fleet.trusting(root('Disabled', 1), { status: 'disabled' });
    await fleet.trusting(root('Inert', 1), { inert: true });
    await fleet.trusting(root('Strange', 1), { tenant: other });
    await fleet.tenants.setStatus(other, 'suspended');
    expect(await days(0)).toEqual([0]);
  });

  it('goes on the next day where the store was out of order', async () => {
    await fleet.trusting(root('Works', 5));
    const { list } = fleet.tenants;
    fleet.tenants.list = async () => Promise.reject(new Error('disk full'));
    expect(await days(0)).toEqual([1]);
    expect(warned[0]).toEqual([{ error: 'Error: disk full' }, expect.stringContaining('out of order')]);
    fleet.tenants.list = list;
    expect(await days(1)).toEqual([1]);
  });
});
