import { describe, expect, it } from '@jest/globals';
import { connackCodeOf } from '../../../src/adapters/mqtt/connack-codes.ts';
import { REFUSALS, type RefusalCode } from '../../../src/domain/refusal.ts';
import { refuse } from '../../../src/domain/shared/decision.ts';
import { bytes, connect, frame, props, str, u16, u32, type ConnectWish } from '../../support/mqtt-bytes.ts';
import { admitted, aSession, later, MqttPair, type Version } from '../../support/mqtt-pair.ts';

describe('a device that connects', () => {
  it.each([
    [3, 'MQTT 3.1'],
    [4, 'MQTT 3.1.1'],
  ] as const)('is let in by level %i (%s) with CONNACK 0 and no session present', async (version, _name) => {
    const pair = new MqttPair({ version });
    pair.send(pair.connectPacket());
    expect(await pair.next()).toMatchObject({ cmd: 'connack', returnCode: 0, sessionPresent: false });
  });

  it('is told every limit of the server in MQTT 5', async () => {
    const pair = new MqttPair({ version: 5 });
    pair.send(pair.connectPacket());
    const connack = await pair.next();
    expect(connack).toMatchObject({ cmd: 'connack', reasonCode: 0, sessionPresent: false });
    expect('properties' in connack && connack.properties).toEqual({
      receiveMaximum: 1000,
      retainAvailable: false,
      maximumPacketSize: 16184,
      topicAliasMaximum: 0,
      subscriptionIdentifiersAvailable: false,
      sharedSubscriptionAvailable: false,
    });
  });

  it.each([
    ['a session that outlives the connection', { properties: { sessionExpiryInterval: 60 } }, { sessionExpiryInterval: 0 }],
    ['no keep-alive', { keepalive: 0 }, { serverKeepAlive: 1800 }],
    ['a longer keep-alive than is served', { keepalive: 65_535 }, { serverKeepAlive: 1800 }],
  ])('is told in MQTT 5 what it gets where it asked for %s', async (_wish, wish, properties) => {
    const pair = new MqttPair({ version: 5 });
    pair.send(pair.connectPacket(wish));
    expect(await pair.next()).toMatchObject({ reasonCode: 0, properties });
  });

  it('is told in MQTT 5 the client id that the server gave it', async () => {
    const pair = new MqttPair({ version: 5, judge: async () => admitted({ assignedClientId: 'dev01' }) });
    pair.send(pair.connectPacket({ clientId: '' }));
    expect(await pair.next()).toMatchObject({ properties: { assignedClientIdentifier: 'dev01' } });
  });

  it('becomes a question of everything the gate needs, and of nothing else', async () => {
    const pair = await new MqttPair({ peer: { serverName: 'a.example' } }).open({ username: 'main/x' });
    expect(pair.questions).toEqual([
      {
        chain: [Buffer.from('leaf')],
        handshakeBytes: 1234,
        clientId: 'dev01',
        acceptsAssignedId: true,
        userName: 'main/x',
        serverName: 'a.example',
        from: '192.0.2.1',
        end: expect.any(Function),
      },
    ]);
  });

  it('M24 shows a password beside its certificate, and the gate hears the user name only', async () => {
    const pair = await new MqttPair().open({ username: 'other', password: Buffer.from('secret') });
    expect(pair.questions[0]).toMatchObject({ userName: 'other' });
    expect(JSON.stringify([pair.questions, pair.logged])).not.toContain('secret');
    expect(pair.questions[0]).not.toHaveProperty('password');
  });

  it.each([
    ['MQTT 5 always', 5, false, true],
    ['MQTT 3.1.1 with a clean session', 4, true, true],
    ['MQTT 3.1.1 without a clean session', 4, false, false],
  ] as const)('M07 may have an empty client id in %s', async (_when, version, clean, accepts) => {
    const pair = new MqttPair({ version, judge: async ({ acceptsAssignedId }) => (acceptsAssignedId ? admitted() : refuse({ code: 'identity.client-id-empty' })) });
    pair.send(connect({ level: version, flags: clean ? 2 : 0, clientId: '' }));
    const answer = (await pair.next()) as { returnCode?: number; reasonCode?: number };
    expect(answer.returnCode ?? answer.reasonCode).toBe(accepts ? 0 : 2);
  });

  it('M07 may not have an empty client id in MQTT 3.1', async () => {
    const pair = new MqttPair({ version: 3 });
    pair.send(connect({ name: 'MQIsdp', level: 3, clientId: '' }));
    await pair.next();
    expect(pair.questions[0]).toMatchObject({ acceptsAssignedId: false });
  });

  it('has a client id of 254 characters in MQTT 3.1.1', async () => {
    const pair = await new MqttPair().open({ clientId: 'x'.repeat(254) });
    expect(pair.questions[0]!.clientId).toHaveLength(254);
  });

  it.each([
    [23, 0],
    [24, 5],
  ])('has a client id of %i characters in MQTT 3.1 and gets CONNACK %i', async (length, returnCode) => {
    const pair = new MqttPair({ version: 3 });
    pair.send(pair.connectPacket({ clientId: 'x'.repeat(length) }));
    expect(await pair.next()).toMatchObject({ returnCode });
    expect(pair.ending).toBe(returnCode === 0 ? undefined : 'connect.client-id-length');
  });
});

