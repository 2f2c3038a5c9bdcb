import { beforeEach, describe, expect, it } from '@jest/globals';
import { InMemoryRefusalStore } from '../../../src/adapters/in-memory/in-memory-refusal-store.ts';
import { emptyState } from '../../../src/adapters/in-memory/in-memory-state.ts';
import type { Thumbprint } from '../../../src/domain/certificates/certificate.ts';
import { KeepRefusals, MOST_WAITING } from '../../../src/domain/usecases/keep-refusals.ts';
import type { KeptRefusal, RefusalStore } from '../../../src/ports/driven/refusal-store.ts';
import type { RefusedConnect } from '../../../src/ports/driving/refusal-desk.ts';
import { aCertificate, after, aName, aTenantId, DAY, FixedClock, NOW, SECOND } from '../../support/certificate-builders.ts';
import { anInstance, ca, leaf } from '../../support/an-instance.ts';

const main = aTenantId();
const management = aTenantId('management');
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const certificate = (n: number) => aCertificate({ thumbprint: `print-${n}` as Thumbprint, subject: aName(`CN=press-${n}`) });

describe('Refusals', () => {
  let store: InMemoryRefusalStore;
  let clock: FixedClock;
  let written: (readonly KeptRefusal[])[];
  let warned: number;
  let broken: boolean;
  let hold: Promise<void> | undefined;
  let desk: KeepRefusals;
  beforeEach(() => {
    store = new InMemoryRefusalStore({ state: emptyState() });
    clock = new FixedClock();
    [written, warned, broken, hold] = [[], 0, false, undefined];
    const watched: RefusalStore = {
      keep: async (refusals) => {
        written.push(refusals);
        await hold;
        if (broken) throw new Error('disk full');
        await store.keep(refusals);
      },
      list: async (question) => store.list(question),
    };
    desk = new KeepRefusals({ store: watched, clock, log: { info: () => undefined, warn: () => void (warned += 1), error: () => undefined } });
  });
  const refused = (n: number, overrides: Partial<RefusedConnect> = {}): void =>
    desk.refused({ refusal: { code: 'path.too-long', depth: 1 }, clientId: 'press', from: '192.0.2.7', sent: 2, chain: [certificate(n)], tenant: main, ...overrides });
  const counts = async (tenant = main) => (await desk.list({ tenant, limit: 1_000 })).map(({ mark, count }) => [mark, count]);

  it('are kept with what a person needs to find and to understand them', async () => {
    refused(7, { from: '2001:db8::7' });
    expect(await desk.list({ tenant: main, limit: 10 })).toEqual([
      {
        ...{ tenant: 'main', refusal: { code: 'path.too-long', depth: 1 }, mark: 'print-7', sent: 2, device: 'press-7', clientId: 'press' },
        leaf: { thumbprint: 'print-7', serialNumber: '01', subject: '"CN=press-7"', issuer: '"CN=Works CA"' },
        ...{ from: '2001:db8::7', origin: '2001:db8:0:0::/64', count: 1, firstSeen: NOW, lastSeen: NOW },
      },
    ]);
  });

  it('are the operator’s where no tenant is known, by address where no certificate could be read', async () => {
    for (const from of ['2001:db8::7', '192.0.2.8', '2001:db8::8']) desk.refused({ refusal: { code: 'chain.absent' }, clientId: 'x', from, sent: 0 });
    expect(await counts()).toEqual([]);
    expect(await counts(management)).toEqual([['192.0.2.8', 1], ['2001:db8:0:0::/64', 2]]);
    expect((await desk.list({ tenant: management, limit: 1 }))[0]).not.toHaveProperty('leaf');
  });

  it('of one kind are written once a minute, and counted all the time', async () => {
    for (let second = 0; second < 125; second += 1) {
      refused(1);
      await settled();
      clock.advance(SECOND);
    }
    expect(written.map(([row]) => row!.count)).toEqual([1, 60, 60]);
    expect(await counts()).toEqual([['print-1', 125]]);
    expect((await desk.list({ tenant: main, limit: 1 }))[0]).toMatchObject({ firstSeen: NOW, lastSeen: after(124 * SECOND) });
  });

  it('D-46 of a device that comes no more are written by a round, and by the next one not again', async () => {
    refused(1);
    await settled();
    clock.advance(SECOND);
    refused(1);
    await settled();
    expect(written.map(([row]) => row!.count)).toEqual([1]);
    await desk.round();
    await desk.round();
    expect(written.map(([row]) => row!.count)).toEqual([1, 1]);
    expect(await store.list({ tenant: main, limit: 1 })).toMatchObject([{ count: 2, lastSeen: after(SECOND) }]);
  });

  it('make no round reject while the store is out of order', async () => {
    broken = true;
    refused(1);
    await expect(desk.round()).resolves.toBeUndefined();
  });

  it('are written one batch after another, and what comes meanwhile goes together', async () => {
    let release = (): void => undefined;
    hold = new Promise((resolve) => (release = resolve));
    for (let i = 0; i < 50; i += 1) refused(i);
    clock.advance(SECOND);
    refused(3);
    expect(written.map(({ length }) => length)).toEqual([1]);
    release();
    await settled();
    expect(written.map(({ length }) => length)).toEqual([1, 49]);
    expect((await counts()).filter(([, count]) => count === 2)).toEqual([['print-3', 2]]);
  });

  it('that wait keep the moment at which the first of their kind came', async () => {
    refused(1);
    await settled();
    for (let i = 0; i < 3; i += 1) {
      clock.advance(SECOND);
      refused(1);
    }
    await counts();
    expect(written.at(-1)).toMatchObject([{ count: 3, firstSeen: after(SECOND), lastSeen: after(3 * SECOND) }]);
  });

  it('that come faster than they can be written fill no memory: those beyond a thousand are left out', async () => {
    let release = (): void => undefined;
    hold = new Promise((resolve) => (release = resolve));
    for (let i = 0; i < 3 * MOST_WAITING; i += 1) refused(i, { from: `10.0.${i >> 8}.${i & 255}` });
    release();
    await settled();
    expect(written.flat()).toHaveLength(MOST_WAITING + 1);
  });

  it('hinder nobody when the store is out of order: it is told once, and tried again', async () => {
    broken = true;
    for (let i = 0; i < 3; i += 1) {
      refused(i);
      await settled();
    }
    expect([warned, await counts()]).toEqual([1, []]);
    broken = false;
    refused(0);
    expect(await counts()).toEqual([['print-0', 1]]);
  });

  it('keep texts from outside short and storable, and no longer than that', async () => {
    const long = `${'x'.repeat(255)}😀${'y'.repeat(5_000)}`;
    refused(1, { clientId: long, from: long, device: `a\u0000b${long}`, refusal: { code: 'path.too-long', evidence: { name: long, count: 5 } } });
    const [row] = await desk.list({ tenant: main, limit: 1 });
    expect(row).toMatchObject({ clientId: `${'x'.repeat(255)}\uFFFD`, refusal: { evidence: { count: 5 } } });
    expect([row!.from.length, row!.device.length, String(row!.refusal.evidence!['name']).length, row!.device.slice(0, 3)]).toEqual([256, 256, 256, 'a\uFFFDb']);
  });
});

