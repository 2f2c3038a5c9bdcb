import { describe, expect, it } from '@jest/globals';
import { NO_CAPS, type Caps } from '../../../src/domain/overload/caps.ts';
import { CrowdControl } from '../../../src/domain/overload/crowd-control.ts';
import { FairLine } from '../../../src/domain/overload/fair-line.ts';
import { quotasFor } from '../../../src/domain/overload/new-device-quota.ts';
import { Rates } from '../../../src/domain/overload/rates.ts';
import { Turns } from '../../../src/domain/overload/turns.ts';
import { wrongOption } from '../../../src/domain/trust/tenant-option.ts';
import { aFingerprint, anAnchor, aTenantId, NOW } from '../../support/certificate-builders.ts';

describe('A rate', () => {
  it('allows a burst, then as much as comes in with time, and says when to come again', () => {
    const rates = new Rates({ perSecond: 2, burst: 3 });
    const at = (ms: number) => rates.take('a', ms);
    expect([at(0), at(0), at(0), at(0)]).toEqual([0, 0, 0, 1]);
    expect([at(499), at(500), at(500)]).toEqual([1, 0, 1]);
    expect([at(10_000), at(10_000), at(10_000), at(10_000)]).toEqual([0, 0, 0, 1]);
    expect(new Rates({ perSecond: 1 / 60, burst: 1 }).take('a', 0)).toBe(0);
  });

  it('says how long it takes until there is one', () => {
    const rates = new Rates({ perSecond: 1 / 60, burst: 1 });
    rates.take('a', 0);
    expect([rates.take('a', 0), rates.take('a', 30_000), rates.take('a', 60_000)]).toEqual([60, 30, 0]);
  });

  it('knows each key by itself, and forgets the one that was quiet longest', () => {
    const rates = new Rates({ perSecond: 1, burst: 1 }, 2);
    expect([rates.take('a', 0), rates.take('b', 0), rates.take('a', 0)]).toEqual([0, 0, 1]);
    expect([rates.take('c', 0), rates.size]).toEqual([0, 2]);
    expect([rates.take('a', 0), rates.take('b', 0)]).toEqual([1, 0]);
  });

  it('F18 takes a clock that was set back as one that stands still', () => {
    const rates = new Rates({ perSecond: 1, burst: 1 });
    expect([rates.take('a', 3_600_000), rates.take('a', 0), rates.take('a', 1_000)]).toEqual([0, 1, 0]);
  });

  it('remembers nobody where there is no bound', () => {
    const rates = new Rates({ perSecond: Infinity, burst: Infinity });
    expect([rates.take('a', 0), rates.take('a', 0), rates.size]).toEqual([0, 0, 0]);
  });
});

describe('T14 Turns', () => {
  const soon = () => new Promise((resolve) => setImmediate(resolve));

  it('go on side by side up to the bound, then in the order in which they came', async () => {
    const turns = new Turns({ sideBySide: 2, waiting: 2 });
    const had: number[] = [];
    const all = [0, 1, 2, 3, 4].map(async (i) => {
      const end = await turns.take('a');
      if (end) had.push(i);
      return end;
    });
    await soon();
    expect(had).toEqual([0, 1]);
    expect(await all[4]).toBeUndefined();
    const end = (await all[1])!;
    end();
    end(); // once is all that counts
    await soon();
    expect(had).toEqual([0, 1, 2]);
    (await all[0])!();
    (await all[2])!();
    (await all[3])!();
    expect([had, turns.size]).toEqual([[0, 1, 2, 3], 0]);
  });

  it('of one key that is stuck hold up no other key', async () => {
    const turns = new Turns({ sideBySide: 1, waiting: 10 });
    const noisy = ['noisy', 'noisy', 'noisy'].map((key) => turns.take(key));
    expect(await turns.take('quiet')).toBeDefined();
    (await noisy[0])!();
    expect(await noisy[1]).toBeDefined();
  });
});

