import { describe, expect, it } from '@jest/globals';
import { addressGroup } from '../../../src/domain/access/address-group.ts';
import { LoginLimits, type Checked } from '../../../src/domain/access/login-limits.ts';

const HERE = '192.0.2.1';
const SECOND = 1000;
const HOUR = 3_600_000;

/** Limits with a clock that is moved by hand, and a count of the checks that were made. */
function limits() {
  const world = { now: 1_000_000_000_000, checks: 0 };
  const subject = new LoginLimits(() => world.now);
  const attempt = (right: boolean, { account = 'main/ada', from = HERE } = {}): Promise<Checked<string>> =>
    subject.attempt({ account, from }, async () => {
      world.checks += 1;
      return right ? 'in' : undefined;
    });
  const wrong = (where = {}) => attempt(false, where);
  const times = async (n: number, what: (i: number) => Promise<unknown>): Promise<void> => {
    for (let i = 0; i < n; i++) await what(i);
  };
  return { world, subject, attempt, wrong, times };
}

describe('Wrong passwords', () => {
  it('R11 for one user from one address: five are free, the sixth waits without being looked at', async () => {
    const { world, attempt, wrong, times } = limits();
    await times(4, () => wrong());
    expect(await wrong()).toEqual({ kind: 'wrong', isLimit: true, waitSeconds: 1 });
    expect([await wrong(), await attempt(true), world.checks]).toEqual([{ kind: 'limited', waitSeconds: 1 }, { kind: 'limited', waitSeconds: 1 }, 5]);
    world.now += SECOND - 1;
    expect((await attempt(true)).kind).toBe('limited');
    world.now += 1;
    expect(await attempt(true)).toEqual({ kind: 'fits', value: 'in' });
  });

  it('R11 wait twice as long each time, a quarter of an hour at most', async () => {
    const { world, wrong, times } = limits();
    await times(4, () => wrong());
    const waits: number[] = [];
    for (let i = 0; i < 13; i++) {
      const { waitSeconds } = (await wrong()) as { waitSeconds: number };
      waits.push(waitSeconds);
      world.now += waitSeconds * SECOND;
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
  });

  it('R11 are not counted while they wait, so that nobody lengthens a wait by asking', async () => {
    const { world, wrong, times } = limits();
    await times(5, () => wrong());
    await times(50, () => wrong());
    world.now += SECOND;
    expect(await wrong()).toMatchObject({ kind: 'wrong', waitSeconds: 2 });
  });

  it('are forgotten by a right one, and after an hour', async () => {
    const { world, attempt, wrong, times } = limits();
    await times(4, () => wrong());
    expect((await attempt(true)).kind).toBe('fits');
    await times(4, () => wrong());
    world.now += HOUR + 1;
    await times(4, () => wrong());
    expect((await attempt(true)).kind).toBe('fits');
  });

  it('of one user, or from one address, stop nobody else', async () => {
    const { attempt, wrong, times } = limits();
    await times(6, () => wrong());
    expect((await attempt(true, { account: 'main/bob' })).kind).toBe('fits');
    expect((await attempt(true, { from: '192.0.2.2' })).kind).toBe('fits');
  });

  it('R11 for many users from one address: thirty are free; a user who logged in there before is not stopped', async () => {
    const { world, attempt, wrong, times } = limits();
    await attempt(true, { account: 'main/known' });
    await times(30, (i) => wrong({ account: `main/user-${i}` }));
    expect(await attempt(true, { account: 'main/new' })).toEqual({ kind: 'limited', waitSeconds: 1 });
    expect((await attempt(true, { account: 'main/known' })).kind).toBe('fits');
    expect((await attempt(true, { account: 'main/new', from: '192.0.2.2' })).kind).toBe('fits');
    await times(30, async (i) => {
      world.now += 301 * SECOND;
      expect((await wrong({ account: `main/more-${i}` }) as { waitSeconds: number }).waitSeconds).toBeLessThanOrEqual(300);
    });
  });

  it('R11 for one user from many addresses: a hundred are free, a minute is the longest wait, and a known address is never stopped', async () => {
    const { world, attempt, wrong, times } = limits();
    await attempt(true);
    await times(100, (i) => wrong({ from: `198.51.100.${i}` }));
    expect((await attempt(true, { from: '203.0.113.1' })).kind).toBe('limited');
    expect((await attempt(true)).kind).toBe('fits');
    for (let i = 0; i < 20; i++) {
      world.now += 61 * SECOND;
      expect(await wrong({ from: `203.0.113.${i + 10}` })).toMatchObject({ kind: 'wrong' });
      expect(((await attempt(true, { from: '203.0.113.2' })) as { waitSeconds: number }).waitSeconds).toBeLessThanOrEqual(60);
    }
    world.now += 24 * HOUR;
    expect((await attempt(true)).kind).toBe('fits');
  });

  it('R11 side by side gain nothing: no more are looked at than are left', async () => {
    const { world, wrong } = limits();
    const answers = await Promise.all(Array.from({ length: 60 }, () => wrong()));
    expect([world.checks, answers.filter(({ kind }) => kind === 'limited').length]).toEqual([5, 55]);
  });

  it('make more than stand in line come back in a second', async () => {
    const { subject } = limits();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const all = Array.from({ length: 5 + 64 + 1 }, () => subject.attempt({ account: 'a', from: HERE }, () => promise));
    expect(await all.at(-1)).toEqual({ kind: 'limited', waitSeconds: 1 });
    resolve(undefined);
    await Promise.all(all);
  });

  it('do not hold up a program that logs in a hundred times at once with the right one', async () => {
    const { attempt } = limits();
    await attempt(true);
    const answers = await Promise.all(Array.from({ length: 100 }, () => attempt(true)));
    expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['fits']));
  });

  it('count nothing where the check itself failed', async () => {
    const { subject, attempt, times } = limits();
    const broken = () => subject.attempt({ account: 'main/ada', from: HERE }, () => Promise.reject(new Error('out of order')));
    await times(10, () => expect(broken()).rejects.toThrow('out of order'));
    expect((await attempt(true)).kind).toBe('fits');
  });

  it('R11 of a hundred thousand names and addresses stay in bounded memory, and the address that sent them stays slow', async () => {
    const { subject, wrong, times } = limits();
    await times(5_000, (i) => wrong({ account: `main/${i}` }));
    await times(20_000, (i) => wrong({ account: `main/${i}`, from: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` }));
    await times(20_000, (i) => subject.attempt({ account: `main/${i}`, from: `11.${i >> 16}.${(i >> 8) & 255}.${i & 255}` }, async () => 'in'));
    expect(subject.size).toBeLessThanOrEqual(40_000);
  });

  it('do not make a wait longer when the clock is set back', async () => {
    const { world, attempt, wrong, times } = limits();
    await times(5, () => wrong());
    world.now -= 24 * HOUR;
    expect((await attempt(true)).kind).toBe('fits');
  });
});

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', ''],
])('The address %j counts as %j', (address, group) => {
  expect(addressGroup(address)).toBe(group);
});

describe('Wrong passwords at two processes', () => {
  /** Two that hear of each other, with one clock. */
  function neighbours() {
    const world = { now: 1_000_000_000_000, told: 0 };
    const now = (): number => world.now;
    const all: LoginLimits[] = [];
    const aLimit = (at: number): LoginLimits =>
      new LoginLimits(now, (news) => {
        world.told += 1;
        all[1 - at]!.hear(JSON.parse(JSON.stringify(news)) as typeof news);
      });
    all.push(aLimit(0), aLimit(1));
    const attempt = (at: number, right: boolean): Promise<Checked<string>> => all[at]!.attempt({ account: 'main/ada', from: HERE }, async () => (right ? 'in' : undefined));
    return { world, attempt };
  }

  it('R11 F26 count together: whoever guesses at both gains nothing', async () => {
    const { attempt } = neighbours();
    for (let i = 0; i < 4; i++) await attempt(i % 2, false);
    expect(await attempt(0, false)).toEqual({ kind: 'wrong', isLimit: true, waitSeconds: 1 });
    expect([await attempt(0, true), await attempt(1, true)]).toEqual([{ kind: 'limited', waitSeconds: 1 }, { kind: 'limited', waitSeconds: 1 }]);
  });

  it('R11 are forgiven at both when the right one comes, which is not told again with every request', async () => {
    const { world, attempt } = neighbours();
    for (let i = 0; i < 4; i++) await attempt(0, false);
    expect(await attempt(1, true)).toEqual({ kind: 'fits', value: 'in' });
    const told = world.told;
    for (let i = 0; i < 5; i++) expect((await attempt(1, true)).kind).toBe('fits');
    expect(world.told).toBe(told);
    for (let i = 0; i < 4; i++) expect((await attempt(0, false)).kind).toBe('wrong');
    expect((await attempt(0, true)).kind).toBe('fits');
  });
});
