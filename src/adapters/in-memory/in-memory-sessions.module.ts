import { ContainerModule } from 'inversify';
import { Log } from '../../ports/driven/log.ts';
import { MessageSink } from '../../ports/driven/message-sink.ts';
import { LocalSessions } from '../../ports/driven/session-board.ts';
import { provide } from '../composition/provide.ts';
import { CountingMessageSink } from './counting-message-sink.ts';
import { InMemorySessionBoard } from './in-memory-session-board.ts';

/** The live sessions of this process, and where their messages go. */
export const inMemorySessionsModule = new ContainerModule((options) => {
  provide(options, LocalSessions, { log: Log }, (given) => new InMemorySessionBoard(given));
  provide(options, MessageSink, {}, () => new CountingMessageSink());
});
