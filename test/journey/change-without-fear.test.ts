/** Before a CA goes, one sees who would be hit; from one CA to the next, one sees who has come; and both figures are right. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Impact } from '../../src/domain/impact/impact.ts';
import { describeWith, enter, knock, refusalIn, tokenOf, type Call, type Connected } from '../support/clients.ts';
import { belowRoot, OpensslPki, type Issued } from '../support/openssl-pki.ts';
import { anOperatedGate, type OperatedGate, type Operator } from '../support/operated-gate.ts';

const pki = new OpensslPki();

describeWith('openssl')('change without fear', () => {
  let gate: OperatedGate;
  let other: Operator;
  let [a, b, lineA]: Issued[] = [];
  const online: Connected[] = [];
  /** The device keeps its id when it gets a certificate of another CA. */
  const issued = (id: string, issuer: Issued): Issued => pki.device(issuer, `/CN=${id}`);
  const call = (leaf: Issued): Call => ({
    ...{ port: gate.mqtts[0]!, caFile: gate.caFile, certFile: pki.chainFile(belowRoot(leaf).chain), keyFile: leaf.keyFile },
    ...{ clientId: leaf.subject.replace('/CN=', ''), version: 5 },
  });
  const comesAndStays = async (leaf: Issued): Promise<Connected> => {
    const connected = await enter(call(leaf));
    online.push(connected);
    return connected;
  };
  const comesAndGoes = async (leaf: Issued): Promise<void> => expect((await knock(call(leaf))).code).toBe(0);
  const asked = async <Answer>(path: string, init?: RequestInit, as = gate.main): Promise<Answer> => (await as.call(path, init)).json() as Promise<Answer>;
  /** Paths are written down after CONNACK, off its way. */
  const become = async <Answer>(ask: () => Promise<Answer>, isDue: (answer: Answer) => boolean): Promise<Answer> => {
    for (let waited = 0; ; waited += 20) {
      const answer = await ask();
      if (isDue(answer) || waited > 5_000) return answer;
      await pause(20);
    }
  };
  const put = (body: object): RequestInit => ({ method: 'PUT', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  const certificate = (ca: Issued, query = ''): string => `/tenant/tenants/main/trusted-certificates/${ca.fingerprint}${query}`;
  const disabling = (ca: Issued): Promise<Impact> => asked(certificate(ca, '?dryRun=true'), put({ status: 'DISABLED' }));

  beforeAll(async () => {
    gate = await anOperatedGate();
    other = await gate.tenant('other');
    [a, b] = [pki.root('/CN=Old Root'), pki.root('/CN=New Root')];
    lineA = pki.intermediate(a, '/CN=Line 1');
    // Line 1 is trusted by itself too: who comes by it has two ways in.
    for (const ca of [a, b, lineA]) await gate.main.trusts(ca);
    await comesAndStays(issued('old-1', a));
    await comesAndGoes(issued('old-2', a));
    await comesAndStays(issued('line-1', lineA));
    await comesAndStays(issued('new-1', b));
    await become(() => disabling(a!), ({ devices }) => devices.notSeenYet === 0);
  });
  afterAll(async () => {
    for (const { client } of online) await client.endAsync(true);
    await gate?.remove();
    pki.remove();
  });

  it('tells whom the end of a CA would hit, and hits nobody', async () => {
    expect(await disabling(a!)).toEqual({
      ...{ change: 'trust.disable', tenant: 'main', subject: a!.fingerprint, sessionsOnline: 2, estimatedLiveTokens: 2, warnings: [] },
      devices: { dependOnItAlone: 2, haveAnotherWay: 1, alreadyOut: 0, notSeenYet: 0 },
      lastSeen: { today: 2, last7Days: 0, last30Days: 0, older: 0 },
      examples: ['old-1', 'old-2'],
    });
    expect((await disabling(lineA!)).devices).toMatchObject({ dependOnItAlone: 0, haveAnotherWay: 1 });
    expect((await disabling(b!)).devices).toMatchObject({ dependOnItAlone: 1, haveAnotherWay: 0 });
    for (const connected of online) expect(await tokenOf(connected)).not.toBe('');
  });

  it('prints it on the command line', async () => {
    const { exit, out } = await gate.cli('trust', 'remove', a!.fingerprint, '--dry-run');
    expect([exit, out.split('\n').slice(0, 3)]).toEqual([0, [`Nothing was changed. trust.remove ${a!.fingerprint} would hit:`, 'WHAT                           COUNT', 'devices that would be out          2']]);
    expect(out).toContain('such as old-1, old-2\n');
    expect((await gate.cli('devices', 'remove', 'old-2', '--dry-run')).out).toContain('warning: A CA on its last path registers devices automatically');
    expect(await gate.main.devices()).toContain('old-2');
  });

  it('T09 tells another tenant nothing', async () => {
    expect((await other.call(certificate(a!, '?dryRun=true'), put({ status: 'DISABLED' }))).status).toBe(403);
    expect((await other.call('/fleetgate/devices/old-1?dryRun=true', { method: 'DELETE' })).status).toBe(404);
    expect(await asked('/fleetgate/rollovers', undefined, other)).toEqual({ rollovers: [] });
  });

  it('leads the fleet from one CA to the next, and tells who is left', async () => {
    const path = `/fleetgate/trust/${a!.fingerprint}/successor`;
    const progress = async () => (await asked<{ progress: { onSuccessor: number; stragglers: number; percent: number } }>(path)).progress;
    const ran = await gate.cli('trust', 'rollover', 'start', a!.fingerprint, b!.fingerprint, '--until', '2099-12-31');
    expect([ran.exit, ran.out]).toEqual([0, expect.stringContaining('25 % of the devices on either were last seen on the successor: 1, and 3 on the former one alone.')]);
    await comesAndGoes(issued('old-2', b!));
    expect(await become(progress, ({ percent }) => percent > 25)).toEqual({ onSuccessor: 2, stragglers: 2, percent: 50 });
    const { stragglers } = await asked<{ stragglers: { id: string; online: boolean }[] }>(`${path}/stragglers`);
    expect(stragglers.map(({ id, online: isOnline }) => [id, isOnline])).toEqual([['line-1', true], ['old-1', true]]);
    await comesAndStays(issued('old-1', b!));
    expect(await become(progress, ({ percent }) => percent > 50)).toEqual({ onSuccessor: 3, stragglers: 1, percent: 75 });
    expect((await disabling(a!)).devices).toMatchObject({ dependOnItAlone: 0, haveAnotherWay: 1 });
  });

  it('forecasts in which week the certificates end', async () => {
    const { weeks, endsBeforeReturn } = await asked<{ weeks: { leaves: number; anchors: { count: number } }[]; endsBeforeReturn: { devices: number; unknown: number } }>('/fleetgate/forecast');
    // Everything was made for 30 days, which end in the fifth week.
    expect(weeks.map(({ leaves, anchors }) => [leaves, anchors.count]).slice(3, 6)).toEqual([[0, 0], [4, 3], [0, 0]]);
    expect(endsBeforeReturn).toMatchObject({ devices: 0, unknown: 1 });
    expect((await gate.cli('forecast')).out).toContain('New Root');
  });

  it('makes a large change only where its number is confirmed, and then hits whom it said', async () => {
    await gate.cli('option', 'set', 'fleetgate', 'confirm.above', '2');
    expect((await disabling(b!)).devices.dependOnItAlone).toBe(3);
    const refused = await gate.cli('trust', 'disable', b!.fingerprint);
    expect([refused.exit, refused.err]).toEqual([3, expect.stringContaining('add --confirm 3')]);
    expect((await gate.cli('trust', 'disable', b!.fingerprint, '--confirm', '3')).exit).toBe(0);
    for (const id of ['new-1', 'old-1', 'old-2']) {
      const { code, reason } = await knock(call(issued(id, b!)));
      expect([id, code, refusalIn(reason)]).toEqual([id, 0x87, 'tenant.anchor-disabled at depth 1']);
    }
    expect((await disabling(b!)).devices).toMatchObject({ dependOnItAlone: 0, alreadyOut: 3 });
    await comesAndGoes(issued('line-1', lineA!));
    expect((await gate.cli('trust', 'rollover', 'rollback', a!.fingerprint)).exit).toBe(0);
  });

  it('keeps all of it over a restart, at which it warns of the CAs that end within 30 days', async () => {
    const before = await disabling(b!);
    gate.process.kill('SIGTERM');
    await gate.ended;
    const again = await anOperatedGate({ dataDir: gate.dataDir });
    try {
      const answer = (await (await again.main.call(certificate(b!, '?dryRun=true'), put({ status: 'DISABLED' }))).json()) as Impact;
      expect(answer).toEqual({ ...before, sessionsOnline: 0 });
      expect(await again.logged('CA certificates of tenant main end soon')).toMatchObject({ tenant: 'main', certificates: 2 });
    } finally {
      await again.remove();
    }
  });
});
