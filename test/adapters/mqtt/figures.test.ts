import { describe, expect, it } from '@jest/globals';
import { refuse } from '../../../src/domain/shared/decision.ts';
import type { FigureName } from '../../../src/ports/figures/catalogue.ts';
import type { Sample, TimeSample } from '../../../src/ports/figures/figure.ts';
import { MqttPair, type PairWishes } from '../../support/mqtt-pair.ts';

const samplesOf = async (pair: MqttPair, name: FigureName) => (await pair.metrics.all()).find((figure) => figure.name === name)!.samples;
const counts = async (pair: MqttPair, name: FigureName): Promise<Record<string, number>> =>
  Object.fromEntries(((await samplesOf(pair, name)) as Sample[]).map(({ labels, value }) => [Object.values(labels).join(' '), value]));
const times = async (pair: MqttPair, name: FigureName): Promise<Record<string, number>> =>
  Object.fromEntries(((await samplesOf(pair, name)) as TimeSample[]).map(({ labels, counts: each }) => [Object.values(labels).join(' '), each.reduce((all, one) => all + one, 0)]));
const asked = async (wishes: PairWishes = {}): Promise<MqttPair> => {
  const pair = await new MqttPair(wishes).open();
  pair.send({ cmd: 'subscribe', messageId: 1, subscriptions: ['s/dat', 's/e'].map((topic) => ({ topic, qos: 0 as const })) });
  await pair.next();
  pair.send({ cmd: 'publish', topic: 's/uat', qos: 0, payload: '', dup: false, retain: false });
  await pair.next();
  return pair;
};

describe('The figures of a connection', () => {
  it('have every packet by type and direction, the last one too', async () => {
    const pair = await asked({ version: 5 });
    pair.send({ cmd: 'pingreq' }, { cmd: 'publish', topic: 's/us', qos: 1, messageId: 3, payload: '100', dup: false, retain: false });
    await pair.next();
    await pair.next();
    pair.connection.shutDown();
    await pair.over();
    expect(await counts(pair, 'fleetgate_mqtt_packets_total')).toEqual({
      'in connect': 1, 'out connack': 1, 'in subscribe': 1, 'out suback': 1, 'in publish': 2, 'out publish': 1, 'in pingreq': 1, 'out pingresp': 1, 'out puback': 1, 'out disconnect': 1,
    });
  });

  it('tell how long it took from the handshake to CONNACK, apart for those who were refused', async () => {
    const peer = { since: performance.now() - 3_000 };
    const pair = await new MqttPair({ peer }).open();
    expect(await times(pair, 'fleetgate_connack_seconds')).toEqual({ admitted: 1 });
    const [{ sum }] = (await samplesOf(pair, 'fleetgate_connack_seconds')) as [TimeSample];
    expect(sum).toBeGreaterThanOrEqual(3);
    const refused = new MqttPair({ peer, judge: async () => refuse({ code: 'tenant.no-anchor-found' }) });
    refused.send(refused.connectPacket());
    await refused.over();
    expect(await times(refused, 'fleetgate_connack_seconds')).toEqual({ refused: 1 });
    expect(await times(await new MqttPair().open(), 'fleetgate_connack_seconds')).toEqual({}); // no handshake: plain TCP
  });

  it('count a device that nobody could judge as failed', async () => {
    const pair = new MqttPair({ judge: () => Promise.reject(new Error('disk full')), peer: { since: 0 } });
    pair.send(pair.connectPacket());
    await pair.over();
    expect([await counts(pair, 'fleetgate_connects_total'), await times(pair, 'fleetgate_connack_seconds')]).toEqual([{ ' failed': 1 }, {}]);
  });

  it('tell how long an answer to s/uat took, whatever it was', async () => {
    expect(await times(await asked(), 'fleetgate_token_answer_seconds')).toEqual({ '': 1 });
    expect(await times(await asked({ issue: async () => refuse({ code: 'token.switched-off' }) }), 'fleetgate_token_answer_seconds')).toEqual({ '': 1 });
    const failed = await asked({ issue: () => Promise.reject(new Error('no key')) });
    expect([await times(failed, 'fleetgate_token_answer_seconds'), await counts(failed, 'fleetgate_tokens_total')]).toEqual([{ '': 1 }, { 'main failed': 1 }]);
  });

  it('leave out a request on s/uat that is not answered', async () => {
    const pair = await new MqttPair().open();
    pair.send({ cmd: 'publish', topic: 's/uat', qos: 0, payload: '', dup: false, retain: false }, { cmd: 'pingreq' });
    await pair.next();
    expect(await times(pair, 'fleetgate_token_answer_seconds')).toEqual({ '': 0 });
  });
});
