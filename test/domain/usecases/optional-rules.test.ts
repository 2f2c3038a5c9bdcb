import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Certificate, PublicKey } from '../../../src/domain/certificates/certificate.ts';
import { rulesMark } from '../../../src/domain/trust/rules-mark.ts';
import { tenantRules } from '../../../src/domain/trust/rule-options.ts';
import { pathsSeen } from '../../../src/domain/usecases/seen-ways.ts';
import { aDeviceId, after, aTenantId, DAY } from '../../support/certificate-builders.ts';
import { anInstance, ca, granted, key, leaf } from '../../support/an-instance.ts';

const [MAIN, OTHER] = [aTenantId(), aTenantId('other')];
const LONG = { notAfter: after(400 * DAY) };
const SERVERS = ['1.3.6.1.5.5.7.3.1'];
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const large = (name: string): PublicKey => ({ ...key(name), bits: 4096 }) as PublicKey;
const [ROOT, STRONG] = [ca('Root', 'Root', { ...LONG, publicKey: large('Root') }), ca('Strong', 'Strong', { ...LONG, publicKey: large('Strong') })];
/** One key and name, signed by both: by Root only for servers. */
const [FOR_SERVERS, CROSSED] = [ca('Mid', 'Root', { ...LONG, publicKey: large('Mid'), extendedKeyUsage: SERVERS }), ca('Mid', 'Strong', { ...LONG, publicKey: large('Mid') })];
const weak = (id = 'press-7', issuer = 'Root'): Certificate => leaf(id, issuer, LONG);
const strong = (id = 'press-8', issuer = 'Root'): Certificate => leaf(id, issuer, { ...LONG, publicKey: large(id) });

let gate: Awaited<ReturnType<typeof anInstance>>;
const chooses = async (options: Readonly<Record<string, string>>, tenant = MAIN): Promise<void> => {
  granted(await gate.tenantDesk.setOptions(tenant, Object.entries(options).map(([name, value]) => ({ category: 'fleetgate', key: name, value })), 'main/ada'));
};
const comes = async (...chain: readonly Certificate[]) => {
  const connected = await gate.connect(chain);
  await settled();
  return connected;
};
const kept = async (tenant = MAIN) => (await gate.refusals.list({ tenant, limit: 10 })).map(({ refusal, wouldBe, device, count }) => [refusal.code, refusal.depth, wouldBe, device, count]);

beforeEach(async () => {
  gate = await anInstance();
  for (const certificate of [ROOT, STRONG]) await gate.trusting(certificate);
});

describe('A check that a tenant lets report', () => {
  it('lets in whom it would refuse, and keeps that, marked', async () => {
    await chooses({ 'check.key-sizes': 'report', 'check.eku-nesting': 'report' });
    expect((await comes(weak())).verdict.granted).toBe(true);
    expect((await comes(strong())).verdict.granted).toBe(true);
    expect((await comes(weak())).verdict.granted).toBe(true);
    expect(await kept()).toEqual([['key.not-chosen', 0, true, 'press-7', 2]]);
    expect(gate.events.filter(({ what }) => what === 'device.would-be-refused')).toMatchObject([{ device: 'press-7', refusal: { code: 'key.not-chosen' } }, {}]);
  });

  it('is no reason to be refused for another, and is not told where another refuses', async () => {
    await chooses({ 'check.key-sizes': 'report', 'check.policies': 'enforce' });
    expect((await comes(weak())).verdict).toMatchObject({ granted: false, refusal: { code: 'path.no-chosen-policy', depth: 0 } });
    expect(await kept()).toEqual([['path.no-chosen-policy', 0, undefined, 'press-7', 1]]);
  });

  it('is one tenant’s choice', async () => {
    await gate.anchors.remove(MAIN, ROOT.fingerprint);
    await gate.trusting(ROOT, { tenant: OTHER });
    await chooses({ 'check.key-sizes': 'enforce' });
    expect((await comes(weak())).verdict.granted).toBe(true);
    expect([await kept(), await kept(OTHER)]).toEqual([[], []]);
    await chooses({ 'check.key-sizes': 'report' }, OTHER);
    await comes(weak());
    expect([await kept(), await kept(OTHER)]).toEqual([[], [['key.not-chosen', 0, true, 'press-7', 1]]]);
  });

  it('is shown by explain beside a verdict that it does not change', async () => {
    await chooses({ 'check.key-sizes': 'report' });
    const said = await gate.liveExplain.explain({ chain: gate.known(weak()).map(({ der }) => der), within: MAIN });
    expect(said.refusal).toBeUndefined();
    expect(said.checks.filter(({ outcome }) => outcome === 'reported')).toMatchObject([{ code: 'key.not-chosen', depth: 0, evidence: { key: expect.stringContaining('RSA 2048') } }]);
    expect(said.checks.filter(({ outcome }) => outcome === 'broken')).toEqual([]);
  });
});

