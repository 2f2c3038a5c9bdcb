import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import { grant } from '../../../src/domain/shared/decision.ts';
import { ExplainConnect } from '../../../src/domain/usecases/explain-connect.ts';
import { PATH_RULES } from '../../../src/domain/certificates/path-rules.ts';
import type { LiveExplainQuestion } from '../../../src/ports/driving/live-explain-desk.ts';
import { aDevice, aDeviceId, after, aTenantId, DAY, NOW, SECOND } from '../../support/certificate-builders.ts';
import { anInstance, ca, leaf } from '../../support/an-instance.ts';

type Instance = Awaited<ReturnType<typeof anInstance>>;
const MAIN = aTenantId();
const OTHER = aTenantId('other');
const ROOT = ca('Root');
const MID = ca('Mid', 'Root');
const DEVICE = leaf('press-7', 'Mid');
const EXPIRED = { notBefore: after(-DAY), notAfter: after(-SECOND) };

let instance: Instance;
beforeEach(async () => {
  instance = await anInstance();
});
const explain = (chain: readonly Certificate[], question: Partial<LiveExplainQuestion> = {}) =>
  instance.liveExplain.explain({ chain: instance.known(...chain).map(({ der }) => der), within: MAIN, ...question });
const brokenOf = ({ checks }: Awaited<ReturnType<typeof explain>>) => checks.filter(({ outcome }) => outcome === 'broken').map(({ code, depth }) => [code, depth]);