describe('a protocol that is not spoken', () => {
  it.each([
    ['hj', 4, 1],
    ['hj', 5, 0x84],
    ['MQTT', 3, 1],
    ['MQTT', 6, 0x84],
    ['MQTT', 255, 0x84],
    ['MQIsdp', 4, 1],
    ['MQIsdp', 5, 0x84],
    ['mqtt', 4, 1],
    ['MQTT', 0x84, 1],
    ['MQIsdp', 0x83, 1],
  ])('M05 is refused as unacceptable, then closed: %s with level %i', async (name, level, answer) => {
    const pair = new MqttPair({ version: answer === 1 ? 4 : 5 });
    pair.send(connect({ name, level, properties: level === 5 ? props() : bytes() }));
    expect(await pair.over()).toMatchObject([{ cmd: 'connack', [answer === 1 ? 'returnCode' : 'reasonCode']: answer }]);
    expect(pair.ending).toBe('connect.version');
    expect(pair.questions).toEqual([]);
  });
});

describe('a CONNECT that the standard forbids', () => {
  it.each<[string, string, number, ConnectWish]>([
    ['M06 the reserved flag', 'connect.flags', 0x81, { flags: 0x03 }],
    ['M06 a will QoS without a will', 'connect.flags', 0x81, { flags: 0x0a }],
    ['M06 will retain without a will', 'connect.flags', 0x81, { flags: 0x22 }],
    ['M06 a will of QoS 3', 'connect.flags', 0x81, { flags: 0x1e, rest: bytes(str('s/us'), str('x')) }],
    ['M08 a NUL in the client id', 'packet.not-utf-8', 0x81, { clientId: 'a\0b' }],
    ['M08 a surrogate in the client id', 'packet.not-utf-8', 0x81, { clientId: Buffer.from([0xed, 0xa0, 0x80]) }],
    ['M08 broken UTF-8 in the client id', 'packet.not-utf-8', 0x81, { clientId: Buffer.from([0x64, 0xff]) }],
    ['an empty will topic', 'topic.name', 0x90, { flags: 0x06, rest: bytes(str(''), str('x')) }],
    ['a wildcard in the will topic', 'topic.name', 0x90, { flags: 0x06, rest: bytes(str('s/#'), str('x')) }],
    ['a will whose payload is cut off', 'packet.truncated', 0x81, { flags: 0x06, rest: bytes(str('s/us'), u16(9)) }],
    ['broken UTF-8 in the user name', 'packet.not-utf-8', 0x81, { flags: 0x82, rest: str(Buffer.from([0xc3])) }],
    ['a missing user name', 'packet.truncated', 0x81, { flags: 0x82 }],
    ['M22 bytes left over', 'packet.bytes-left-over', 0x81, { rest: bytes(0) }],
  ])('%s is closed, in MQTT 5 with a reason', async (_what, code, reasonCode, spoil) => {
    const old = new MqttPair();
    old.send(connect(spoil));
    expect(await old.over()).toEqual([]);
    expect(old.ending).toBe(code);

    const five = new MqttPair({ version: 5 });
    const { flags = 0, rest = bytes() }: ConnectWish = spoil;
    five.send(connect({ ...spoil, level: 5, rest: flags & 4 && rest.length > 0 ? bytes(props(), rest) : rest }));
    expect(await five.over()).toMatchObject([{ cmd: 'connack', reasonCode, properties: { reasonString: expect.stringContaining(code) } }]);
    expect(five.ending).toBe(code);
    expect([...old.questions, ...five.questions]).toEqual([]);
  });

  it('M06 is closed: a password without a user name, which MQTT 5 allows', async () => {
    const old = new MqttPair();
    old.send(connect({ flags: 0x42, rest: str('pw') }));
    expect(await old.over()).toEqual([]);
    expect(old.ending).toBe('connect.password-alone');
    const five = new MqttPair({ version: 5 });
    five.send(connect({ level: 5, flags: 0x42, rest: str('pw') }));
    expect(await five.next()).toMatchObject({ reasonCode: 0 });
  });

  it.each([
    ['U+FFFF', '\uffff'],
    ['U+FDD0', '\ufdd0'],
    ['U+FFFD', '\ufffd'],
    ['a line break', 'a\nb'],
    ['U+0085', 'a\u0085b'],
  ])('M08 has a client id that could be taken for another and gets CONNACK 2 or 0x85: %s', async (_what, clientId) => {
    const old = new MqttPair();
    old.send(connect({ clientId }));
    expect(await old.over()).toMatchObject([{ cmd: 'connack', returnCode: 2 }]);
    const five = new MqttPair({ version: 5 });
    five.send(connect({ level: 5, clientId }));
    expect(await five.over()).toMatchObject([{ cmd: 'connack', reasonCode: 0x85 }]);
    expect([old.ending, five.ending]).toEqual(['connect.client-id-characters', 'connect.client-id-characters']);
  });

  it('M08 is closed for its size alone: a client id of 65,535 bytes', async () => {
    const pair = new MqttPair();
    pair.send(connect({ clientId: 'x'.repeat(65_535) }));
    expect(await pair.over()).toEqual([]);
    expect(pair.ending).toBe('packet.too-large');
  });

  it.each([
    ['a duplicate property', 'properties.duplicate', 0x82, props([0x21, 0, 5], [0x21, 0, 5])],
    ['a duplicate property of value 0', 'properties.duplicate', 0x82, props([0x11], u32(0), [0x11], u32(0))],
    ['an unknown property', 'properties.unknown', 0x82, props([0x7f, 0])],
    ['a property of another packet', 'properties.unknown', 0x82, props([0x01, 0])],
    ['a topic alias', 'properties.unknown', 0x82, props([0x23, 0, 1])],
    ['a Receive Maximum of 0', 'properties.value', 0x82, props([0x21, 0, 0])],
    ['a Maximum Packet Size of 0', 'properties.value', 0x82, props([0x27], u32(0))],
    ['Request Problem Information 2', 'properties.value', 0x82, props([0x17, 2])],
    ['authentication data without a method', 'properties.value', 0x82, props([0x16], str('x'))],
    ['an authentication method', 'connect.authentication-method', 0x8c, props([0x15], str('SCRAM'))],
    ['a property length beyond the packet', 'packet.truncated', 0x81, bytes(0x7f)],
    ['a property that does not end with the properties', 'packet.truncated', 0x81, bytes(2, [0x21, 0, 5])],
    ['a property length that is not minimal', 'packet.remaining-length', 0x81, bytes(0x80, 0)],
    ['a property length of five bytes', 'packet.remaining-length', 0x81, bytes(0x80, 0x80, 0x80, 0x80, 1)],
    ['broken UTF-8 in a user property', 'packet.not-utf-8', 0x81, props([0x26], str('k'), str(Buffer.from([0xff])))],
  ])('M22 is refused by MQTT 5: %s', async (_what, code, reasonCode, properties) => {
    const pair = new MqttPair({ version: 5 });
    pair.send(connect({ level: 5, properties }));
    expect(await pair.over()).toMatchObject([{ cmd: 'connack', reasonCode }]);
    expect(pair.ending).toBe(code);
    expect(pair.questions).toEqual([]);
  });

  it('M22 is closed by its size: 64 KB of user properties', async () => {
    const pair = new MqttPair({ version: 5 });
    pair.send(connect({ level: 5, properties: props(...Array.from({ length: 64 }, () => bytes(0x26, str('k'), str('v'.repeat(1000))))) }));
    expect(await pair.over()).toEqual([]);
    expect(pair.ending).toBe('packet.too-large');
  });

  it.each([
    [4, { returnCode: 5 }],
    [5, { reasonCode: 0x87 }],
  ] as const)('T07 is refused by level %i: a will to a topic by which the server answers', async (version, answer) => {
    const pair = new MqttPair({ version });
    pair.send(pair.connectPacket({ will: { topic: 's/dat', payload: '71,x' } }));
    expect(await pair.over()).toMatchObject([answer]);
    expect([pair.ending, pair.questions]).toEqual(['connect.will-topic', []]);
  });
});

