import { describe, expect, it } from '@jest/globals';
import { CountingMessageSink } from '../../../src/adapters/in-memory/counting-message-sink.ts';
import { InMemoryDeviceInboxes } from '../../../src/adapters/in-memory/in-memory-device-inboxes.ts';
import { InMemorySessionBoard } from '../../../src/adapters/in-memory/in-memory-session-board.ts';
import { deviceInboxesContract } from '../../contracts/device-inboxes.contract.ts';
import { aMessage, messageSinkContract } from '../../contracts/message-sink.contract.ts';
import { sessionBoardContract } from '../../contracts/session-board.contract.ts';
import { aSession } from '../../support/certificate-builders.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

sessionBoardContract('InMemorySessionBoard', () => new InMemorySessionBoard({ log: silent }));
deviceInboxesContract('InMemoryDeviceInboxes', () => new InMemoryDeviceInboxes({ log: silent }));
messageSinkContract('CountingMessageSink', async () => ({ subject: new CountingMessageSink(), close: () => Promise.resolve() }));

describe('InMemorySessionBoard', () => {
  it('reports a session that could not be ended in order', () => {
    const errors: object[] = [];
    const board = new InMemorySessionBoard({ log: { ...silent, error: (facts) => errors.push(facts) } });
    board.open(aSession(), () => {
      throw new Error('socket gone');
    });
    board.endAll();
    expect(errors).toEqual([{ session: 'session-1', why: 'server-shutting-down', error: 'Error: socket gone' }]);
  });
});

describe('CountingMessageSink', () => {
  it('counts by topic and keeps nothing else', async () => {
    const sink = new CountingMessageSink();
    for (const topic of ['s/us', 's/ud', 's/us']) await sink.accept(aMessage({ topic }));
    expect([...sink.counts()]).toEqual([
      ['s/us', 2],
      ['s/ud', 1],
    ]);
  });

  it('counts in bounded memory, however many topics there are', async () => {
    const sink = new CountingMessageSink();
    for (let i = 0; i < 1_100; i += 1) await sink.accept(aMessage({ topic: `s/us/${i}` }));
    await sink.accept(aMessage({ topic: 's/us/7' }));
    expect(sink.counts().size).toBe(1_001);
    expect([sink.counts().get('other topics'), sink.counts().get('s/us/7')]).toEqual([100, 2]);
  });
});