describe('Explaining what the gate would answer now', () => {
  it('says whose device it would be, by which CA, and that every check holds', async () => {
    await instance.trusting(ROOT, { name: 'Plant 7' });
    const said = await explain([DEVICE, MID]);
    expect(said).toMatchObject({ at: NOW, tenant: 'main', device: 'press-7', anchors: [{ tenant: 'main', name: 'Plant 7', status: 'enabled', fingerprint: ROOT.fingerprint }], whatToDo: [] });
    expect(said.checks).toHaveLength(3 * PATH_RULES.length + 5);
    expect(new Set(said.checks.map(({ outcome }) => outcome))).toEqual(new Set(['holds']));
    expect([said.refusal, said.path.length]).toEqual([undefined, 3]);
  });

  it('registers nobody, keeps nothing and audits nothing', async () => {
    await instance.trusting(ROOT);
    await explain([DEVICE, MID]);
    await explain([leaf('press-8', 'Nobody')]);
    expect([instance.events, await instance.devices.find(MAIN, aDeviceId()), instance.state.refusals.size, instance.sessions.count()]).toEqual([[], undefined, 0, 0]);
  });

  it('names the tenant’s own CA and since when it is disabled', async () => {
    await instance.trusting(ROOT, { name: 'Plant 7' });
    await instance.trust.change(MAIN, ROOT.fingerprint, { status: 'disabled' }, 'admin');
    instance.clock.advance(SECOND);
    await instance.trust.change(MAIN, ROOT.fingerprint, { status: 'disabled', name: 'Plant 7' }, 'admin');
    const said = await explain([DEVICE, MID], { at: NOW });
    expect([said.refusal?.code, said.whatToDo]).toEqual([
      'tenant.anchor-disabled',
      [`CA 'Plant 7' is disabled since ${NOW.toISOString()}: enable it, or give the device a certificate of another CA.`],
    ]);
    expect(brokenOf(said)).toEqual([['tenant.anchor-disabled', 2]]);
  });

  it('shows an inert CA as what is wrong', async () => {
    await instance.trusting(ROOT, { inert: true });
    expect(brokenOf(await explain([DEVICE, MID]))).toEqual([['tenant.anchor-inert', 2]]);
  });

  it('says that the device sent only its leaf', async () => {
    await instance.trusting(ROOT);
    const said = await explain([DEVICE]);
    expect(said.whatToDo).toEqual(['The device sent only its own certificate, and its issuer "CN=Mid" is not uploaded: upload "CN=Mid", or let the device send its chain.']);
    expect(said.checks.slice(-3).map(({ code, outcome }) => [code, outcome])).toEqual([
      ['tenant.ambiguous', 'not-asked'], ['identity.no-common-name', 'not-asked'], ['registration.not-registered', 'not-asked'],
    ]);
  });

  it('does not stop at the first that is wrong, and says what to do about each', async () => {
    await instance.trusting(ROOT);
    const said = await explain([leaf('press-7', 'Mid', { ...EXPIRED, extendedKeyUsage: [] }), MID]);
    expect(said.refusal).toMatchObject({ code: 'path.outside-validity', depth: 0 });
    expect(brokenOf(said)).toEqual([['path.outside-validity', 0], ['path.extended-key-usage', 0]]);
    expect(said.whatToDo).toEqual([expect.stringContaining('give the device a new one'), 'Issue the device certificate anew for client authentication.']);
  });

  it('judges by the time that is named', async () => {
    await instance.trusting(ROOT);
    const future = after(365 * DAY);
    const said = await explain([DEVICE, MID], { at: future });
    expect([said.at, said.refusal?.code, said.refusal?.depth]).toEqual([future, 'path.outside-validity', 2]);
  });

  it('asks the client id, the registration and the block', async () => {
    await instance.trusting(ROOT, { autoRegistration: false, name: 'Plant 7' });
    expect(brokenOf(await explain([DEVICE, MID], { clientId: 'press-8' }))).toEqual([['identity.client-id-differs', undefined]]);
    const stranger = await explain([DEVICE, MID]);
    expect([brokenOf(stranger), stranger.device]).toEqual([[['registration.not-registered', undefined]], 'press-7']);
    expect(stranger.whatToDo).toEqual(["Register the device by a bulk file (fleetgate devices import), or switch on automatic registration for CA 'Plant 7'."]);
    await instance.devices.register(aDevice());
    expect((await explain([DEVICE, MID])).refusal).toBeUndefined();
    await instance.devices.setBlock(MAIN, aDeviceId(), { reason: 'stolen', by: 'ada', at: NOW });
    expect(brokenOf(await explain([DEVICE, MID]))).toEqual([['registration.device-blocked', undefined]]);
  });

  it('T09 tells a tenant nothing of another’s CAs and devices, but that they make its device ambiguous', async () => {
    await instance.trusting(ROOT, { tenant: OTHER, name: 'secret' });
    expect((await explain([DEVICE, MID])).refusal?.code).toBe('tenant.no-anchor-found');
    expect(JSON.stringify(await explain([DEVICE, MID]))).not.toContain('secret');
    await instance.trusting(MID);
    const said = await explain([DEVICE, MID]);
    expect([said.refusal, brokenOf(said)]).toEqual([{ code: 'tenant.ambiguous' }, [['tenant.ambiguous', undefined]]]);
    expect(said.checks.filter(({ code }) => code === 'tenant.ambiguous')).toHaveLength(1);
    expect(JSON.stringify(said)).not.toMatch(/secret|other/);
    expect((await explain([DEVICE, MID], { userName: 'main' })).tenant).toBe('main');
    const asOther = await explain([DEVICE, MID], { userName: 'other' });
    expect(asOther.refusal).toEqual({ code: 'tenant.ambiguous' });
    // Whether the other tenant knows the device would show in the answer, were it the other's.
    await instance.anchors.change(OTHER, ROOT.fingerprint, { autoRegistration: false });
    expect(JSON.stringify((await explain([DEVICE, MID], { userName: 'other' })).refusal ?? 'admitted')).not.toContain('registered');
  });

  it('tells the operator of all tenants', async () => {
    await instance.trusting(ROOT, { tenant: OTHER });
    await instance.trusting(MID, { name: 'Mid of main' });
    const all = { chain: instance.known(DEVICE, MID).map(({ der }) => der) };
    expect((await instance.liveExplain.explain(all)).refusal).toEqual({ code: 'tenant.ambiguous' });
    expect((await instance.liveExplain.explain({ ...all, userName: 'other' })).tenant).toBe('other');
  });

  it('shows what only the gate asked behind the tenant, and says what to do about it', async () => {
    await instance.trusting(ROOT);
    const gate = { examine: async () => ({ granted: false as const, refusal: { code: 'registration.trust-in-motion' as const } }) };
    const said = await new ExplainConnect({ ...instance, gate }).explain({ chain: instance.known(DEVICE, MID).map(({ der }) => der), within: MAIN });
    expect(said.checks.slice(-3).map(({ code, outcome }) => [code, outcome])).toEqual([
      ['registration.trust-in-motion', 'broken'], ['identity.no-common-name', 'holds'], ['registration.not-registered', 'holds'],
    ]);
    expect(said.whatToDo).toEqual(['Connect again.']);
  });
});

/** With a gate that lets everybody in: what is broken, the walk found. */
const walkedAlone = (world: Instance) => new ExplainConnect({ ...world, gate: { examine: async () => grant({} as never) } });