describe('a device that the gate refuses', () => {
  const refusal = { code: 'path.outside-validity', depth: 1, evidence: { certificate: '"CN=dev ca"' } } as const;
  const refused = (version: Version): MqttPair => new MqttPair({ version, judge: async () => refuse(refusal) });

  it('gets CONNACK 5 in MQTT 3.1.1, then the end', async () => {
    const pair = refused(4);
    pair.send(pair.connectPacket());
    expect(await pair.over()).toMatchObject([{ cmd: 'connack', returnCode: 5, sessionPresent: false }]);
    expect(pair.disconnected).toEqual([]);
  });

  it('gets 0x87 and the whole reason in MQTT 5', async () => {
    const pair = refused(5);
    pair.send(pair.connectPacket());
    const [connack] = await pair.over();
    expect(connack).toMatchObject({ reasonCode: 0x87 });
    expect(connack).toHaveProperty('properties.reasonString', expect.stringMatching(/^path\.outside-validity at depth 1: .*CN=dev ca/));
  });

  it.each([
    ['code', 'path.outside-validity'],
    ['none', undefined],
  ] as const)('is told no more than its tenant lets it hear: %s', async (told, reason) => {
    const pair = new MqttPair({ version: 5, judge: async () => refuse({ ...refusal, told }) });
    pair.send(pair.connectPacket());
    const [connack] = await pair.over();
    expect(connack).toMatchObject({ reasonCode: 0x87 });
    expect((connack as { properties?: { reasonString?: string } }).properties?.reasonString).toBe(reason);
  });

  it.each([
    [0xffff, /^path\.outside-validity at depth 1/],
    [40, /^path\.outside-val/],
    [11, undefined],
    [5, undefined],
  ])('gets no packet larger than its Maximum Packet Size of %i', async (maximumPacketSize, reason) => {
    const pair = refused(5);
    pair.send(pair.connectPacket({ properties: { maximumPacketSize } }));
    const [connack] = await pair.over();
    expect(pair.bytes.length).toBeLessThanOrEqual(maximumPacketSize);
    expect(connack).toMatchObject({ reasonCode: 0x87 });
    if (reason) expect(connack).toHaveProperty('properties.reasonString', expect.stringMatching(reason));
    else expect(connack).not.toHaveProperty('properties.reasonString');
  });

  it('is told a reason without the characters that MQTT forbids, whatever its certificate holds', async () => {
    const evil = { code: 'path.outside-validity', evidence: { certificate: 'a\0b\ud800c' } } as const;
    const pair = new MqttPair({ version: 5, judge: async () => refuse(evil) });
    pair.send(pair.connectPacket());
    expect((await pair.over())[0]).toHaveProperty('properties.reasonString', expect.stringContaining('certificate a?b?c'));
  });

  it('is closed without a word where not even the code fits', async () => {
    const pair = refused(5);
    pair.send(pair.connectPacket({ properties: { maximumPacketSize: 4 } }));
    expect(await pair.over()).toEqual([]);
  });

  it('gets its reason even where it wants none elsewhere (MQTT 5 §3.1.2.11.7)', async () => {
    const pair = refused(5);
    pair.send(pair.connectPacket({ properties: { requestProblemInformation: false } }));
    expect((await pair.over())[0]).toHaveProperty('properties.reasonString');
  });

  it('M23 never has its will published', async () => {
    const pair = refused(4);
    pair.send(pair.connectPacket({ will: { topic: 's/us', payload: '400,x' } }));
    await pair.over();
    expect(pair.messages).toEqual([]);
  });

  it('gets 0x95, and its session back, when its Maximum Packet Size leaves no room for a CONNACK 0', async () => {
    const pair = new MqttPair({ version: 5 });
    pair.send(pair.connectPacket({ properties: { maximumPacketSize: 8 } }));
    expect(await pair.over()).toMatchObject([{ reasonCode: 0x95 }]);
    expect(pair.disconnected).toEqual(['session-1']);
  });

  it.each([
    [4, { returnCode: 3 }],
    [5, { reasonCode: 0x88 }],
  ] as const)('is told by level %i to come again when the gate is out of order, and the log says why', async (version, answer) => {
    const pair = new MqttPair({ version, judge: () => Promise.reject(new Error('disk full')) });
    pair.send(pair.connectPacket());
    expect(await pair.over()).toMatchObject([{ cmd: 'connack', ...answer }]);
    expect(pair.logged).toContainEqual(expect.objectContaining({ level: 'error', facts: expect.objectContaining({ error: 'Error: disk full' }) }));
  });

  it.each([
    ['chain.absent', 5, 0x87],
    ['identity.client-id-syntax', 2, 0x85],
    ['identity.client-id-empty', 2, 0x85],
    ['identity.client-id-differs', 5, 0x87],
    ['registration.not-registered', 5, 0x87],
    ['registration.device-blocked', 5, 0x8a],
    ['registration.trust-in-motion', 3, 0x88],
    ['registration.gate-busy', 3, 0x88],
    ['registration.over-quota', 3, 0x97],
    ['tenant.too-many-sessions', 3, 0x97],
    ['tenant.too-many-connects', 3, 0x97],
    ['revocation.revoked', 5, 0x87],
    ['revocation.on-hold', 5, 0x8a],
  ] as const)('for %s gets %i or %i', (code, v3, v5) => {
    expect(connackCodeOf(code)).toEqual({ v3, v5 });
  });

  it('has a number for every refusal there is, and "not authorised" for all but those above', () => {
    const special = (Object.keys(REFUSALS) as RefusalCode[]).filter((code) => connackCodeOf(code).v3 !== 5 || connackCodeOf(code).v5 !== 0x87);
    expect(special.sort()).toEqual(['identity.client-id-empty', 'identity.client-id-syntax', 'registration.device-blocked', 'registration.gate-busy', 'registration.over-quota', 'registration.trust-in-motion', 'revocation.on-hold', 'tenant.too-many-connects', 'tenant.too-many-sessions', 'token.too-often']);
  });
});