describe('A check that a tenant enforces', () => {
  it('refuses, says where, and what to do', async () => {
    await chooses({ 'check.key-sizes': 'enforce' });
    expect((await comes(weak())).verdict).toMatchObject({ granted: false, refusal: { code: 'key.not-chosen', depth: 0, evidence: { taken: 'RSA 3072, P-256, P-384, P-521, Ed25519' } } });
    expect((await comes(strong())).verdict.granted).toBe(true);
    expect(await kept()).toEqual([['key.not-chosen', 0, undefined, 'press-7', 1]]);
    const said = await gate.liveExplain.explain({ chain: gate.known(weak()).map(({ der }) => der), within: MAIN });
    expect([said.refusal?.code, said.whatToDo[0]]).toEqual(['key.not-chosen', 'Issue the certificate anew with such a key, or let the tenant take this one.']);
  });

  it('lets in by another way that meets it, and session and token rest on that one alone', async () => {
    await gate.anchors.change(MAIN, ROOT.fingerprint, { autoRegistration: false });
    await chooses({ 'check.eku-nesting': 'enforce' });
    const session = granted((await comes(leaf('press-7', 'Mid', LONG), FOR_SERVERS, CROSSED)).verdict).session;
    expect([session.anchors, session.path.map(({ fingerprint }) => fingerprint)]).toEqual([[STRONG.fingerprint], [leaf('press-7', 'Mid', LONG).fingerprint, CROSSED.fingerprint]]);
    expect((await gate.paths.of(MAIN, aDeviceId()))!.ways).toMatchObject([{ anchor: STRONG.fingerprint }]);
    expect((await comes(leaf('press-9', 'Mid', LONG), FOR_SERVERS)).verdict).toMatchObject({ refusal: { code: 'path.issuer-extended-key-usage', depth: 1 } });
  });

  it('takes no way of another tenant for one that meets it', async () => {
    await gate.anchors.remove(MAIN, STRONG.fingerprint);
    await gate.trusting(STRONG, { tenant: OTHER });
    await chooses({ 'check.eku-nesting': 'enforce' });
    const chain = [leaf('press-7', 'Mid', LONG), FOR_SERVERS, CROSSED];
    expect((await gate.connect(chain, { userName: 'main' })).verdict).toMatchObject({ refusal: { code: 'path.issuer-extended-key-usage', depth: 1 } });
    expect(granted((await gate.connect(chain, { userName: 'other' })).verdict).session.tenant).toBe('other');
  });

  it('registers nobody by an anchor at the end of a way that does not meet it', async () => {
    await gate.anchors.change(MAIN, STRONG.fingerprint, { autoRegistration: false });
    await chooses({ 'check.eku-nesting': 'enforce' });
    const chain = [leaf('press-7', 'Mid', LONG), FOR_SERVERS, CROSSED];
    expect((await comes(...chain)).verdict).toMatchObject({ refusal: { code: 'registration.not-registered' } });
    const said = await gate.liveExplain.explain({ chain: gate.known(...chain).map(({ der }) => der), within: MAIN });
    expect(said.checks.filter(({ outcome }) => outcome === 'broken').map(({ code }) => code)).toEqual(['registration.not-registered']);
  });
});

