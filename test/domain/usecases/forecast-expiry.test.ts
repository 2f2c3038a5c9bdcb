import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Fingerprint, Thumbprint } from '../../../src/domain/certificates/certificate.ts';
import { InMemoryMetrics } from '../../../src/adapters/metrics/in-memory-metrics.ts';
import { ForecastExpiry } from '../../../src/domain/usecases/forecast-expiry.ts';
import { MANAGEMENT } from '../../../src/domain/trust/tenant.ts';
import { aDeviceId, aFingerprint, after, aSession, aStoredList, aTenantId, DAY, NOW } from '../../support/certificate-builders.ts';
import { anInstance, ca } from '../../support/an-instance.ts';

const main = aTenantId();
const other = aTenantId('other');
const root = (name: string, days: number) => ca(name, name, { notAfter: after(days * DAY) });

let fleet: Awaited<ReturnType<typeof anInstance>>;
let warned: [object, string][];
let server: Date;
let desk: ForecastExpiry;
let metrics: InMemoryMetrics;
beforeEach(async () => {
  fleet = await anInstance();
  metrics = new InMemoryMetrics({ log: { info: () => undefined, warn: () => undefined, error: () => undefined } });
  [warned, server] = [[], after(400 * DAY)];
  desk = aDesk();
});
/** One as after a restart: it remembers nothing but what is stored. */
const aDesk = (): ForecastExpiry =>
  new ForecastExpiry({
    ...fleet,
    metrics,
    credentials: { current: () => ({ cert: '', key: '', names: [], notAfter: server }) },
    log: { info: () => undefined, warn: (...line) => void warned.push(line), error: () => undefined },
  });
