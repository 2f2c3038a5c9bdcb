import { REFUSALS } from '../../domain/refusal.ts';

const refusedBy = (...areas: readonly string[]): readonly string[] => Object.keys(REFUSALS).filter((code) => areas.includes(code.split('.')[0]!));

/** Nobody could judge: the gate was out of order, which is then in the log. */
export const FAILED = 'failed';

/** What can come of a connect. A new refusal of these areas is in the list by itself. */
export const CONNECT_OUTCOMES = ['admitted', FAILED, ...refusedBy('chain', 'path', 'key', 'tenant', 'revocation', 'identity', 'registration')];

/** What can come of a request for a token: its own refusals, and all that can have befallen the device since. */
export const TOKEN_OUTCOMES = ['issued', FAILED, ...refusedBy('token', 'tenant', 'revocation', 'registration')];

/** What can come of fetching a revocation list: what is fetched may be refused, and then the list's own code is counted. */
export const FETCH_OUTCOMES = ['fetched', ...refusedBy('list')];

/** Why a connection came to nothing before CONNECT; `chain-order` is one of which not all was read. */
export const TURNED_AWAY = ['accept-failed', 'address-rate', 'handshake-failed', 'handshake-timeout', 'waiting-full', 'address-waiting-full', 'stalled-full', 'too-many-connections', 'too-many-of-address', 'memory-short', 'chain-order'] as const;