describe('The gate keeps', () => {
  const listed = async (instance: Awaited<ReturnType<typeof anInstance>>, tenant = main) =>
    (await instance.refusals.list({ tenant, limit: 100 })).map(({ refusal, device, sent, count }) => [refusal.code, device, sent, count]);
  const expired = { notBefore: after(-DAY), notAfter: after(-SECOND) };

  it('every refusal of a connection and of a request, for the tenant whose CA made the signatures', async () => {
    const instance = await anInstance();
    await instance.trusting(ca('Root'));
    await instance.connect([leaf('press-7', 'Root', expired)]);
    await instance.admit([leaf('press-7', 'Root', expired)]);
    await instance.connect([leaf('press-8', 'Root')], { clientId: 'press-9' });
    expect(await listed(instance)).toEqual([['identity.client-id-differs', 'press-8', 1, 1], ['path.outside-validity', 'press-7', 1, 2]]);
    expect(await listed(instance, management)).toEqual([]);
  });

  it('T13 what a suspended tenant’s devices hear, for that tenant', async () => {
    const instance = await anInstance();
    await instance.trusting(ca('Root'));
    await instance.tenants.setStatus(main, 'suspended');
    await instance.connect([leaf('press-7', 'Root')]);
    expect(await listed(instance)).toEqual([['tenant.suspended', 'press-7', 1, 1]]);
  });

  it('nothing of a device that was let in, and nothing of a trial', async () => {
    const instance = await anInstance();
    await instance.trusting(ca('Root'), { autoRegistration: true });
    expect((await instance.connect([leaf('press-7', 'Root')])).verdict.granted).toBe(true);
    expect((await instance.examine([leaf('press-8', 'Nobody')])).granted).toBe(false);
    expect([await listed(instance), await listed(instance, management)]).toEqual([[], []]);
  });

  it('for the tenant of a CA that is disabled; for nobody but the operator what only claims to be of a CA, or leads to several tenants', async () => {
    const instance = await anInstance({ sharing: true });
    await instance.trusting(ca('Root'), { status: 'disabled' });
    await instance.trusting(ca('Shared'));
    await instance.trusting(ca('Shared'), { tenant: aTenantId('other') });
    await instance.connect([leaf('press-1', 'Root')]);
    await instance.connect([leaf('press-2', 'Root', { serialNumber: 'by:thief' })]);
    await instance.connect([leaf('press-3', 'Shared')]);
    await instance.connect([leaf('press-4', 'Shared', expired)]);
    expect(await listed(instance)).toEqual([['tenant.anchor-disabled', 'press-1', 1, 1]]);
    expect(await listed(instance, aTenantId('other'))).toEqual([]);
    expect((await listed(instance, management)).map(([code, device]) => [code, device]).sort()).toEqual([
      ['path.outside-validity', 'press-4'],
      ['path.signature-invalid', 'press-2'],
      ['tenant.ambiguous', 'press-3'],
    ]);
  });

  it('T09 for nobody but the operator what leads to a CA whose possession is not proven: a stranger may have stored it', async () => {
    const instance = await anInstance();
    await instance.trusting(ca('Mid', 'Root'), { tenant: aTenantId('other'), inert: true });
    await instance.connect([leaf('press-7', 'Mid')]);
    expect([await listed(instance, aTenantId('other')), await listed(instance, management)]).toEqual([[], [['tenant.anchor-inert', 'press-7', 1, 1]]]);
  });

  it('what concerns one tenant in force for that one, whatever another has stored inert', async () => {
    const instance = await anInstance();
    await instance.trusting(ca('Root'));
    await instance.trusting(ca('Root'), { tenant: aTenantId('other'), inert: true });
    await instance.connect([leaf('press-7', 'Root', expired)]);
    expect([await listed(instance), await listed(instance, aTenantId('other'))]).toEqual([[['path.outside-validity', 'press-7', 1, 1]], []]);
  });
});
