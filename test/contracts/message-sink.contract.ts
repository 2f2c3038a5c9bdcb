import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeviceMessage, MessageSink } from '../../src/ports/driven/message-sink.ts';
import { aDeviceId, aTenantId } from '../support/certificate-builders.ts';
import type { Opened } from './opened.ts';

export const aMessage = (overrides: Partial<DeviceMessage> = {}): DeviceMessage => ({
  tenant: aTenantId(),
  device: aDeviceId(),
  topic: 's/us',
  payload: Buffer.from('200,c8y_Temperature,T,25'),
  isWill: false,
  ...overrides,
});

/** What every MessageSink promises. `open` hands over one that takes messages. */
export function messageSinkContract(name: string, open: () => Promise<Opened<MessageSink>>): void {
  describe(`${name} keeps the promises of a MessageSink`, () => {
    let opened: Opened<MessageSink>;

    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    it.each<[string, Partial<DeviceMessage>]>([
      ['an ordinary one', {}],
      ['a will', { isWill: true }],
      ['an empty one', { payload: new Uint8Array() }],
      ['one that is no text', { payload: Uint8Array.of(0, 255, 0xc3, 0x28) }],
      ['the largest one', { payload: new Uint8Array(16_184) }],
      ['one with the longest topic', { topic: `s/us/${'x'.repeat(16_100)}` }],
      ['one of a device with an odd name', { device: aDeviceId('a.b*>%20"\'🔧'), topic: 's/us/a.*.>/🔧' }],
    ])('takes %s and leaves it as it was', async (_kind, overrides) => {
      const message = aMessage(overrides);
      const copy = structuredClone(message);
      await expect(opened.subject.accept(message)).resolves.toBeUndefined();
      expect(message).toEqual(copy);
    });

    it('takes messages of many devices at once', async () => {
      const all = Array.from({ length: 200 }, (_, i) => opened.subject.accept(aMessage({ device: aDeviceId(`press-${i}`) })));
      await expect(Promise.all(all)).resolves.toHaveLength(200);
    });
  });
}

/** A message as whoever is behind the sink sees it. */
export type HandedOn = Pick<DeviceMessage, 'tenant' | 'device' | 'topic' | 'isWill'> & { readonly payload: string };

export interface OpenedHanding extends Opened<MessageSink> {
  /** What came out at the other end, once it is so many messages. */
  handedOn(count: number): Promise<readonly HandedOn[]>;
}

const asHanded = ({ payload, ...rest }: DeviceMessage): HandedOn => ({ ...rest, payload: Buffer.from(payload).toString('base64') });

/** What a MessageSink promises that hands messages on to somebody. */
export function handingSinkContract(name: string, open: () => Promise<OpenedHanding>): void {
  describe(`${name} hands messages on`, () => {
    let opened: OpenedHanding;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    it('as they were: tenant, device, topic, every byte, and whether it is a will', async () => {
      const odd = aMessage({ device: aDeviceId('a.b*>%20"\'🔧'), topic: 's/us/a.*.>/🔧', payload: Uint8Array.of(0, 255, 0xc3, 0x28) });
      const all = [aMessage(), aMessage({ isWill: true }), odd, aMessage({ payload: new Uint8Array() }), aMessage({ topic: 's/uc/tmpl' })];
      for (const message of all) await opened.subject.accept(message);
      expect(await opened.handedOn(all.length)).toEqual(all.map(asHanded));
    });

    it('of each device in the order in which they were taken, with others in between', async () => {
      const said = async (device: string): Promise<void> => {
        for (let i = 0; i < 40; i += 1) await opened.subject.accept(aMessage({ device: aDeviceId(device), payload: Buffer.from(String(i)) }));
      };
      await Promise.all(['press-1', 'press-2', 'press-3'].map(said));
      const all = await opened.handedOn(120);
      for (const device of ['press-1', 'press-2', 'press-3']) {
        const numbers = all.filter((one) => one.device === aDeviceId(device)).map(({ payload }) => Number(Buffer.from(payload, 'base64').toString()));
        expect(numbers).toEqual(Array.from({ length: 40 }, (_, i) => i));
      }
    });

    it('T05 under the tenant they came from, where two tenants have a device of one id', async () => {
      for (const tenant of ['acme', 'other']) await opened.subject.accept(aMessage({ tenant: aTenantId(tenant), payload: Buffer.from(tenant) }));
      const all = await opened.handedOn(2);
      expect(all.map(({ tenant, device, payload }) => [tenant, device, Buffer.from(payload, 'base64').toString()])).toEqual([
        ['acme', 'press-7', 'acme'],
        ['other', 'press-7', 'other'],
      ]);
    });
  });
}

export interface OpenedNarrow extends Opened<MessageSink> {
  /** Lets the other end take what waits, and resolves when there is room again. */
  makeRoom(): Promise<void>;
}

/** What a MessageSink promises that has room for so many bytes. `open` hands over one with room for at least one message and for fewer than fifty, whose other end takes none. */
export function narrowSinkContract(name: string, open: () => Promise<OpenedNarrow>): void {
  describe(`${name} has room for so much`, () => {
    it('F07 says that it is full, at once, and takes messages again when there is room', async () => {
      const { subject, makeRoom, close } = await open();
      const answers: unknown[] = [];
      for (let i = 0; i < 50; i += 1) void subject.accept(aMessage({ payload: new Uint8Array(1_000) })).then((answer) => answers.push(answer), () => undefined);
      await expect(subject.accept(aMessage({ payload: new Uint8Array(1_000) }))).resolves.toBe('full');
      await makeRoom();
      await expect(subject.accept(aMessage())).resolves.toBeUndefined();
      expect(answers).toContain('full');
      expect(answers).toContain(undefined);
      await close();
    });
  });
}
