import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AddressAllowance } from '../../../src/adapters/tls/address-allowance.ts';
import { addressGroup } from '../../../src/domain/access/address-group.ts';
import { plainAddress } from '../../../src/adapters/tls/plain-address.ts';
import { readPeerChain, readWholeChain } from '../../../src/adapters/tls/read-peer-chain.ts';
import { usableServerName } from '../../../src/adapters/tls/server-name.ts';
import { TurnedAwayLog } from '../../../src/adapters/tls/turned-away-log.ts';

describe('an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:0DB8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8:1:3::6', '2001:db8:1:3::/64'],
  ])('counts for limits by IPv4 address or IPv6 /64: %s as %s', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });

  it('is shown as IPv4 where it is one', () => {
    expect(['::ffff:192.0.2.7', '::1', '192.0.2.7'].map(plainAddress)).toEqual(['192.0.2.7', '::1', '192.0.2.7']);
  });
});

describe('an allowance', () => {
  const limits = { perSecond: 10, burst: 3, addresses: 2 };
  const at = (clock: { ms: number }) => new AddressAllowance({ limits, now: () => clock.ms });

  it('M27 allows a burst, and then so many a second', () => {
    const clock = { ms: 0 };
    const allowance = at(clock);
    expect([1, 2, 3, 4].map(() => allowance.take('a'))).toEqual([true, true, true, false]);
    expect(allowance.take('b')).toBe(true);
    clock.ms = 99;
    expect(allowance.take('a')).toBe(false);
    clock.ms = 100;
    expect([allowance.take('a'), allowance.take('a')]).toEqual([true, false]);
  });

  it('never saves up more than a burst', () => {
    const clock = { ms: 0 };
    const allowance = at(clock);
    allowance.take('a');
    clock.ms = 3_600_000;
    expect([1, 2, 3, 4].map(() => allowance.take('a'))).toEqual([true, true, true, false]);
  });

  it('makes an address wait for what its connections have cost, by no more than a burst', () => {
    const clock = { ms: 0 };
    const allowance = at(clock);
    allowance.charge('a', 1_000);
    clock.ms = 399;
    expect(allowance.take('a')).toBe(false); // three of debt and one for itself, at ten a second
    clock.ms = 401;
    expect(allowance.take('a')).toBe(true);
  });

  it('remembers no more addresses than it may, and forgets the one that was quiet longest', () => {
    const allowance = at({ ms: 0 });
    for (const address of ['a', 'a', 'a', 'b', 'a', 'c']) allowance.take(address); // forgets b
    expect(allowance.take('a')).toBe(false);
    expect([1, 2, 3, 4].map(() => allowance.take('b'))).toEqual([true, true, true, false]);
  });
});

describe('a server name', () => {
  it.each<[string | false | null | undefined, string | undefined]>([
    ['fleet.example', 'fleet.example'],
    ['Ünïcode.example', 'Ünïcode.example'],
    ['a'.repeat(255), 'a'.repeat(255)],
    ['a'.repeat(256), undefined],
    ['ü'.repeat(128), undefined],
    ['', undefined],
    [false, undefined],
    [null, undefined],
    [undefined, undefined],
    ['a\0b', undefined],
    ['a\u001fb', undefined],
    ['a\u007fb', undefined],
    ['a\u0085b', undefined],
  ])('S06 is dropped when no host can have it: %j', (sent, usable) => {
    expect(usableServerName(sent)).toBe(usable);
  });
});

describe('the walk along a chain', () => {
  interface Link {
    raw: Buffer;
    issuerCertificate?: Link;
  }
  type Walk = (first: Link | undefined) => number;
  const WALKS: readonly [string, Walk][] = [
    ['in the order sent', (first) => readWholeChain({ getPeerX509Certificate: () => first as never }).length],
    ['from issuer to issuer', (first) => readPeerChain({ getPeerCertificate: () => (first ?? {}) as never }).length],
  ];

  it.each(WALKS)('X17 ends after 21 certificates, %s', (_how, walk) => {
    let last: Link = { raw: Buffer.from([0]) };
    for (let i = 1; i < 50; i += 1) last = { raw: Buffer.from([i]), issuerCertificate: last };
    expect(walk(last)).toBe(21);
  });

  it.each(WALKS)('ends where it has been before, %s', (_how, walk) => {
    const root: Link = { raw: Buffer.from([0]) };
    root.issuerCertificate = root;
    expect(walk({ raw: Buffer.from([1]), issuerCertificate: root })).toBe(2);
    expect(walk(undefined)).toBe(0);
  });
});

describe('the log of those turned away', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('tells the first of a kind at once, and the others of ten seconds as a count', () => {
    const lines: string[] = [];
    const write = (facts: object): void => void lines.push(JSON.stringify(facts));
    const log = new TurnedAwayLog({ log: { info: write, warn: write, error: write } });
    for (let i = 0; i < 1_000; i += 1) log.note('late', { from: `a${i}` }, 'Too late.');
    log.note('full', { from: 'b' }, 'Full.');
    expect(lines).toEqual(['{"kind":"late","from":"a0"}', '{"kind":"full","from":"b"}']);
    jest.advanceTimersByTime(10_000);
    expect(lines.slice(2)).toEqual(['{"kind":"late","more":999,"seconds":10}']);
    log.note('late', { from: 'c' }, 'Too late.');
    log.note('late', { from: 'd' }, 'Too late.');
    log.close();
    expect(lines.slice(3)).toEqual(['{"kind":"late","from":"c"}', '{"kind":"late","more":1,"seconds":10}']);
    expect(jest.getTimerCount()).toBe(0);
  });
});
