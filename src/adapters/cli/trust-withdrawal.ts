import { said, type AdminAction } from './admin-command.ts';
import { careful, carefully, type CarefulOptions } from './careful-change.ts';
import type { CliNeeds } from './cli-needs.ts';
import { printable } from './printable.ts';
import { described, pathOf, type TrustedView } from './trusted-view.ts';

const FINGERPRINT = [['<fingerprint>', 'as `trust list` shows it']] as const;

export const disable = (needs: CliNeeds): AdminAction<CarefulOptions> => ({
  name: 'disable',
  about: 'let nobody in by a CA certificate from now on, and end the connections that depend on it',
  arguments: FINGERPRINT,
  examples: ['trust disable 1f0c… --dry-run', 'trust disable 1f0c…', 'trust disable 1f0c… --confirm 120'],
  as: 'own',
  options: careful(),
  run: async (api, { args: [fingerprint = ''], options }) => {
    const path = await pathOf(api);
    if (!path.granted) return path;
    const send = (query: string) => api.put(`${path.value}/${encodeURIComponent(fingerprint)}${query}`, { status: 'DISABLED' });
    return carefully({ send, done: (answer) => said(answer, ...described('Disabled', answer as TrustedView)) }, { options }, needs);
  },
});

export const remove = (needs: CliNeeds): AdminAction<CarefulOptions> => ({
  name: 'remove',
  about: 'forget a CA certificate, and end the connections that depend on it',
  arguments: FINGERPRINT,
  examples: ['trust remove 1f0c… --dry-run', 'trust remove 1f0c…'],
  as: 'own',
  options: careful(),
  run: async (api, { args: [fingerprint = ''], options }) => {
    const path = await pathOf(api);
    if (!path.granted) return path;
    const send = (query: string) => api.delete(`${path.value}/${encodeURIComponent(fingerprint)}${query}`);
    return carefully({ send, done: () => said({ removed: fingerprint }, `Removed ${printable(fingerprint)}.`) }, { options }, needs);
  },
});
