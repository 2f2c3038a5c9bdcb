import { describe, expect, it } from '@jest/globals';
import { FrameSplitter } from '../../../src/adapters/mqtt/packets/frame-splitter.ts';
import { bytes, connect, frame, props, str, u16, u32 } from '../../support/mqtt-bytes.ts';
import { MqttPair } from '../../support/mqtt-pair.ts';

/** Types that are not CONNECT, with the flags they have to have. */
const OTHER_TYPES = [0x00, 0x20, 0x30, 0x40, 0x50, 0x62, 0x70, 0x82, 0x90, 0xa2, 0xb0, 0xc0, 0xd0, 0xe0, 0xf0];

describe('the first bytes of a connection', () => {
  it.each(OTHER_TYPES.map((first) => [first.toString(16), first] as const))('M01 are refused before their body is there when they are not a CONNECT: 0x%s', async (_hex, first) => {
    const pair = new MqttPair();
    pair.send(bytes(first));
    expect(await pair.over()).toEqual([]);
    expect([pair.ending, pair.questions]).toEqual(['packet.connect-not-first', []]);
  });

  it('M01 keep nothing of a body that is refused by its header', () => {
    const splitter = new FrameSplitter(16_184);
    splitter.push(bytes(0x10, 0xff, 0xff, 0xff, 0x7f));
    expect(splitter.next(true)).toEqual({ ending: 'packet.too-large' });
    expect(splitter.waitingBytes).toBe(0);
  });

  it.each<[string, Buffer, string?]>([
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['a WebSocket upgrade', Buffer.from('GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')],
    ['a TLS record inside TLS', Buffer.from('16030100f8010000f403', 'hex'), 'packet.flags'],
    ['a PROXY header, version 1', Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n')],
    ['a PROXY header, version 2', Buffer.from('0d0a0d0a000d0a515549540a2111000c', 'hex')],
    ['an SSH banner', Buffer.from('SSH-2.0-x\r\n')],
  ])('M26 are closed without an answer when they are %s', async (_what, hello, code = 'packet.connect-not-first') => {
    const pair = new MqttPair();
    pair.send(hello);
    expect(await pair.over()).toEqual([]);
    expect(pair.ending).toBe(code);
  });

  it.each([1, 2, 8, 15])('are refused when CONNECT has the flags %i', async (flags) => {
    const pair = new MqttPair();
    pair.send(bytes(0x10 | flags));
    expect(await pair.over()).toEqual([]);
    expect(pair.ending).toBe('packet.flags');
  });

  it('M18 are closed when they do not make a CONNECT in time, however many come', async () => {
    const pair = new MqttPair();
    const packet = connect();
    for (let i = 0; i < 9; i += 1) {
      pair.send(packet.subarray(i, i + 1));
      await pair.settled();
      pair.timers.pass(1000);
    }
    expect(pair.server.destroyed).toBe(false);
    pair.timers.pass(1000);
    expect(await pair.over()).toEqual([]);
    expect([pair.ending, pair.timers.running]).toEqual(['connection.connect-timeout', 0]);
  });
});

describe('the length of a packet', () => {
  const publishOf = (total: number): Buffer => {
    const body = bytes(str('s/us'));
    return frame(0x30, body, Buffer.alloc(total - 3 - body.length, 0x61));
  };

  it('M02 may be 16184 bytes, header included', async () => {
    const pair = await new MqttPair().open();
    const packet = publishOf(16_184);
    expect(packet.length).toBe(16_184);
    pair.send(packet, { cmd: 'pingreq' });
    expect(await pair.next()).toMatchObject({ cmd: 'pingresp' });
    expect(pair.messages).toHaveLength(1);
  });

  it.each([
    [4, undefined],
    [5, 0x95],
  ] as const)('M02 of 16185 bytes closes level %i before the body is read', async (version, reasonCode) => {
    const pair = await new MqttPair({ version }).open();
    pair.send(publishOf(16_185).subarray(0, 3));
    expect(await pair.over()).toHaveLength(reasonCode ? 2 : 1);
    expect(pair.ending).toBe('packet.too-large');
    if (reasonCode) expect(pair.packets[1]).toMatchObject({ cmd: 'disconnect', reasonCode });
  });

  it.each([
    ['of five bytes', bytes(0x30, 0x80, 0x80, 0x80, 0x80, 0x01)],
    ['of four bytes that go on', bytes(0x30, 0xff, 0xff, 0xff, 0xff)],
    ['that is not minimal', bytes(0x30, 0x87, 0x00)],
    ['that is not minimal, in four bytes', bytes(0x30, 0x87, 0x80, 0x80, 0x00)],
  ])('M03 closes when it is one %s', async (_what, header) => {
    const pair = await new MqttPair().open();
    pair.send(header);
    expect(await pair.over()).toHaveLength(1);
    expect(pair.ending).toBe('packet.remaining-length');
  });

  it.each([
    ['of five bytes', bytes(0x10, 0x80, 0x80, 0x80, 0x80, 0x01)],
    ['that is not minimal', bytes(0x10, 0x80, 0x00)],
  ])('M03 closes a first packet when it is one %s', async (_what, header) => {
    const pair = new MqttPair();
    pair.send(header);
    expect(await pair.over()).toEqual([]);
    expect(pair.ending).toBe('packet.remaining-length');
  });

  it('M03 in its longest minimal form is read: two bytes for 128', async () => {
    const pair = await new MqttPair().open();
    pair.send(frame(0x30, str('s/us'), Buffer.alloc(122)), { cmd: 'pingreq' });
    expect(await pair.next()).toMatchObject({ cmd: 'pingresp' });
  });
});

/** [what, code, reason of MQTT 5, packet of 3.1.1, packet of 5 where it differs] */
const FORBIDDEN: readonly (readonly [string, string, number, Buffer, Buffer?])[] = [
  ['M04 a second CONNECT', 'packet.connect-twice', 0x82, connect(), connect({ level: 5 })],
  ['a CONNACK', 'packet.type', 0x82, frame(0x20, 0, 0)],
  ['a SUBACK', 'packet.type', 0x82, frame(0x90, 0, 1, 0)],
  ['an UNSUBACK', 'packet.type', 0x82, frame(0xb0, 0, 1)],
  ['a PINGRESP', 'packet.type', 0x82, frame(0xd0)],
  ['type 0', 'packet.type', 0x82, frame(0x00)],
  ['AUTH without a method', 'packet.type', 0x82, frame(0xf0)],
  ['PINGREQ with flags', 'packet.flags', 0x81, frame(0xc1)],
  ['PINGREQ with a body', 'packet.bytes-left-over', 0x81, frame(0xc0, 0)],
  ['PUBREL with flags 0', 'packet.flags', 0x81, frame(0x60, 0, 1)],
  ['PUBACK with flags', 'packet.flags', 0x81, frame(0x41, 0, 1)],
  ['PUBACK with id 0', 'packet.identifier-zero', 0x82, frame(0x40, 0, 0)],
  ['PUBACK with half an id', 'packet.truncated', 0x81, frame(0x40, 1)],
  ['PUBACK with too much', 'packet.bytes-left-over', 0x81, frame(0x40, 0, 1, 0), frame(0x40, 0, 1, 0, 0, 0)],
  ['DISCONNECT with too much', 'packet.bytes-left-over', 0x81, frame(0xe0, 0), frame(0xe0, 0, 0, 0)],
  ['M09 SUBSCRIBE with flags 0', 'packet.flags', 0x81, frame(0x80, u16(1), str('s/ds'), 0)],
  ['M09 SUBSCRIBE without a filter', 'packet.empty-list', 0x82, frame(0x82, u16(1)), frame(0x82, u16(1), props())],
  ['M09 SUBSCRIBE with QoS 3', 'packet.subscribe-options', 0x81, frame(0x82, u16(1), str('s/ds'), 3), frame(0x82, u16(1), props(), str('s/ds'), 3)],
  ['M09 SUBSCRIBE with reserved bits', 'packet.subscribe-options', 0x81, frame(0x82, u16(1), str('s/ds'), 4), frame(0x82, u16(1), props(), str('s/ds'), 0x40)],
  ['M09 SUBSCRIBE with an empty filter', 'topic.filter', 0x8f, frame(0x82, u16(1), str(''), 0), frame(0x82, u16(1), props(), str(''), 0)],
  ['M09 SUBSCRIBE a#', 'topic.filter', 0x8f, frame(0x82, u16(1), str('a#'), 0), frame(0x82, u16(1), props(), str('a#'), 0)],
  ['M09 SUBSCRIBE a+', 'topic.filter', 0x8f, frame(0x82, u16(1), str('a+'), 0), frame(0x82, u16(1), props(), str('a+'), 0)],
  ['M09 SUBSCRIBE #/a', 'topic.filter', 0x8f, frame(0x82, u16(1), str('#/a'), 0), frame(0x82, u16(1), props(), str('#/a'), 0)],
  ['M09 SUBSCRIBE with U+FFFD', 'topic.filter', 0x8f, frame(0x82, u16(1), str('s/\ufffd'), 0), frame(0x82, u16(1), props(), str('s/\ufffd'), 0)],
  ['M09 SUBSCRIBE without options', 'packet.truncated', 0x81, frame(0x82, u16(1), str('s/ds')), frame(0x82, u16(1), props(), str('s/ds'))],
  ['SUBSCRIBE with id 0', 'packet.identifier-zero', 0x82, frame(0x82, u16(0), str('s/ds'), 0), frame(0x82, u16(0), props(), str('s/ds'), 0)],
  ['M10 UNSUBSCRIBE without a filter', 'packet.empty-list', 0x82, frame(0xa2, u16(1)), frame(0xa2, u16(1), props())],
  ['M10 UNSUBSCRIBE with an empty filter', 'topic.filter', 0x8f, frame(0xa2, u16(1), str('')), frame(0xa2, u16(1), props(), str(''))],
  ['UNSUBSCRIBE with flags 0', 'packet.flags', 0x81, frame(0xa0, u16(1), str('s/ds'))],
  ['M11 PUBLISH with QoS 3', 'packet.flags', 0x81, frame(0x36, str('s/us'), u16(1))],
  ['M11 PUBLISH with DUP and QoS 0', 'packet.flags', 0x81, frame(0x38, str('s/us'))],
  ['M11 PUBLISH with an empty topic', 'topic.name', 0x90, frame(0x30, str('')), frame(0x30, str(''), props())],
  ['M11 PUBLISH on s/#', 'topic.name', 0x90, frame(0x30, str('s/#')), frame(0x30, str('s/#'), props())],
  ['M11 PUBLISH on s/+', 'topic.name', 0x90, frame(0x30, str('s/+')), frame(0x30, str('s/+'), props())],
  ['PUBLISH on a topic with U+FFFD', 'topic.name', 0x90, frame(0x30, str('s/us/\ufffd')), frame(0x30, str('s/us/\ufffd'), props())],
  ['PUBLISH on a topic with NUL', 'packet.not-utf-8', 0x81, frame(0x30, str('s/us\0')), frame(0x30, str('s/us\0'), props())],
  ['PUBLISH on a topic in broken UTF-8', 'packet.not-utf-8', 0x81, frame(0x30, str(Buffer.from([0xc0, 0xaf]))), frame(0x30, str(Buffer.from([0xc0, 0xaf])), props())],
  ['PUBLISH with id 0', 'packet.identifier-zero', 0x82, frame(0x32, str('s/us'), u16(0)), frame(0x32, str('s/us'), u16(0), props())],
  ['PUBLISH with half an id', 'packet.truncated', 0x81, frame(0x32, str('s/us'), 1)],
  ['PUBLISH whose topic is cut off', 'packet.truncated', 0x81, frame(0x30, u16(9), Buffer.from('s/us'))],
];

describe('a packet that the standard forbids', () => {
  it.each(FORBIDDEN)('%s closes', async (_what, code, reasonCode, old, five = old) => {
    const pair = await new MqttPair().open();
    pair.send(old);
    expect((await pair.over()).map(({ cmd }) => cmd)).toEqual(['connack']);
    expect([pair.ending, pair.disconnected, pair.messages]).toEqual([code, ['session-1'], []]);

    const modern = await new MqttPair({ version: 5 }).open();
    modern.send(five);
    expect((await modern.over())[1]).toMatchObject({ cmd: 'disconnect', reasonCode, properties: { reasonString: expect.stringContaining(code) } });
    expect([modern.ending, modern.disconnected]).toEqual([code, ['session-1']]);
  });

  it.each([
    ['a topic alias', 'properties.topic-alias', 0x94, frame(0x30, str('s/us'), props([0x23, 0, 1]))],
    ['a topic alias in place of a topic', 'properties.topic-alias', 0x94, frame(0x30, str(''), props([0x23, 0, 1]))],
    ['a topic alias of 0', 'properties.topic-alias', 0x94, frame(0x30, str('s/us'), props([0x23, 0, 0]))],
    ['a subscription identifier in PUBLISH', 'properties.unknown', 0x82, frame(0x30, str('s/us'), props([0x0b, 1]))],
    ['a subscription identifier in SUBSCRIBE', 'properties.subscription-identifier', 0xa1, frame(0x82, u16(1), props([0x0b, 1]), str('s/ds'), 0)],
    ['an unknown property', 'properties.unknown', 0x82, frame(0x30, str('s/us'), props([0x7e, 1]))],
    ['a duplicate property', 'properties.duplicate', 0x82, frame(0x30, str('s/us'), props([0x02], u32(1), [0x02], u32(1)))],
    ['a payload format of 2', 'properties.value', 0x82, frame(0x30, str('s/us'), props([0x01, 2]))],
    ['a wildcard in the response topic', 'topic.name', 0x90, frame(0x30, str('s/us'), props([0x08], str('#')))],
    ['no property length in PUBLISH', 'packet.truncated', 0x81, frame(0x30, str('s/us'))],
    ['bytes behind the properties of PUBACK', 'packet.bytes-left-over', 0x81, frame(0x40, u16(1), 0, props(), 0)],
    ['a reason code that does not exist', 'packet.unreadable', 0x81, frame(0x40, u16(1), 0x77)],
    ['retain handling 3', 'packet.subscribe-options', 0x81, frame(0x82, u16(1), props(), str('s/ds'), 0x30)],
    ['a session expiry at the end that there was none of at the start', 'properties.session-expiry', 0x82, frame(0xe0, 0, props([0x11], u32(9)))],
  ])('M22 closes MQTT 5: %s', async (_what, code, reasonCode, packet) => {
    const pair = await new MqttPair({ version: 5 }).open();
    pair.send(packet);
    expect((await pair.over())[1]).toMatchObject({ cmd: 'disconnect', reasonCode });
    expect(pair.ending).toBe(code);
  });

  it('is told from one that it allows: user properties may repeat', async () => {
    const pair = await new MqttPair({ version: 5 }).open();
    const user = bytes(0x26, str('k'), str('v'));
    pair.send(frame(0x30, str('s/us'), props(user, user, [0x01, 1]), Buffer.from('x')), { cmd: 'pingreq' });
    expect(await pair.next()).toMatchObject({ cmd: 'pingresp' });
    expect(pair.messages.map(({ payload }) => Buffer.from(payload).toString())).toEqual(['x']);
  });
});
