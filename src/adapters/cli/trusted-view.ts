import { grant } from '../../domain/shared/decision.ts';
import type { ApiClient } from './api-client.ts';
import type { Outcome } from './cli-failure.ts';
import { printable } from './printable.ts';

/** A trusted certificate as the API shows it. */
export interface TrustedView {
  readonly fingerprint: string;
  readonly name: string;
  readonly status: string;
  readonly autoRegistrationEnabled: boolean;
  readonly subject: string;
  readonly notAfter: string;
  readonly warnings?: readonly string[];
}

/** The user name says which tenant; without a tenant in it the server does. */
export async function pathOf(api: ApiClient): Promise<Outcome<string>> {
  const [tenant, user] = api.user?.split('/', 2) ?? [];
  if (user !== undefined) return grant(`/tenant/tenants/${encodeURIComponent(tenant!)}/trusted-certificates`);
  const answer = await api.get('/tenant/currentTenant');
  return answer.granted ? grant(`/tenant/tenants/${encodeURIComponent((answer.value as { name: string }).name)}/trusted-certificates`) : answer;
}

export const described = (verb: string, view: TrustedView): readonly string[] => [
  printable(`${verb} ${view.subject} (${view.name}), fingerprint ${view.fingerprint}, valid until ${view.notAfter.slice(0, 10)}.`),
  view.autoRegistrationEnabled ? 'Its devices register by themselves.' : 'Its devices must be registered: fleetgate devices import <file>.',
  ...warningsOf(view),
];

export const warningsOf = ({ fingerprint, warnings = [] }: TrustedView): readonly string[] =>
  warnings.map((warning) => printable(`warning: ${fingerprint.slice(0, 8)}: ${warning}`));
