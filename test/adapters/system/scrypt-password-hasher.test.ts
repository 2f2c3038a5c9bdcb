import { describe, expect, it } from '@jest/globals';
import { ScryptPasswordHasher } from '../../../src/adapters/system/scrypt-password-hasher.ts';
import { Turnstile } from '../../../src/adapters/system/turnstile.ts';
import { FixedClock } from '../../support/certificate-builders.ts';
import { passwordHasherContract } from '../../contracts/password-hasher.contract.ts';

const open = (clock = new FixedClock()) => new ScryptPasswordHasher({ clock });

passwordHasherContract('ScryptPasswordHasher', open);

/** Milliseconds of the quickest of three. */
async function quickest(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return Math.min(...times);
}

describe('ScryptPasswordHasher', () => {
  it('writes its parameters into the hash, no weaker than the least that OWASP names', async () => {
    expect(await open().hash('correct horse')).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w-]{22}\$[\w-]{43}$/);
  });

  it('verifies a hash by the parameters in it, so that they can be raised later', async () => {
    // RFC 7914 §12, second vector has another length; this one was computed with N=1024, r=8, p=1.
    const { scryptSync } = await import('node:crypto');
    const salt = Buffer.from('0123456789abcdef');
    const hash = scryptSync('correct horse', salt, 32, { N: 1024, r: 8, p: 1 });
    const stored = `$scrypt$ln=10,r=8,p=1$${salt.toString('base64url')}$${hash.toString('base64url')}`;
    expect(await open().verify('correct horse', stored)).toBe(true);
    expect(await open().verify('wrong horse', stored)).toBe(false);
  });

  it('takes as long for a user who does not exist as for a wrong password', async () => {
    const subject = open();
    const hash = await subject.hash('correct horse');
    const wrong = await quickest(() => subject.verify('wrong', hash));
    const nobody = await quickest(() => subject.verify('wrong', undefined));
    // Scrypt is hundreds of times the rest: a factor of three would show that one of them skips it.
    expect(nobody / wrong).toBeGreaterThan(1 / 3);
    expect(nobody / wrong).toBeLessThan(3);
  });

  it('needs no scrypt for a password that was right within the last minute, and needs it again after', async () => {
    const clock = new FixedClock();
    const subject = open(clock);
    const hash = await subject.hash('correct horse');
    await subject.verify('correct horse', hash);
    const remembered = await quickest(() => subject.verify('correct horse', hash));
    clock.advance(60_000);
    const computed = await quickest(() => { clock.advance(60_000); return subject.verify('correct horse', hash); });
    expect(remembered).toBeLessThan(computed / 3);
    clock.advance(-3_600_000);
    const setBack = await quickest(() => { clock.advance(-60_000); return subject.verify('correct horse', hash); });
    expect(remembered).toBeLessThan(setBack / 3);
    expect(await subject.verify('wrong horse', hash)).toBe(false);
  });

  it('remembers a password for one hash only: a changed password counts at once', async () => {
    const subject = open();
    await subject.verify('correct horse', await subject.hash('correct horse'));
    expect(await subject.verify('correct horse', await subject.hash('battery staple'))).toBe(false);
  });

  it('neither hashes nor accepts a password beyond 1024 characters', async () => {
    const subject = open();
    const longest = 'x'.repeat(1024);
    const hash = await subject.hash(longest);
    expect(await subject.verify(longest, hash)).toBe(true);
    expect(await subject.verify(`${longest}x`, hash)).toBe(false);
    await expect(subject.hash(`${longest}x`)).rejects.toThrow('a password has at most 1024 characters, none of them NUL');
    await expect(subject.hash('correct\0horse')).rejects.toThrow('none of them NUL');
  });

  it.each(['', 'plain', '$scrypt$ln=15,r=8,p=3$short$short', `$scrypt$ln=30,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`, `$scrypt$ln=15,r=99,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`])(
    'says that a stored hash is damaged, and computes nothing by it: "%s"',
    async (damaged) => {
      await expect(open().verify('correct horse', damaged)).rejects.toThrow(/a stored password hash is damaged; expected is .*Set the password anew\./);
    },
  );
});

describe('A turnstile', () => {
  const gate = () => {
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    return { opened, open };
  };

  it('lets a few pass at once, makes some wait in order, and turns the rest away', async () => {
    const turnstile = new Turnstile({ atOnce: 2, waiting: 2, longestWaitMs: 60_000 });
    const gates = [gate(), gate(), gate(), gate()];
    const entered: number[] = [];
    const passing = gates.map(({ opened }, i) => turnstile.pass(async () => {
      entered.push(i);
      await opened;
    }));
    await expect(turnstile.pass(async () => undefined)).rejects.toThrow('more than 2 are waiting for a password check already; try again in a few seconds');
    expect(entered).toEqual([0, 1]);
    gates[1]!.open();
    await passing[1];
    expect(entered).toEqual([0, 1, 2]);
    for (const { open } of gates) open();
    await Promise.all(passing);
    expect(entered).toEqual([0, 1, 2, 3]);
  });

  it('never lets more pass at once, however many come and go', async () => {
    const turnstile = new Turnstile({ atOnce: 2, waiting: 50, longestWaitMs: 60_000 });
    let inside = 0;
    let most = 0;
    const visit = () =>
      turnstile.pass(async () => {
        most = Math.max(most, ++inside);
        await Promise.resolve();
        inside--;
      });
    for (let round = 0; round < 3; round++) await Promise.all(Array.from({ length: 20 }, visit));
    expect(most).toBe(2);
  });

  it('R11 turns away who waits too long, whose place goes to the next', async () => {
    const turnstile = new Turnstile({ atOnce: 1, waiting: 1, longestWaitMs: 20 });
    const { opened, open } = gate();
    const slow = turnstile.pass(() => opened);
    let came = false;
    await expect(turnstile.pass(async () => (came = true))).rejects.toMatchObject({ code: 'password-checks-overloaded', message: expect.stringContaining('within 20 ms') });
    const next = turnstile.pass(async () => 'in');
    open();
    await slow;
    expect([await next, came]).toEqual(['in', false]);
    expect(await turnstile.pass(async () => 'in again')).toBe('in again');
  });

  it('frees the place of work that failed', async () => {
    const turnstile = new Turnstile({ atOnce: 1, waiting: 0, longestWaitMs: 60_000 });
    for (let i = 0; i < 3; i++) await expect(turnstile.pass(() => Promise.reject(new Error(`no ${i}`)))).rejects.toThrow(`no ${i}`);
    expect(await turnstile.pass(async () => 'in')).toBe('in');
  });
});
