import type { MessageSink } from '../../ports/driven/message-sink.ts';
import type { SinkFigures } from '../../ports/driven/sink-counts.ts';

/** A sink that counts, and that has something to let go of at the end. */
export interface OpenSink extends MessageSink {
  figures(): SinkFigures;
  /** Resolves when nothing is left open. What is on disk stays there. Safe to call twice. */
  close(): Promise<void>;
}

export const isOpenSink = (sink: MessageSink): sink is OpenSink => 'figures' in sink && 'close' in sink;
