/** The curves of D-9: y² = x³ − 3x + b over the integers modulo p (FIPS 186-4 D.1.2, SEC 2 §2.4.2, §2.5.1, §2.6.1). */
interface Curve {
  readonly bytes: number;
  readonly p: bigint;
  readonly b: bigint;
}

export type CurveName = 'P-256' | 'P-384' | 'P-521';

const CURVES: Readonly<Record<CurveName, Curve>> = {
  'P-256': {
    bytes: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  'P-384': {
    bytes: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  'P-521': {
    bytes: 66,
    p: 2n ** 521n - 1n,
    b: 0x051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
};

/**
 * Whether `point` is an uncompressed point of the curve (RFC 5480 §2.2). The compressed form, which §2.2 lets a reader leave out, is not taken.
 * Plain arithmetic on public bytes: asking OpenSSL would cost as much as the rest of the certificate many times over.
 * The curves have cofactor 1, so that every point of them is a legal key.
 */
export function isPointOf(curve: CurveName, point: Buffer): boolean {
  const { bytes, p, b } = CURVES[curve];
  if (point.length !== 1 + 2 * bytes || point[0] !== 0x04) return false;
  const x = BigInt(`0x${point.toString('hex', 1, 1 + bytes)}`);
  const y = BigInt(`0x${point.toString('hex', 1 + bytes)}`);
  if (x >= p || y >= p) return false;
  return (y * y - ((x * x - 3n) * x + b)) % p === 0n;
}
