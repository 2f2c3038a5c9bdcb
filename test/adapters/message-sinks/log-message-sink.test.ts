import { describe, expect, it } from '@jest/globals';
import { LogMessageSink } from '../../../src/adapters/message-sinks/log-message-sink.ts';
import { aMessage, handingSinkContract, messageSinkContract, type HandedOn } from '../../contracts/message-sink.contract.ts';

type Line = { readonly facts: Record<string, unknown>; readonly sentence: string };

function aSink(wish: { readonly withPayload?: boolean; readonly linesPerSecond?: number } = {}) {
  const lines: Line[] = [];
  const add = (facts: object, sentence: string): void => void lines.push({ facts: { ...facts }, sentence });
  let at = 0;
  const sink = new LogMessageSink({ log: { info: add, warn: add, error: add }, withPayload: false, now: () => at, ...wish });
  return { sink, lines, pass: (ms: number) => (at += ms) };
}

messageSinkContract('LogMessageSink', async () => {
  const { sink } = aSink();
  return { subject: sink, close: () => sink.close() };
});
handingSinkContract('LogMessageSink', async () => {
  const { sink, lines } = aSink({ withPayload: true, linesPerSecond: 1_000 });
  const payloadOf = (shown: string): Buffer => (shown.startsWith('base64:') ? Buffer.from(shown.slice(7), 'base64') : Buffer.from(shown));
  const handedOn = async (): Promise<readonly HandedOn[]> =>
    lines.map(({ facts, sentence }) => ({ tenant: facts.tenant, device: facts.device, topic: facts.topic, isWill: sentence.startsWith('The will'), payload: payloadOf(String(facts.payload)).toString('base64') }) as HandedOn);
  return { subject: sink, close: () => sink.close(), handedOn };
});

describe('LogMessageSink', () => {
  it('writes one line a message, without what it says', async () => {
    const { sink, lines } = aSink();
    await sink.accept(aMessage({ payload: Buffer.from('password=hidden') }));
    expect(lines).toEqual([{ facts: { tenant: 'main', device: 'press-7', topic: 's/us', bytes: 15 }, sentence: 'A message of a device.' }]);
  });

  it.each([
    ['text', Buffer.from('211,25'), '211,25'],
    ['long text, cut', Buffer.from('x'.repeat(300)), `${'x'.repeat(256)}…`],
    ['text cut inside a letter', Buffer.from(`${'x'.repeat(255)}ü and more`), `${'x'.repeat(255)}…`],
    ['bytes', Buffer.from([0xff, 0]), 'base64:/wA='],
    ['nothing', Buffer.alloc(0), ''],
  ])('writes what it says where an operator wants that: %s', async (_what, payload, shown) => {
    const { sink, lines } = aSink({ withPayload: true });
    await sink.accept(aMessage({ payload }));
    expect(lines[0]?.facts).toMatchObject({ payload: shown, bytes: payload.length });
  });

  it('cuts long topics', async () => {
    const { sink, lines } = aSink();
    await sink.accept(aMessage({ topic: `s/us/${'x'.repeat(16_000)}` }));
    expect(String(lines[0]?.facts['topic'])).toHaveLength(201);
  });

  it('writes so many lines a second, and one with the number of the rest', async () => {
    const { sink, lines, pass } = aSink({ linesPerSecond: 2 });
    for (let i = 0; i < 5; i += 1) await sink.accept(aMessage());
    expect(lines).toHaveLength(2);
    pass(1_000);
    await sink.accept(aMessage());
    expect(lines.slice(2).map(({ facts, sentence }) => [facts.messages, sentence.slice(0, 4)])).toEqual([[3, 'More'], [undefined, 'A me']]);
    for (let i = 0; i < 2; i += 1) await sink.accept(aMessage());
    await sink.close();
    expect(lines.at(-1)?.facts).toEqual({ messages: 1 });
    expect(sink.figures()).toMatchObject({ accepted: 8, delivered: 8, refused: 0, queued: 0 });
  });
});