describe('while the gate judges', () => {
  it('M25 nothing that was sent behind CONNECT is done before CONNACK 0', async () => {
    const verdict = later<ReturnType<typeof admitted>>();
    const pair = new MqttPair({ judge: () => verdict.promise });
    pair.send(
      pair.connectPacket(),
      { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 's/dat', qos: 0 }] },
      { cmd: 'publish', topic: 's/us', qos: 1, messageId: 2, payload: '100', dup: false, retain: false },
      { cmd: 'publish', topic: 's/uat', qos: 0, payload: '', dup: false, retain: false },
    );
    await pair.settled();
    expect([pair.packets, pair.messages, pair.issued]).toEqual([[], [], 0]);
    verdict.resolve(admitted());
    expect([await pair.next(), await pair.next(), await pair.next(), await pair.next()].map(({ cmd }) => cmd)).toEqual(['connack', 'suback', 'puback', 'publish']);
  });

  it('M25 nothing that was sent behind CONNECT is ever done when the answer is no', async () => {
    const pair = new MqttPair({ judge: async () => refuse({ code: 'chain.absent' }) });
    pair.send(pair.connectPacket(), { cmd: 'publish', topic: 's/us', qos: 1, messageId: 2, payload: '100', dup: false, retain: false });
    expect((await pair.over()).map(({ cmd }) => cmd)).toEqual(['connack']);
    expect(pair.messages).toEqual([]);
  });

  it('M25 no more than a bounded remainder is read', async () => {
    const pair = new MqttPair({ judge: () => later<never>().promise, limits: { readAheadBytes: 1000 } });
    pair.send(pair.connectPacket());
    for (let i = 0; i < 500; i += 1) pair.send(Buffer.alloc(1000, 0xc0));
    await pair.settled();
    expect(pair.server.isPaused()).toBe(true);
    expect(pair.client.writableLength).toBeGreaterThan(400_000);
    pair.vanish();
  });

  it('a session that the gate gave to a peer that has gone is given back, once', async () => {
    const verdict = later<ReturnType<typeof admitted>>();
    const pair = new MqttPair({ judge: () => verdict.promise });
    pair.send(pair.connectPacket({ will: { topic: 's/us', payload: 'x' } }));
    await pair.settled();
    pair.vanish();
    await pair.settled();
    verdict.resolve(admitted());
    await pair.over();
    expect([pair.disconnected, pair.messages, pair.packets]).toEqual([['session-1'], [], []]);
  });

  it.each([
    ['taken-over', 4, { returnCode: 3 }],
    ['taken-over', 5, { reasonCode: 0x88 }],
    ['anchor-withdrawn', 4, { returnCode: 5 }],
    ['anchor-withdrawn', 5, { reasonCode: 0x87 }],
    ['certificate-revoked', 4, { returnCode: 5 }],
    ['certificate-revoked', 5, { reasonCode: 0x87 }],
    ['device-removed', 5, { reasonCode: 0x87 }],
    ['tenant-suspended', 5, { reasonCode: 0x87 }],
  ] as const)('a session that ends (%s) before its CONNACK is refused by level %i', async (why, version, answer) => {
    const pair = new MqttPair({
      version,
      judge: async ({ end }) => {
        end(why);
        return admitted();
      },
    });
    pair.send(pair.connectPacket());
    expect(await pair.over()).toMatchObject([{ cmd: 'connack', ...answer }]);
    expect([pair.ending, pair.disconnected]).toEqual([`session.${why}`, ['session-1']]);
  });

  it('the server that shuts down answers "come again", and gives the late session back', async () => {
    const verdict = later<ReturnType<typeof admitted>>();
    const pair = new MqttPair({ judge: () => verdict.promise });
    pair.send(pair.connectPacket());
    await pair.settled();
    pair.connection.shutDown();
    await pair.settled();
    verdict.resolve(admitted({ session: aSession({ id: 'late' }) }));
    expect(await pair.over()).toMatchObject([{ cmd: 'connack', returnCode: 3 }]);
    expect(pair.disconnected).toEqual(['late']);
  });

  it('a refusal that comes after the shutdown does not cut the answer short', async () => {
    const verdict = later<ReturnType<typeof admitted>>();
    const pair = new MqttPair({ judge: () => verdict.promise, closesToo: false });
    pair.send(pair.connectPacket());
    await pair.settled();
    pair.connection.shutDown();
    verdict.resolve(refuse({ code: 'chain.absent' }));
    await pair.settled();
    expect([pair.server.destroyed, pair.packets.length]).toEqual([false, 1]);
    pair.timers.pass(2000);
    await pair.over();
  });

  it('a client that half-closes is still answered, served and let go', async () => {
    const pair = new MqttPair();
    pair.client.end(Buffer.concat([connect(), frame(0x30, str('s/us'), Buffer.from('100')), frame(0xe0)]));
    expect(await pair.over()).toMatchObject([{ cmd: 'connack', returnCode: 0 }]);
    expect([pair.messages.length, pair.disconnected, pair.ending]).toEqual([1, ['session-1'], 'connection.left']);
  });
});
