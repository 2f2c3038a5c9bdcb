import { PACKET_BURST_SECONDS, type ConnectionLimits } from './connection-limits.ts';
import type { Timers } from './timers.ts';
import { TokenBucket } from './token-bucket.ts';

/** How long a connection that sends too fast waits until it is looked at again. */
const WAIT_MS = 50;

export interface PacketPaceNeeds {
  readonly timers: Timers;
  readonly limits: Pick<ConnectionLimits, 'packetsPerSecond'>;
}

/** Makes what tells a connection whether it may work on one packet more now. Nothing is lost or refused: a peer that is too fast feels it as a slow network. */
export function packetPace({ timers, limits: { packetsPerSecond: perSecond } }: PacketPaceNeeds): () => true | Promise<void> {
  if (perSecond === Infinity) return () => true;
  const allowance = new TokenBucket({ timers, burst: perSecond * PACKET_BURST_SECONDS, perSecond });
  return () => {
    if (allowance.take()) return true;
    return new Promise((resolve) => void timers.after(WAIT_MS, resolve));
  };
}
