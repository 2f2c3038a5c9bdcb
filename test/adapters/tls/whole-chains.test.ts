import { describe, expect, it } from '@jest/globals';
import { TurnedAwayLog } from '../../../src/adapters/tls/turned-away-log.ts';
import { WholeChains, type WholeChainsNeeds } from '../../../src/adapters/tls/whole-chains.ts';

const der = (byte: number): Buffer => Buffer.alloc(100, byte);

/** A peer that sent these, and how often they were taken out of its connection. */
function peerWith(...sent: readonly Buffer[]) {
  interface Link { raw: Buffer; issuerCertificate?: Link }
  const first = sent.reduceRight<Link | undefined>((above, raw) => ({ raw, ...(above && { issuerCertificate: above }) }), undefined);
  const peer = { reads: 0, getPeerX509Certificate: () => ((peer.reads += 1), first as never) };
  return peer;
}

function chains(limits: Omit<WholeChainsNeeds, 'turnedAway'> = {}) {
  const warned: object[] = [];
  const write = (facts: object): void => void warned.push(facts);
  const turnedAway = new TurnedAwayLog({ log: { info: write, warn: write, error: write } });
  return { warned, turnedAway, whole: new WholeChains({ turnedAway, ...limits }) };
}

describe('Whole chains cost memory that Node does not give back', () => {
  const sent = [der(1), der(9), der(2)];

  it('so a device that comes again is read once, whether it was let in or not', () => {
    const { whole } = chains();
    const [first, again, complete] = [peerWith(...sent), peerWith(...sent), peerWith(der(5), der(6))];
    expect(whole.read(first, [der(1)], 'a')).toEqual(sent);
    expect(whole.read(again, [der(1)], 'a')).toEqual(sent);
    expect(whole.read(complete, [der(5), der(6)], 'a')).toBeUndefined();
    expect(whole.read(complete, [der(5), der(6)], 'a')).toBeUndefined();
    expect([first.reads, again.reads, complete.reads]).toEqual([1, 0, 1]);
  });

  it('so that there is a bound, after which chains out of order are read in part, and the operator is told', () => {
    const { whole, warned, turnedAway } = chains({ mostLeftBehind: 1 });
    expect(whole.read(peerWith(...sent), [der(1)], 'a')).toEqual(sent);
    const late = peerWith(der(3), der(9), der(4));
    expect(whole.read(late, [der(3)], 'b')).toBeUndefined();
    expect(late.reads).toBe(0);
    expect(warned).toEqual([{ kind: 'chain-order', from: 'b' }]);
    expect(whole.read(peerWith(...sent), [der(1)], 'a')).toEqual(sent);
    turnedAway.close();
  });

  it('so a connection that is gone leaves nothing to remember', () => {
    const { whole } = chains();
    expect(whole.read(peerWith(), [der(1)], 'a')).toBeUndefined();
    expect(whole.read(peerWith(...sent), [der(1)], 'a')).toEqual(sent);
  });

  it('and no minute takes more than an eighth of what is left: chains that nobody trusts leave something for others', () => {
    const minute = { now: 0 };
    const cost = 2 * (8 * 1024 + 16 * 100); // of two certificates above the leaf
    const { whole, turnedAway } = chains({ mostLeftBehind: 16 * cost, now: () => minute.now });
    const readIn = (leaf: number): number => {
      const peer = peerWith(der(leaf), der(101), der(102));
      whole.read(peer, [der(leaf)], 'a');
      return peer.reads;
    };
    expect([1, 2, 3, 4].map(readIn)).toEqual([1, 1, 0, 0]);
    minute.now = 59_999;
    expect(readIn(5)).toBe(0);
    minute.now = 60_000;
    expect([6, 7, 8].map(readIn)).toEqual([1, 1, 0]);
    turnedAway.close();
  });

  it('and forgets the one not seen for longest', () => {
    const { whole } = chains({ mostRemembered: 3 * 2 * (512 + 100) });
    const seen = (leaf: number): number => {
      const peer = peerWith(der(leaf), der(9));
      whole.read(peer, [der(leaf)], 'a');
      return peer.reads;
    };
    expect([1, 2, 3].map(seen)).toEqual([1, 1, 1]);
    expect([1, 4].map(seen)).toEqual([0, 1]); // 2 has to go
    expect([1, 3, 4].map(seen)).toEqual([0, 0, 0]);
    expect(seen(2)).toBe(1);
  });
});
