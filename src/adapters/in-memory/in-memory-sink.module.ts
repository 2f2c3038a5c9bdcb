import { ContainerModule } from 'inversify';
import { MessageSink } from '../../ports/driven/message-sink.ts';
import { SinkCounts } from '../../ports/driven/sink-counts.ts';
import { provide } from '../composition/provide.ts';
import { CountingMessageSink } from './counting-message-sink.ts';

/** Messages are acknowledged, counted and forgotten. */
export const inMemorySinkModule = new ContainerModule((options) => {
  provide(options, MessageSink, {}, () => new CountingMessageSink());
  provide(options, SinkCounts, { sink: MessageSink }, ({ sink }) => () => {
    const accepted = sink instanceof CountingMessageSink ? sink.total : 0;
    return { accepted, refused: 0, retried: 0, delivered: accepted, deadLettered: 0, queued: 0, queuedBytes: 0 };
  });
});
