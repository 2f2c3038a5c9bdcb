import { refuse } from '../../domain/shared/decision.ts';
import { said, type AdminAction, type CommonOptions } from './admin-command.ts';
import { EXIT } from './cli-failure.ts';
import type { CliNeeds } from './cli-needs.ts';
import { printable } from './printable.ts';
import { readToken, withToken, type TokenOptions } from './read-token.ts';
import { atText } from './verify-token.ts';

const TIMES = ['exp', 'iat', 'nbf'];

/** Asks the server, which knows more than the signature tells: withdrawn tokens, blocked devices, CAs that are no longer trusted. */
export const introspectAction = (needs: CliNeeds): AdminAction<CommonOptions & TokenOptions> => ({
  name: 'introspect',
  about: 'ask the server whether a device token of your tenant counts now',
  examples: ['token introspect < token.txt', 'token introspect --json --file token.txt'],
  as: 'own',
  options: withToken,
  run: async (api, { args: [given], options }) => {
    const token = await readToken(given, options, needs);
    if (!token.granted) return token;
    const answer = await api.post('/auth/introspect', { token: token.value });
    if (!answer.granted) return answer;
    const { active, ...facts } = answer.value as Readonly<Record<string, unknown>> & { readonly active: boolean };
    if (!active) return refuse({ exit: EXIT.refused, details: answer.value, message: 'The token does not count: it ended, was withdrawn, lost the trust behind it, or is none of your tenant.' });
    const lines = Object.entries(facts).map(([name, value]) => `  ${printable(name)}: ${printable(textOf(name, value))}`);
    return said(answer.value, 'The token counts now.', ...lines);
  },
});

const textOf = (name: string, value: unknown): string =>
  TIMES.includes(name) && typeof value === 'number' ? `${value} (${atText(value)})` : typeof value === 'string' ? value : JSON.stringify(value);

export const revokeAction = (needs: CliNeeds): AdminAction<CommonOptions & TokenOptions> => ({
  name: 'revoke',
  about: 'withdraw a device token of your tenant; to keep the device out, block it',
  examples: ['token revoke < token.txt', 'token revoke --file token.txt'],
  as: 'own',
  options: withToken,
  run: async (api, { args: [given], options }) => {
    const token = await readToken(given, options, needs);
    if (!token.granted) return token;
    const answer = await api.post('/auth/revoke', { token: token.value });
    return answer.granted ? said({ revoked: true }, 'The token does not count here any more, if it was one of your tenant. Services that check it offline see its end alone.') : answer;
  },
});
