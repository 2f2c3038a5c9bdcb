/** Lower-case letters, digits, `-` and `_`, 1–32 characters, a letter or digit first. Made by `parseTenantId` only. */
export type TenantId = string & { readonly __brand: 'TenantId' };

/** The tenant that runs the instance: it creates and suspends the others, and no device is ever its. */
export const MANAGEMENT = 'management' as TenantId;

export interface Tenant {
  readonly id: TenantId;
  /** Lower-case host name, unique over the instance: `iss` and `aud` of its tokens (D-12), and how a Host name or SNI finds it. */
  readonly domain: string;
  /** Whether an operator chose the domain. A made-up one never decides by SNI (D-5). */
  readonly domainConfigured: boolean;
  readonly status: 'active' | 'suspended';
  readonly createdAt: Date;
}

export function parseTenantId(text: string): TenantId | undefined {
  return /^[a-z0-9][a-z0-9_-]{0,31}$/.test(text) ? (text as TenantId) : undefined;
}

/** A host name in lower case without a trailing dot, at most 253 characters (RFC 1123 §2.1). */
export function parseDomain(text: string): string | undefined {
  const lower = text.toLowerCase();
  const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
  return lower.length <= 253 && new RegExp(`^${label}(?:\\.${label})*$`).test(lower) ? lower : undefined;
}
