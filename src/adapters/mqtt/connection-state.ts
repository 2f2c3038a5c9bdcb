import type { ClientTerms } from './client-terms.ts';
import type { OpenSession } from './open-session.ts';

/**
 * Where a connection stands. Nothing of what follows CONNECT is looked at while the gate judges (M25).
 *
 *   awaiting-connect → judging → open → closing → closed
 *                                   ↘ draining ↗
 */
export type ConnectionState =
  | { readonly phase: 'awaiting-connect' }
  | { readonly phase: 'judging'; readonly terms: ClientTerms }
  /** `leave` takes the session off the board, and closes the device's inbox. */
  | { readonly phase: 'open'; readonly session: OpenSession; readonly leave: () => void }
  /** The peer is gone and its session off the board; what it sent before is still worked on. */
  | { readonly phase: 'draining'; readonly session: OpenSession }
  /** The last bytes are on their way. */
  | { readonly phase: 'closing' }
  | { readonly phase: 'closed' };
