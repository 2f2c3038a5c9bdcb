import { describe, expect, it } from '@jest/globals';
import type { Certificate } from '../../../src/domain/certificates/certificate.ts';
import { CHAIN_LIMITS, readChain } from '../../../src/domain/certificates/read-chain.ts';
import { grant, refuse } from '../../../src/domain/shared/decision.ts';
import { aCertificate } from '../../support/certificate-builders.ts';

/** Reads a length for a serial number, and nothing that begins with 0xff. */
const read = (der: Uint8Array) =>
  der[0] === 0xff
    ? refuse({ code: 'chain.malformed-certificate', evidence: { field: 'version' } } as const)
    : grant<Certificate>(aCertificate({ serialNumber: `${der.length}` }));

const bytes = (length: number, first = 0): Uint8Array => new Uint8Array(length).fill(first, 0, 1);
const most = (n: number): Uint8Array[] => Array.from({ length: n }, (_, i) => bytes(i + 1));
const judge = (chain: readonly Uint8Array[], handshakeBytes: number = CHAIN_LIMITS.handshakeBytes) => readChain({ chain, handshakeBytes }, read);

describe('A chain is read as it was sent (D-11, D-17)', () => {
  it('on every limit, and in its order', () => {
    const answer = judge([bytes(CHAIN_LIMITS.certificateBytes), ...most(CHAIN_LIMITS.certificates - 1)]);
    expect(answer.granted && answer.value.map(({ serialNumber }) => serialNumber)).toEqual(['16384', ...Array.from({ length: 19 }, (_, i) => `${i + 1}`)]);
  });

  it.each([
    ['S01 no certificate', { code: 'chain.absent' }, judge([])],
    ['X17 a byte too many in the handshake', { code: 'chain.too-many-bytes', evidence: { bytes: 32_769 } }, judge([bytes(1)], 32_769)],
    ['X17 one certificate too many', { code: 'chain.too-many-certificates', evidence: { certificates: 21 } }, judge(most(21))],
    ['a byte too many in the second certificate', { code: 'chain.certificate-too-large', evidence: { position: 1, bytes: 16_385 } }, judge([bytes(1), bytes(16_385)])],
    ['X16 a second certificate that cannot be read', { code: 'chain.malformed-certificate', evidence: { position: 1, field: 'version' } }, judge([bytes(1), bytes(2, 0xff), bytes(3)])],
  ])('or refused as a whole: %s', (_why, refusal, answer) => {
    expect(answer).toEqual({ granted: false, refusal });
  });

  it('X17 without reading a certificate that is too large, or more of them than are allowed', () => {
    const never = () => expect(true).toBe(false) as never;
    expect(readChain({ chain: [bytes(16_385)], handshakeBytes: 0 }, never).granted).toBe(false);
    expect(readChain({ chain: most(21), handshakeBytes: 0 }, never).granted).toBe(false);
  });
});
