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