describe('Beginning to enforce a check', () => {
  it('ends the sessions that it would not have let in, and no other', async () => {
    const [bad, good] = [await comes(weak()), await comes(strong())];
    await chooses({ 'check.key-sizes': 'report' });
    expect(gate.sessions.count()).toBe(2);
    await chooses({ 'check.key-sizes': 'enforce' });
    expect([bad.ended, good.ended]).toEqual([['rules-not-met'], []]);
    expect(gate.events.at(-1)).toEqual({ what: 'tenant.option-set', tenant: 'main', by: 'main/ada', subject: 'fleetgate/check.key-sizes', sessionsEnded: 1 });
  });

  it('ends the session of another tenant’s device of that name as little as any', async () => {
    await gate.anchors.remove(MAIN, STRONG.fingerprint);
    await gate.trusting(STRONG, { tenant: OTHER });
    const theirs = await comes(leaf('press-7', 'Strong', LONG));
    const own = await comes(weak());
    await chooses({ 'check.key-sizes': 'enforce' });
    expect([theirs.ended, own.ended]).toEqual([[], ['rules-not-met']]);
  });

  it('ends those by a way that does not meet it, though another does: they come by that one', async () => {
    const chain = [leaf('press-7', 'Mid', LONG), FOR_SERVERS, CROSSED];
    const { ended, verdict } = await comes(...chain);
    const byRoot = granted(verdict).session.path[1]!.fingerprint === FOR_SERVERS.fingerprint;
    await chooses({ 'check.eku-nesting': 'enforce' });
    expect(ended).toEqual(byRoot ? ['rules-not-met'] : []);
    expect(granted((await comes(...chain)).verdict).session.path[1]!.fingerprint).toBe(CROSSED.fingerprint);
  });

  it('ends those of whose certificates nothing is known: they come again, and are judged', async () => {
    const good = await comes(strong());
    await gate.paths.forget(MAIN, aDeviceId('press-8'));
    await chooses({ 'check.key-sizes': 'enforce' });
    expect(good.ended).toEqual(['rules-not-met']);
    expect((await comes(strong())).verdict.granted).toBe(true);
  });

  it('leaves alone what was judged by the same rules, whatever else is chosen', async () => {
    await chooses({ 'check.key-sizes': 'enforce' });
    const good = await comes(strong());
    await gate.paths.forget(MAIN, aDeviceId('press-8'));
    await chooses({ 'check.policies': 'report', 'policies.initial': '1.2.3' });
    expect(good.ended).toEqual([]);
  });

  it('ends those of devices that meanwhile came with another certificate, for which one can not say', async () => {
    const good = await comes(strong());
    const seen = (await gate.paths.withChain(MAIN, aDeviceId('press-8')))!;
    await gate.paths.remember({ ...seen, lastSeen: after(DAY), chain: seen.chain!.map((link) => ({ ...link, fingerprint: ROOT.fingerprint })) });
    await chooses({ 'check.key-sizes': 'enforce' });
    expect(good.ended).toEqual(['rules-not-met']);
  });

  it('goes for what it asks too, once it is enforced: more bits, and a default that is stricter than what was chosen', async () => {
    await chooses({ 'check.key-sizes': 'enforce', 'keys.rsa-bits': '2048' });
    const device = await comes(weak());
    expect(device.verdict.granted).toBe(true);
    await chooses({ 'keys.curves': 'P-256' });
    expect(device.ended).toEqual([]);
    granted(await gate.tenantDesk.removeOption(MAIN, { category: 'fleetgate', key: 'keys.rsa-bits' }, 'main/ada'));
    expect(device.ended).toEqual(['rules-not-met']);
    expect(gate.events.at(-1)).toMatchObject({ what: 'tenant.option-removed', sessionsEnded: 1 });
  });

  it('takes a device that is its own anchor as what it is', async () => {
    const BOTH = { keyUsage: new Set(['keyCertSign', 'digitalSignature'] as const) };
    const own = ca('press-7', 'press-7', { ...LONG, ...BOTH, publicKey: large('press-7') });
    const small = ca('press-9', 'press-9', { ...LONG, ...BOTH });
    for (const certificate of [own, small]) await gate.trusting(certificate);
    const devices = [await comes(own), await comes(small)];
    expect(devices.map(({ verdict }) => verdict.granted)).toEqual([true, true]);
    await chooses({ 'check.key-sizes': 'enforce' });
    expect(devices.map(({ ended }) => ended)).toEqual([[], ['rules-not-met']]);
    const seen = (await gate.paths.withChain(MAIN, aDeviceId('press-7')))!;
    expect((await pathsSeen(gate.reader, seen, (anchor) => gate.anchors.find(MAIN, anchor))).map(({ certificates }) => certificates)).toEqual([[own]]);
  });
});

