import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Addressee, Delivery, DeviceInboxes, MessageToDevice } from '../../src/ports/driven/device-inboxes.ts';
import { aDeviceId, aTenantId } from '../support/certificate-builders.ts';

export const aMessageToDevice = (topic = 's/ds', text = '510,press-7'): MessageToDevice => ({ topic, payload: Buffer.from(text) });

const PRESS: Addressee = { tenant: aTenantId('acme'), device: aDeviceId('press-7') };
const TWIN: Addressee = { tenant: aTenantId('other'), device: aDeviceId('press-7') };
const DRILL: Addressee = { tenant: aTenantId('acme'), device: aDeviceId('drill-1') };

/** What every DeviceInboxes promises. `make` hands over one without inboxes. */
export function deviceInboxesContract(name: string, make: () => DeviceInboxes): void {
  describe(`${name} keeps the promises of DeviceInboxes`, () => {
    let inboxes: DeviceInboxes;
    let heard: string[];
    const open = (who: Addressee, named: string, how: Delivery = 'sent'): (() => void) =>
      inboxes.open(who, async ({ topic, payload }) => {
        heard.push(`${named} ${topic} ${Buffer.from(payload).toString()}`);
        return how;
      });
    const watcher = (log: string[]) => ({
      opened: ({ tenant, device }: Addressee) => void log.push(`+${tenant}/${device}`),
      closed: ({ tenant, device }: Addressee) => void log.push(`-${tenant}/${device}`),
    });
    beforeEach(() => {
      [inboxes, heard] = [make(), []];
    });

    it.each<Delivery>(['acknowledged', 'sent', 'not-acknowledged', 'not-subscribed', 'busy'])('hands the message in, and says what became of it: %s', async (how) => {
      open(PRESS, 'press', how);
      expect(await inboxes.deliver(PRESS, aMessageToDevice())).toBe(how);
      expect(heard).toEqual(['press s/ds 510,press-7']);
    });

    it('T05 says of a device of another tenant, of another id and of an unknown one alike that it has no session', async () => {
      open(PRESS, 'press');
      expect(await Promise.all([TWIN, DRILL].map((who) => inboxes.deliver(who, aMessageToDevice())))).toEqual(['no-session', 'no-session']);
      expect(heard).toEqual([]);
    });

    it('hands messages in in their order, at once', () => {
      open(PRESS, 'press');
      for (const text of ['1', '2', '3']) void inboxes.deliver(PRESS, aMessageToDevice('s/ds', text));
      expect(heard).toEqual(['press s/ds 1', 'press s/ds 2', 'press s/ds 3']);
    });

    it('D-15 gives the place of an inbox to the next one of the device, and closing the first then does nothing', async () => {
      const closeFirst = open(PRESS, 'first');
      const closeSecond = open(PRESS, 'second');
      closeFirst();
      closeFirst();
      expect(await inboxes.deliver(PRESS, aMessageToDevice())).toBe('sent');
      closeSecond();
      expect(await inboxes.deliver(PRESS, aMessageToDevice())).toBe('no-session');
      expect(heard).toEqual(['second s/ds 510,press-7']);
    });

    it('tells a watcher of every inbox that is open, then of each that opens or closes, but not of one that takes another’s place', () => {
      const log: string[] = [];
      const closePress = open(PRESS, 'press');
      const unwatch = inboxes.watch(watcher(log));
      const closeTwin = open(TWIN, 'twin');
      open(TWIN, 'twin again');
      closeTwin();
      closePress();
      closePress();
      unwatch();
      open(DRILL, 'drill');
      expect(log).toEqual(['+acme/press-7', '+other/press-7', '-acme/press-7']);
    });

    it('goes on where a watcher throws, with the inbox and with the other watchers', async () => {
      const log: string[] = [];
      const broken = (): never => {
        throw new Error('the subscription failed');
      };
      open(TWIN, 'twin');
      inboxes.watch({ opened: broken, closed: broken });
      inboxes.watch(watcher(log));
      const close = open(PRESS, 'press');
      expect(await inboxes.deliver(PRESS, aMessageToDevice())).toBe('sent');
      close();
      expect(log).toEqual(['+other/press-7', '+acme/press-7', '-acme/press-7']);
    });
  });
}