const list = async (id: string, lived: number, left: number): Promise<void> => {
  await fleet.lists.begin(aStoredList({ id, thisUpdate: after(-lived * DAY), nextUpdate: after(left * DAY), scope: { only: 'all', reasons: 0, points: [id] } }));
  await fleet.lists.install(aStoredList({ id, thisUpdate: after(-lived * DAY), nextUpdate: after(left * DAY), scope: { only: 'all', reasons: 0, points: [id] } }));
};
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
    expect([later, ended]).toEqual([{ leaves: 0, intermediates: 0, anchors: 1, lists: 0 }, { leaves: 0, intermediates: 0, anchors: 0, lists: 0 }]);
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

  it('says a CA once at 30, 14, 7 and 1 days, and nothing between', async () => {
    await fleet.trusting(root('Works', 40), { name: 'Works CA' });
    expect(await days(0, 9, 10, 11, 25, 26, 27, 32, 33, 34, 38, 39, 40, 41)).toEqual([0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0]);
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

describe('What ends, in the audit', () => {
  const kept = async (tenant: string = main): Promise<readonly unknown[]> =>
    (await fleet.trail.list(tenant, { what: 'expiry.near', after: 0 }, 100)).map(({ by, subject, after: facts }) => [by, subject, JSON.parse(facts)]);
  const row = (subject: string, kind: string, name: string, ends: Date, days: number): unknown => ['fleetgate', subject, { kind, name, ends: ends.toISOString(), days }];

  it('is a CA, an intermediate by which devices come, a revocation list: each in the chain of its tenant', async () => {
    const between = (name: string, days: number) => ({ fingerprint: aFingerprint(name), subject: `CN=${name}`, notAfter: after(days * DAY) });
    await fleet.trusting(root('Works', 5), { name: 'Works CA' });
    await fleet.trusting(root('Strange', 1), { tenant: other, name: 'Strange CA' });
    await fleet.trusting(root('Far', 31));
    await seen('press-1', root('Works', 5).fingerprint, { ways: [{ anchor: root('Works', 5).fingerprint, intermediates: [between('a1', 13), between('a2', 31)] }] });
    await list('1', 100, 6);
    await list('2', 0.5, 0.5);
    await desk.warn();
    expect(await kept()).toEqual([
      row(root('Works', 5).fingerprint, 'anchor', 'Works CA', after(5 * DAY), 7),
      row(aFingerprint('a1'), 'intermediate', 'CN=a1', after(13 * DAY), 14),
      row('1', 'list', 'CN=Works CA', after(6 * DAY), 7),
    ]);
    expect(await kept(other)).toEqual([row(root('Strange', 1).fingerprint, 'anchor', 'Strange CA', after(DAY), 1)]);
    expect(warned.map(([, sentence]) => sentence)).toEqual([
      expect.stringMatching(/^CA certificates of tenant main end soon/),
      expect.stringMatching(/^Intermediate certificates by which devices of tenant main come end soon/),
      expect.stringMatching(/^Revocation lists of tenant main are due/),
      expect.stringMatching(/^CA certificates of tenant other end soon/),
    ]);
  });

  it('is the certificate of the server, in the chain of the operator', async () => {
    server = after(7 * DAY);
    await desk.warn();
    expect([await kept(MANAGEMENT), await kept()]).toEqual([[row('TLS certificate of the server', 'server certificate', '', server, 7)], []]);
  });

  it('is there once at each threshold, also across restarts and for several processes', async () => {
    await fleet.trusting(root('Works', 40), { name: 'Works CA' });
    const days: number[] = [];
    for (let day = 0; day <= 42; day += 1) {
      fleet.clock.set(after(day * DAY));
      const before = (await kept()).length;
      for (const each of [aDesk(), desk, aDesk()]) await each.warn();
      if ((await kept()).length > before) days.push(day);
    }
    expect(days).toEqual([10, 26, 33, 39]);
    expect((await kept()).map((each) => (each as [string, string, { days: number }])[2].days)).toEqual([30, 14, 7, 1]);
  });

  it('leaves out thresholds that nobody was there to see', async () => {
    await fleet.trusting(root('Works', 40));
    for (const day of [10, 36]) {
      fleet.clock.set(after(day * DAY));
      await aDesk().warn();
    }
    fleet.clock.set(after(27 * DAY)); // a clock that was set back
    await aDesk().warn();
    expect((await kept()).map((each) => (each as [string, string, { days: number }])[2].days)).toEqual([30, 7]);
  });

  it('begins anew where another one stands in its place', async () => {
    server = after(20 * DAY);
    await desk.warn();
    server = after(25 * DAY);
    await desk.warn();
    await aDesk().warn();
    expect((await kept(MANAGEMENT)).length).toBe(2);
  });

  it('says that a list is late, also where it never had a threshold', async () => {
    await list('1', 1, 0.5);
    await desk.warn();
    expect(await kept()).toEqual([]);
    fleet.clock.set(after(DAY));
    await desk.warn();
    await desk.warn();
    expect(await kept()).toEqual([row('1', 'list', 'CN=Works CA', after(0.5 * DAY), 0)]);
  });

  it('is said again the next day where it could not be written', async () => {
    await fleet.trusting(root('Works', 5));
    const { append } = fleet.trail;
    fleet.trail.append = async () => Promise.reject(new Error('disk full'));
    await desk.warn();
    fleet.trail.append = append;
    fleet.clock.set(after(DAY));
    await desk.warn();
    expect((await kept()).length).toBe(1);
  });
});

describe('What ends, as figures', () => {
  const figure = async (name: string): Promise<readonly unknown[]> => {
    const all = await metrics.all();
    return all.find((each) => each.name === name)!.samples.map((sample) => [Object.values(sample.labels).join(' '), (sample as { value: number }).value]);
  };
  const unix = (at: Date): number => at.getTime() / 1000;

  it('is there for CAs, lists, keys and the server without a round; for the fleet after the first', async () => {
    await fleet.trusting(root('Works', 5));
    await fleet.trusting(root('Gone', -1));
    await fleet.trusting(root('Disabled', 1), { status: 'disabled' });
    await list('1', 100, 6);
    await seen('press-1', root('Works', 5).fingerprint, { seenBefore: after(-10 * DAY), ways: [{ anchor: root('Works', 5).fingerprint, intermediates: [{ fingerprint: aFingerprint('i'), subject: 'CN=i', notAfter: after(13 * DAY) }] }] });
    await seen('press-2', root('Works', 5).fingerprint, { notAfter: after(-1) });
    expect(await figure('fleetgate_server_certificate_expiry_timestamp_seconds')).toEqual([['', unix(server)]]);
    expect(await figure('fleetgate_signing_key_created_timestamp_seconds')).toEqual([['', 0]]);
    expect(await figure('fleetgate_signing_key_retirement_timestamp_seconds')).toEqual([]);
    expect(await figure('fleetgate_expiry_timestamp_seconds')).toEqual([['main anchor', unix(after(5 * DAY))], ['main list', unix(after(6 * DAY))]]);
    expect(await figure('fleetgate_leaf_expiry_timestamp_seconds')).toEqual([]);
    expect(await figure('fleetgate_forecast_timestamp_seconds')).toEqual([]);
    await desk.warn();
    expect(await figure('fleetgate_forecast_timestamp_seconds')).toEqual([['', unix(NOW)]]);
    expect(await figure('fleetgate_expiry_timestamp_seconds')).toEqual(expect.arrayContaining([['main intermediate', unix(after(13 * DAY))]]));
    expect(await figure('fleetgate_leaf_expiry_timestamp_seconds')).toEqual([['main 0', unix(after(3 * DAY))], ['main 0.01', unix(after(3 * DAY))], ['main 0.1', unix(after(3 * DAY))], ['main 0.5', unix(after(3 * DAY))]]);
    expect(await figure('fleetgate_ended')).toEqual(expect.arrayContaining([['main anchor', 1], ['main leaf', 1], ['main intermediate', 0], ['main list', 0]]));
    expect(await figure('fleetgate_ends_before_return')).toEqual(expect.arrayContaining([['main', 1]]));
  });

  it('follows what changes within five minutes, and asks the stores no more often', async () => {
    await fleet.trusting(root('Works', 5));
    expect(await figure('fleetgate_expiry_timestamp_seconds')).toEqual([['main anchor', unix(after(5 * DAY))]]);
    await fleet.trusting(root('Sooner', 4));
    fleet.clock.set(after(299_000));
    expect(await figure('fleetgate_expiry_timestamp_seconds')).toEqual([['main anchor', unix(after(5 * DAY))]]);
    fleet.clock.set(after(300_000));
    expect(await figure('fleetgate_expiry_timestamp_seconds')).toEqual([['main anchor', unix(after(4 * DAY))]]);
  });

  it('is left out while the stores are out of order, and there again after that', async () => {
    await fleet.trusting(root('Works', 5));
    const { list: tenants } = fleet.tenants;
    fleet.tenants.list = async () => Promise.reject(new Error('disk full'));
    expect(await figure('fleetgate_expiry_timestamp_seconds')).toEqual([]);
    fleet.tenants.list = tenants;
    expect(await figure('fleetgate_expiry_timestamp_seconds')).toEqual([['main anchor', unix(after(5 * DAY))]]);
  });
});
