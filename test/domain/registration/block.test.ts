import { describe, expect, it } from '@jest/globals';
import { parseBlockReason } from '../../../src/domain/registration/block.ts';

describe('The reason of a block', () => {
  it.each(['stolen', 'x'.repeat(256), ' lost on 3 May; see ticket #4711 ', 'verloren – größer als 5 €', '\u{1F512}'])('may be %j, and stays as it is', (reason) => {
    expect(parseBlockReason(reason)).toBe(reason);
  });

  it.each([
    ['nothing', ''],
    ['blanks', ' \u00a0\u3000'],
    ['257 characters', 'x'.repeat(257)],
    ['a line break', 'a\nb'],
    ['a line separator', 'a\u2028b'],
    ['a terminal command', 'a\u001b[2Jb'],
    ['a C1 control', 'a\u009bb'],
    ['a bidirectional override', 'a\u202eb'],
    ['a zero-width space', 'a\u200bb'],
    ['a NUL', 'a\0'],
    ['half a surrogate pair', 'a\ud800'],
  ])('is not %s', (_what, reason) => {
    expect(parseBlockReason(reason)).toBeUndefined();
  });
});