describe('Tokens, where a check begins to be enforced', () => {
  const tokenOf = async (...chain: readonly Certificate[]): Promise<string> => granted(await gate.tokens.issueTo(granted(await gate.admit(chain))));
  const isGood = async (jwt: string): Promise<string> => {
    const verdict = await gate.tokens.recognise(jwt);
    return verdict.granted ? 'good' : verdict.refusal.code;
  };
  beforeEach(async () => {
    await gate.tenants.setOption(MAIN, 'oauth.internal', 'device-token.enabled', 'true');
  });

  it('are dead at once of devices that it would not let in, and of no other', async () => {
    const [bad, good] = [await tokenOf(weak()), await tokenOf(strong())];
    await settled();
    expect([await isGood(bad), await isGood(good)]).toEqual(['good', 'good']);
    expect(JSON.parse(good)).not.toHaveProperty('rules');
    await chooses({ 'check.key-sizes': 'enforce' });
    expect([await isGood(bad), await isGood(good)]).toEqual(['token.rules-not-met', 'good']);
    await chooses({ 'check.key-sizes': 'report' });
    expect([await isGood(bad), await isGood(good)]).toEqual(['good', 'good']);
  });

  it('say by what they were judged, so that nothing needs to be remembered of them', async () => {
    await chooses({ 'check.key-sizes': 'enforce' });
    const jwt = await tokenOf(strong());
    expect(JSON.parse(jwt).rules).toMatch(/^[0-9a-f]{16}$/);
    await gate.paths.forget(MAIN, aDeviceId('press-8'));
    expect(await isGood(jwt)).toBe('good');
    await chooses({ 'keys.rsa-bits': '3073' });
    expect(await isGood(jwt)).toBe('token.rules-not-met');
  });

  it('are not issued any more to a session that a changed rule has not reached yet, and those of one that meets it say so', async () => {
    const sessions = [granted((await comes(weak())).verdict).session, granted((await comes(strong())).verdict).session];
    await gate.tenants.setOption(MAIN, 'fleetgate', 'check.key-sizes', 'enforce');
    expect(await gate.tokens.issue(sessions[0]!)).toEqual({ granted: false, refusal: { code: 'token.rules-not-met' } });
    expect(JSON.parse(granted(await gate.tokens.issue(sessions[1]!))).rules).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('The mark of what is enforced', () => {
  const mark = (options: Readonly<Record<string, string>>) => rulesMark(tenantRules(new Map(Object.entries(options).map(([name, value]) => [`fleetgate/${name}`, value]))));
  const ENFORCED = { 'check.key-sizes': 'enforce', 'check.policies': 'enforce' };

  it('is none where nothing is enforced', () => {
    expect([mark({}), mark({ 'check.key-sizes': 'report', 'keys.rsa-bits': '4096' })]).toEqual([undefined, undefined]);
  });

  it('is another one for whatever is another rule, and the same for the same', () => {
    const all = [
      {}, { 'check.policies': 'off' }, { 'check.key-sizes': 'off' }, { 'check.eku-nesting': 'enforce' }, { 'keys.rsa-bits': 'none' }, { 'keys.rsa-bits': '2048' }, { 'keys.curves': 'none' }, { 'keys.curves': 'P-384' },
      { 'policies.initial': '1.2.3' }, { 'policies.initial': '1.2.3 1.2.4' }, { 'policies.require-explicit': 'false' }, { 'policies.inhibit-mapping': 'true' }, { 'policies.inhibit-any': 'true' },
    ].map((more) => mark({ ...ENFORCED, ...more }));
    expect(new Set(all).size).toBe(all.length);
    expect(mark({ ...ENFORCED, 'policies.initial': '1.2.4 1.2.3' })).toBe(all[9]);
    expect(mark({ ...ENFORCED, 'check.eku-nesting': 'report' })).toBe(all[0]);
  });
});

describe('The certificates with which a device came', () => {
  it('are remembered, each once, the own one first', async () => {
    await comes(leaf('press-7', 'Mid', LONG), CROSSED, FOR_SERVERS, STRONG);
    const { chain } = (await gate.paths.withChain(MAIN, aDeviceId()))!;
    const own = leaf('press-7', 'Mid', LONG);
    expect(chain![0]).toEqual({ serialNumber: own.serialNumber, issuer: own.issuer.key, fingerprint: own.fingerprint, der: own.der });
    expect(chain!.slice(1).map(({ fingerprint }) => fingerprint).sort()).toEqual([CROSSED.fingerprint, FOR_SERVERS.fingerprint].sort());
  });

  it('are not kept where they are too many bytes to be kept of every device', async () => {
    for (const [id, bytes, isKept] of [['press-8', 8 * 1024 - 100, true], ['press-9', 8 * 1024, false]] as const) {
      await comes({ ...strong(id), der: new TextEncoder().encode('x'.repeat(bytes)) });
      expect([id, (await gate.paths.withChain(MAIN, aDeviceId(id)))!.chain !== undefined]).toEqual([id, isKept]);
    }
  });
});
