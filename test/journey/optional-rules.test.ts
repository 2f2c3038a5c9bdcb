/** A check that is switched on in three steps: it reports, one sees who would be refused, it is enforced, and hits just those. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWith, enter, knock, refusalIn, tokenOf, type Call, type Connected } from '../support/clients.ts';
import { belowRoot, OpensslPki, type Issued } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate, type Ran } from '../support/operated-gate.ts';

const pki = new OpensslPki();

describeWith('openssl')('optional rules', () => {
  let gate: OperatedGate;
  let [small, fine]: Connected[] = [];
  let tokens: string[] = [];
  const call = (leaf: Issued): Call => ({
    ...{ port: gate.mqtts[0]!, caFile: gate.caFile, certFile: pki.chainFile(belowRoot(leaf).chain), keyFile: leaf.keyFile },
    ...{ clientId: leaf.subject.replace('/CN=', ''), version: 5 },
  });
  const root = pki.root('/CN=Works Root');
  const [weak, good] = [pki.device(root, '/CN=small', { key: 'RSA-2048' }), pki.device(root, '/CN=fine')];
  const option = (value: string, ...more: readonly string[]): Promise<Ran> => gate.cli('option', 'set', 'fleetgate', 'check.key-sizes', value, ...more);
  /** What is seen and refused is written down off the way of the device. */
  const become = async (ask: () => Promise<Ran>, isDue: (ran: Ran) => boolean): Promise<Ran> => {
    for (let attempt = 1; ; attempt += 1) {
      const ran = await ask();
      if (isDue(ran) || attempt >= 10) return ran;
      await pause(100);
    }
  };
  const whoAmI = async (token: string): Promise<number> => (await fetch(`http://127.0.0.1:${gate.http}/user/currentUser`, { headers: { authorization: `Bearer ${token}` } })).status;

  beforeAll(async () => {
    gate = await anOperatedGate();
    await gate.main.trusts(root);
  });
  afterAll(async () => {
    for (const connected of [small, fine]) await connected?.client.endAsync(true);
    await gate?.remove();
    pki.remove();
  });

  it('off: both are let in', async () => {
    [small, fine] = [await enter(call(weak)), await enter(call(good))];
    tokens = [await tokenOf(small), await tokenOf(fine)];
    expect(await Promise.all(tokens.map(whoAmI))).toEqual([200, 200]);
  });

  it('report: both are let in, and the operator sees who would not be', async () => {
    expect(await option('report')).toMatchObject({ exit: 0, out: 'fleetgate/check.key-sizes is report now.\n' });
    await small!.client.endAsync(true);
    small = await enter(call(weak));
    expect((await knock({ ...call(good), clientId: 'fine' })).code).toBe(0);
    const { out } = await become(() => gate.cli('refusals'), (ran) => ran.out.includes('small'));
    expect(out).toMatch(/ {2}small {2}let in, and would be refused: key\.not-chosen at depth 0 {2}from 127\.0\.0\.1\n {2}found {2}certificate "CN=small", key RSA 2048 with exponent 65537, taken RSA 3072, P-256, P-384, P-521, Ed25519\n {2}do {5}Issue the certificate anew with such a key/);
    expect(out).not.toContain('fine');
    fine = await enter(call(good));
    tokens = [await tokenOf(small), await tokenOf(fine)];
  });

  it('a dry run says whom it would hit, and hits nobody', async () => {
    const { exit, out } = await become(() => option('enforce', '--dry-run'), (ran) => /would be out +1\n/.test(ran.out));
    expect([exit, out.split('\n').slice(0, 3)]).toEqual([0, ['Nothing was changed. option.change fleetgate/check.key-sizes=enforce would hit:', 'WHAT                           COUNT', 'devices that would be out          1']]);
    expect(out).toMatch(/sessions that would end +1\nlive tokens \(estimate\) +1\nkey\.not-chosen would refuse 1\nsuch as small\n/);
    expect(await Promise.all(tokens.map(whoAmI))).toEqual([200, 200]);
  });

  it('enforce wants its number where the tenant set that, and ends just that session, and its token', async () => {
    await gate.cli('option', 'set', 'fleetgate', 'confirm.above', '0');
    expect(await option('enforce')).toMatchObject({ exit: 3, err: expect.stringContaining('add --confirm 1') });
    expect(await whoAmI(tokens[0]!)).toBe(200);
    expect((await option('enforce', '--confirm', '1')).exit).toBe(0);
    expect(await small!.gone).toMatchObject({ reasonCode: 0x87, properties: { reasonString: expect.stringContaining('session.rules-not-met') } });
    expect(await Promise.all(tokens.map(whoAmI))).toEqual([401, 200]);
    expect(fine!.client.connected).toBe(true);
    const refused = await knock(call(weak));
    expect([refused.code, refusalIn(refused.reason ?? '').split(' ')[0]]).toEqual([0x87, 'key.not-chosen']);
    expect(await tokenOf(fine!)).not.toBe('');
  });
});
