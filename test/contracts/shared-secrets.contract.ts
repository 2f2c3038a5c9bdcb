import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SharedSecrets } from '../../src/ports/driven/shared-secrets.ts';
import type { Opened } from './opened.ts';

/** What every SharedSecrets promises. `open` hands over one without any. */
export function sharedSecretsContract(name: string, open: () => Promise<Opened<SharedSecrets>>): void {
  describe(`${name} keeps the promises of SharedSecrets`, () => {
    let opened: Opened<SharedSecrets>;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    it('has each text under its name, the last one where one was replaced, and none that was removed', async () => {
      const { subject } = opened;
      expect(await subject.all()).toEqual(new Map());
      await subject.put('a', '{"x":1}');
      await subject.put('b', 'ß "quoted"');
      await subject.put('a', '{"x":2}');
      await subject.put('c', '');
      await subject.remove('c');
      await subject.remove('never-there');
      expect(await subject.all()).toEqual(new Map([['a', '{"x":2}'], ['b', 'ß "quoted"']]));
    });

    it('replaces a text that is what the caller thinks, and no other; of those that race, one does it', async () => {
      const { subject } = opened;
      await subject.put('a', 'former');
      await subject.put('b', 'former');
      expect(await subject.replace('a', 'another', 'next')).toBe(false);
      expect(await subject.replace('never-there', 'former', 'next')).toBe(false);
      const outcomes = await Promise.all(['x', 'y', 'z'].map((text) => subject.replace('a', 'former', text)));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await subject.all()).toEqual(new Map([['a', ['x', 'y', 'z'][outcomes.indexOf(true)]], ['b', 'former']]));
    });
  });
}