describe('Explaining and connecting never disagree', () => {
  const spoils = fc.constantFrom<Partial<Certificate>>(
    {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {},
    EXPIRED,
    { basicConstraints: { ca: false } },
    { basicConstraints: { ca: true, pathLength: 0 } },
    { serialNumber: 'by:nobody' },
    { version: 1 },
    { extensions: [{ oid: '1.2.3', critical: true }] },
    { extendedKeyUsage: [] },
    { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] },
    { policies: ['1.2.3'] },
    { policies: ['1.2.3', '1.2.4'] },
  );
  const mode = fc.constantFrom('off', 'off', 'report', 'enforce');
  const rules = fc.record({ 'check.eku-nesting': mode, 'check.key-sizes': mode, 'check.policies': mode, 'keys.rsa-bits': fc.constantFrom('none', '2048', '3072'), 'policies.initial': fc.constantFrom('any', '1.2.3', '1.2.4'), 'policies.require-explicit': fc.constantFrom('true', 'false') });
  const state = fc.record({ status: fc.constantFrom('enabled' as const, 'enabled' as const, 'disabled' as const), inert: fc.constantFrom(false, false, true), autoRegistration: fc.boolean(), possessionProven: fc.constantFrom(false, false, true) });
  const trust = fc.record({ root: fc.option(state), mid: fc.option(state), device: fc.constantFrom('none', 'none', 'known', 'blocked') });

  it('where another tenant’s CA registers devices, and the own does not', async () => {
    await instance.trusting(ROOT, { tenant: OTHER });
    await instance.trusting(MID, { autoRegistration: false });
    const chain = instance.known(DEVICE, MID).map(({ der }) => der);
    const walked = await walkedAlone(instance).explain({ chain, userName: 'main' });
    expect(brokenOf(walked)).toEqual([['registration.not-registered', undefined]]);
    expect((await instance.connect([DEVICE, MID], { userName: 'main' })).verdict).toMatchObject({ refusal: { code: 'registration.not-registered' } });
  });

  it('whatever is trusted by whom, registered, sent and wrong: the verdict is the same, and the first broken check says why', async () => {
    const all = fc.record({ spoiled: fc.tuple(spoils, spoils, spoils), sent: fc.subarray([1, 2]), main: trust, other: trust, clientId: fc.constantFrom('', 'press-7', 'press-8', 'a:b:c'), userName: fc.constantFrom(undefined, 'main', 'other'), inTenant: fc.boolean(), rules: fc.option(rules) });
    let [admitted, refused] = [0, 0];
    await fc.assert(
      fc.asyncProperty(all, async ({ spoiled: [a, b, c], sent, main, other, clientId, userName, inTenant, rules: chosen }) => {
        instance = await anInstance({ sharing: true });
        const path = [leaf('press-7', 'Mid', a), ca('Mid', 'Root', b), ca('Root', 'Root', c)] as const;
        for (const [tenant, wish] of [[MAIN, main], [OTHER, other]] as const) {
          if (wish.root) await instance.trusting(path[2], { tenant, ...wish.root });
          if (wish.mid) await instance.trusting(path[1], { tenant, ...wish.mid });
          if (wish.device !== 'none') await instance.devices.register(aDevice({ tenant }));
          if (wish.device === 'blocked') await instance.devices.setBlock(tenant, aDeviceId(), { reason: 'stolen', by: 'ada', at: NOW });
        }
        for (const [key, value] of Object.entries(chosen ?? {})) await instance.tenants.setOption(MAIN, 'fleetgate', key, value);
        const chain = [path[0], ...sent.map((i) => path[i]!)];
        const name = userName === undefined ? {} : { userName };
        // A tenant that is alone sees what the whole instance sees.
        const isAlone = !other.root && !other.mid;
        const said = await explain(chain, { clientId, ...name, ...(inTenant && isAlone ? {} : { within: undefined as never }) });
        const { verdict } = await instance.connect(chain, { clientId, ...name });
        expect(said.refusal).toEqual(verdict.granted ? undefined : verdict.refusal);
        expect(said.tenant).toBe(verdict.granted ? verdict.value.session.tenant : undefined);
        expect(said.whatToDo.length > 0).toBe(!verdict.granted);
        const [first] = brokenOf(said);
        if (verdict.granted) expect(first).toBeUndefined();
        else expect(first).toEqual([verdict.refusal.code, verdict.refusal.depth]);
        // The walk over the rules comes to the same by itself, without the gate's word.
        const walked = brokenOf(await walkedAlone(instance).explain({ chain: chain.map(({ der }) => der), clientId, ...name }))[0];
        expect(walked).toEqual(first);
        if (verdict.granted) admitted += 1;
        else refused += 1;
      }),
      { numRuns: 400 },
    );
    expect([admitted > 0, refused > 0]).toEqual([true, true]);
  });
});
