import type { TokenClaims } from '../../src/domain/tokens/token-claims.ts';
import { NOW } from './certificate-builders.ts';

const now = Math.floor(NOW.getTime() / 1000);

/** The claims of a device token that is good for an hour from `NOW`. */
export const someClaims = (overrides: Partial<TokenClaims> = {}): TokenClaims => ({
  jti: '0c7e3f0e-8d5a-4f0f-9d58-2f0b1b9f6a11',
  iss: 'acme.example.com',
  aud: 'acme.example.com',
  sub: 'device_press-7',
  tci: 'device_token_config',
  iat: now,
  nbf: now,
  exp: now + 3600,
  tfa: false,
  ten: 'main',
  xsrfToken: 'kq3vHn2mTz',
  cnf: { 'x5t#S256': 'A'.repeat(43) },
  anchors: ['ab'.repeat(20)],
  reg: NOW.getTime(),
  path: [['01', 'cd'.repeat(20), '2.5.4.3=root']],
  ...overrides,
});

/** One part of a compact JWS. */
export const jwsPart = (it: object | string): string => Buffer.from(typeof it === 'string' ? it : JSON.stringify(it)).toString('base64url');

export const headerOf = (jwt: string): Record<string, unknown> => JSON.parse(Buffer.from(jwt.split('.')[0]!, 'base64url').toString());
