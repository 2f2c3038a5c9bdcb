import { describe, expect, it } from '@jest/globals';
import { TurnedAwayLog } from '../../../src/adapters/mqtt/listeners/turned-away-log.ts';
import { WholeChains } from '../../../src/adapters/mqtt/listeners/whole-chains.ts';

const der = (byte: number): Buffer => Buffer.alloc(100, byte);

/** A peer that sent these, and how often they were taken out of its connection. */
function peerWith(...sent: readonly Buffer[]) {
  interface Link { raw: Buffer; issuerCertificate?: Link }
  const first = sent.reduceRight<Link | undefined>((above, raw) => ({ raw, ...(above && { issuerCertificate: above }) }), undefined);
  const peer = { reads: 0, getPeerX509Certificate: () => ((peer.reads += 1), first as never) };
  return peer;
}

function chains(mostLeftBehind?: number) {
  const warned: object[] = [];
  const write = (facts: object): void => void warned.push(facts);
  const turnedAway = new TurnedAwayLog({ log: { info: write, warn: write, error: write } });
  return { warned, turnedAway, whole: new WholeChains({ turnedAway, ...(mostLeftBehind !== undefined && { mostLeftBehind }) }) };
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
    const { whole, warned, turnedAway } = chains(1);
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

  it('and forgets the one not seen for longest', () => {
    const { whole } = chains();
    const many = Array.from({ length: 501 }, (_, i) => Buffer.from(`leaf ${i}`));
    for (const leaf of many) whole.read(peerWith(leaf, der(9)), [leaf], 'a');
    const [oldest, newest] = [peerWith(many[0]!, der(9)), peerWith(many[500]!, der(9))];
    whole.read(oldest, [many[0]!], 'a');
    whole.read(newest, [many[500]!], 'a');
    expect([oldest.reads, newest.reads]).toEqual([1, 0]);
  });
});
