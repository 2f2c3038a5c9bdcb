import type { Tenant } from '../trust/tenant.ts';

/** What a tenant's options say about its tokens (D-12, wire-contract §3.3). */
export interface TokenPolicy {
  readonly enabled: boolean;
  /** Seconds. */
  readonly lifetime: number;
  readonly issuerForm: 'host' | 'url';
}

/** Seconds. The most is bounded so that a retired signing key can be forgotten some day. */
export const LIFETIME = { least: 300, usual: 3600, most: 86_400 } as const;

/** Tenant options that Fleetgate reads, by `category/key`: their defaults, and the values that make sense. */
export const TOKEN_OPTIONS = {
  'oauth.internal/device-token.enabled': {
    usual: 'true',
    form: 'true or false',
    fits: (value: string) => value === 'true' || value === 'false',
  },
  'oauth.internal/device-token.lifespan.seconds': {
    usual: String(LIFETIME.usual),
    form: `a whole number of seconds from ${LIFETIME.least} to ${LIFETIME.most}`,
    fits: (value: string) => /^\d{1,6}$/.test(value) && Number(value) >= LIFETIME.least && Number(value) <= LIFETIME.most,
  },
  'oauth.internal/device-token.issuer': {
    usual: 'host',
    form: 'host or url',
    fits: (value: string) => value === 'host' || value === 'url',
  },
} as const;

export type TokenOption = keyof typeof TOKEN_OPTIONS;

/** Reads the policy from the options set; one that is not set, or makes no sense, counts as its default. */
export function tokenPolicy(valueOf: Readonly<Record<TokenOption, string | undefined>>): TokenPolicy {
  const value = (name: TokenOption): string => {
    const set = valueOf[name];
    return set !== undefined && TOKEN_OPTIONS[name].fits(set) ? set : TOKEN_OPTIONS[name].usual;
  };
  return {
    enabled: value('oauth.internal/device-token.enabled') === 'true',
    lifetime: Number(value('oauth.internal/device-token.lifespan.seconds')),
    issuerForm: value('oauth.internal/device-token.issuer') === 'url' ? 'url' : 'host',
  };
}

/** `iss` and `aud` of a tenant's tokens (D-12). */
export const issuerOf = ({ domain }: Pick<Tenant, 'domain'>, form: TokenPolicy['issuerForm']): string =>
  form === 'url' ? `https://${domain}` : domain;
