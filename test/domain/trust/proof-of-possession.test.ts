import { describe, expect, it } from '@jest/globals';
import { CODE_LIFETIME_MS, decideProof, newPossessionCode } from '../../../src/domain/trust/proof-of-possession.ts';
import type { TrustAnchor } from '../../../src/domain/trust/trust-anchor.ts';
import { after, anAnchor, DAY, NOW } from '../../support/certificate-builders.ts';

const UNTIL = after(DAY);
const coded = (overrides: Partial<TrustAnchor> = {}): TrustAnchor => anAnchor({ possessionCode: { text: 'code', usableUntil: UNTIL }, ...overrides });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
/** A signature that is the text it signs. */
const decided = (signature: string, { anchor = coded(), at = NOW }: { anchor?: TrustAnchor; at?: Date } = {}) =>
  decideProof(anchor, { signature: bytes(signature), at, signedText: (text, made, signer) => signer === anchor.certificate && text === new TextDecoder().decode(made) });

describe('A code to be signed', () => {
  it('has 160 characters of base64 and is good for seven days', () => {
    let given = 0;
    const { text, usableUntil } = newPossessionCode(() => `${given++}a-b_c+${'x'.repeat(30)}`, NOW);
    expect(text).toMatch(/^[A-Za-z0-9]{160}$/);
    expect([given, usableUntil.getTime() - NOW.getTime(), CODE_LIFETIME_MS]).toEqual([5, 7 * DAY, 7 * DAY]);
  });
});

describe('Possession is proven', () => {
  it.each(['code', 'code\n', 'code\r\n'])('by a signature over the text of the code, with one line end or none: %j', (signed) => {
    expect(decided(signed)).toEqual({ granted: true, value: undefined });
  });

  it('until the code ends, that moment included', () => {
    expect(decided('code', { at: UNTIL }).granted).toBe(true);
  });
});

describe('Possession is not proven', () => {
  const { tenant, certificate: { fingerprint } } = coded();
  it.each<[why: string, code: string, evidence: object, ask: () => ReturnType<typeof decided>]>([
    ['another text', 'anchor.possession-not-proven', {}, () => decided('other')],
    ['two line ends', 'anchor.possession-not-proven', {}, () => decided('code\n\n')],
    ['a space before', 'anchor.possession-not-proven', {}, () => decided(' code')],
    ['nothing', 'anchor.possession-not-proven', {}, () => decided('')],
    ['a code that has ended', 'anchor.possession-code-expired', { usableUntil: UNTIL.toISOString() }, () => decided('code', { at: new Date(UNTIL.getTime() + 1) })],
    ['no code', 'anchor.possession-code-expired', { usableUntil: 'no code was issued' }, () => decided('', { anchor: anAnchor() })],
  ])('by %s', (_why, code, evidence, ask) => {
    expect(ask()).toEqual({ granted: false, refusal: { code, evidence: { fingerprint, tenant, ...evidence } } });
  });
});