describe('T14 The passage of a connect', () => {
  const crowds = (caps: Partial<Caps>) => new CrowdControl({ ...NO_CAPS, ...caps }, async () => undefined);

  it('costs its tenant one connect and one turn, however often it is judged, and gives the turn back', async () => {
    const crowd = crowds({ connectsPerTenant: 0.2, judgementsPerTenant: 1 }); // two at once, in ten seconds
    const first = (await crowd.enter('192.0.2.1'))!;
    for (let i = 0; i < 3; i += 1) expect(await first.within(aTenantId(), NOW)).toEqual({ granted: true, value: true });
    const second = (await crowd.enter('192.0.2.2'))!;
    const waits = second.within(aTenantId(), NOW);
    first.end();
    expect(await waits).toEqual({ granted: true, value: true });
    second.end();
    expect(await (await crowd.enter('192.0.2.3'))!.within(aTenantId(), NOW)).toEqual({ granted: false, refusal: { code: 'tenant.too-many-connects', evidence: { seconds: 5 } } });
  });

  it('leaves the turn of a tenant when the device turns out to be another one’s', async () => {
    const crowd = crowds({ judgementsPerTenant: 1 });
    const moving = (await crowd.enter('192.0.2.1'))!;
    await moving.within(aTenantId('one'), NOW);
    await moving.within(aTenantId('two'), NOW);
    expect(await (await crowd.enter('192.0.2.2'))!.within(aTenantId('one'), NOW)).toMatchObject({ granted: true });
    moving.end();
    expect(await (await crowd.enter('192.0.2.3'))!.within(aTenantId('two'), NOW)).toMatchObject({ granted: true });
  });
});

describe('T14 A fair line', () => {
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

  it('lets nobody wait as long as there is no crowd', async () => {
    const line = new FairLine({ atOnce: 2, waiting: 10 }, turn);
    expect([line.turn('a'), line.turn('b')]).toEqual([true, true]);
    await turn();
    await turn();
    expect(line.turn('a')).toBe(true);
  });

  it('serves keys in turn: who comes once waits for one of each, not for a thousand of one', async () => {
    const line = new FairLine({ atOnce: 1, waiting: 10_000 }, turn);
    const served: string[] = [];
    const come = (key: string) => Promise.resolve(line.turn(key)).then((has) => void (has && served.push(key)));
    const all = [...Array.from({ length: 1_000 }, () => come('noisy')), come('quiet'), come('other')];
    await Promise.all(all);
    expect(served.slice(0, 4).sort()).toEqual(['noisy', 'noisy', 'other', 'quiet']);
    expect(served).toHaveLength(1_002);
  });

  it('turns the newest of the longest line away when too many wait', async () => {
    const line = new FairLine({ atOnce: 1, waiting: 3 }, turn);
    const answers = ['noisy', 'noisy', 'noisy', 'quiet', 'other'].map((key) => line.turn(key));
    expect(await Promise.all(answers)).toEqual([true, true, false, true, true]);
    const another = new FairLine({ atOnce: 1, waiting: 3 }, turn);
    const others = ['first', 'quiet', 'noisy', 'noisy', 'other'].map((key) => another.turn(key));
    expect(await Promise.all(others)).toEqual([true, true, true, false, true]);
  });
});

describe('A04 The quotas of a device that registers itself', () => {
  const HOUR = Math.floor(NOW.getTime() / 3_600_000);
  const own = anAnchor({ autoRegistration: false });
  const brings = anAnchor({ certificate: { ...anAnchor().certificate, fingerprint: aFingerprint('b') } });

  it.each<[string, string | undefined, number, readonly object[]]>([
    ['by default', undefined, 5, [{ of: aFingerprint('b'), hour: HOUR, most: 10_000 }, { of: 'tenant', hour: HOUR, most: 5 }]],
    ['as the tenant wishes', '7', 5, [{ of: aFingerprint('b'), hour: HOUR, most: 7 }, { of: 'tenant', hour: HOUR, most: 5 }]],
    ['of the instance alone', 'off', 5, [{ of: 'tenant', hour: HOUR, most: 5 }]],
    ['none', 'off', Infinity, []],
    ['by default where the value is damaged', '-1', Infinity, [{ of: aFingerprint('b'), hour: HOUR, most: 10_000 }]],
  ])('are charged to the CA that registers devices: %s', (_how, option, perTenant, expected) => {
    expect(quotasFor({ anchors: [own, brings], option, perTenant, at: NOW })).toEqual(expected);
  });

  it.each([['1', true], ['off', true], ['999999999', true], ['0', false], ['1000000000', false], ['many', false]])('take %s as an option: %s', (value, fits) => {
    expect(wrongOption({ category: 'fleetgate', key: 'new-devices.per-hour', value }) === undefined).toBe(fits);
  });
});
