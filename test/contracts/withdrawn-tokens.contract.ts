import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { WithdrawnToken, WithdrawnTokens } from '../../src/ports/driven/withdrawn-tokens.ts';
import { after, aTenantId, NOW, SECOND } from '../support/certificate-builders.ts';
import type { Opened } from './opened.ts';

const HOUR = 3600 * SECOND;
const withdrawn = (jti: string, overrides: Partial<WithdrawnToken> = {}): WithdrawnToken => ({
  ...{ tenant: aTenantId(), jti, at: NOW, keepUntil: after(HOUR) },
  ...overrides,
});

/** What every WithdrawnTokens promises. `open` hands over one that is empty. */
export function withdrawnTokensContract(name: string, open: () => Promise<Opened<WithdrawnTokens>>): void {
  describe(`${name} keeps the promises of WithdrawnTokens`, () => {
    const main = aTenantId();
    let opened: Opened<WithdrawnTokens>;
    let tokens: WithdrawnTokens;
    beforeEach(async () => {
      opened = await open();
      tokens = opened.subject;
    });
    afterEach(() => opened.close());

    it('has what was added, and nothing else', async () => {
      expect(await tokens.add(withdrawn('a'))).toBe('added');
      expect([await tokens.has(main, 'a'), await tokens.has(main, 'b'), await tokens.count()]).toEqual([true, false, 1]);
    });

    it('keeps the first of two that are the same, and its end', async () => {
      await tokens.add(withdrawn('a'));
      expect(await tokens.add(withdrawn('a', { keepUntil: after(1) }))).toBe('already-there');
      await tokens.add(withdrawn('b', { at: after(HOUR), keepUntil: after(2 * HOUR) }));
      expect([await tokens.has(main, 'a'), await tokens.count()]).toEqual([true, 2]);
    });

    it('says added once, however many calls race', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => tokens.add(withdrawn('a'))));
      expect(answers.filter((answer) => answer === 'added')).toHaveLength(1);
    });

    it('J09 keeps two tenants’ tokens of one id apart', async () => {
      await tokens.add(withdrawn('a', { tenant: aTenantId('m_in') }));
      expect([await tokens.has(main, 'a'), await tokens.has(aTenantId('m_in'), 'a')]).toEqual([false, true]);
    });

    it.each(['', ' a', 'A', 'a%', 'a_', "'", '"', '\\', 'é', '\u{1F600}', 'x'.repeat(1024)])('compares ids exactly: %j', async (jti) => {
      await tokens.add(withdrawn('a'));
      expect(await tokens.has(main, jti)).toBe(false);
      await tokens.add(withdrawn(jti));
      expect(await tokens.has(main, jti)).toBe(true);
    });

    it('forgets what is over with the next one, and not a millisecond before', async () => {
      for (const tenant of ['main', 'other']) await tokens.add(withdrawn('a', { tenant: aTenantId(tenant) }));
      await tokens.add(withdrawn('longer', { keepUntil: after(HOUR + 1) }));
      await tokens.add(withdrawn('b', { at: after(HOUR), keepUntil: after(2 * HOUR) }));
      expect([await tokens.has(main, 'a'), await tokens.count()]).toEqual([true, 4]);
      await tokens.add(withdrawn('c', { at: after(HOUR + 1), keepUntil: after(2 * HOUR) }));
      expect([await tokens.has(main, 'a'), await tokens.has(main, 'longer'), await tokens.count()]).toEqual([false, true, 3]);
    });

    it('stays small, however many were withdrawn in the past', async () => {
      for (let i = 0; i < 200; i++) await tokens.add(withdrawn(`${i}`, { at: after(i * SECOND), keepUntil: after((i + 9) * SECOND) }));
      expect(await tokens.count()).toBe(10);
    });
  });
}
