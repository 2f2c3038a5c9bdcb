import type { Log } from '../../ports/driven/log.ts';
import type { MessageSink } from '../../ports/driven/message-sink.ts';
import { ENDINGS, endingSentence, type EndingCode } from './endings.ts';
import type { OpenSession } from './open-session.ts';
import type { Peer } from '../tls/peer.ts';

interface Aftermath {
  readonly code: EndingCode;
  readonly sink: MessageSink;
  readonly log: Log;
}

/** Hands the will on, unless the device took its leave or lost its right to speak. Never rejects: there is nobody left to tell. */
export async function handOnWill({ will, device }: OpenSession, { code, sink, log }: Aftermath): Promise<void> {
  if (will === undefined || ENDINGS[code].dropsWill) return;
  try {
    if ((await sink.accept(will)) === 'full') log.error({ tenant: device.tenant, device: device.device }, 'A will was lost: there is no room for messages of devices.');
  } catch (error) {
    log.error({ tenant: device.tenant, device: device.device, error: String(error) }, 'A will was lost: the message sink is out of order.');
  }
}

/** One line a connection, with all that was dropped on it: a line for each would let a device flood the log. */
export function logEnd(log: Log, code: EndingCode, peer: Pick<Peer, 'from' | 'connection'>, session?: OpenSession): void {
  const came = { from: peer.from, ...(peer.connection !== undefined && { connection: peer.connection }) };
  if (session === undefined) {
    // Port scans and health checks connect and go; they are worth no line.
    if (code !== 'connection.gone') log.info({ ...came, ending: code }, endingSentence(code));
    return;
  }
  const { device, dropped } = session;
  const drops = Object.fromEntries(Object.entries(dropped).filter(([, count]) => count > 0));
  log.info({ tenant: device.tenant, device: device.device, ...came, ending: code, ...(Object.keys(drops).length > 0 && { dropped: drops }) }, endingSentence(code));
}
